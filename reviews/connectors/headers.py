"""
What may stand in the headers of a request, and how many an answer may have.

A line break in a value would begin another header; what is not ASCII is read differently
by different programs.
"""

import re
from collections.abc import Mapping

from reviews.connectors.addresses import Destination
from reviews.connectors.reading import HEAD_LIMIT, UnusableError
from reviews.ports.outside import OutsideError, Validators

_LINE = re.compile(r"[\x20-\x7e]*")
_VALIDATOR_LIMIT = 1_000


def is_line(text: str) -> bool:
    """Return whether a text may stand in a header: one line of printable ASCII."""
    return _LINE.fullmatch(text) is not None


def check_headers(headers: Mapping[str, str]) -> None:
    """:raises OutsideError: for a header that cannot be sent; it is not repeated."""
    for name, value in headers.items():
        if not is_line(value) or value != value.strip():
            # It may be a secret.
            raise OutsideError(
                f"The header {name} cannot be sent: it has a line break, a space at "
                "its end, or a character that is not ASCII.",
                permanent=True,
            )


def check_token(token: str) -> None:
    """:raises OutsideError: for a token that is not one word."""
    # Not repeated in the message, nor left to a library that would repeat it.
    if not is_line(token) or token != token.strip():
        raise OutsideError(
            "The token cannot be sent: it is not one word.", permanent=True
        )


def check_head(headers: Mapping[str, str], here: Destination) -> None:
    """Pass headers that are not too large; http.client takes no more than a hundred."""
    if sum(len(name) + len(value) + 4 for name, value in headers.items()) > HEAD_LIMIT:
        raise UnusableError(here.name, "its headers are too large")


def sendable(validators: Validators) -> Validators:
    """Return the validators without what cannot be sent back in a header."""

    def kept(value: str) -> str:
        value = value.strip()
        fits = len(value) <= _VALIDATOR_LIMIT and is_line(value)
        return value if fits else ""

    return Validators(kept(validators.etag), kept(validators.last_modified))
