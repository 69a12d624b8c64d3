"""
Reading a calendar day from what people and files write.

Deliberately strict: ISO 8601 week dates, other alphabets' digits, and orders of day and
month that two readers would read two ways are refused rather than guessed at.
"""

import re
from datetime import date

FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2100, 12, 31)

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class DayError(ValueError):
    """A text that is no day of the register; its message says why, and what to write."""


def parse_day(text: str) -> date:
    """
    Return the day that a text of the form YYYY-MM-DD names.

    :raises DayError: for any other form, a day that the calendar lacks, or one outside
        1970-01-01 to 2100-12-31.
    """
    if not _ISO_DAY.fullmatch(text):
        raise DayError(f"{text[:40]!r} is not a day written YYYY-MM-DD.")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise DayError(f"{text} is not a day of the calendar.") from error
    return within_register(day)


def within_register(day: date) -> date:
    """
    Return the day itself, if the register can hold it.

    :raises DayError: outside 1970-01-01 to 2100-12-31.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise DayError(f"{day} is not between {FIRST_DAY} and {LAST_DAY}.")
    return day
