"""Reading what Redmine says of issues and journals; nothing is asked here."""

import re
from collections.abc import Mapping

from reviews.connectors import fields
from reviews.connectors.fields import Fields as Said
from reviews.connectors.ticketing.answers import day, instant
from reviews.connectors.ticketing.labels import word_of
from reviews.connectors.ticketing.texts import as_written, quiet
from reviews.ports.tickets import Comment, Fields, RemoteTicket

_SPACE = "\u200b"
_MARKED = "best-before: "
_MARKER = re.compile(rf"\s*^{_MARKED}[A-Za-z0-9-]+\s*\Z", re.MULTILINE)

# Macros, and the pictures of Textile, which are fetched from wherever they say.
_LIVELY = re.compile(rf"(?<=\{{)(?=[{_SPACE}{{])|(?<=!)(?=[{_SPACE}\w/.])")
_STILLED = re.compile(
    rf"(?<=\{{){_SPACE}(?=[{_SPACE}{{])|(?<=!){_SPACE}(?=[{_SPACE}\w/.])"
)


def written(text: str, marker: str) -> str:
    """
    Return Markdown as Redmine is given it, with a marker as its last line.

    Whether a Redmine takes its texts for Textile, Markdown or neither is not told by
    its API, so the text goes as it is: it is readable with all three. Zero-width spaces
    keep it from mentioning people, running macros and fetching pictures.
    """
    return f"{_LIVELY.sub(_SPACE, quiet(text)).rstrip()}\n\n{_MARKED}{marker}"


def read_back(text: str) -> str:
    """Return a text as it was before `written`, whatever the marker was."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return as_written(_STILLED.sub("", _MARKER.sub("", lines))).rstrip()


def has_marker(text: str, marker: str) -> bool:
    """Return whether a line of a text is this very marker's."""
    return f"{_MARKED}{marker}" in map(str.strip, text.splitlines())


def ticket_of(
    said: object, *, site: str, mapping: Fields, closed: Mapping[str, bool]
) -> RemoteTicket:
    """
    Return an issue as Redmine tells it.

    `site` is the address under which people see it. `closed` says by their ids which
    statuses are closed, for a Redmine before 5.0, whose issues do not.

    :raises OutsideError: if it is no issue of Redmine's.
    """
    issue = fields.document(said)
    id = number(issue, "id")
    status = fields.mapping(issue, "status")
    severity = fields.text(issue, "priority", "name")
    is_closed = is_closed_status(status, closed)
    return RemoteTicket(
        id=id,
        key=f"#{id}",
        url=f"{site}/issues/{id}",
        is_closed=is_closed,
        status=fields.text(status, "name"),
        updated_at=instant(issue, "updated_on"),
        resolution=fields.text(status, "name") if is_closed else "",
        assignee=fields.text(issue, "assigned_to", "name"),
        title=as_written(fields.text(issue, "subject")),
        text=read_back(fields.text(issue, "description")),
        due_on=day(issue, "due_date") if mapping.due_on else None,
        severity=word_of(severity, mapping) if mapping.severity else None,
    )


def comment_of(journal: Said) -> Comment:
    """
    Return a journal's notes, as they were written.

    :raises OutsideError: if it is no journal of Redmine's.
    """
    text = fields.text(journal, "notes").replace("\r\n", "\n")
    return Comment(
        id=number(journal, "id"),
        author=fields.text(journal, "user", "name"),
        text=as_written(_STILLED.sub("", text)),
        written_at=instant(journal, "created_on"),
        # Redmine lets nobody write but whom a role of the project allows to.
        is_insider=True,
    )


def is_closed_status(status: Said, closed: Mapping[str, bool]) -> bool:
    """Return whether a status is closed, as it says itself or as the list has it."""
    if fields.holds(status, "is_closed"):
        return fields.is_set(status, "is_closed")
    return closed.get(number(status, "id"), False)


def number(said: Said, name: str) -> str:
    """
    Return a number that stands for something, as text.

    :raises OutsideError: if there is none.
    """
    return str(fields.required_number(said, name))
