"""Single decisions: what is sent from the queue and from the page of one entry."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from reviews.models import Change, Cover, Evaluation, Flag, Solution
from reviews.rules.signals import SignalKind, Source
from reviews.services.covers import snooze_flag
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged, said
from tests.pages.building import evaluated, registered, scanned

NEXT = "/queue/next-one/?show=due&whose=all"


@dataclass(frozen=True)
class Waiting:
    """Django waits for a review, and Celery for more than that."""

    django: Solution
    celery: Solution
    due: Flag
    ended: Flag


@pytest.fixture
def waiting(cast: Cast) -> Waiting:
    django, celery = (
        registered(name, team=cast.platform, owner=cast.bob, on=date(2026, 5, 1))
        for name in ("Django", "Celery")
    )
    for solution in (django, celery):
        evaluated(solution, date(2026, 5, 10))
    signal = said(celery, SignalKind.END_OF_LIFE, "2026-11-01", source=Source.ENDOFLIFE)
    ended = flagged(celery, signal)
    scanned()
    due = Flag.objects.get(solution=django, cause="review_due")
    return Waiting(django, celery, due, ended)


@pytest.fixture
def as_(cast: Cast) -> Callable[[str], Client]:
    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(getattr(cast, name))
        return client

    return signed_in


def snoozed(waiting: Waiting, cast: Cast) -> Cover:
    return snooze_flag(
        flag_id=waiting.due.pk,
        until=TODAY + timedelta(7),
        reason="After the release",
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )


def sent(client: Client, path: str, **fields: Any) -> Any:
    return client.post(path, {"next": NEXT} | fields)


def said_of(response: Any) -> str:
    return " ".join(str(each) for each in get_messages(response.wsgi_request))


def written() -> tuple[int, ...]:
    return (
        Evaluation.objects.count(),
        Cover.objects.count(),
        Cover.objects.active().count(),
        Change.objects.count(),
    )


def doors(waiting: Waiting, cover_id: int = 1) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return every door, with fields that it takes."""
    due, ended = waiting.due.pk, waiting.ended.pk
    until = str(TODAY + timedelta(20))
    return {
        "reaffirm": ("/queue/django/reaffirm/", {}),
        "reassign": ("/queue/django/reassign/", {"owner": "alice"}),
        "deprecate": ("/queue/django/deprecate/", {"summary": "Too old by far"}),
        "snooze": (f"/flags/{due}/snooze/", {"until": until, "reason": "Later"}),
        "waive": (
            f"/flags/{due}/waive/",
            {"until": until, "reason": "Accepted", "owner": "bob"},
        ),
        "override": (f"/flags/{ended}/override/", {"reason": "Not our version"}),
        "revoke": (f"/waivers/{cover_id}/revoke/", {"reason": "It is over"}),
    }


DOORS = [
    "reaffirm",
    "reassign",
    "deprecate",
    "snooze",
    "waive",
    "override",
    "revoke",
]
OF_LEADS = ["reassign", "snooze", "waive", "override", "revoke"]


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("who", ["alice", "dora"])
def test_a_lead_and_an_administrator_decide_and_go_on(
    who: str, name: str, waiting: Waiting, cast: Cast, as_: Callable[[str], Client]
) -> None:
    cover = snoozed(waiting, cast) if name == "revoke" else None
    path, fields = doors(waiting, cover.pk if cover else 0)[name]
    before = Change.objects.count()

    response = sent(as_(who), path, **fields)

    assert (response.status_code, response.headers["Location"]) == (303, NEXT)
    assert Change.objects.count() > before


def test_reaffirming_repeats_the_verdict_and_says_so(
    as_: Callable[[str], Client], waiting: Waiting
) -> None:
    response = sent(as_("alice"), "/queue/django/reaffirm/?show=due&whose=team")

    last = Evaluation.objects.order_by("-pk").first()
    assert last is not None
    assert (last.verdict, last.evaluated_on) == ("adopt", TODAY)
    assert last.reaffirms_id is not None
    assert "Django is still true: re-affirmed as adopt." in said_of(response)
    assert 'href="/queue/django/?show=due&amp;whose=team"' in said_of(response)


def test_a_snooze_covers_until_its_day(
    as_: Callable[[str], Client], waiting: Waiting
) -> None:
    sent(
        as_("alice"),
        f"/flags/{waiting.due.pk}/snooze/",
        until="2026-12-01",
        reason="After the release",
    )

    cover = Cover.objects.get()
    assert (cover.kind, cover.flag_id) == ("snooze", waiting.due.pk)
    assert (cover.until, cover.reason) == (date(2026, 12, 1), "After the release")


def test_a_waiver_names_who_answers_and_who_approved(
    as_: Callable[[str], Client], waiting: Waiting
) -> None:
    path, fields = doors(waiting)["waive"]

    response = sent(as_("alice"), path, **fields)

    cover = Cover.objects.get()
    assert (cover.owner_name, cover.approver_name) == ("Bob", "Alice")
    assert "Bob answers for it" in said_of(response)


