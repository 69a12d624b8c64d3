"""Reviews without a cliff."""

from collections import Counter
from datetime import date, timedelta
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.rules.levelling import (
    Due,
    Levelled,
    Overfull,
    first_review_day,
    first_review_days,
    level,
    monday_of,
)
from reviews.rules.staleness import SIX_MONTHS, Policy, due_date
from reviews.rules.vocabulary import Criticality

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("count", [1, 26, 49, 1_000, 10_000])
def test_no_week_of_an_import_gets_more_than_its_share(count: int) -> None:
    days = first_review_days(TODAY, [(Criticality.MEDIUM, SIX_MONTHS)] * count)

    window = (due_date(TODAY, SIX_MONTHS) - TODAY).days
    weeks = Counter((day - TODAY).days // 7 for day in days)
    assert max(weeks.values()) <= ceil(count * 7 / window) + 1


def test_the_riskiest_come_first_and_equals_keep_their_order() -> None:
    risks = [
        Criticality.LOW,
        Criticality.CRITICAL,
        Criticality.MEDIUM,
        Criticality.CRITICAL,
        Criticality.HIGH,
    ]

    days = first_review_days(TODAY, [(risk, SIX_MONTHS) for risk in risks])

    assert sorted(range(5), key=lambda index: days[index]) == [1, 3, 4, 2, 0]


@given(
    solutions=st.lists(
        st.tuples(st.sampled_from(Criticality), st.integers(1, 6).map(Policy)),
        max_size=300,
    )
)
def test_every_first_review_lies_between_tomorrow_and_the_policys_end(
    solutions: list[tuple[Criticality, Policy]],
) -> None:
    days = first_review_days(TODAY, solutions)

    assert len(days) == len(solutions)
    for day, (_, policy) in zip(days, solutions, strict=True):
        assert TODAY < day <= due_date(TODAY, policy)


@given(count=st.integers(1, 3000), months=st.integers(1, 6))
def test_in_an_empty_register_they_are_spread_evenly(count: int, months: int) -> None:
    days = first_review_days(TODAY, [(Criticality.MEDIUM, Policy(months))] * count)

    window = (due_date(TODAY, Policy(months)) - TODAY).days
    places = [(day - TODAY).days - 1 for day in days]
    assert places == [place * window // count for place in range(count)]


@given(
    taken=st.dictionaries(
        st.integers(1, 180).map(lambda n: TODAY + timedelta(n)),
        st.integers(1, 400),
        max_size=60,
    ),
    count=st.integers(1, 2000),
)
def test_the_emptier_weeks_fill_first(taken: dict[date, int], count: int) -> None:
    days = first_review_days(TODAY, [(Criticality.LOW, SIX_MONTHS)] * count, taken)

    new = Counter((day - TODAY).days - 1 for day in days)
    old = {(day - TODAY).days - 1: held for day, held in taken.items()}
    whole = range((due_date(TODAY, SIX_MONTHS) - TODAY).days // 7)
    weeks = [range(week * 7, week * 7 + 7) for week in whole]
    came = [sum(new[day] for day in week) for week in weeks]
    held = [sum(old.get(day, 0) for day in week) for week in weeks]
    filled = [a + b for a, b in zip(came, held, strict=True) if a > 1]
    # A week that took more than a rounding is no fuller than any other became.
    if filled:
        everywhere = [a + b for a, b in zip(came, held, strict=True)]
        assert max(filled) <= min(everywhere) + 3


def test_those_with_the_least_time_leave_the_later_weeks_to_the_others() -> None:
    hurried = [(Criticality.CRITICAL, Policy(1))] * 60
    patient = [(Criticality.LOW, SIX_MONTHS)] * 60

    days = first_review_days(TODAY, [*patient, *hurried])

    weeks = Counter((day - TODAY).days // 7 for day in days)
    assert max(days[60:]) <= due_date(TODAY, Policy(1))
    assert min(days[:60]) > due_date(TODAY, Policy(1))
    assert max(weeks.values()) <= 15


def test_what_is_registered_by_itself_is_reviewed_by_its_criticality() -> None:
    days = [first_review_day(TODAY, risk, SIX_MONTHS) for risk in Criticality]

    assert [(day - TODAY).days for day in days] == [60, 30, 14, 7]


def test_a_short_policy_bounds_the_first_review() -> None:
    day = first_review_day(TODAY, Criticality.LOW, Policy(1))

    assert day == date(2026, 12, 22)
    assert day - TODAY < timedelta(days=60)


# --- Levelling what stands ----------------------------------------------------------

MONDAY = date(2026, 11, 23)
Reviews = list[Due]


def after(reviews: Reviews, levelled: Levelled) -> dict[int, date]:
    """Return the day of every review once all moves are made."""
    days = {due.id: due.day for due in reviews}
    return days | {move.id: move.after for move in levelled.moves}


def by_week(days: dict[int, date]) -> Counter[date]:
    return Counter(monday_of(day) for day in days.values())


def one_day(
    count: int, day: date, latest: date | None = None, weight: int = 0
) -> Reviews:
    return [Due(id, day, latest or day, weight) for id in range(1, count + 1)]


def is_feasible(
    reviews: Reviews, capacity: int, today: date, taken: dict[date, int]
) -> bool:
    """
    Return whether any assignment keeps every week within its capacity.

    Each week is given what has to be done soonest: if that fails, some weeks have more
    reviews that cannot wait than they hold together, whoever assigns them (Hall).
    """
    this_week = monday_of(today)
    open_from = (
        this_week if today < this_week + timedelta(4) else this_week + timedelta(7)
    )
    last = max((monday_of(due.latest) for due in reviews), default=this_week)
    waiting = sorted(reviews, key=lambda due: due.latest)
    week = this_week
    while week <= last:
        room = max(capacity - taken.get(week, 0), 0)
        here = [
            due for due in waiting if week >= open_from or monday_of(due.day) == week
        ][:room]
        waiting = [due for due in waiting if due not in here]
        if any(monday_of(due.latest) == week for due in waiting):
            return False
        week += timedelta(7)
    return True


@st.composite
def boards(draw: st.DrawFn) -> tuple[Reviews, int, date, dict[date, int]]:
    """Some reviews in a few weeks, how many fit a week, a day, and what is taken."""
    today = MONDAY + timedelta(draw(st.integers(0, 6)))
    reviews = []
    for id in range(draw(st.integers(0, 25))):
        day = today + timedelta(draw(st.integers(0, 34)))
        # Most are where they have to be at the latest, as reviewed ones are.
        latest = day + timedelta(draw(st.sampled_from([0, 0, 0, 1, 5, 9, 20])))
        reviews.append(Due(id, day, latest, draw(st.integers(0, 8))))
    taken = draw(
        st.dictionaries(
            st.integers(0, 6).map(lambda week: MONDAY + timedelta(weeks=week)),
            st.integers(0, 4),
            max_size=3,
        )
    )
    return reviews, draw(st.integers(0, 6)), today, taken


@settings(max_examples=600)
@given(board=boards())
def test_no_week_stays_too_full_if_there_is_a_way(
    board: tuple[Reviews, int, date, dict[date, int]],
) -> None:
    reviews, capacity, today, taken = board

    levelled = level(reviews, capacity=capacity, today=today, taken=taken)

    weeks = by_week(after(reviews, levelled))
    too_full = {
        week
        for week, held in weeks.items()
        if held > max(capacity - taken.get(week, 0), 0)
    }
    assert {week.monday for week in levelled.overfull} == too_full
    assert (too_full == set()) == is_feasible(reviews, capacity, today, taken)


@given(board=boards())
def test_what_moves_comes_on_a_working_day_after_today_and_never_too_late(
    board: tuple[Reviews, int, date, dict[date, int]],
) -> None:
    reviews, capacity, today, taken = board
    known = {due.id: due for due in reviews}

    moves = level(reviews, capacity=capacity, today=today, taken=taken).moves

    assert len({move.id for move in moves}) == len(moves)
    for move in moves:
        assert move.before == known[move.id].day
        assert today < move.after <= known[move.id].latest
        assert move.after.weekday() < 5
        assert monday_of(move.after) != monday_of(move.before)


@given(board=boards())
def test_no_week_is_made_fuller_than_it_may_be(
    board: tuple[Reviews, int, date, dict[date, int]],
) -> None:
    reviews, capacity, today, taken = board
    before = by_week({due.id: due.day for due in reviews})

    levelled = level(reviews, capacity=capacity, today=today, taken=taken)

    for week, held in by_week(after(reviews, levelled)).items():
        assert held <= max(capacity - taken.get(week, 0), before[week])


@given(board=boards(), data=st.data())
def test_the_order_in_which_reviews_are_handed_over_is_nothing_to_it(
    board: tuple[Reviews, int, date, dict[date, int]], data: st.DataObject
) -> None:
    reviews, capacity, today, taken = board
    shuffled = data.draw(st.permutations(reviews))

    levelled = level(reviews, capacity=capacity, today=today, taken=taken)

    assert level(shuffled, capacity=capacity, today=today, taken=taken) == levelled


@given(board=boards())
def test_what_is_level_stays_as_it_is(
    board: tuple[Reviews, int, date, dict[date, int]],
) -> None:
    reviews, capacity, today, taken = board
    first = level(reviews, capacity=capacity, today=today, taken=taken)
    days = after(reviews, first)
    moved = [Due(due.id, days[due.id], due.latest, due.weight) for due in reviews]

    second = level(moved, capacity=capacity, today=today, taken=taken)

    assert second == Levelled((), first.overfull)


@given(count=st.integers(0, 60), capacity=st.integers(1, 9))
def test_no_more_moves_than_a_week_holds_too_many(count: int, capacity: int) -> None:
    far = MONDAY + timedelta(weeks=70)

    levelled = level(one_day(count, far), capacity=capacity, today=TODAY)

    assert len(levelled.moves) == max(count - capacity, 0)
    assert levelled.overfull == ()


def test_the_riskiest_go_earliest_and_the_least_risky_stay() -> None:
    day = MONDAY + timedelta(weeks=3)
    reviews = [Due(id, day, day, weight=id) for id in range(1, 7)]

    moves = level(reviews, capacity=2, today=TODAY).moves

    assert [move.id for move in moves] == [6, 5, 4, 3]
    weeks = [(monday_of(move.after) - MONDAY).days // 7 for move in moves]
    assert weeks == [1, 1, 2, 2]


def test_what_comes_to_a_week_is_spread_over_its_working_days() -> None:
    day = MONDAY + timedelta(weeks=1)

    moves = level(one_day(11, day), capacity=6, today=TODAY).moves

    assert sorted(move.after for move in moves) == [
        MONDAY + timedelta(n) for n in range(5)
    ]


def test_days_that_hold_something_already_come_last() -> None:
    there = Due(99, MONDAY, MONDAY)
    day = MONDAY + timedelta(weeks=1)

    moves = level([there, *one_day(9, day)], capacity=5, today=TODAY).moves

    assert sorted(move.after for move in moves) == [
        MONDAY + timedelta(n) for n in range(1, 5)
    ]


def test_only_where_nothing_earlier_has_room_does_something_go_later() -> None:
    latest = MONDAY + timedelta(weeks=20)
    roomy = one_day(6, MONDAY + timedelta(weeks=1), latest)
    tight = one_day(6, MONDAY, latest)

    earlier = level(roomy, capacity=3, today=TODAY).moves
    later = level(tight, capacity=3, today=TODAY).moves

    assert {monday_of(move.after) for move in earlier} == {MONDAY}
    assert {monday_of(move.after) for move in later} == {MONDAY + timedelta(7)}


def test_the_riskiest_are_the_last_to_be_put_off() -> None:
    latest = MONDAY + timedelta(weeks=20)
    reviews = [Due(id, MONDAY, latest, weight=id) for id in range(1, 5)]

    moves = level(reviews, capacity=3, today=TODAY).moves

    assert [move.id for move in moves] == [1]


def test_one_that_may_wait_makes_room_for_one_that_may_not() -> None:
    next_week = MONDAY + timedelta(7)
    may_wait = Due(1, MONDAY, MONDAY + timedelta(weeks=9))
    cannot = [Due(2, next_week, next_week), Due(3, next_week, next_week)]

    levelled = level([may_wait, *cannot], capacity=1, today=TODAY)

    weeks = by_week(after([may_wait, *cannot], levelled))
    assert set(weeks.values()) == {1}
    assert levelled.overfull == ()


def test_what_cannot_fit_stays_where_it_is_and_the_week_is_named() -> None:
    day = MONDAY + timedelta(weeks=2)

    levelled = level(one_day(20, day), capacity=2, today=TODAY)

    assert len(levelled.moves) == 4
    assert levelled.overfull == (Overfull(day, holds=16, fits=2),)


def test_on_a_friday_nothing_more_comes_to_this_week() -> None:
    friday = MONDAY + timedelta(4)

    moves = level(
        one_day(4, MONDAY + timedelta(weeks=2)), capacity=2, today=friday
    ).moves

    assert {monday_of(move.after) for move in moves} == {MONDAY + timedelta(7)}


def test_what_is_taken_leaves_so_much_less_room() -> None:
    day = MONDAY + timedelta(weeks=2)

    moves = level(
        one_day(6, day),
        capacity=4,
        today=TODAY,
        taken={MONDAY + timedelta(7): 3, day: 1},
    ).moves

    weeks = Counter(monday_of(move.after) for move in moves)
    assert weeks == {MONDAY: 2, MONDAY + timedelta(7): 1}
