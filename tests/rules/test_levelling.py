"""First reviews without a cliff."""

from collections import Counter
from datetime import date, timedelta
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.rules.levelling import first_review_day, first_review_days
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


def test_what_is_registered_by_itself_is_reviewed_by_its_criticality() -> None:
    days = [first_review_day(TODAY, risk, SIX_MONTHS) for risk in Criticality]

    assert [(day - TODAY).days for day in days] == [60, 30, 14, 7]


def test_a_short_policy_bounds_the_first_review() -> None:
    day = first_review_day(TODAY, Criticality.LOW, Policy(1))

    assert day == date(2026, 12, 22)
    assert day - TODAY < timedelta(days=60)
