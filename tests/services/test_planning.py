"""Planning reviews: bringing them forward, and never putting one off."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.models import Change, Flag, ReviewPolicy, Solution, Team
from reviews.rules.access import Actor, Scope
from reviews.rules.vocabulary import Verdict
from reviews.services.access import actor_of
from reviews.services.planning import Planned, check_plan, plan_reviews
from reviews.services.policies import set_policy
from reviews.services.tokens import create_token
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import (
    OPERATOR,
    evaluated,
    judged,
    registered,
    scanned,
    written,
)

OWED = date(2027, 3, 1)
"""Six months after the day on which the tests' solution was reviewed."""


def planned(
    solution: Solution, day: date, actor: Actor = OPERATOR, today: date = TODAY
) -> Planned:
    outcome = plan_reviews(days={solution.pk: day}, actor=actor, today=today, now=NOW)
    solution.refresh_from_db()
    return outcome


def why(outcome: Planned) -> str:
    assert outcome.moved == ()
    ((_, refusal),) = outcome.refused
    return refusal


@pytest.fixture
def reviewed(cast: Cast) -> Solution:
    """Django, which the platform team reviewed on 1 September."""
    solution = registered("Django", team=cast.platform, on=date(2026, 8, 1))
    evaluated(solution, judged(on=date(2026, 9, 1)))
    return solution


def test_a_plan_brings_a_review_forward(reviewed: Solution) -> None:
    outcome = planned(reviewed, date(2026, 12, 8))

    (moved,) = outcome.moved
    assert (moved.slug, moved.before, moved.after) == (
        "django",
        OWED,
        date(2026, 12, 8),
    )
    assert reviewed.next_review_on == date(2026, 12, 8)
    assert reviewed.clock_due_on == OWED
    assert "planned" in reviewed.pulled_by


def test_a_plan_may_change_until_its_day(reviewed: Solution) -> None:
    planned(reviewed, date(2026, 12, 8))
    planned(reviewed, date(2027, 1, 5))

    assert reviewed.next_review_on == date(2027, 1, 5)


def test_the_last_day_takes_a_plan_back(reviewed: Solution) -> None:
    planned(reviewed, date(2026, 12, 8))
    planned(reviewed, OWED)

    assert reviewed.planned_on is None
    assert (reviewed.next_review_on, reviewed.pulled_by) == (OWED, "")


def test_an_evaluation_does_away_with_the_plan(reviewed: Solution) -> None:
    planned(reviewed, date(2026, 12, 8))

    evaluated(reviewed, judged(on=TODAY))

    assert reviewed.next_review_on == date(2027, 5, 22)


def test_a_first_review_may_be_planned_anywhere_in_its_window(cast: Cast) -> None:
    solution = registered(team=cast.platform)
    first = solution.first_review_on

    planned(solution, first + timedelta(60))

    assert solution.next_review_on == first + timedelta(60)
    assert solution.first_review_on == first + timedelta(60)
    assert (solution.planned_on, solution.pulled_by) == (None, "")


def test_a_first_review_is_never_planned_beyond_the_policys_months(
    django: Solution,
) -> None:
    assert planned(django, date(2027, 5, 22)).moved
    assert "owed by 2027-05-22" in why(planned(django, date(2027, 5, 23)))


def test_a_shorter_policy_bounds_a_plan(reviewed: Solution) -> None:
    policy = ReviewPolicy(months=4, kind="package")
    set_policy(policy=policy, actor=OPERATOR, today=TODAY, now=NOW)

    assert "owed by 2027-01-01" in why(planned(reviewed, date(2027, 1, 2)))


def test_a_review_is_never_put_off(reviewed: Solution) -> None:
    before = written()

    assert f"owed by {OWED}" in why(planned(reviewed, OWED + timedelta(1)))
    assert written() == before


def test_what_pulls_a_review_forward_bounds_a_plan_and_is_named(cast: Cast) -> None:
    solution = registered(
        team=cast.platform,
        on=date(2026, 8, 1),
        contract_ends_on=date(2027, 2, 1),
        notice_period_days=10,
    )
    evaluated(solution, judged(on=date(2026, 9, 1)))

    refusal = why(planned(solution, date(2027, 2, 1)))

    assert "owed by 2026-12-23, because the contract ends on 2027-02-01" in refusal


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(1970, 1, 1)])
def test_a_day_that_has_passed_is_refused(reviewed: Solution, day: date) -> None:
    assert f"{day} has passed" in why(planned(reviewed, day))


@pytest.mark.parametrize("days", [0, 1, 30])
def test_what_is_overdue_cannot_be_planned_away(reviewed: Solution, days: int) -> None:
    later = OWED + timedelta(1)
    scanned(on=later)
    before = written()

    refusal = why(planned(reviewed, later + timedelta(days), today=later))

    assert f"overdue since {OWED}" in refusal
    assert "snooze its flag" in refusal
    assert written() == before


