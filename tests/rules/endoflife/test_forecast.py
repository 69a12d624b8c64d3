"""What a product's own past says of ends that nobody lists."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.rules.endoflife.forecast import (
    FORECAST_DAYS,
    LATE_NOTICE_DAYS,
    LIKELY,
    OUTLIVED_DAYS,
    SILENT_DAYS,
    UNPROVEN,
    WATCHED_DAYS,
    Lifetime,
    Pattern,
    forecast,
    learned,
)

FIRST = date(2024, 1, 1)
PACE = 90


def released(place: int) -> date:
    """Return the day of a release of a product that brings one out every 90 days."""
    return FIRST + timedelta(place * PACE)


def rolling(ended: int, alive: int = 1, notice_days: int | None = 0) -> list[Lifetime]:
    """Return releases that were supported until the next one, and some that still are."""
    over = [
        Lifetime(released(place), released(place + 1), notice_days)
        for place in range(ended)
    ]
    return over + [Lifetime(released(ended + place)) for place in range(alive)]


def pattern(lifetimes: list[Lifetime], today: date, **more: object) -> Pattern:
    found = learned(lifetimes, today=today, **more)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_a_rolling_product_supports_a_release_until_the_next_is_due() -> None:
    today = released(5)

    found = forecast(released(5), pattern(rolling(5), today), today)

    assert found is not None
    assert found.ends_on == released(6)


def test_a_prediction_names_the_lives_it_rests_on_and_how_many_kept_to_it() -> None:
    today = released(5)

    found = forecast(released(5), pattern(rolling(5), today), today)

    assert found is not None
    assert found.pattern.lives == (90, 90, 90, 90, 90)
    assert found.pattern.overlaps == (0, 0, 0, 0, 0)
    assert found.pattern.held == 5
    assert found.likelihood == LIKELY


def test_without_a_single_end_nothing_is_learned() -> None:
    assert learned(rolling(0, alive=3), today=released(3)) is None


def test_an_end_that_has_not_come_yet_teaches_nothing() -> None:
    lifetimes = [Lifetime(released(0), released(4)), Lifetime(released(1))]

    assert learned(lifetimes, today=released(4) - timedelta(1)) is None
    assert learned(lifetimes, today=released(4)) is not None


@pytest.mark.parametrize(
    "ended_on", [FIRST, FIRST - timedelta(1)], ids=["its own day", "the day before"]
)
def test_an_end_on_or_before_the_release_is_a_slip_and_teaches_nothing(
    ended_on: date,
) -> None:
    lifetimes = [Lifetime(FIRST, ended_on), Lifetime(released(1))]

    assert learned(lifetimes, today=released(2)) is None


def test_only_the_latest_five_ends_are_learned_from() -> None:
    old = [Lifetime(date(2010, 1, 1), date(2015, 1, 1))]

    found = pattern(old + rolling(5), released(5))

    assert found.lives == (90, 90, 90, 90, 90)


@pytest.mark.parametrize(
    ("days_before", "asked"),
    [
        pytest.param(FORECAST_DAYS, True, id="from that day on"),
        pytest.param(FORECAST_DAYS + 1, False, id="the day before"),
    ],
)
def test_an_end_is_predicted_from_235_days_ahead(days_before: int, asked: bool) -> None:
    yearly = [FIRST + timedelta(365 * place) for place in range(4)]
    lifetimes = [Lifetime(start, end) for start, end in pairwise(yearly)]
    alive = Lifetime(yearly[-1])
    today = yearly[-1] + timedelta(365 - days_before)

    found = forecast(yearly[-1], pattern([*lifetimes, alive], today), today)

    assert (found is not None) is asked


def test_both_patterns_must_say_that_the_end_is_near() -> None:
    # Supported for a year, and for 360 days after the next release: which is late.
    lifetimes = [
        Lifetime(FIRST, FIRST + timedelta(370)),
        Lifetime(FIRST + timedelta(10), FIRST + timedelta(730)),
        Lifetime(FIRST + timedelta(370)),
    ]
    today = FIRST + timedelta(740)

    by_life = FIRST + timedelta(370) + timedelta(round((370 + 720) / 2))
    found = forecast(FIRST + timedelta(370), pattern(lifetimes, today), today)

    assert (by_life - today).days <= FORECAST_DAYS
    assert found is None


def test_the_later_of_the_two_patterns_is_the_day_that_is_told() -> None:
    today = released(5) + timedelta(PACE + 30)

    found = forecast(released(5), pattern(rolling(5), today), today)

    assert found is not None
    assert found.ends_on == today, (
        "the next release is overdue, so today at the earliest"
    )


def test_where_a_next_release_is_out_support_ends_as_long_after_it_as_before() -> None:
    lifetimes = [Lifetime(released(0), released(1) + timedelta(7))] + [
        Lifetime(released(place)) for place in (1, 2)
    ]
    today = released(2)

    found = forecast(released(1), pattern(lifetimes, today), today)

    assert found is not None
    assert found.ends_on == released(2) + timedelta(7)


def test_one_end_is_precedent_enough_but_proves_nothing() -> None:
    today = released(1)

    found = forecast(released(1), pattern(rolling(1), today), today)

    assert found is not None
    assert found.pattern.held == 0
    assert found.likelihood == UNPROVEN


def test_ends_that_do_not_agree_prove_nothing_either() -> None:
    lifetimes = [
        Lifetime(released(0), released(0) + timedelta(60)),
        Lifetime(released(1), released(1) + timedelta(300)),
    ]

    found = pattern(lifetimes, released(9))

    assert found.held == 0


@pytest.mark.parametrize(
    ("notice_days", "asked"),
    [
        pytest.param(LATE_NOTICE_DAYS, True, id="told late once"),
        pytest.param(LATE_NOTICE_DAYS + 1, False, id="always told in time"),
        pytest.param(-40, True, id="told after the end"),
        pytest.param(None, True, id="nobody watched"),
    ],
)
def test_who_always_told_of_an_end_in_time_is_waited_for(
    notice_days: int | None, asked: bool
) -> None:
    today = released(5)
    lifetimes = [
        *rolling(
            5, notice_days=LATE_NOTICE_DAYS + 1 if notice_days is not None else None
        )
    ]
    lifetimes[-2] = Lifetime(released(4), released(5), notice_days)

    found = forecast(released(5), pattern(lifetimes, today), today)

    assert (found is not None) is asked


@pytest.mark.parametrize(
    ("days", "asked"),
    [
        pytest.param(WATCHED_DAYS, True, id="long enough"),
        pytest.param(WATCHED_DAYS - 1, False, id="a day short"),
        pytest.param(None, True, id="no history kept"),
    ],
)
def test_a_list_is_built_upon_after_half_a_year_of_watching(
    days: int | None, asked: bool
) -> None:
    today = released(5)
    since = None if days is None else today - timedelta(days)

    found = forecast(
        released(5), pattern(rolling(5), today, watched_since=since), today
    )

    assert (found is not None) is asked


@pytest.mark.parametrize(
    ("days", "asked"),
    [
        pytest.param(SILENT_DAYS - 1, True, id="not quite a year"),
        pytest.param(SILENT_DAYS, False, id="a year"),
        pytest.param(-10, True, id="only days to come: unknown"),
    ],
)
def test_a_product_that_fell_silent_keeps_no_pace(days: int, asked: bool) -> None:
    today = released(5)
    release_days = (today - timedelta(days),)

    found = forecast(
        released(5), pattern(rolling(5), today, release_days=release_days), today
    )

    assert (found is not None) is asked


def test_a_release_that_outlived_the_others_follows_another_rule() -> None:
    end = released(6)
    last = end + timedelta(OUTLIVED_DAYS)

    asked = forecast(released(5), pattern(rolling(5), last), last)
    not_any_more = forecast(released(5), pattern(rolling(5), last), last + timedelta(1))

    assert asked is not None
    assert not_any_more is None


def test_what_is_not_released_yet_is_not_asked_about() -> None:
    today = released(5) - timedelta(1)

    assert forecast(released(5), pattern(rolling(4, alive=2), today), today) is None


def test_the_only_release_in_sight_is_judged_by_its_life_alone() -> None:
    lifetimes = [Lifetime(FIRST, FIRST + timedelta(200))]
    found = pattern(lifetimes, FIRST + timedelta(300))

    predicted = forecast(FIRST, found, FIRST + timedelta(250))

    assert found.pace is None
    assert found.overlaps == ()
    assert predicted is not None
    assert predicted.ends_on == FIRST + timedelta(200)


@given(
    lives=st.lists(
        st.tuples(st.integers(0, 2000), st.integers(1, 2000)), min_size=1, max_size=12
    ),
    later=st.lists(st.tuples(st.integers(0, 400), st.integers(1, 2000)), max_size=4),
)
def test_what_is_learned_does_not_depend_on_the_order_of_the_list(
    lives: list[tuple[int, int]], later: list[tuple[int, int]]
) -> None:
    lifetimes = [
        Lifetime(FIRST + timedelta(start), FIRST + timedelta(start + length))
        for start, length in lives + later
    ]
    today = FIRST + timedelta(3000)

    assert learned(lifetimes, today=today) == learned(lifetimes[::-1], today=today)
