"""Settling flags: bringing them into line with the dates of their solutions."""

from datetime import date, timedelta
from typing import Any

import pytest

from reviews.models import Flag, Notice, Solution
from reviews.services.flags import Settlement, due_solution_ids, settle_flags
from tests.conftest import NOW, TODAY
from tests.services.building import evaluated, judged, registered, scanned, written

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def settled(*solutions: Solution, today: date = TODAY, **more: Any) -> Settlement:
    return settle_flags(
        solution_ids=[solution.pk for solution in solutions],
        today=today,
        now=LATER,
        **more,
    )


def moved(solution: Solution, **dates: date | None) -> Solution:
    """Move dates past every service, as an operator's SQL would."""
    Solution.objects.filter(pk=solution.pk).update(**dates)
    return solution


def test_nothing_is_settled_for_no_solutions() -> None:
    registered(on=date(2025, 1, 1))
    before = written()

    assert settled() == Settlement(opened=0, closed=0)
    assert written() == before


def test_a_solution_that_is_gone_is_passed_over() -> None:
    found = settle_flags(solution_ids=[10**12], today=TODAY, now=NOW)

    assert found == Settlement()


def test_what_is_due_gets_its_flag_and_its_notice() -> None:
    solution = moved(registered(), next_review_on=TODAY)

    assert settled(solution) == Settlement(opened=1)
    flag = Flag.objects.get()
    assert (flag.solution, flag.cause, flag.action) == (
        solution,
        "review_due",
        "review",
    )
    assert (flag.due_on, flag.opened_at, flag.vouched_on) == (TODAY, LATER, None)
    assert Notice.objects.get().key == f"flag:{flag.pk}:open"


def test_what_is_due_tomorrow_gets_none() -> None:
    solution = moved(registered(), next_review_on=TODAY + timedelta(days=1))

    assert settled(solution) == Settlement()


def test_both_causes_of_one_solution_have_a_flag_each() -> None:
    solution = moved(registered(), next_review_on=TODAY, trust_ends_on=TODAY)

    assert settled(solution) == Settlement(opened=2)
    assert set(Flag.objects.values_list("cause", "action")) == {
        ("review_due", "review"),
        ("trust_decayed", "deprecate"),
    }


def test_settling_again_changes_nothing() -> None:
    solution = moved(registered(), next_review_on=TODAY)
    settled(solution)
    before = written()

    assert settled(solution) == Settlement()
    assert written() == before


def test_a_flag_without_its_cause_is_closed_and_its_notice_stays() -> None:
    solution = moved(registered(), next_review_on=TODAY)
    settled(solution)
    moved(solution, next_review_on=TODAY + timedelta(days=1))

    assert settled(solution) == Settlement(closed=1)
    flag = Flag.objects.get()
    assert (flag.closed_because, flag.closed_at) == ("rescheduled", LATER)
    assert flag.closed_by is None
    assert set(Notice.objects.values_list("key", flat=True)) == {
        f"flag:{flag.pk}:open",
        f"flag:{flag.pk}:closed",
    }


def test_one_cause_may_close_while_the_other_stays() -> None:
    solution = moved(registered(), next_review_on=TODAY, trust_ends_on=TODAY)
    settled(solution)
    moved(solution, trust_ends_on=None)

    assert settled(solution) == Settlement(closed=1)
    assert Flag.objects.open().get().cause == "review_due"


def test_a_flag_whose_day_moved_and_is_still_due_moves_along() -> None:
    solution = moved(registered(), next_review_on=TODAY)
    settled(solution)
    flag = Flag.objects.get()
    moved(solution, next_review_on=date(2026, 10, 1))

    assert settled(solution) == Settlement()
    flag.refresh_from_db()
    assert (flag.due_on, flag.closed_at) == (date(2026, 10, 1), None)
    assert flag.opened_at == LATER


def test_a_question_that_comes_back_is_a_new_flag_that_points_at_the_old() -> None:
    solution = moved(registered(), next_review_on=TODAY)
    settled(solution)
    moved(solution, next_review_on=TODAY + timedelta(days=1))
    settled(solution)

    settled(solution, today=TODAY + timedelta(days=1))

    old, new = Flag.objects.order_by("pk")
    assert new.reopens == old
    assert Notice.objects.filter(key__endswith=":open").count() == 2


def test_a_flag_says_which_evaluation_answered_it() -> None:
    solution = registered(on=date(2026, 1, 1))
    scanned()
    evaluation = evaluated(solution)

    flag = Flag.objects.get()

    assert (flag.closed_by, flag.closed_because) == (evaluation, "evaluated")


def test_only_the_solutions_named_are_settled() -> None:
    one = moved(registered("One"), next_review_on=TODAY)
    moved(registered("Two"), next_review_on=TODAY)

    assert settled(one) == Settlement(opened=1)
    assert Flag.objects.get().solution == one


def test_a_closed_flag_is_not_touched_again() -> None:
    solution = registered(on=date(2026, 1, 1))
    scanned()
    evaluated(solution, judged(on=date(2026, 5, 23)))
    before = list(Flag.objects.values())

    settled(solution)

    assert list(Flag.objects.values()) == before


def test_many_are_settled_in_one_go() -> None:
    solutions = [registered(f"Solution {n}") for n in range(30)]
    Solution.objects.update(next_review_on=TODAY)

    assert settled(*solutions) == Settlement(opened=30)


def test_settlements_add_up() -> None:
    assert Settlement(1, 2) + Settlement(3, 4) == Settlement(4, 6)


def test_what_would_be_flagged_is_named_once_for_both_causes() -> None:
    both = moved(registered("Both"), next_review_on=TODAY, trust_ends_on=TODAY)
    registered("Neither")

    assert due_solution_ids(after=None, today=TODAY) == [both.pk]
    assert due_solution_ids(after=TODAY, today=TODAY) == []
