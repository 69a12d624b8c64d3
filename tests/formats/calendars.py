"""Calendars, read back by two parsers that know nothing of one another."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import icalendar
import vobject  # type: ignore[import-untyped]


@dataclass(frozen=True)
class Read:
    """What a parser made of an event."""

    uid: str
    on: date
    until: date | None
    summary: str
    description: str
    url: str
    categories: list[str]
    sequence: int
    status: str
    changed_at: datetime


def both(content: bytes) -> list[Read]:
    """Return what both parsers read, which has to be the same."""
    first, second = _by_icalendar(content), _by_vobject(content)
    assert first == second
    return first


def _by_icalendar(content: bytes) -> list[Read]:
    whole: Any = icalendar.Calendar.from_ical(content)
    assert [error for part in whole.walk() for error in part.errors] == []
    return [
        Read(
            uid=str(part["UID"]),
            on=part.decoded("DTSTART"),
            until=part.decoded("DTEND") if "DTEND" in part else None,
            summary=str(part["SUMMARY"]),
            description=str(part.get("DESCRIPTION", "")),
            url=str(part.get("URL", "")),
            categories=[str(word) for word in part["CATEGORIES"].cats],
            sequence=int(part["SEQUENCE"]),
            status=str(part["STATUS"]),
            changed_at=part.decoded("DTSTAMP"),
        )
        for part in whole.walk("VEVENT")
    ]


def _by_vobject(content: bytes) -> list[Read]:
    whole = vobject.readOne(content.decode(), validate=True)
    return [
        Read(
            uid=part.uid.value,
            on=part.dtstart.value,
            until=part.dtend.value if hasattr(part, "dtend") else None,
            summary=part.summary.value,
            description=part.description.value if hasattr(part, "description") else "",
            url=part.url.value if hasattr(part, "url") else "",
            categories=part.categories.value,
            sequence=int(part.sequence.value),
            status=part.status.value,
            changed_at=part.dtstamp.value,
        )
        for part in whole.contents.get("vevent", [])
    ]
