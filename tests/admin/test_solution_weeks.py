"""Assigning a due week to many solutions in the staff pages."""

from datetime import date

import pytest

from reviews.models import Solution
from tests.admin.conftest import evaluated, signed_in
from tests.admin.test_solution_actions import act
from tests.conftest import Cast

RECENT = date(2026, 10, 1)


@pytest.fixture
def fresh(cast: Cast, django: Solution) -> Solution:
    evaluated(cast, django, on=RECENT)
    return django


def test_a_week_is_chosen_from_the_coming_ones(cast: Cast, fresh: Solution) -> None:
    page = act(signed_in(cast.alice), "assign_week", fresh).content.decode()

    assert "1 of 1 can be done by you" in page
    assert "due by 2027-04-01" in page
    assert "week 48 of 2026 (2026-11-23 to 2026-11-27)" in page
    assert "2026-W47" not in page


def test_the_review_is_owed_in_that_week(
    cast: Cast, fresh: Solution, warehouse: Solution
) -> None:
    answer = act(
        signed_in(cast.alice),
        "assign_week",
        fresh,
        warehouse,
        take=True,
        week="2026-W50",
    )

    told = [str(message) for message in answer.context["messages"]]
    assert told[0] == "Reviews planned: 1."
    assert told[1].startswith("Warehouse: To plan reviews here")
    fresh.refresh_from_db()
    assert fresh.next_review_on == date(2026, 12, 11)


def test_a_week_beyond_the_six_months_is_refused(cast: Cast, fresh: Solution) -> None:
    answer = act(
        signed_in(cast.alice), "assign_week", fresh, take=True, week="2027-W15"
    )

    [told] = [str(message) for message in answer.context["messages"]]
    assert "is too late: the review is owed by 2027-04-01" in told


def test_what_is_overdue_is_refused_beforehand(cast: Cast, django: Solution) -> None:
    evaluated(cast, django, on=date(2026, 5, 10))

    page = act(signed_in(cast.alice), "assign_week", django).content.decode()

    assert "0 of 1 can be done by you" in page
    assert "It is overdue since 2026-11-10" in page


@pytest.mark.parametrize("week", ["", "2026-W47", "2030-W01", "soon"])
def test_other_weeks_are_not_taken(cast: Cast, fresh: Solution, week: str) -> None:
    act(signed_in(cast.alice), "assign_week", fresh, take=True, week=week)

    fresh.refresh_from_db()
    assert fresh.planned_on is None


def test_an_engineer_is_not_offered_it(cast: Cast, fresh: Solution) -> None:
    act(signed_in(cast.bob), "assign_week", fresh, take=True, week="2026-W50")

    fresh.refresh_from_db()
    assert fresh.planned_on is None
