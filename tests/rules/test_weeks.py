"""ISO weeks, as plans are made in them."""

from datetime import date

import pytest

from reviews.rules.weeks import PLANNED_AHEAD, Week, coming_weeks, day_within


@pytest.mark.parametrize(
    ("day", "written", "monday", "friday"),
    [
        (date(2026, 11, 22), "2026-W47", date(2026, 11, 16), date(2026, 11, 20)),
        (date(2027, 1, 1), "2026-W53", date(2026, 12, 28), date(2027, 1, 1)),
        (date(2024, 12, 30), "2025-W01", date(2024, 12, 30), date(2025, 1, 3)),
    ],
)
def test_a_week_has_its_number_and_its_days(
    day: date, written: str, monday: date, friday: date
) -> None:
    week = Week.of(day)

    assert (str(week), week.monday, week.friday) == (written, monday, friday)


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 11, 20), "2026-W47"),
        (date(2026, 11, 21), "2026-W48"),
        (date(2026, 12, 31), "2026-W53"),
        (date(2027, 1, 2), "2027-W01"),
    ],
)
def test_plans_begin_with_this_week_until_its_friday(today: date, first: str) -> None:
    weeks = coming_weeks(today)

    assert str(weeks[0]) == first
    assert len(set(weeks)) == PLANNED_AHEAD
    assert weeks == sorted(weeks)


@pytest.mark.parametrize(
    ("owed_by", "day"),
    [
        (None, date(2026, 12, 11)),
        (date(2026, 12, 6), date(2026, 12, 11)),
        (date(2026, 12, 7), date(2026, 12, 7)),
        (date(2026, 12, 10), date(2026, 12, 10)),
        (date(2026, 12, 13), date(2026, 12, 11)),
    ],
)
def test_a_plan_is_for_friday_or_for_the_day_on_which_it_is_owed(
    owed_by: date | None, day: date
) -> None:
    assert day_within(Week(2026, 50), owed_by) == day
