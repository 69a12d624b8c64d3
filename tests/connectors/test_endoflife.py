"""What endoflife.date says of a release cycle, and of hosted models."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reviews.connectors.evidence.endoflife import EndOfLife
from reviews.connectors.http import HTTPClient
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.endoflife.lifecycle import Cycle
from reviews.rules.matches import Match, MatchedBy
from reviews.rules.signals import Fact, SignalKind, Source, SourceState
from tests.connectors.broken import BROKEN, Broken
from tests.connectors.canned import FOLDER, canned, of_kind, the
from tests.connectors.serving import Server, answer, json_answer, redirect

Ask = Callable[..., SourceAnswer]

PHASES = (
    SignalKind.END_OF_LIFE,
    SignalKind.END_OF_ACTIVE_SUPPORT,
    SignalKind.END_OF_EXTENDED_SUPPORT,
)
NOTHING = Validators()
OF_MODELS = (SignalKind.MODEL_RETIREMENT, SignalKind.MODEL_FLOOR)


@pytest.fixture
def ask(http: HTTPClient, registry: Server) -> Ask:
    def asked(
        product: str,
        version: str = "",
        cycle: str = "",
        known: Validators = NOTHING,
    ) -> SourceAnswer:
        match = Match(
            Source.ENDOFLIFE,
            product,
            MatchedBy.ALIAS,
            "It is listed.",
            version=version,
            cycle=cycle,
        )
        return EndOfLife(http, registry.address + "/").ask(match, known)

    return asked


def serve(registry: Server, product: str, said: Any) -> None:
    registry.script(f"/api/v1/products/{product}", json_answer(said))


def changed(product: str, cycle: int, **fields: Any) -> Any:
    """Return a canned product, one of whose cycles says something else."""
    said = canned(f"endoflife/{product}")
    said["result"]["releases"][cycle] |= fields
    return said


def phases(answered: SourceAnswer) -> dict[SignalKind, tuple[str, date | None]]:
    return {
        fact.kind: (fact.value, fact.effective_on)
        for fact in answered.facts
        if fact.kind in PHASES
    }


def test_a_cycle_has_the_days_on_which_its_phases_end(
    ask: Ask, registry: Server
) -> None:
    serve(registry, "django", canned("endoflife/django"))

    found = ask("django", "4.2.11")

    assert found.state is SourceState.OK
    assert phases(found) == {
        SignalKind.END_OF_LIFE: ("2026-04-07", date(2026, 4, 7)),
        SignalKind.END_OF_ACTIVE_SUPPORT: ("2023-12-04", date(2023, 12, 4)),
    }
    end = the(found, SignalKind.END_OF_LIFE)
    assert end == Fact(
        kind=SignalKind.END_OF_LIFE,
        value="2026-04-07",
        subject="4.2",
        effective_on=date(2026, 4, 7),
        address="https://endoflife.example/django",
    )
    assert found.note == ""
    assert registry.paths() == ["/api/v1/products/django"]


def test_extended_support_is_a_phase_of_its_own(ask: Ask, registry: Server) -> None:
    serve(registry, "ubuntu", canned("endoflife/ubuntu"))

    found = ask("ubuntu", "24.04.3 LTS")

    extended = the(found, SignalKind.END_OF_EXTENDED_SUPPORT)
    assert (extended.subject, extended.value) == ("24.04", "2036-05-31")


def test_a_phase_that_a_cycle_does_not_have_is_unknown(
    ask: Ask, registry: Server
) -> None:
    serve(registry, "ubuntu", canned("endoflife/ubuntu"))

    assert not of_kind(ask("ubuntu", "25.10"), SignalKind.END_OF_EXTENDED_SUPPORT)


def test_the_day_decides_and_not_what_the_site_made_of_it(
    ask: Ask, registry: Server
) -> None:
    said = changed("django", 4, isEol=False, eolFrom="2026-04-07")
    serve(registry, "django", said)

    found = ask("django", "4.2")

    assert phases(found)[SignalKind.END_OF_LIFE] == ("2026-04-07", date(2026, 4, 7))


@pytest.mark.parametrize(
    ("flag", "expected"), [(True, ("ended", None)), (False, ("not ended", None))]
)
def test_without_a_day_only_the_flag_is_known(
    ask: Ask, registry: Server, flag: bool, expected: tuple[str, None]
) -> None:
    serve(registry, "django", changed("django", 0, isEol=flag, eolFrom=None))

    assert phases(ask("django", "6.1"))[SignalKind.END_OF_LIFE] == expected


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"isEol": None, "eolFrom": None}, id="nothing is said"),
        pytest.param({"isEol": False, "eolFrom": "soon"}, id="a day that is none"),
        pytest.param({"isEol": False, "eolFrom": "9999-12-31"}, id="no day for us"),
    ],
)
def test_an_end_that_cannot_be_known_is_unknown_and_never_fine(
    ask: Ask, registry: Server, fields: dict[str, Any]
) -> None:
    serve(registry, "django", changed("django", 0, **fields))

    assert not of_kind(ask("django", "6.1"), SignalKind.END_OF_LIFE)


def test_a_day_that_cannot_be_read_is_noted(ask: Ask, registry: Server) -> None:
    serve(registry, "django", changed("django", 0, eolFrom="soon"))

    assert ask("django", "6.1").note == "Not a day, and left out: 'soon'."


def test_a_product_that_is_renamed_but_not_redirected_is_noted(
    ask: Ask, registry: Server
) -> None:
    serve(registry, "rails-by-ruby", canned("endoflife/django"))

    found = ask("rails-by-ruby", "4.2")

    assert found.note == "The product is now listed as django."
    assert found.product is not None
    assert found.product.name == "rails-by-ruby"


def test_absent_fields_say_nothing(ask: Ask, registry: Server) -> None:
    said = canned("endoflife/django")
    said["result"]["releases"] = [{"name": "6.1"}]
    serve(registry, "django", said)

    found = ask("django", "6.1.2")

    assert found.facts == ()
    assert found.product is not None
    assert found.product.cycles == ()


# The page


@pytest.mark.parametrize(
    "links",
    [
        pytest.param(None, id="no links"),
        pytest.param({"html": None}, id="no page"),
        pytest.param({"html": 1}, id="no text"),
        pytest.param({"html": "javascript:alert(1)"}, id="a script"),
        pytest.param({"html": "//endoflife.example/django"}, id="no scheme"),
        pytest.param({"html": "https://"}, id="no host"),
        pytest.param({"html": "https://[endoflife.example/"}, id="no address"),
        pytest.param({"html": "https://e.example/ a"}, id="a space"),
        pytest.param({"html": "https://e.example/" + "x" * 1_000}, id="too long"),
    ],
)
def test_a_page_that_cannot_be_opened_is_not_linked_to(
    ask: Ask, registry: Server, links: object
) -> None:
    said = canned("endoflife/django")
    said["result"]["links"] = links
    serve(registry, "django", said)

    found = ask("django", "4.2")

    assert the(found, SignalKind.END_OF_LIFE).address == f"{registry.address}/django"


# The latest release


def test_the_latest_release_is_that_of_the_newest_maintained_cycle(
    ask: Ask, registry: Server
) -> None:
    serve(registry, "django", canned("endoflife/django"))

    latest = the(ask("django", "5.2.1"), SignalKind.LATEST_RELEASE)

    assert (latest.value, latest.effective_on) == ("6.1", date(2026, 8, 5))
    assert latest.quote == "The latest of cycle 5.2 is 5.2.17 of 2026-08-04."


def test_of_a_dead_product_the_latest_release_is_still_the_latest(
    ask: Ask, registry: Server
) -> None:
    said = canned("endoflife/django")
    for release in said["result"]["releases"]:
        release["isMaintained"] = False
    serve(registry, "django", said)

    latest = the(ask("django", "6.1"), SignalKind.LATEST_RELEASE)

    assert (latest.value, latest.quote) == ("6.1", "")


def test_an_older_cycle_that_is_listed_first_is_not_the_newest(
    ask: Ask, registry: Server
) -> None:
    said = canned("endoflife/django")
    said["result"]["releases"].reverse()
    serve(registry, "django", said)

    assert the(ask("django"), SignalKind.LATEST_RELEASE).value == "6.1"


def test_versions_that_are_not_tracked_are_no_releases(
    ask: Ask, registry: Server
) -> None:
    serve(registry, "claude", canned("endoflife/claude"))

    assert not of_kind(ask("claude"), SignalKind.LATEST_RELEASE)


# Which cycle is in use


def test_a_cycle_that_a_person_named_goes_before_the_version(
    ask: Ask, registry: Server
) -> None:
    serve(registry, "django", canned("endoflife/django"))

    found = ask("django", "4.2.11", cycle="5.2")

    assert the(found, SignalKind.END_OF_LIFE).subject == "5.2"


def test_a_cycle_that_a_person_named_and_that_is_not_listed_is_not_found(
    ask: Ask, registry: Server
) -> None:
    serve(registry, "django", canned("endoflife/django"))

    found = ask("django", "4.2.11", cycle="1.11")

    assert found.state is SourceState.NOT_FOUND
    assert found.facts == ()
    assert found.product is not None
    assert found.note == (
        "'1.11' is of none of its cycles; there are 6.1, 6.0, 5.2, 5.1, 4.2."
    )


@pytest.mark.parametrize(
    ("version", "note"),
    [
        ("1.11", "'1.11' is of none of its cycles; there are 6.1, 6.0, 5.2, 5.1, 4.2."),
        (
            "",
            "Which of its cycles is in use is not known; "
            "there are 6.1, 6.0, 5.2, 5.1, 4.2.",
        ),
    ],
)
def test_a_version_of_no_cycle_is_noted_with_the_cycles_that_there_are(
    ask: Ask, registry: Server, version: str, note: str
) -> None:
    serve(registry, "django", canned("endoflife/django"))

    found = ask("django", version)

    assert found.state is SourceState.OK
    assert found.note == note
    assert phases(found) == {}
    assert found.product is not None


# Hosted models


def test_an_announced_retirement_names_its_day_and_what_comes_instead(
    ask: Ask, registry: Server
) -> None:
    serve(registry, "claude", canned("endoflife/claude"))

    found = ask("claude", cycle="claude-opus-4-1-20250805")

    assert found.facts == (
        Fact(
            kind=SignalKind.MODEL_RETIREMENT,
            value="2026-08-05",
            subject="claude-opus-4-1-20250805",
            effective_on=date(2026, 8, 5),
            address="https://endoflife.example/claude",
            replacement="claude-opus-4-8",
        ),
    )


def test_a_day_without_an_announcement_is_only_a_floor(
    ask: Ask, registry: Server
) -> None:
    serve(registry, "claude", canned("endoflife/claude"))

    found = ask("claude", cycle="anthropic/claude-opus-5")

    [floor] = found.facts
    assert floor.kind is SignalKind.MODEL_FLOOR
    assert floor.effective_on == date(2027, 7, 24)
    assert floor.replacement == ""


@pytest.mark.parametrize(
    ("fields", "kind", "value"),
    [
        pytest.param(
            {"isEoas": True, "eoasFrom": None, "isEol": False, "eolFrom": None},
            SignalKind.MODEL_RETIREMENT,
            "announced",
            id="announced without a day",
        ),
        pytest.param(
            {"isEoas": True, "eoasFrom": None, "isEol": True, "eolFrom": None},
            SignalKind.MODEL_RETIREMENT,
            "ended",
            id="announced and over, without a day",
        ),
        pytest.param(
            {"isEoas": None, "eoasFrom": None},
            SignalKind.MODEL_FLOOR,
            "2027-07-24",
            id="not said whether announced",
        ),
        pytest.param(
            {"isEol": True, "eolFrom": None},
            SignalKind.END_OF_LIFE,
            "ended",
            id="over without a word before",
        ),
    ],
)
def test_what_is_not_said_of_a_model_is_not_made_up(
    ask: Ask,
    registry: Server,
    fields: dict[str, Any],
    kind: SignalKind,
    value: str,
) -> None:
    serve(registry, "claude", changed("claude", 0, **fields))

    assert the(ask("claude", cycle="claude-opus-5"), kind).value == value


def test_an_open_model_without_any_day_has_not_ended(
    ask: Ask, registry: Server
) -> None:
    serve(registry, "claude", canned("endoflife/claude"))

    found = ask("claude", cycle="claude-mythos-5")

    assert phases(found) == {
        SignalKind.END_OF_LIFE: ("not ended", None),
        SignalKind.END_OF_ACTIVE_SUPPORT: ("not ended", None),
    }
    assert not of_kind(found, SignalKind.MODEL_FLOOR)


def test_an_ambiguous_model_is_noted_and_not_guessed(
    ask: Ask, registry: Server
) -> None:
    serve(registry, "claude", canned("endoflife/claude"))

    found = ask("claude", cycle="claude-3-5-sonnet-latest")

    assert found.state is SourceState.NOT_FOUND
    assert found.facts == ()
    assert found.note.startswith("'claude-3-5-sonnet-latest' is of none of its cycles")


@pytest.mark.parametrize(
    ("version", "cycle"),
    [
        pytest.param("", "claude-nonesuch-9", id="by its id"),
        pytest.param("claude-nonesuch-9", "", id="as its version"),
        pytest.param("", "", id="without saying which"),
    ],
)
def test_a_model_that_is_not_listed_is_not_found_though_its_maker_is(
    ask: Ask, registry: Server, version: str, cycle: str
) -> None:
    serve(registry, "claude", canned("endoflife/claude"))

    found = ask("claude", version, cycle)

    assert found.state is SourceState.NOT_FOUND
    assert found.facts == ()
    assert "there are claude-" in found.note


def test_a_model_that_is_not_listed_is_not_found_where_tags_are_missing(
    ask: Ask, registry: Server
) -> None:
    said = canned("endoflife/claude")
    del said["result"]["tags"]
    serve(registry, "claude", said)

    assert ask("claude", cycle="claude-nonesuch-9").state is SourceState.NOT_FOUND


def test_a_model_is_hosted_also_where_its_products_tags_are_missing(
    ask: Ask, registry: Server
) -> None:
    said = canned("endoflife/claude")
    del said["result"]["tags"]
    serve(registry, "claude", said)

    [floor] = ask("claude", cycle="claude-opus-5").facts

    assert floor.kind is SignalKind.MODEL_FLOOR


def test_hosted_models_are_no_product_to_learn_ends_of_support_from(
    ask: Ask, registry: Server
) -> None:
    serve(registry, "claude", canned("endoflife/claude"))

    assert ask("claude").product is None


def test_a_version_of_a_service_is_no_hosted_model(ask: Ask, registry: Server) -> None:
    said = canned("endoflife/django")
    said["result"] |= {"category": "service", "tags": ["amazon", "service"]}
    serve(registry, "django", said)

    found = ask("django", "4.2")

    assert the(found, SignalKind.END_OF_LIFE).value == "2026-04-07"
    assert not any(fact.kind in OF_MODELS for fact in found.facts)


# The whole product


def test_the_product_has_every_cycle_with_its_days(ask: Ask, registry: Server) -> None:
    serve(registry, "django", canned("endoflife/django"))

    product = ask("django", "4.2").product

    assert product is not None
    assert (product.name, product.category) == ("django", "framework")
    assert [cycle.name for cycle in product.cycles] == [
        "6.1",
        "6.0",
        "5.2",
        "5.1",
        "4.2",
    ]
    assert product.cycles[2] == Cycle(
        name="5.2",
        released_on=date(2025, 4, 2),
        ends_on=date(2028, 4, 30),
        active_support_ends_on=date(2025, 12, 3),
        long_term=True,
    )


def test_a_cycle_that_ended_without_a_day_has_ended_in_the_product(
    ask: Ask, registry: Server
) -> None:
    serve(registry, "jquery", canned("endoflife/jquery"))

    product = ask("jquery", "3.7").product

    assert product is not None
    assert [(c.name, c.ends_on, c.ended) for c in product.cycles] == [
        ("4", None, False),
        ("3", None, False),
        ("2", None, True),
        ("1", None, True),
    ]


# Answers that are none


def test_a_renamed_product_is_followed_and_noted(ask: Ask, registry: Server) -> None:
    old = "/api/v1/products/anthropic-claude"
    registry.script(old, redirect(registry.url("/api/v1/products/claude"), 301))
    serve(registry, "claude", canned("endoflife/claude"))

    found = ask("anthropic-claude", cycle="claude-opus-5")

    assert found.note == "The product is now listed as claude."
    assert of_kind(found, SignalKind.MODEL_FLOOR)


def test_a_product_that_is_not_listed_is_not_found(ask: Ask, registry: Server) -> None:
    missing = Path(FOLDER, "endoflife", "not-found.html").read_bytes()
    registry.script(
        "/api/v1/products/nothing", answer(missing, 404, content_type="text/html")
    )

    found = ask("nothing", "1.0")

    assert found.state is SourceState.NOT_FOUND
    assert found.facts == ()


def test_an_answer_that_still_holds_has_no_facts(ask: Ask, registry: Server) -> None:
    said = json_answer(canned("endoflife/django"), 200, {"ETag": '"abc"'})
    registry.script("/api/v1/products/django", said)

    first = ask("django", "4.2")
    again = ask("django", "4.2", known=first.validators)

    assert first.validators == Validators(etag='"abc"')
    assert again.unchanged
    assert again.facts == ()


def test_a_products_name_cannot_lead_anywhere_else(ask: Ask, registry: Server) -> None:
    ask("../../admin?x=1#y")

    assert registry.paths() == ["/api/v1/products/..%2F..%2Fadmin%3Fx%3D1%23y"]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_answer_is_an_error(
    ask: Ask, registry: Server, broken: Broken
) -> None:
    registry.script("/api/v1/products/django", broken.reply)

    with pytest.raises(OutsideError) as caught:
        ask("django", "4.2")

    assert caught.value.permanent is broken.permanent
    assert caught.value.retry_after == broken.retry_after


@pytest.mark.parametrize("name", ["empty-releases", "other-schema"])
def test_an_answer_without_cycles_is_unusable(
    ask: Ask, registry: Server, name: str
) -> None:
    serve(registry, "django", canned(f"endoflife/{name}"))

    with pytest.raises(OutsideError, match="unusable answer"):
        ask("django", "4.2")


@pytest.mark.parametrize(
    "fields",
    [
        {"name": None},
        {"name": ""},
        {"eolFrom": 20260407},
        {"isEol": "yes", "eolFrom": None},
        {"latest": "6.1"},
        {"custom": []},
    ],
    ids=str,
)
def test_a_field_of_another_type_is_unusable(
    ask: Ask, registry: Server, fields: dict[str, Any]
) -> None:
    serve(registry, "django", changed("django", 0, **fields))

    with pytest.raises(OutsideError, match="unusable answer"):
        ask("django", "6.1")
