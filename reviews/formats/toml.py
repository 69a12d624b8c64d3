"""
TOML documents, for the lock formats that are written in it.

Adds to the standard library's reader what a user needs: an unresolved merge conflict
and a line number are named, and no document may take long or exhaust the stack.
"""

import re
import tomllib
from typing import Any

from reviews.formats.encoding import shown_reason, text_of
from reviews.formats.records import refusal, require_size

TOML_LIMIT = 10_000_000
"""How many bytes a document may have: the standard reader is slow, and a lock file of
10 MB names more packages than any project has."""

_CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: |\r?$)", re.MULTILINE)
_ERROR_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
# The standard reader takes memory and time by the square of a key's dotted parts: a
# hundred thousand of them end the process. No lock file has more than a handful.
_KEY_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(
    rf"(?<![A-Za-z0-9_-]){_KEY_PART}(?:[ \t]*+\.[ \t]*+{_KEY_PART}){{32}}"
)


def document(content: bytes) -> dict[str, Any]:
    """
    Return the tables of a TOML document.

    :raises FormatError: for other encodings than UTF-8, an unresolved merge conflict,
        and anything that is no TOML, each with its line.
    """
    require_size(content, limit=TOML_LIMIT)
    text = text_of(content)
    _refuse_by_line(
        text, _CONFLICT, "There is an unresolved merge conflict at {place}."
    )
    _refuse_by_line(text, _LONG_KEY, "A key at {place} has more than 32 parts.")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _explained(error, text) from error
    except RecursionError as error:
        raise refusal("The file is nested too deeply to be a lock file.") from error
    except ValueError as error:
        # An integer of thousands of digits.
        raise refusal("The file holds a number too large to read.") from error


def _refuse_by_line(text: str, pattern: re.Pattern[str], message: str) -> None:
    found = pattern.search(text)
    if found is not None:
        place = f"line {text.count(chr(10), 0, found.start()) + 1}"
        raise refusal(message.format(place=place) + " Correct it and try again.")


def _explained(error: tomllib.TOMLDecodeError, text: str) -> Exception:
    reason = str(error)
    found = _ERROR_PLACE.search(reason)
    line = found.group(1) if found else None
    place = f"line {line or text.count(chr(10)) + 1}"
    cause = shown_reason(_ERROR_PLACE.sub("", reason))
    return refusal(
        f"This is not TOML: {cause}, at {place}. Write the file again with its tool."
    )
