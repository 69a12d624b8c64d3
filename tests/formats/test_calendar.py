"""Calendars as they are written: what two parsers read, and what no name can do."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.formats.calendar import (
    CATEGORIES,
    Calendar,
    Event,
    EventKind,
    Told,
    digest_of,
    uid_of,
    write_calendar,
)
from reviews.rules.staleness import SIX_MONTHS, due_date
from tests.formats.calendars import Read, both

CHANGED_AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DAY = date(2026, 12, 1)
UID = uid_of(EventKind.REVIEW, 7, host="best-before.example")

HOSTILE = {
    "an event": "Django\r\nBEGIN:VEVENT\r\nSUMMARY:Mine\r\nEND:VEVENT",
    "a lone return": "Django\rEND:VCALENDAR",
    "a line feed": "Django\nATTACH:https://evil.example/",
    "line separators": "a\u2028BEGIN:VEVENT\u2029b\x85c\x0bd\x0ce",
    "controls": "a\x00b\x1bc\x7fd\x9fe",
    "commas": r"a, b; c: d \, e \; f \n g \\ h",
    "quotes": "\"a\" 'b' ^n ^^ ^'",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 " * 20,
    "three octets": "試験" * 100,
    "500 characters": "x" * 500,
    "500 wide ones": "é" * 500,
    "half a character": "a\ud800b",
    "spaces": "  two  spaces  ",
    "another alphabet": "مرحبا بالعالم " * 20,
}


def event(
    uid: str = UID, on: date = DAY, summary: str = "Review due: Django", **said: str
) -> Event:
    return Event(uid, on, summary, **said)


def told(sequence: int = 0, *, is_cancelled: bool = False, **said: Any) -> Told:
    return Told(event(**said), sequence, CHANGED_AT, is_cancelled)


def calendar(*events: Told, name: str = "Best Before: Alice") -> Calendar:
    return Calendar(name, "Europe/Berlin", events)


def lines(content: bytes) -> list[bytes]:
    """Return the lines as they are sent, each of which ends as it must."""
    assert content.endswith(b"\r\n")
    *sent, rest = content.split(b"\r\n")
    assert rest == b""
    assert not any(b"\r" in line or b"\n" in line for line in sent)
    return sent


def test_an_event_is_one_whole_day() -> None:
    content = write_calendar(
        calendar(
            told(
                3,
                description="Never reviewed.\nOwner: Alice.",
                url="https://best-before.example/solutions/django/",
            )
        )
    )

    assert both(content) == [
        Read(
            uid="review-7@best-before.example",
            on=DAY,
            until=date(2026, 12, 2),
            summary="Review due: Django",
            description="Never reviewed.\nOwner: Alice.",
            url="https://best-before.example/solutions/django/",
            categories=["Review"],
            sequence=3,
            status="CONFIRMED",
            changed_at=CHANGED_AT,
        )
    ]
    sent = lines(content)
    assert b"DTSTART;VALUE=DATE:20261201" in sent
    assert b"DTSTAMP:20261122T093000Z" in sent
    assert b"LAST-MODIFIED:20261122T093000Z" in sent
    assert b"TRANSP:TRANSPARENT" in sent
    assert b"BEGIN:VALARM" not in sent


def test_a_calendar_says_its_name_its_zone_and_when_to_ask_again() -> None:
    sent = lines(write_calendar(calendar(told(), name="Best Before: A, B; C")))

    assert sent[0] == b"BEGIN:VCALENDAR"
    for line in (
        b"VERSION:2.0",
        b"METHOD:PUBLISH",
        rb"NAME:Best Before: A\, B\; C",
        rb"X-WR-CALNAME:Best Before: A\, B\; C",
        b"X-WR-TIMEZONE:Europe/Berlin",
        b"TIMEZONE-ID:Europe/Berlin",
        b"REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        b"X-PUBLISHED-TTL:PT6H",
        b"TZID:Europe/Berlin",
    ):
        assert sent.count(line) == 1


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Pacific/Chatham"])
def test_a_calendar_without_events_is_one(zone: str) -> None:
    content = write_calendar(Calendar("Best Before", zone, ()))

    assert both(content) == []
    whole: Any = icalendar.Calendar.from_ical(content)
    whole.validate()


def test_what_is_gone_is_cancelled() -> None:
    content = write_calendar(calendar(told(2, is_cancelled=True)))

    assert [(read.status, read.sequence) for read in both(content)] == [
        ("CANCELLED", 2)
    ]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_name_breaks_out_of_its_line(text: str) -> None:
    hostile = told(summary=text, description=text, url=f"https://a.example/{text}")

    content = write_calendar(calendar(hostile, told(), name=text))

    sent = lines(content)
    assert sent.count(b"BEGIN:VEVENT") == sent.count(b"END:VEVENT") == 2
    assert sent.count(b"END:VCALENDAR") == 1
    assert not any(line.startswith((b"ATTACH", b"SUMMARY:Mine")) for line in sent)
    assert max(map(len, sent)) <= 75
    read = both(content)[0]
    assert read.summary.split() == shown(text).split()
    assert (read.uid, read.on) == (UID, DAY)
    assert read.url.startswith("https://a.example/")
    assert read.url.isascii()


def shown(text: str) -> str:
    """Return what is left of a text: no controls, no half characters, one line."""
    harmless = "".join(
        " " if ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u2028\u2029" else c
        for c in text
    )
    return harmless.encode("utf-8", "replace").decode()


@pytest.mark.parametrize("text", [HOSTILE["commas"], HOSTILE["emoji"], "a\n\nb\n"])
def test_a_description_comes_back_as_it_was(text: str) -> None:
    (read,) = both(write_calendar(calendar(told(description=text))))

    assert read.description == text


def test_a_line_is_folded_between_characters() -> None:
    for shift in range(8):
        content = write_calendar(calendar(told(summary="x" * shift + "👩‍👩‍👧é試" * 40)))

        for line in lines(content):
            assert len(line) <= 75
            line.decode()


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_back_the_same_by_both(text: str) -> None:
    content = write_calendar(calendar(told(summary=text, description=text), name=text))

    (read,) = both(content)
    assert read.summary.split() == shown(text).split()
    assert read.description.split() == shown(text).split()
    assert max(map(len, lines(content))) <= 75


@pytest.mark.parametrize(
    ("day", "after"),
    [
        (date(1970, 1, 1), date(1970, 1, 2)),
        (date(1, 1, 1), date(1, 1, 2)),
        (date(2024, 2, 28), date(2024, 2, 29)),
        (date(2100, 12, 31), date(2101, 1, 1)),
        (date(9999, 12, 30), date(9999, 12, 31)),
        # There is no day after; a date alone lasts that day.
        (date(9999, 12, 31), None),
    ],
)
def test_any_day_of_the_calendar_is_told(day: date, after: date | None) -> None:
    (read,) = both(write_calendar(calendar(told(on=day))))

    assert (read.on, read.until) == (day, after)


def test_a_review_is_told_on_the_very_day_that_the_rule_names() -> None:
    first = date(2024, 1, 1)
    days = [
        due_date(first + timedelta(days=number), SIX_MONTHS)
        for number in range(5 * 366)
    ]

    content = write_calendar(calendar(*(told(on=day) for day in days)))

    assert [read.on for read in both(content)] == days


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_has_its_category(kind: EventKind) -> None:
    uid = uid_of(kind, 1, host="a.example")

    (read,) = both(write_calendar(calendar(told(uid=uid))))

    assert read.categories == [CATEGORIES[kind]]


def test_a_uid_fits_however_long_the_host_is() -> None:
    uid = uid_of(EventKind.ENDING, 2**63 - 1, "0" * 16, host="a" * 200 + ".example")

    assert len(uid) <= 100
    assert uid == uid_of(
        EventKind.ENDING, 2**63 - 1, "0" * 16, host="a" * 200 + ".example"
    )


def test_the_same_calendar_has_the_same_digest_and_another_has_another() -> None:
    whole = calendar(told())

    assert digest_of(whole) == digest_of(calendar(told()))
    others = [
        calendar(),
        calendar(told(), name="Another"),
        calendar(told(1)),
        calendar(told(is_cancelled=True)),
        calendar(told(on=DAY + timedelta(days=1))),
        calendar(told(summary="\ud800")),
    ]
    assert len({digest_of(other) for other in (whole, *others)}) == 1 + len(others)
