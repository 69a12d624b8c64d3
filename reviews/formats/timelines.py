"""
Timelines of listed ends, one JSON object a line, and the days of a product's releases.

The shapes are those of the evidence data: TIMELINES.jsonl has `product`, `cycle`,
`category`, `release`, `product_tracked_since` and `listed`, pairs of a day and what was
listed from then on; RELEASES.json has a list of days for each product. Anything else in
them is left unread, above all `eol`, the last word of all: a replay must not know it.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from reviews.formats.encoding import text_of
from reviews.formats.records import (
    PROBLEM_LIMIT,
    FormatError,
    Problem,
    refusal,
    require_size,
)
from reviews.rules.endoflife.lifecycle import Listing
from reviews.rules.endoflife.replay import Timeline
from reviews.rules.text import shown

REMOVED = "removed"

_EXPORT = "Export the file again."
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class _Row(msgspec.Struct, frozen=True):
    product: str
    cycle: str
    release: str
    product_tracked_since: str
    listed: list[tuple[str, Any]] = []
    category: str = ""


class _LineError(Exception):
    """What is wrong with one line."""


def timelines(content: bytes) -> list[Timeline]:
    """
    Return the timelines of a file in UTF-8, in its order; blank lines are passed over.

    A row without listed entries stays one: its cycle was never on a list. A listed text
    that is no day of the calendar says nothing: upstream has a 31 September now and then.

    :raises FormatError: with every line that is wrong, and what to do about it.
    """
    require_size(content)
    rows: list[Timeline] = []
    first: dict[tuple[str, str], int] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text_of(content).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            timeline = _timeline(line)
            before = first.setdefault((timeline.product, timeline.cycle), number)
            if before != number:
                raise _LineError(
                    f"{shown(timeline.product)} {shown(timeline.cycle)} stands in "
                    f"line {before} already; remove one of the two."
                )
        except _LineError as error:
            problems.append(Problem(f"line {number}", str(error)))
            if len(problems) == PROBLEM_LIMIT:
                break
            continue
        rows.append(timeline)
    if problems:
        raise FormatError(*problems)
    return rows


def release_days(content: bytes) -> dict[str, tuple[date, ...]]:
    """
    Return the release days of each product, in order; keys that begin with _ are notes.

    :raises FormatError: if it is no JSON object of lists of days.
    """
    require_size(content)
    try:
        products = msgspec.json.decode(text_of(content).encode(), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise refusal(
            f"This is not a JSON object of lists of days: {error}. {_EXPORT}"
        ) from error
    except RecursionError as error:
        raise refusal(f"The JSON is nested too deeply. {_EXPORT}") from error
    found: dict[str, tuple[date, ...]] = {}
    problems: list[Problem] = []
    for product, days in products.items():
        if product.startswith("_"):
            continue
        try:
            found[product] = tuple(sorted(_days(days)))
        except _LineError as error:
            problems.append(Problem(shown(product), str(error)))
    if problems:
        raise FormatError(*problems[:PROBLEM_LIMIT])
    return found


def _timeline(line: str) -> Timeline:
    try:
        row = msgspec.json.decode(line.encode(), type=_Row)
    except msgspec.ValidationError as error:
        raise _LineError(f"This is not a timeline: {error}. {_EXPORT}") from error
    except msgspec.DecodeError as error:
        raise _LineError(f"This is not JSON: {error}. {_EXPORT}") from error
    except RecursionError as error:
        raise _LineError(f"The JSON is nested too deeply. {_EXPORT}") from error
    if not row.product or not row.cycle:
        raise _LineError(f"The product or the cycle has no name. {_EXPORT}")
    listings = [_listing(seen_on, word) for seen_on, word in row.listed]
    return Timeline(
        product=row.product,
        category=row.category,
        cycle=row.cycle,
        released_on=_day(row.release, "release"),
        tracked_since=_day(row.product_tracked_since, "product_tracked_since"),
        # Of two words of one day the one further down stands.
        listings=tuple(sorted(listings, key=lambda listing: listing.seen_on)),
    )


def _listing(seen_on: str, word: object) -> Listing:
    day = _day(seen_on, "listed")
    if word is None or isinstance(word, bool):
        return Listing(day, ended=word)
    if word == REMOVED:
        return Listing(day, removed=True)
    if not isinstance(word, str):
        raise _LineError(
            f"listed has {shown(str(word))} where a day, true, false, null or "
            f'"{REMOVED}" stands. {_EXPORT}'
        )
    return Listing(day, ends_on=_calendar_day(word))


def _day(text: str, where: str) -> date:
    day = _calendar_day(text)
    if day is None:
        raise _LineError(
            f"{where} has {shown(text)}, which is no day written YYYY-MM-DD. {_EXPORT}"
        )
    return day


def _calendar_day(text: str) -> date | None:
    """Return the day that a text names, None if it names none."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _days(listed: object) -> Iterator[date]:
    if not isinstance(listed, list):
        raise _LineError(f"It has no list of days. {_EXPORT}")
    for text in listed:
        if not isinstance(text, str):
            raise _LineError(f"{shown(str(text))} is no day. {_EXPORT}")
        yield _day(text, "It")
