"""The calendar day of an instant that a source names."""

from datetime import UTC, date, datetime

from reviews.rules.days import DayError, within_register


def utc_day(instant: str) -> date | None:
    """
    Return the day, in UTC, of an instant as RFC 3339 writes it; None if it names none.

    An instant without an offset counts as UTC. Unknown is also what cannot be read and
    what the register cannot hold, before 1970 or after 2100.
    """
    try:
        read = datetime.fromisoformat(instant.strip())
        in_utc = read.replace(tzinfo=UTC) if read.tzinfo is None else read
        return within_register(in_utc.astimezone(UTC).date())
    except (ValueError, OverflowError, DayError):
        return None
