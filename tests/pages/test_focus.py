"""One entry of the queue in focus: what changed, and what may be decided."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reviews.models import Dependency, Flag, Solution
from reviews.rules.signals import SignalKind, Source, SourceState
from reviews.rules.vocabulary import Criticality, Kind, Verdict
from reviews.services.answers import Answer
from reviews.services.covers import override_flag, snooze_flag, waive_flag
from reviews.services.evaluations import Judgement, record_evaluation
from reviews.services.evidence.judging import judge_solutions
from reviews.services.weighing import weigh_register
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import checked, flagged, replaced, said
from tests.pages.building import evaluated, registered, scanned
from tests.pages.reading import html_of, words

ALL = "?whose=all"


def late(name: str, cast: Cast, day: int = 10, **more: Any) -> Solution:
    """Return a solution whose review is overdue; the earlier the day, the longer."""
    solution = registered(
        name, team=cast.platform, owner=cast.bob, on=date(2026, 4, 1), **more
    )
    evaluated(solution, date(2026, 5, day))
    return solution


@pytest.fixture
def three(cast: Cast) -> list[Solution]:
    """Three that are overdue, in the order of the queue."""
    found = [late(name, cast, day) for name, day in [("A", 1), ("B", 5), ("C", 9)]]
    scanned()
    return found


@pytest.fixture
def as_(cast: Cast) -> Callable[[str], Client]:
    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(getattr(cast, name))
        return client

    return signed_in


def inactive(solution: Solution) -> Flag:
    """Return the flag that a source has just raised."""
    if not solution.signals.filter(kind=SignalKind.INACTIVE_CLASSIFIER).exists():
        said(solution, SignalKind.INACTIVE_CLASSIFIER, "Development Status :: 7")
    judge_solutions(solution_ids=[solution.pk], today=TODAY, now=NOW)
    return Flag.objects.open().get(solution=solution, cause="unmaintained")


def titles(client: Client, path: str) -> list[str]:
    """Return the titles of the forms that a visitor is offered."""
    response = client.get(path)
    assert response.status_code == 200
    return [form.title for form in response.context["forms"]]


def test_an_entry_leads_to_its_neighbours_of_the_same_queue(
    alice: Client, three: list[Solution]
) -> None:
    html = html_of(alice, "/queue/b/?show=overdue&whose=team&kind=package")

    query = "?show=overdue&amp;whose=team&amp;kind=package"
    assert f'href="/queue/a/{query}" rel="prev"' in html
    assert f'href="/queue/c/{query}" rel="next"' in html
    assert f'href="/queue/{query}"' in html
    assert "Entry 2 of 3" in html
    assert "<title>B, entry 2 of 3 · Best Before</title>" in html
    assert f'name="next" value="/queue/c/{query}"' in html


def test_the_last_entry_leads_back_to_the_queue(
    alice: Client, three: list[Solution]
) -> None:
    html = html_of(alice, f"/queue/c/{ALL}")

    assert 'rel="next"' not in html
    assert 'name="next" value="/queue/?show=due&amp;whose=all"' in html


def test_what_is_not_in_the_queue_says_so_and_leads_to_the_first(
    alice: Client, three: list[Solution], cast: Cast
) -> None:
    fresh = registered("Fresh", team=cast.platform)
    evaluated(fresh, TODAY)

    html = html_of(alice, f"/queue/fresh/{ALL}")

    assert "Not in this queue" in html
    assert 'href="/queue/a/?show=due&amp;whose=all" rel="next"' in html


def test_the_riskiest_comes_first(
    alice: Client, three: list[Solution], cast: Cast
) -> None:
    late("Urgent", cast, 9, criticality=Criticality.CRITICAL)
    weigh_register(today=TODAY)

    assert "Entry 1 of 4" in html_of(alice, f"/queue/urgent/{ALL}")


def test_proposals_are_walked_as_proposals(alice: Client, cast: Cast) -> None:
    for name in ("A", "B"):
        evaluated(
            registered(name, team=cast.platform),
            TODAY,
            Verdict.DEPRECATE,
            actor=cast.actor(cast.bob),
        )

    html = html_of(alice, "/queue/a/?show=proposals&whose=all")

    assert "Entry 1 of 2" in html
    assert "Proposal: deprecate" in html
    assert "Approve: deprecate" in html


def test_waivers_about_to_end_are_walked_too(alice: Client, cast: Cast) -> None:
    for name in ("A", "B"):
        solution = late(name, cast)
        scanned()
        waive_flag(
            flag_id=Flag.objects.get(solution=solution).pk,
            owner_id=cast.bob.pk,
            reason="Accepted for now",
            until=TODAY + timedelta(5),
            actor=cast.actor(cast.alice),
            today=TODAY,
            now=NOW,
        )

    html = html_of(alice, "/queue/a/?show=waivers&whose=all")

    assert "Entry 1 of 2" in html
    said_of_it = words(alice, "flags", "/queue/a/?show=waivers&whose=all")
    assert "Waived until 2026-11-27 by Alice because Accepted for now" in said_of_it
    assert "(owner Bob , approver Alice )" in said_of_it


def test_the_evidence_side_tells_what_changed_and_what_it_rests_on(
    alice: Client, cast: Cast
) -> None:
    django = late("Django", cast)
    shop = registered("Shop", kind=Kind.BUILT, team=cast.platform)
    Dependency.objects.create(
        component=shop, solution=django, first_seen_on=TODAY, last_seen_on=TODAY
    )
    before = said(django, value="5.2")
    checked(django)
    evaluated(django, date(2026, 11, 1), summary="Still the best")
    replaced(before, "6.0")
    end = said(django, SignalKind.END_OF_LIFE, "2026-12-01", source=Source.ENDOFLIFE)
    flagged(django, end)
    path = f"/queue/django/{ALL}"

    changes = words(alice, "changes", path)
    assert "material Changed : Latest release: 6.0" in changes
    assert "a new major version" in changes
    assert "disabled" in html_of(alice, path)
    assert "endoflife.date says that 4.2 has ended." in words(alice, "flags", path)
    assert "Still the best" in words(alice, "last", path)
    assert "Shop" in words(alice, "dependents", path)
    assert "1 source answers for it." in words(alice, "known", path)


def test_what_is_material_comes_before_what_is_not(alice: Client, cast: Cast) -> None:
    django = late("Django", cast)
    before = said(django, value="5.2")
    evaluated(django, date(2026, 11, 1))
    replaced(before, "6.0")
    said(django, SignalKind.MAINTAINERS, "3")

    changes = words(alice, "changes", f"/queue/django/{ALL}")

    assert changes.index("material Changed") < changes.index("not material New")


def test_the_last_evaluation_shows_what_was_answered_and_what_nobody_knew(
    alice: Client, cast: Cast
) -> None:
    django = late("Django", cast)
    answers = {
        "still-needed": Answer("yes", "The shop stands on it"),
        "fit": Answer("4"),
        "better-elsewhere": Answer("yes"),
        "maintained": Answer("5"),
    }
    record_evaluation(
        solution_id=django.pk,
        judgement=Judgement(
            Verdict.ADOPT, date(2026, 5, 20), "Still the best", answers=answers
        ),
        actor=cast.actor(cast.bob),
        today=TODAY,
        now=NOW,
    )

    last = words(alice, "last", f"/queue/django/{ALL}")

    assert "Do we still need it? yes: The shop stands on it" in last
    assert "Does its licence suit how we use it? unknown" in last


def test_an_entry_counts_how_often_it_was_only_reaffirmed(
    alice: Client, three: list[Solution]
) -> None:
    alice.post("/queue/a/reaffirm/", {"next": f"/queue/a/{ALL}"})

    html = html_of(alice, f"/queue/a/{ALL}")

    assert "Re-affirmed 1 time in a row." in html
    assert "A is still true: re-affirmed as adopt." in html


def test_what_is_unknown_reads_unknown(alice: Client, cast: Cast) -> None:
    checked(late("Django", cast), state=SourceState.FAILED)

    assert "Unknown: no source answers for it." in words(
        alice, "known", f"/queue/django/{ALL}"
    )


def test_a_lead_is_offered_every_decision(alice: Client, three: list[Solution]) -> None:
    flagged(three[0], said(three[0], SignalKind.END_OF_LIFE, "2026-12-01"))

    assert titles(alice, f"/queue/a/{ALL}") == [
        "Deprecate",
        "Snooze",
        "Waive",
        "Override",
        "Reassign",
    ]


def test_what_only_the_clock_asks_cannot_be_overridden(
    alice: Client, three: list[Solution]
) -> None:
    assert "Override" not in titles(alice, f"/queue/a/{ALL}")


def test_an_engineer_is_offered_what_engineers_may(
    as_: Callable[[str], Client], three: list[Solution]
) -> None:
    bob = as_("bob")

    assert titles(bob, f"/queue/a/{ALL}") == ["Deprecate"]
    said_of_it = words(bob, "decision", f"/queue/a/{ALL}")
    assert "Still true" in said_of_it
    assert "It is a proposal, on which a lead" in said_of_it
    assert "To snooze, waive, override or reassign takes a lead" in said_of_it


@pytest.mark.parametrize("who", ["charlie", "eve", "frank"])
def test_who_may_only_read_is_told_who_decides(
    who: str, as_: Callable[[str], Client], three: list[Solution]
) -> None:
    client = as_(who)

    assert titles(client, f"/queue/a/{ALL}") == []
    assert words(client, "decision", f"/queue/a/{ALL}").endswith(
        "The decision You may read this. To decide on it takes an engineer or a lead "
        "of Platform."
    )


def test_what_no_team_owns_is_for_administrators(
    alice: Client, as_: Callable[[str], Client], cast: Cast
) -> None:
    registered("Stray", on=date(2026, 1, 1))
    scanned()

    assert "takes an administrator." in words(alice, "decision", f"/queue/stray/{ALL}")
    assert "Waive" in titles(as_("dora"), f"/queue/stray/{ALL}")


def test_what_was_never_evaluated_says_why_it_is_not_still_true(
    alice: Client, cast: Cast
) -> None:
    registered("New", team=cast.platform)

    html = html_of(alice, f"/queue/new/{ALL}")

    assert re.search(r'data-act="reaffirm" disabled aria-describedby="not-still"', html)
    assert '<p class="note" id="not-still"></p>' not in html
    assert "Nobody has evaluated it yet." in words(alice, "last", f"/queue/new/{ALL}")


def test_what_is_covered_is_not_offered_to_be_covered_but_to_be_ended(
    alice: Client, cast: Cast
) -> None:
    django = late("Django", cast)
    evaluated(django, TODAY)
    override_flag(
        flag_id=inactive(django).pk,
        reason="Not our version",
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )

    assert titles(alice, f"/queue/django/{ALL}") == [
        "Deprecate",
        "Reassign",
        "End the override",
    ]
    decision = words(alice, "decision", f"/queue/django/{ALL}")
    assert "No flag is asked" in decision
    covered = words(alice, "flags", f"/queue/django/{ALL}")
    assert (
        "Overridden until its facts change by Alice because Not our version" in covered
    )


def test_several_flags_are_a_choice_and_one_alone_is_none(
    alice: Client, three: list[Solution]
) -> None:
    assert 'id="snooze-flag"' not in html_of(alice, f"/queue/a/{ALL}")
    flag = flagged(three[0], cause="vulnerability", action="review")

    html = html_of(alice, f"/queue/a/{ALL}")

    assert 'id="snooze-flag"' in html
    assert f'<option value="{flag.pk}"' in html


def test_days_and_people_have_sensible_defaults(
    alice: Client, three: list[Solution]
) -> None:
    html = html_of(alice, f"/queue/a/{ALL}")

    assert 'value="2026-11-29" type="date" min="2026-11-23" max="2026-12-22"' in html
    assert 'value="2027-02-20" type="date" min="2026-11-23" max="2027-11-22"' in html
    assert 'id="waive-owner" name="owner" value="bob"' in html
    assert '<option value="alice">Alice</option>' in html


def test_a_retired_solution_is_not_offered_to_be_deprecated(
    alice: Client, cast: Cast
) -> None:
    evaluated(registered("Old", team=cast.platform), TODAY, Verdict.RETIRE)

    assert titles(alice, f"/queue/old/{ALL}") == ["Reassign"]


@pytest.mark.parametrize(
    "query", ["?nonsense=1", "?show=everything", "?whose=yours", "?kind=thing"]
)
def test_a_queue_that_there_is_not_is_refused(
    query: str, alice: Client, three: list[Solution]
) -> None:
    assert alice.get(f"/queue/a/{query}").status_code == 400


@pytest.mark.parametrize("slug", ["no-such-thing", "%00", "a.b", "ä"])
def test_what_is_not_registered_is_not_found(alice: Client, slug: str) -> None:
    assert alice.get(f"/queue/{slug}/").status_code == 404


def test_an_entry_is_for_people_who_have_signed_in(client: Client, db: None) -> None:
    response = client.get("/queue/a/")

    assert response.headers["Location"] == "/sign-in/?next=/queue/a/"


def test_nothing_is_sent_to_an_entry(alice: Client, three: list[Solution]) -> None:
    assert alice.post("/queue/a/").status_code == 405


# Six look for what stands in the way, or is overridden, one for what to use instead.
QUERIES = 37


def test_an_entry_costs_the_same_however_much_there_is(
    alice: Client, three: list[Solution], cast: Cast
) -> None:
    """One flag, fact, evaluation and neighbour take as many queries as twenty do."""

    def grow(numbers: range) -> int:
        for n in numbers:
            evaluated(three[1], date(2026, 4, 1 + n))
            said(three[1], SignalKind.VULNERABILITY, "flaw", subject=f"CVE-{n}")
            late(f"Other {n}", cast, 3)
        inactive(three[1])
        _snooze(three[1], cast)
        return _queries(alice)

    few = grow(range(2))
    many = grow(range(2, 20))

    assert few == many == QUERIES


def _snooze(solution: Solution, cast: Cast) -> None:
    snooze_flag(
        flag_id=Flag.objects.open().get(solution=solution, cause="unmaintained").pk,
        until=TODAY + timedelta(7),
        reason="Later",
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )


def _queries(client: Client) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(f"/queue/b/{ALL}").status_code == 200
    return len(queries)


def test_a_new_owner_is_not_guessed_but_offered(alice: Client, cast: Cast) -> None:
    registered("Django", team=cast.platform)

    html = html_of(alice, f"/queue/django/{ALL}")

    assert 'id="reassign-owner" name="owner" value=""' in html
    assert 'list="reassign-owner-offered"' in html
    assert '<option value="bob">Bob</option>' in html


def test_what_to_use_instead_is_offered_of_the_same_kind(
    alice: Client, cast: Cast
) -> None:
    registered("Django", team=cast.platform)
    registered("Flask")
    registered("Paging", kind=Kind.VENDOR)
    evaluated(registered("Old"), TODAY, Verdict.RETIRE)

    html = html_of(alice, f"/queue/django/{ALL}")
    offered = html.partition('id="deprecate-replacement-offered"')[2]

    assert re.findall(
        r'option value="([^"]+)"', offered.partition("</datalist>")[0]
    ) == ["flask"]


@pytest.mark.parametrize(
    ("who", "effect"),
    [("alice", "It takes effect at once."), ("bob", "It is a proposal, on which")],
)
def test_deprecating_says_how_many_depend_on_it_and_what_it_does(
    who: str, effect: str, as_: Callable[[str], Client], cast: Cast
) -> None:
    django = registered("Django", team=cast.platform)
    path = f"/queue/django/{ALL}"
    assert "No built component is known to depend on it." in words(
        as_(who), "decision", path
    )
    for name in ("Shop", "Till"):
        Dependency.objects.create(
            component=registered(name, kind=Kind.BUILT, team=cast.platform),
            solution=django,
            first_seen_on=TODAY,
            last_seen_on=TODAY,
        )

    assert f"2 built components depend on it. {effect}" in words(
        as_(who), "decision", path
    )


def test_an_evaluation_leads_on_to_the_next_entry(
    alice: Client, three: list[Solution]
) -> None:
    html = html_of(alice, f"/queue/a/{ALL}")

    assert "next=%2Fqueue%2Fb%2F%3F" in html
