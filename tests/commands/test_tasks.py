"""The worker's door: when the day's scan is done, and when it was missed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.test import override_settings

from reviews import tasks
from reviews.models import Flag, Scan
from tests.conftest import NOW
from tests.services.building import evaluated, judged, registered

pytestmark = pytest.mark.django_db


@contextmanager
def at(instant: str, zone: str = "UTC") -> Iterator[None]:
    """Stand at an instant, in a team's time zone."""
    with (
        override_settings(TIME_ZONE=zone),
        time_machine.travel(datetime.fromisoformat(instant), tick=False),
    ):
        yield


def days_scanned() -> list[date]:
    return list(Scan.objects.order_by("pk").values_list("on", flat=True))


def due_on(day: date, evaluated_on: date) -> None:
    solution = registered(on=evaluated_on)
    evaluated(solution, judged(on=evaluated_on), today=evaluated_on)
    assert solution.next_review_on == day


def test_the_first_look_scans() -> None:
    with at("2026-11-22T09:30:00Z"):
        tasks.scan_if_missed()

    assert days_scanned() == [date(2026, 11, 22)]


def test_a_day_is_scanned_once_however_often_it_is_looked_at() -> None:
    for hour in range(24):
        with at(f"2026-11-22T{hour:02}:35:00Z"):
            tasks.scan_if_missed()

    assert days_scanned() == [date(2026, 11, 22)]


@pytest.mark.parametrize("hour", range(24))
def test_a_missed_scan_is_caught_up_at_any_hour_of_the_day(hour: int) -> None:
    with at("2026-11-19T00:05:00Z"):
        tasks.scan()

    with at(f"2026-11-22T{hour:02}:35:00Z"):
        tasks.scan_if_missed()

    assert days_scanned() == [date(2026, 11, 19), date(2026, 11, 22)]


def test_a_day_that_was_scanned_by_hand_is_done() -> None:
    with at("2026-11-22T03:00:00Z"):
        tasks.scan()
        tasks.scan_if_missed()

    assert len(days_scanned()) == 1


def test_yesterdays_scan_that_ended_today_is_not_todays() -> None:
    _done(
        on=date(2026, 11, 21), finished_at=datetime.fromisoformat("2026-11-22T00:04Z")
    )

    with at("2026-11-22T00:35:00Z"):
        tasks.scan_if_missed()

    assert date(2026, 11, 22) in days_scanned()


def test_yesterdays_scan_for_a_later_day_is_not_todays() -> None:
    _done(on=date(2027, 5, 1), finished_at=datetime.fromisoformat("2026-11-21T23:59Z"))

    with at("2026-11-22T00:35:00Z"):
        tasks.scan_if_missed()

    assert date(2026, 11, 22) in days_scanned()


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(days=365)], ids=str)
def test_a_scan_that_ended_in_the_future_proves_nothing(ahead: timedelta) -> None:
    _done(on=(NOW + ahead).date(), finished_at=NOW + ahead)

    with at("2026-11-22T09:30:00Z"):
        tasks.scan_if_missed()

    assert days_scanned()[-1] == date(2026, 11, 22)


def test_a_clock_that_runs_a_little_ahead_is_believed() -> None:
    _done(on=date(2026, 11, 22), finished_at=NOW + timedelta(minutes=59))

    with at("2026-11-22T09:30:00Z"):
        tasks.scan_if_missed()

    assert len(days_scanned()) == 1


MIDNIGHTS = [
    pytest.param(
        "UTC", date(2026, 11, 23), date(2026, 5, 23), "2026-11-23T00:00:00Z", id="UTC"
    ),
    pytest.param(
        "Pacific/Kiritimati",
        date(2026, 11, 23),
        date(2026, 5, 23),
        "2026-11-22T10:00:00Z",
        id="the first zone to see a day",
    ),
    pytest.param(
        "Pacific/Pago_Pago",
        date(2026, 11, 23),
        date(2026, 5, 23),
        "2026-11-23T11:00:00Z",
        id="the last zone to see a day",
    ),
    pytest.param(
        "Asia/Kathmandu",
        date(2026, 11, 23),
        date(2026, 5, 23),
        "2026-11-22T18:15:00Z",
        id="a zone of quarter hours",
    ),
    pytest.param(
        "America/Sao_Paulo",
        date(2018, 11, 4),
        date(2018, 5, 4),
        "2018-11-04T03:00:00Z",
        id="a day without a midnight",
    ),
    pytest.param(
        "America/Havana",
        date(2026, 11, 1),
        date(2026, 5, 1),
        "2026-11-01T04:00:00Z",
        id="a day with two midnights",
    ),
    pytest.param(
        "Pacific/Apia",
        date(2011, 12, 31),
        date(2011, 6, 30),
        "2011-12-30T10:00:00Z",
        id="a day that was left out",
    ),
    pytest.param(
        "Europe/Berlin",
        date(2026, 3, 29),
        date(2025, 9, 29),
        "2026-03-28T23:00:00Z",
        id="the eve of summer time",
    ),
]


@pytest.mark.parametrize(("zone", "day", "evaluated_on", "midnight"), MIDNIGHTS)
class TestMidnight:
    def test_a_flag_opens_with_the_teams_day_and_not_a_second_early(
        self, zone: str, day: date, evaluated_on: date, midnight: str
    ) -> None:
        solution = registered(on=evaluated_on)
        evaluated(solution, judged(on=evaluated_on), today=evaluated_on)
        due = solution.next_review_on
        with at(_moved(midnight, seconds=-1), zone):
            tasks.scan()
        early = Flag.objects.count()

        with at(midnight, zone):
            tasks.scan_if_missed()

        assert early == 0
        assert Flag.objects.get().due_on == due
        assert days_scanned()[-1] == day

    def test_a_new_day_is_scanned_once(
        self, zone: str, day: date, evaluated_on: date, midnight: str
    ) -> None:
        with at(_moved(midnight, seconds=-1), zone):
            tasks.scan_if_missed()

        for minutes in (0, 35, 60, 95, 155, 20 * 60):
            with at(_moved(midnight, seconds=60 * minutes), zone):
                tasks.scan_if_missed()

        assert len(days_scanned()) == 2
        assert days_scanned()[0] < day == days_scanned()[1]


def test_a_day_that_a_zone_left_out_is_flagged_on_the_next() -> None:
    due_on(date(2011, 12, 30), evaluated_on=date(2011, 6, 30))
    with at("2011-12-30T09:59:59Z", "Pacific/Apia"):
        tasks.scan()
    early = Flag.objects.count()

    with at("2011-12-30T10:00:00Z", "Pacific/Apia"):
        tasks.scan_if_missed()

    assert early == 0
    assert Flag.objects.get().due_on == date(2011, 12, 30)
    assert days_scanned() == [date(2011, 12, 29), date(2011, 12, 31)]


def _moved(instant: str, *, seconds: int) -> str:
    return (datetime.fromisoformat(instant) + timedelta(seconds=seconds)).isoformat()


def _done(*, on: date, finished_at: datetime) -> None:
    Scan.objects.create(
        on=on,
        through=on,
        started_at=finished_at,
        finished_at=finished_at,
        opened=0,
        closed=0,
    )