def test_a_plan_whose_day_has_passed_cannot_be_put_off(reviewed: Solution) -> None:
    planned(reviewed, date(2026, 12, 8))

    refusal = why(planned(reviewed, date(2027, 1, 5), today=date(2026, 12, 9)))

    assert "overdue since 2026-12-08" in refusal


def test_what_is_retired_has_nothing_to_plan(reviewed: Solution) -> None:
    evaluated(reviewed, judged(Verdict.RETIRE))

    assert "retired" in why(planned(reviewed, date(2026, 12, 8)))


def test_what_has_left_the_register_is_refused_by_its_number(db: None) -> None:
    outcome = plan_reviews(days={12: TODAY}, actor=OPERATOR, today=TODAY, now=NOW)

    assert outcome.refused[0].slug == "number 12"
    assert "no longer" in why(outcome)


@pytest.mark.parametrize("person", ["bob", "charlie", "eve", "frank"])
def test_only_leads_of_the_owning_team_plan(
    reviewed: Solution, cast: Cast, person: str
) -> None:
    before = written()

    actor = cast.actor(getattr(cast, person))

    assert "takes the role lead" in why(planned(reviewed, date(2026, 12, 8), actor))
    assert written() == before


def test_what_no_team_owns_is_the_administrators_to_plan(cast: Cast) -> None:
    solution = registered("Orphan")

    assert "Only administrators" in why(
        planned(solution, date(2026, 12, 8), cast.actor(cast.alice))
    )
    assert planned(solution, date(2026, 12, 8), cast.actor(cast.dora)).moved


def test_a_token_without_the_scope_plans_nothing(
    reviewed: Solution, cast: Cast
) -> None:
    token, _ = create_token(
        user=cast.alice,
        scopes=[Scope.READ],
        days=1,
        actor=cast.actor(cast.alice),
        now=NOW,
    )
    actor = actor_of(cast.alice, door="api", token=token)

    assert "solutions:write" in why(planned(reviewed, date(2026, 12, 8), actor))


def test_one_refusal_does_not_hold_up_the_others(cast: Cast) -> None:
    mine, theirs = (
        registered("Mine", team=cast.platform),
        registered("Theirs", team=cast.data),
    )

    outcome = plan_reviews(
        days={theirs.pk: date(2026, 12, 8), mine.pk: date(2026, 12, 8)},
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )

    assert [each.slug for each in outcome.moved] == ["mine"]
    assert [each.slug for each in outcome.refused] == ["theirs"]


def test_a_plan_for_today_asks_at_once(reviewed: Solution) -> None:
    planned(reviewed, TODAY)

    flag = Flag.objects.get()
    assert (flag.due_on, flag.closed_at) == (TODAY, None)


def test_a_plan_for_a_later_day_closes_the_flag_that_an_earlier_one_opened(
    reviewed: Solution,
) -> None:
    planned(reviewed, TODAY)
    planned(reviewed, date(2026, 12, 8))

    assert Flag.objects.get().closed_because == "rescheduled"


def test_every_move_is_told_in_the_solutions_history(
    reviewed: Solution, cast: Cast
) -> None:
    planned(reviewed, date(2026, 12, 8), cast.actor(cast.alice))

    change = Change.objects.get(what="planned")
    assert (change.actor, change.object_id) == ("Alice", reviewed.pk)
    assert change.details == {"next_review_on": [str(OWED), "2026-12-08"]}


def test_what_stands_on_its_day_already_is_left_alone(reviewed: Solution) -> None:
    before = written()

    assert planned(reviewed, OWED) == Planned()
    assert written() == before


def test_a_preview_says_what_would_happen_and_does_nothing(cast: Cast) -> None:
    mine, theirs = (
        registered("Mine", team=cast.platform),
        registered("Theirs", team=cast.data),
    )
    days = {mine.pk: date(2026, 12, 8), theirs.pk: date(2026, 12, 8), 10**9: TODAY}
    actor = cast.actor(cast.alice)
    before = written()

    preview = check_plan(days=days, actor=actor, today=TODAY)

    assert written() == before
    assert preview == plan_reviews(days=days, actor=actor, today=TODAY, now=NOW)
    assert (len(preview.moved), len(preview.refused)) == (1, 2)


def test_many_are_planned_in_a_few_statements(cast: Cast) -> None:
    def statements(count: int, team: Team) -> int:
        solutions = [registered(f"{team} {n}", team=team) for n in range(count)]
        days = {solution.pk: date(2026, 12, 8) for solution in solutions}
        with CaptureQueriesContext(
            connection,
        ) as captured:
            outcome = plan_reviews(days=days, actor=OPERATOR, today=TODAY, now=NOW)
        assert len(outcome.moved) == count
        return len(captured)

    assert statements(60, cast.data) <= statements(2, cast.platform) + 1
