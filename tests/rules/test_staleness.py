"""The six-month clock on its boundary days."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.rules.staleness import (
    SIX_MONTHS,
    Clock,
    Policy,
    PolicyScope,
    Pull,
    clock,
    contract_pull,
    due_date,
    freshness,
    is_due,
    is_overdue,
    policy_for,
    reviewed_since,
    trust_end,
)
from reviews.rules.vocabulary import Criticality, Freshness, Kind, Verdict

days = st.dates(min_value=date(1970, 1, 1), max_value=date(2100, 12, 31))


@pytest.mark.parametrize(
    ("reviewed", "due"),
    [
        pytest.param(date(2026, 8, 31), date(2027, 2, 28), id="august to february"),
        pytest.param(date(2027, 8, 31), date(2028, 2, 29), id="into a leap year"),
        pytest.param(date(2026, 8, 29), date(2027, 2, 28), id="29 august"),
        pytest.param(date(2026, 8, 28), date(2027, 2, 28), id="28 august"),
        pytest.param(date(2028, 2, 29), date(2028, 8, 29), id="leap day"),
        pytest.param(date(2026, 3, 31), date(2026, 9, 30), id="31 march"),
        pytest.param(date(2026, 12, 31), date(2027, 6, 30), id="new year's eve"),
        pytest.param(date(2026, 1, 15), date(2026, 7, 15), id="an ordinary day"),
        pytest.param(date(2099, 8, 31), date(2100, 2, 28), id="2100 is no leap year"),
        pytest.param(date(9999, 6, 30), date(9999, 12, 30), id="in the year 9999"),
        pytest.param(date(9999, 8, 1), date.max, id="beyond the year 9999"),
        pytest.param(date.max, date.max, id="the last day there is"),
    ],
)
def test_a_review_is_owed_six_calendar_months_later(reviewed: date, due: date) -> None:
    assert due_date(reviewed, SIX_MONTHS) == due


def test_a_due_date_is_counted_from_the_review_and_never_from_another_due_date() -> (
    None
):
    once = due_date(date(2026, 8, 31), SIX_MONTHS)

    assert due_date(once, SIX_MONTHS) == date(2027, 8, 28)
    assert trust_end(date(2026, 8, 31)) == date(2027, 8, 31)


@given(day=days, months=st.integers(1, 6))
def test_a_due_date_has_the_same_day_or_is_the_last_of_its_month(
    day: date, months: int
) -> None:
    due = due_date(day, Policy(months))

    ahead = (due.year - day.year) * 12 + due.month - day.month
    assert ahead == months
    assert due.day == min(day.day, monthrange(due.year, due.month)[1])


@pytest.mark.parametrize("months", [0, 7, -1, 12])
def test_a_policy_longer_than_six_months_or_without_any_is_refused(months: int) -> None:
    with pytest.raises(ValueError, match="holds 1 to 6 months"):
        Policy(months)


def test_a_review_is_due_on_its_day_and_overdue_from_the_day_after() -> None:
    due = date(2026, 2, 28)

    assert not is_due(due, date(2026, 2, 27))
    assert is_due(due, due)
    assert not is_overdue(due, due)
    assert is_overdue(due, date(2026, 3, 1))


@pytest.mark.parametrize(
    ("next_review_on", "expected"),
    [
        (date(2026, 11, 21), Freshness.OVERDUE),
        (date(2026, 11, 22), Freshness.DUE_SOON),
        (date(2026, 12, 22), Freshness.DUE_SOON),
        (date(2026, 12, 23), Freshness.FRESH),
    ],
)
def test_freshness_turns_on_the_due_day_and_thirty_days_ahead(
    next_review_on: date, expected: Freshness
) -> None:
    found = freshness(
        verdict=Verdict.ADOPT, next_review_on=next_review_on, today=date(2026, 11, 22)
    )

    assert found is expected


def test_never_reviewed_is_not_fresh_however_far_off_the_first_review() -> None:
    found = freshness(
        verdict=None, next_review_on=date(2027, 5, 1), today=date(2026, 11, 22)
    )

    assert found is Freshness.UNREVIEWED


def test_what_is_retired_is_neither_fresh_nor_overdue() -> None:
    found = freshness(
        verdict=Verdict.RETIRE, next_review_on=None, today=date(2026, 11, 22)
    )

    assert found is None


def wound(verdict: Verdict | None = Verdict.ADOPT, **more: object) -> Clock:
    given: dict[str, object] = {
        "verdict": verdict,
        "last_evaluated_on": None if verdict is None else date(2026, 8, 31),
        "first_review_on": date(2026, 2, 1),
        "registered_on": date(2026, 1, 1),
        "policy": SIX_MONTHS,
    }
    return clock(**(given | more))  # type: ignore[arg-type]


def test_the_clock_counts_from_the_last_evaluation() -> None:
    assert wound() == Clock(
        clock_due_on=date(2027, 2, 28),
        next_review_on=date(2027, 2, 28),
        trust_ends_on=date(2027, 8, 31),
    )


def test_a_pull_brings_the_review_forward_and_says_why() -> None:
    pulled = wound(pulls=[Pull(date(2026, 10, 1), "the contract ends")])

    assert pulled.next_review_on == date(2026, 10, 1)
    assert pulled.clock_due_on == date(2027, 2, 28)
    assert pulled.pulled_by == "the contract ends"


def test_a_pull_never_pushes_a_review_back() -> None:
    late = wound(pulls=[Pull(date(2027, 3, 1), "too late to matter")])

    assert late == wound()


def test_the_earliest_of_several_pulls_counts() -> None:
    pulls = [Pull(date(2026, 12, 1), "later"), Pull(date(2026, 11, 1), "sooner")]

    assert wound(pulls=pulls).pulled_by == "sooner"


def test_a_first_review_is_owed_within_the_policy_of_registration() -> None:
    late = wound(None, first_review_on=date(2030, 1, 1))

    assert late.next_review_on == date(2026, 7, 1)
    assert late.trust_ends_on == date(2027, 1, 1)


def test_what_is_retired_has_no_clock() -> None:
    assert wound(Verdict.RETIRE) == Clock(None, None, None)


def test_what_is_being_deprecated_is_still_reviewed_but_trusted_no_longer() -> None:
    found = wound(Verdict.DEPRECATE)

    assert found.next_review_on == date(2027, 2, 28)
    assert found.trust_ends_on is None


@pytest.mark.parametrize(
    ("last_evaluated_on", "expected"),
    [
        pytest.param(None, date(2027, 1, 30), id="never evaluated"),
        pytest.param(date(2027, 1, 29), date(2027, 1, 30), id="the day before"),
        pytest.param(date(2027, 1, 30), None, id="on the day: answered"),
        pytest.param(date(2027, 2, 20), None, id="later: answered"),
    ],
)
def test_a_contract_asks_for_a_review_thirty_days_before_notice_is_due(
    last_evaluated_on: date | None, expected: date | None
) -> None:
    pull = contract_pull(date(2027, 5, 30), 90, last_evaluated_on)

    assert (pull.on if pull else None) == expected


def test_without_a_contract_nothing_is_pulled() -> None:
    assert contract_pull(None, None, None) is None


@pytest.mark.parametrize("ends_on", [date(1970, 1, 2), date(1979, 1, 1), date(1, 1, 2)])
def test_a_contract_of_long_ago_pulls_to_the_registers_first_day(ends_on: date) -> None:
    pull = contract_pull(ends_on, 3650, None)

    assert pull is not None
    assert pull.on == date(1970, 1, 1)


@pytest.mark.parametrize(
    ("tags", "months"),
    [(frozenset(), 4), (frozenset({"generative"}), 2), (frozenset({"other"}), 4)],
)
def test_the_shortest_policy_that_covers_a_solution_counts(
    tags: frozenset[str], months: int
) -> None:
    scopes = [
        PolicyScope(Policy(4), kind=Kind.MODEL),
        PolicyScope(Policy(2), tag="generative"),
        PolicyScope(Policy(1), kind=Kind.VENDOR),
        PolicyScope(Policy(3), criticality=Criticality.CRITICAL),
    ]

    assert policy_for(Kind.MODEL, Criticality.LOW, tags, scopes) == Policy(months)


def test_without_a_policy_a_verdict_holds_six_months() -> None:
    assert policy_for(Kind.BUILT, Criticality.LOW, frozenset(), []) == SIX_MONTHS


@given(today=days)
def test_reviewed_within_six_months_means_not_yet_overdue(today: date) -> None:
    since = reviewed_since(today)

    assert due_date(since, SIX_MONTHS) >= today
    assert due_date(since - timedelta(days=1), SIX_MONTHS) < today