def test_an_owner_is_given_and_taken_away(
    as_: Callable[[str], Client], waiting: Waiting, cast: Cast
) -> None:
    given = sent(as_("alice"), "/queue/django/reassign/", owner="alice")
    assert Solution.objects.get(slug="django").owner == cast.alice
    taken = sent(as_("alice"), "/queue/django/reassign/", owner="")

    assert Solution.objects.get(slug="django").owner is None
    assert "now belongs to Alice" in said_of(given)
    assert "has no owner any more" in said_of(taken)


def test_a_lead_deprecates_at_once_and_names_what_to_use_instead(
    as_: Callable[[str], Client], waiting: Waiting
) -> None:
    sent(
        as_("alice"),
        "/queue/django/deprecate/",
        summary="Too old by far",
        replacement="/solutions/celery/",
    )

    waiting.django.refresh_from_db()
    last = Evaluation.objects.latest("pk")
    assert waiting.django.state == "deprecate"
    assert (last.summary, last.replacement) == ("Too old by far", waiting.celery)


def test_an_engineer_proposes_to_deprecate(
    as_: Callable[[str], Client], waiting: Waiting
) -> None:
    response = sent(as_("bob"), "/queue/django/deprecate/", summary="Too old by far")

    waiting.django.refresh_from_db()
    assert response.status_code == 303
    assert waiting.django.state == "adopt"
    assert Evaluation.objects.latest("pk").is_proposal
    assert "A lead decides on it" in said_of(response)


def test_an_engineer_reaffirms(as_: Callable[[str], Client], waiting: Waiting) -> None:
    response = sent(as_("bob"), "/queue/django/reaffirm/")

    assert response.status_code == 303
    assert Evaluation.objects.latest("pk").author_name == "Bob"


def test_what_is_revoked_is_asked_again(
    as_: Callable[[str], Client], waiting: Waiting, cast: Cast
) -> None:
    cover = snoozed(waiting, cast)

    sent(as_("alice"), f"/waivers/{cover.pk}/revoke/", reason="It is over")

    cover.refresh_from_db()
    assert cover.ended_because == "revoked"
    assert Flag.objects.asked_on(TODAY).filter(pk=waiting.due.pk).exists()


def test_the_form_may_choose_another_flag_of_the_same_solution(
    as_: Callable[[str], Client], waiting: Waiting
) -> None:
    other = flagged(waiting.django, cause="vulnerability", action="review")
    path, fields = doors(waiting)["snooze"]

    sent(as_("alice"), path, flag=str(other.pk), **fields)

    assert Cover.objects.get().flag_id == other.pk


@pytest.mark.parametrize("chosen", ["other", "nonsense", "-1", "9" * 30, "\u0664"])
def test_the_form_chooses_no_flag_of_another_solution(
    chosen: str, as_: Callable[[str], Client], waiting: Waiting
) -> None:
    path, fields = doors(waiting)["snooze"]
    if chosen == "other":
        chosen = str(waiting.ended.pk)

    response = sent(as_("alice"), path, flag=chosen, **fields)

    assert response.status_code == 404
    assert not Cover.objects.exists()


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("who", ["charlie", "eve", "frank"])
def test_who_may_not_decide_is_told_so_and_changes_nothing(
    who: str, name: str, waiting: Waiting, cast: Cast, as_: Callable[[str], Client]
) -> None:
    path, fields = doors(waiting, snoozed(waiting, cast).pk)[name]
    before = written()

    response = sent(as_(who), path, **fields)

    assert response.status_code == 403
    assert "in the owning team" in response.content.decode()
    assert written() == before


@pytest.mark.parametrize("name", OF_LEADS)
def test_an_engineer_may_not_cover_or_give_away(
    name: str, waiting: Waiting, cast: Cast, as_: Callable[[str], Client]
) -> None:
    path, fields = doors(waiting, snoozed(waiting, cast).pk)[name]
    before = written()

    response = sent(as_("bob"), path, **fields)

    assert response.status_code == 403
    assert "takes the role lead" in response.content.decode()
    assert written() == before


