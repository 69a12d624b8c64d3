"""When a digest comes: by the reader's own clock, across leaps and repeated hours."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.rules.schedule import EVERY_DAY, WORKING_DAYS, local_day, next_digest_at

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "America/Nuuk",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)

_YEARS_2000_TO_2034 = 35 * 365 * 24 * 60
INSTANTS = st.integers(0, _YEARS_2000_TO_2034).map(
    lambda minutes: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def following(
    after: str, zone: str, hour: int = 8, weekdays: str = EVERY_DAY
) -> str | None:
    at = next_digest_at(
        datetime.fromisoformat(after),
        weekdays=weekdays,
        hour=hour,
        zone=ZoneInfo(zone),
    )
    return at.astimezone(ZoneInfo(zone)).isoformat() if at else None


@pytest.mark.parametrize(
    ("after", "zone", "expected"),
    [
        pytest.param(
            "2026-11-22T09:30:00+00:00",
            "UTC",
            "2026-11-23T08:00:00+00:00",
            id="tomorrow",
        ),
        pytest.param(
            "2026-11-22T07:59:59+00:00", "UTC", "2026-11-22T08:00:00+00:00", id="today"
        ),
        pytest.param(
            "2026-11-22T08:00:00+00:00",
            "UTC",
            "2026-11-23T08:00:00+00:00",
            id="never the same again",
        ),
        pytest.param(
            "2026-11-22T17:00:00+00:00",
            "Pacific/Kiritimati",
            "2026-11-23T08:00:00+14:00",
            id="fourteen hours ahead",
        ),
        pytest.param(
            "2026-11-22T17:00:00+00:00",
            "Pacific/Pago_Pago",
            "2026-11-22T08:00:00-11:00",
            id="eleven hours behind",
        ),
    ],
)
def test_it_comes_at_the_readers_hour(after: str, zone: str, expected: str) -> None:
    assert following(after, zone) == expected


@pytest.mark.parametrize(
    ("after", "zone", "hour", "expected"),
    [
        pytest.param(
            "2026-03-28T12:00:00+00:00",
            "Europe/Berlin",
            2,
            "2026-03-29T03:00:00+02:00",
            id="Berlin leaps from two to three",
        ),
        pytest.param(
            "2026-09-05T12:00:00+00:00",
            "America/Santiago",
            0,
            "2026-09-06T01:00:00-03:00",
            id="Santiago has no midnight",
        ),
        pytest.param(
            "2026-10-03T00:00:00+00:00",
            "Australia/Lord_Howe",
            2,
            "2026-10-04T02:30:00+11:00",
            id="Lord Howe leaps half an hour",
        ),
        pytest.param(
            "2026-10-24T12:00:00+00:00",
            "Europe/Berlin",
            2,
            "2026-10-25T02:00:00+02:00",
            id="two o'clock comes twice: the first",
        ),
        pytest.param(
            "2026-10-25T00:00:00+00:00",
            "Europe/Berlin",
            2,
            "2026-10-26T02:00:00+01:00",
            id="two o'clock comes twice: not again",
        ),
        pytest.param(
            "2011-12-29T20:00:00+00:00",
            "Pacific/Apia",
            8,
            "2011-12-31T08:00:00+14:00",
            id="Samoa left out a Friday",
        ),
    ],
)
def test_the_clock_leaps_and_goes_back(
    after: str, zone: str, hour: int, expected: str
) -> None:
    assert following(after, zone, hour) == expected


def test_a_day_that_was_left_out_has_no_digest() -> None:
    at = following("2011-12-29T20:00:00+00:00", "Pacific/Apia", weekdays="5")

    assert at == "2012-01-06T08:00:00+14:00"


def test_a_weekend_is_passed_over() -> None:
    friday = "2026-11-20T08:00:00+00:00"

    assert following(friday, "UTC", weekdays=WORKING_DAYS) == (
        "2026-11-23T08:00:00+00:00"
    )


def test_without_a_day_there_is_none() -> None:
    assert following("2026-11-20T08:00:00+00:00", "UTC", weekdays="") is None


def test_the_day_is_the_one_where_the_reader_is() -> None:
    at = datetime(2026, 11, 22, 11, tzinfo=UTC)

    assert local_day(at, ZoneInfo("Pacific/Kiritimati")) == date(2026, 11, 23)
    assert local_day(at, ZoneInfo("Pacific/Pago_Pago")) == date(2026, 11, 22)


@given(
    after=INSTANTS,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    hour=st.integers(0, 23),
    weekdays=st.sets(st.sampled_from(EVERY_DAY), min_size=1),
)
def test_it_is_the_first_such_hour_after_an_instant(
    after: datetime, zone: ZoneInfo, hour: int, weekdays: set[str]
) -> None:
    days = "".join(sorted(weekdays))

    at = next_digest_at(after, weekdays=days, hour=hour, zone=zone)

    assert at is not None
    here = at.astimezone(zone)
    assert after < at <= after + timedelta(days=15)
    assert str(here.isoweekday()) in days
    # At the hour, or behind a leap over it, which is no longer than an hour.
    assert 0 <= here.hour * 60 + here.minute - hour * 60 <= 60
    # A moment before it, the same one is still to come.
    moment = at - timedelta(seconds=1)
    assert next_digest_at(moment, weekdays=days, hour=hour, zone=zone) == at


@given(
    start=INSTANTS,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    hour=st.integers(0, 23),
)
def test_every_day_has_one_and_no_day_has_two(
    start: datetime, zone: ZoneInfo, hour: int
) -> None:
    days = []
    at: datetime | None = start
    for _ in range(40):
        assert at is not None
        at = next_digest_at(at, weekdays=EVERY_DAY, hour=hour, zone=zone)
        assert at is not None
        days.append(at.astimezone(zone).date())

    gaps = {later - earlier for earlier, later in itertools.pairwise(days)}
    assert len(set(days)) == len(days)
    # Two days apart only where a zone has left one out.
    assert gaps <= {timedelta(days=1), timedelta(days=2)}
