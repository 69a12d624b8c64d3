"""
When a digest comes: an hour of some days of the week, by a reader's own clock.

Pure: which instant that is. Whether there is anything to tell is decided elsewhere.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVERY_DAY = "1234567"
WORKING_DAYS = "12345"
DEFAULT_HOUR = 8

# A week, the day before it for zones far ahead, and one more week: a zone that changed
# sides of the date line has left out a day.
_DAYS_AHEAD = range(-1, 16)


def next_digest_at(
    after: datetime, *, weekdays: str, hour: int, zone: ZoneInfo
) -> datetime | None:
    """
    Return the first instant after another at which a digest comes, in UTC.

    `weekdays` are ISO weekdays as digits; without any there is none, and None comes back.
    Where the clock leaps over the hour, the digest comes as the leap ends. Where the
    clock is put back and the hour comes twice, the digest comes the first time. A day
    that the zone left out has none.
    """
    first = after.astimezone(zone).date()
    for days in _DAYS_AHEAD:
        day = first + timedelta(days=days)
        if str(day.isoweekday()) not in weekdays:
            continue
        at = _instant(day, hour, zone)
        if at > after and at.astimezone(zone).date() == day:
            return at
    return None


def local_day(now: datetime, zone: ZoneInfo) -> date:
    """Return which day it is where a reader is."""
    return now.astimezone(zone).date()


def _instant(day: date, hour: int, zone: ZoneInfo) -> datetime:
    # PEP 495: with fold 0, a time that does not exist is read by the offset before the
    # leap, and so lies behind it; one that comes twice is the first of the two.
    at = datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)
    leapt = at.astimezone(zone).replace(tzinfo=None) - datetime.combine(day, time(hour))
    return at if leapt <= timedelta() else _end_of_leap(at, leapt, zone)


def _end_of_leap(at: datetime, leapt: timedelta, zone: ZoneInfo) -> datetime:
    """Return the first minute by the new clock, at or before an instant behind a leap."""
    offset = at.astimezone(zone).utcoffset()
    minutes = int(leapt.total_seconds()) // 60
    for minute in range(minutes, 0, -1):
        earlier = at - timedelta(minutes=minute)
        if earlier.astimezone(zone).utcoffset() == offset:
            return earlier
    return at
