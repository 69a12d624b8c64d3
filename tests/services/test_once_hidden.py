"""What was once hidden from those who are to review it, each found by an audit."""

from datetime import date, timedelta
from typing import Any

import pytest

from reviews.models import ReviewPolicy, Solution
from reviews.queries.queue_order import Show, Wanted, places, proposal_ids
from reviews.rules.access import NotAllowedError
from reviews.rules.assumptions import Assumed
from reviews.rules.signals import SignalKind
from reviews.rules.vocabulary import Condition, Kind, Scheme, Verdict
from reviews.services.assumptions import watch_assumptions
from reviews.services.errors import ConflictError, InvalidError
from reviews.services.policies import set_policy
from reviews.services.reaffirming import reaffirm
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import (
    OPERATOR,
    draft,
    edited,
    evaluated,
    judged,
    registered,
    scanned,
)
from tests.services.covering import INACTIVE, flaw, overdue, questioned, snoozed, waived
from tests.services.evidence.sources import at, collected, fact, open_flags, pypi


def package(cast: Cast) -> Solution:
    return registered(
        team=cast.platform,
        on=date(2026, 1, 1),
        version="4.2",
        identifiers=((Scheme.PURL, "pkg:pypi/django"),),
    )


def in_queue(today: date) -> list[str]:
    found = places(Show.DUE, Wanted(), today=today, limit=50)
    names = dict(Solution.objects.values_list("pk", "name"))
    return [names[place.id] for place in found]


@pytest.mark.parametrize("ending", [Verdict.DEPRECATE, Verdict.RETIRE])
def test_no_engineer_brings_an_ending_back_by_a_backdated_correction(
    cast: Cast, ending: Verdict
) -> None:
    solution = registered(team=cast.platform, on=date(2026, 1, 1))
    alice, bob = cast.actor(cast.alice), cast.actor(cast.bob)
    later = evaluated(solution, judged(on=date(2026, 8, 1)), actor=alice)
    evaluated(solution, judged(ending, on=date(2026, 6, 1)), actor=alice)
    correction = judged(Verdict.HOLD, date(2026, 5, 1), supersedes_id=later.pk)

    with pytest.raises(NotAllowedError, match="takes the role lead"):
        evaluated(solution, correction, actor=bob)
    solution.refresh_from_db()
    assert solution.state == "adopt"

    evaluated(solution, correction, actor=alice)
    assert solution.state == ending


def test_an_assumption_that_breaks_ends_what_put_the_review_off(cast: Cast) -> None:
    wanted = Assumed(Condition.RELEASE_REACHES, "5.0")
    solution = package(cast)
    evaluated(solution, judged(on=date(2026, 5, 1), assumptions=[wanted]))
    [flag] = open_flags(solution)
    waived(flag, cast.alice, until=TODAY + timedelta(days=300))
    tomorrow = TODAY + timedelta(days=1)

    collected(solution, pypi(fact(SignalKind.LATEST_RELEASE, "5.0")), on=tomorrow)
    watch_assumptions(today=tomorrow, now=at(tomorrow))

    flag.refresh_from_db()
    assert flag.covered_until is None
    assert in_queue(tomorrow) == ["Django"]


def test_nothing_known_ahead_is_put_off(cast: Cast) -> None:
    contract_ends_on = TODAY + timedelta(days=120)
    solution = registered(
        team=cast.platform, on=date(2026, 1, 1), contract_ends_on=contract_ends_on
    )
    evaluated(solution, judged(on=date(2026, 5, 1)))
    [flag] = open_flags(solution)

    with pytest.raises(InvalidError, match="asked for another reason") as refusal:
        waived(flag, cast.alice, until=contract_ends_on)

    assert refusal.value.field == "expires_on"
    waived(flag, cast.alice, until=contract_ends_on - timedelta(days=30))


def test_a_waiver_over_evidence_that_ends_brings_it_back_with_the_scan(
    cast: Cast,
) -> None:
    flag = questioned(cast, flaw())
    day = TODAY + timedelta(days=5)
    waived(flag, cast.alice, until=day)
    assert in_queue(day - timedelta(days=1)) == []

    scanned(day, at(day))

    assert in_queue(day) == ["Django"]


def test_a_snooze_hides_nothing_that_the_clock_asks_meanwhile(cast: Cast) -> None:
    solution = package(cast)
    evaluated(solution, judged(on=date(2026, 6, 1)))
    collected(solution, pypi(INACTIVE))
    for flag in open_flags(solution):
        snoozed(flag, TODAY + timedelta(days=30))
    assert in_queue(TODAY) == []

    # No scan has run since.
    assert in_queue(date(2026, 12, 1)) == ["Django"]


def test_a_shorter_policy_is_seen_at_once(cast: Cast) -> None:
    flag = questioned(cast)
    solution = flag.solution
    Solution.objects.filter(pk=solution.pk).update(last_evaluated_on=date(2026, 9, 1))
    snoozed(flag, TODAY + timedelta(days=30))

    set_policy(
        policy=ReviewPolicy(months=1),
        actor=cast.actor(cast.dora),
        today=TODAY,
        now=NOW,
    )

    assert in_queue(TODAY) == ["Django"]


def test_what_is_retired_asks_for_no_decision(cast: Cast) -> None:
    flag = overdue(cast)
    solution = flag.solution
    evaluated(solution, judged(Verdict.DEPRECATE), actor=cast.actor(cast.bob))
    evaluated(solution, judged(Verdict.RETIRE), actor=cast.actor(cast.alice))

    assert proposal_ids(Wanted(), today=TODAY, limit=50) == []


@pytest.mark.parametrize(
    "edit",
    [
        {"identifiers": ((Scheme.PURL, "pkg:pypi/flask"),)},
        {"kind": Kind.VENDOR, "identifiers": ((Scheme.PURL, "pkg:pypi/django"),)},
    ],
)
def test_another_thing_under_the_same_name_is_not_still_true(
    cast: Cast, edit: dict[str, Any]
) -> None:
    solution = package(cast)
    evaluated(solution, judged(on=date(2026, 9, 1)))
    edited(solution, draft("Django", cast.platform, version="4.2", **edit))

    with pytest.raises(ConflictError, match="another thing"):
        reaffirm(solution_id=solution.pk, actor=OPERATOR, today=TODAY, now=NOW)


def test_one_name_more_is_still_the_same_thing(cast: Cast) -> None:
    solution = package(cast)
    evaluated(solution, judged(on=date(2026, 9, 1)))
    named = (
        (Scheme.PURL, "pkg:pypi/django"),
        (Scheme.REPOSITORY, "https://github.com/django/django"),
    )
    edited(solution, draft("Django", cast.platform, version="4.2", identifiers=named))

    assert reaffirm(
        solution_id=solution.pk, actor=OPERATOR, today=TODAY, now=NOW
    ).reaffirms
