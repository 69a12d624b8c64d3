"""A budget of requests that all workers share."""

from datetime import datetime, timedelta

import pytest

from reviews.ports.outside import OutsideError
from reviews.services.evidence.budget import StoredBudget
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

HOST = "registry.example:443"


class Clock:
    """A clock that stands still, except while somebody sleeps."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def worker(clock: Clock, per_second: float = 5, patience: float = 5) -> StoredBudget:
    return StoredBudget(
        per_second=per_second,
        patience=timedelta(seconds=patience),
        clock=clock,
        sleep=clock.sleep,
    )


def test_the_first_request_goes_out_at_once(clock: Clock) -> None:
    worker(clock).take(HOST)

    assert clock.slept == []


def test_requests_of_all_workers_keep_their_distance(clock: Clock) -> None:
    one, two = worker(clock), worker(clock)

    for _ in range(3):
        one.take(HOST)
        two.take(HOST)

    assert clock.now - NOW == timedelta(seconds=1)


def test_a_host_that_was_not_asked_for_long_owes_nothing(clock: Clock) -> None:
    worker(clock).take(HOST)
    clock.now += timedelta(hours=1)

    worker(clock).take(HOST)

    assert clock.slept == []


def test_hosts_do_not_wait_for_each_other(clock: Clock) -> None:
    worker(clock).take(HOST)

    worker(clock).take("other.example:443")

    assert clock.slept == []


def test_a_turn_too_far_off_is_refused_and_costs_nothing(clock: Clock) -> None:
    slow = worker(clock, per_second=0.1)
    slow.take(HOST)

    for _ in range(2):
        with pytest.raises(OutsideError) as refused:
            slow.take(HOST)

        assert refused.value.retry_after == timedelta(seconds=10)


def test_a_host_that_wants_to_be_left_alone_is(clock: Clock) -> None:
    worker(clock).hold(HOST, timedelta(minutes=7))

    with pytest.raises(OutsideError, match="7 minutes") as refused:
        worker(clock).take(HOST)

    assert not refused.value.permanent
    clock.now += timedelta(minutes=7)
    worker(clock).take(HOST)


def test_a_shorter_wish_does_not_shorten_a_longer_one(clock: Clock) -> None:
    worker(clock).hold(HOST, timedelta(hours=1))

    worker(clock).hold(HOST, timedelta(minutes=1))

    with pytest.raises(OutsideError, match="60 minutes"):
        worker(clock).take(HOST)
