"""When the sources are asked again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.rules.evidence.collecting import DAILY, next_asking, retry_after

instants = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - the zone is added below
    max_value=datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
shares = st.floats(min_value=0, max_value=1, exclude_max=True)


@given(asked_at=instants, share=shares, days=st.integers(1, 7))
def test_the_next_time_is_a_period_away_at_most(
    asked_at: datetime, share: float, days: int
) -> None:
    every = timedelta(days=days)

    following = next_asking(asked_at, every, share)

    assert asked_at < following <= asked_at + every


@given(asked_at=instants, share=shares)
def test_it_is_the_same_time_every_day(asked_at: datetime, share: float) -> None:
    first = next_asking(asked_at, DAILY, share)

    assert next_asking(first, DAILY, share) - first == DAILY


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(1, 15), (2, 30), (3, 60), (7, 960), (8, 1440), (10_000, 1440)],
)
def test_a_failing_source_is_left_alone_twice_as_long_each_time(
    failures: int, minutes: int
) -> None:
    assert retry_after(failures, None) == timedelta(minutes=minutes)


def test_a_source_that_wants_longer_gets_it() -> None:
    assert retry_after(1, timedelta(hours=3)) == timedelta(hours=3)
