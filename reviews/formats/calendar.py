"""
A calendar of days, as iCalendar: frozen records in, bytes out.

Source: RFC 5545 (the format), RFC 7986 (a calendar's name and how often to ask again).
What stands in a calendar, and what was told before, is decided elsewhere.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote

import icalendar

PRODUCT = "-//Best Before//Best Before//EN"
ASK_AGAIN = timedelta(hours=6)
"""After how long a reader is told to ask again."""

LONGEST_HOST = 50

# A calendar that is written in another way, of the same events, is another one.
_FORM = 1
# The controls, and the separators of lines and paragraphs, at which readers may cut.
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_OF_ADDRESSES = ":/?#[]@!$&'()*+,;=%-._~"  # RFC 3986, 2
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class EventKind(StrEnum):
    """What a day in a calendar is about; the word begins the event's UID."""

    REVIEW = "review"
    WAIVER = "waiver"
    SNOOZE = "snooze"
    ENDING = "ending"
    NOTICE = "notice"
    CONTRACT = "contract"


CATEGORIES: dict[EventKind, str] = {
    EventKind.REVIEW: "Review",
    EventKind.WAIVER: "Waiver",
    EventKind.SNOOZE: "Snooze",
    EventKind.ENDING: "End of support",
    EventKind.NOTICE: "Contract notice",
    EventKind.CONTRACT: "Contract end",
}
"""By which words a reader's calendar may sort or colour them."""


@dataclass(frozen=True, slots=True)
class Event:
    """
    Something that lasts one whole day.

    `uid` is of `uid_of`, and stays when the day moves.
    """

    uid: str
    on: date
    summary: str
    description: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An event as a calendar tells it: in its latest correction, or taken back."""

    event: Event
    sequence: int
    changed_at: datetime
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """All that one address tells; `time_zone` is a name of the IANA database."""

    name: str
    time_zone: str
    told: tuple[Told, ...]


def uid_of(kind: EventKind, *ids: object, host: str) -> str:
    """
    Return the name under which a calendar knows an event, at most 100 characters.

    A host that would be too long stands there as its digest.
    """
    if len(host) > LONGEST_HOST:
        host = hashlib.sha256(host.encode()).hexdigest()[:LONGEST_HOST]
    return f"{'-'.join(map(str, (kind.value, *ids)))}@{host}"


def kind_of(uid: str) -> EventKind:
    """Return what the event is about that a calendar knows by this name."""
    return EventKind(uid.partition("-")[0])


def digest_of(calendar: Calendar) -> str:
    """Return what is the same only for calendars that would be written the same."""
    said = repr((_FORM, calendar)).encode("utf-8", "backslashreplace")
    return hashlib.sha256(said).hexdigest()


def write_calendar(calendar: Calendar) -> bytes:
    """
    Return a calendar in UTF-8, its lines folded at 75 octets.

    One without events holds its time zone, since it must hold something.
    """
    written = icalendar.Calendar()
    written.add("VERSION", "2.0")
    written.add("PRODID", PRODUCT)
    written.add("METHOD", "PUBLISH")
    # The library escapes no text whose property it does not know.
    name = icalendar.vText(_line(calendar.name))
    zone = icalendar.vText(calendar.time_zone)
    written.add("NAME", name)
    written.add("X-WR-CALNAME", name)
    written.add("TIMEZONE-ID", zone)
    written.add("X-WR-TIMEZONE", zone)
    written.add("REFRESH-INTERVAL", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    written.add("X-PUBLISHED-TTL", icalendar.vDuration(ASK_AGAIN))
    written.add_component(_time_zone(calendar.time_zone))
    for told in calendar.told:
        written.add_component(_event(told))
    content: bytes = written.to_ical()
    return content


def _event(told: Told) -> icalendar.Event:
    event = told.event
    written = icalendar.Event()
    written.add("UID", _line(event.uid))
    written.add("SEQUENCE", told.sequence)
    written.add("DTSTAMP", told.changed_at)
    written.add("LAST-MODIFIED", told.changed_at)
    written.add("DTSTART", event.on)
    # On the last day that a date can hold there is no day after: without an end, an
    # event on a date lasts that day (RFC 5545, 3.6.1).
    if event.on < date.max:
        written.add("DTEND", event.on + timedelta(days=1))
    written.add("SUMMARY", _line(event.summary))
    if event.description:
        written.add("DESCRIPTION", _text(event.description))
    if event.url:
        written.add("URL", quote(_line(event.url), safe=_OF_ADDRESSES))
    written.add("CATEGORIES", [CATEGORIES[kind_of(event.uid)]])
    written.add("STATUS", "CANCELLED" if told.is_cancelled else "CONFIRMED")
    # It takes up nobody's time: who is reviewing may still be invited.
    written.add("TRANSP", "TRANSPARENT")
    return written


@lru_cache(maxsize=8)
def _time_zone(name: str) -> icalendar.Timezone:
    """Return what a reader has to know of a zone; to work it out takes a while."""
    return icalendar.Timezone.from_tzid(name)


def _text(text: str) -> str:
    """Return a text whose only controls are line feeds, and that is all characters."""
    lines = _CONTROLS.sub(" ", _BREAKS.sub("\n", text))
    return lines.encode("utf-8", "replace").decode()


def _line(text: str) -> str:
    """Return the same in one line."""
    return " ".join(_text(text).split("\n"))