@pytest.mark.parametrize(
    ("name", "field", "typed"),
    [
        ("snooze", "reason", ""),
        ("snooze", "reason", "\u202e"),
        ("snooze", "until", ""),
        ("snooze", "until", "tomorrow"),
        ("snooze", "until", "2026-11-22"),
        ("snooze", "until", "2027-11-22"),
        ("waive", "owner", ""),
        ("waive", "owner", "nobody-like-that"),
        ("waive", "owner", "a\x00b"),
        ("waive", "until", "2036-01-01"),
        ("waive", "reason", "x" * 501),
        ("override", "reason", " "),
        ("deprecate", "summary", ""),
        ("deprecate", "replacement", "no-such-thing"),
        ("deprecate", "replacement", "\x00"),
        ("reassign", "owner", "nobody-like-that"),
        ("revoke", "reason", ""),
    ],
)
def test_a_refusal_names_the_field_and_keeps_what_was_typed(
    name: str,
    field: str,
    typed: str,
    waiting: Waiting,
    cast: Cast,
    as_: Callable[[str], Client],
) -> None:
    cover = snoozed(waiting, cast) if name == "revoke" else None
    path, fields = doors(waiting, cover.pk if cover else 0)[name]
    before = written()

    response = sent(as_("alice"), path, **fields | {field: typed})

    assert response.status_code == 400
    assert written() == before
    [form] = [each for each in response.context["forms"] if each.is_open]
    assert form.name == (f"revoke-{cover.pk}" if cover else name)
    for each in form.fields:
        assert bool(each.error) == (each.name == field)
        if each.name != field:
            assert each.value == fields.get(each.name, "")
    assert 'aria-invalid="true"' in response.content.decode()


def test_a_flag_that_the_clock_asks_cannot_be_overridden(
    as_: Callable[[str], Client], waiting: Waiting
) -> None:
    response = sent(
        as_("alice"), f"/flags/{waiting.due.pk}/override/", reason="It is wrong"
    )

    assert response.status_code == 400
    assert "because of its day" in response.content.decode()


def test_a_cover_ends_once(
    as_: Callable[[str], Client], waiting: Waiting, cast: Cast
) -> None:
    path = f"/waivers/{snoozed(waiting, cast).pk}/revoke/"
    sent(as_("alice"), path, reason="It is over")

    response = sent(as_("alice"), path, reason="Once more")

    assert response.status_code == 409
    assert "has ended already" in response.content.decode()


def test_what_was_never_evaluated_cannot_be_reaffirmed(
    as_: Callable[[str], Client], waiting: Waiting, cast: Cast
) -> None:
    registered("New", team=cast.platform)

    response = sent(as_("alice"), "/queue/new/reaffirm/")

    assert response.status_code == 409
    assert 'role="alert"' in response.content.decode()


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "///evil.example",
        "javascript:alert(1)",
        "queue/",
        "/" + "x" * 2000,
    ],
)
def test_a_decision_leads_to_no_other_host_and_nothing_is_done(
    elsewhere: str, as_: Callable[[str], Client], waiting: Waiting
) -> None:
    before = written()

    response = as_("alice").post("/queue/django/reaffirm/", {"next": elsewhere})

    assert response.status_code == 400
    assert "Location" not in response.headers
    assert written() == before


def test_without_a_next_a_decision_leads_to_the_queue(
    as_: Callable[[str], Client], waiting: Waiting
) -> None:
    response = as_("alice").post("/queue/django/reaffirm/")

    assert response.headers["Location"] == "/queue/"


def test_a_name_is_no_markup_in_a_message(
    as_: Callable[[str], Client], cast: Cast
) -> None:
    solution = registered("<b>Bold</b>", team=cast.platform, on=date(2026, 5, 1))
    evaluated(solution, date(2026, 5, 10))

    response = sent(as_("alice"), f"/queue/{solution.slug}/reaffirm/")

    assert "&lt;b&gt;Bold&lt;/b&gt; is still true" in said_of(response)


@pytest.mark.parametrize("name", DOORS)
def test_nothing_is_read_at_a_decision(
    name: str, as_: Callable[[str], Client], waiting: Waiting
) -> None:
    assert as_("alice").get(doors(waiting)[name][0]).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/queue/no-such-thing/reaffirm/",
        "/queue/no-such-thing/reassign/",
        "/queue/no-such-thing/deprecate/",
        "/flags/999999/snooze/",
        "/flags/999999/waive/",
        f"/flags/{10**30}/override/",
        "/waivers/999999/revoke/",
        f"/waivers/{10**30}/revoke/",
    ],
)
def test_what_is_not_there_is_not_found(
    path: str, as_: Callable[[str], Client], waiting: Waiting
) -> None:
    assert sent(as_("alice"), path, reason="x").status_code == 404


@pytest.mark.parametrize("name", DOORS)
def test_a_decision_takes_the_token_of_its_own_form(
    name: str, waiting: Waiting, cast: Cast
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice)
    path, fields = doors(waiting, snoozed(waiting, cast).pk)[name]
    before = written()

    assert client.post(path, fields).status_code == 403
    assert written() == before


@pytest.mark.parametrize("name", DOORS)
def test_who_has_not_signed_in_is_sent_to_do_so(
    name: str, waiting: Waiting, client: Client
) -> None:
    path, fields = doors(waiting)[name]
    before = written()

    response = client.post(path, fields)

    assert response.headers["Location"] == "/sign-in/?next=/queue/"
    assert written() == before


def test_an_unknown_part_of_the_queue_is_refused(
    as_: Callable[[str], Client], waiting: Waiting
) -> None:
    response = sent(as_("charlie"), "/queue/django/reaffirm/?show=nothing")

    assert response.status_code == 400
