"""What commands take from a shell, checked before anything is done with it."""

from argparse import ArgumentTypeError
from datetime import date

from reviews.rules.days import DayError, parse_day


def words(text: str) -> str:
    """Return a text that a database can be asked about."""
    if not text.isprintable():
        raise ArgumentTypeError("it holds characters that are not printable UTF-8.")
    return text


def day(text: str) -> date:
    """Return a day of the register."""
    try:
        return parse_day(text)
    except DayError as error:
        raise ArgumentTypeError(str(error)) from error
