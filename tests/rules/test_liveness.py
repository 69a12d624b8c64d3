"""Whether the nightly promise is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from reviews.rules.liveness import latest_credible, promise_kept, scan_age

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "kept"),
    [
        pytest.param(timedelta(), True, id="just now"),
        pytest.param(timedelta(hours=26), True, id="26 hours, to the second"),
        pytest.param(timedelta(hours=26, seconds=1), False, id="a second more"),
        pytest.param(timedelta(hours=-1), True, id="a clock an hour ahead"),
        pytest.param(timedelta(hours=-1, seconds=-1), False, id="a clock further off"),
        pytest.param(timedelta(days=-365), False, id="a year from now"),
    ],
)
def test_the_promise_holds_for_26_hours_after_a_scan(
    ago: timedelta, *, kept: bool
) -> None:
    assert promise_kept(NOW - ago, NOW) is kept


def test_without_any_scan_the_promise_is_not_kept() -> None:
    assert not promise_kept(None, NOW)


def test_a_scan_by_a_clock_that_runs_ahead_has_no_negative_age() -> None:
    assert scan_age(NOW + timedelta(minutes=5), NOW) == timedelta()
    assert latest_credible(NOW) == NOW + timedelta(hours=1)
