"""Reading what Jira says of issues, comments and screens; nothing is asked here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from reviews.connectors import fields
from reviews.connectors.fields import Fields as Said
from reviews.connectors.ticketing.answers import instant
from reviews.connectors.ticketing.labels import word_of
from reviews.connectors.ticketing.texts import as_written
from reviews.formats.jira_markup import markdown_of, plain_of, wiki_of
from reviews.ports.tickets import Comment, Fields, RemoteTicket

PROPERTY = "best-before"
"""The property of an issue that keeps the text which was last written into it."""

_DONE = "done"
_MARKER = re.compile(r"bb-[A-Za-z0-9-]+")
_LINK_TO_ITSELF = re.compile(r"\[([^\[\]|\s]+)(?:\|\1)?(?:\|smart-link)?\]")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Transition:
    """A way out of a status; `missing` is what it asks somebody to fill in."""

    id: str
    name: str
    to: str
    is_done: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScreenField:
    """A field of a screen; `values` are the names to choose from, where there are some."""

    id: str
    name: str
    must_be_filled: bool
    values: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.name} ({self.id})"


def ticket_of(said: object, *, site: str, mapping: Fields) -> RemoteTicket:
    """
    Return an issue as Jira tells it, its text as Markdown.

    `site` is the address under which people see it. The status of its category is
    told, never the resolution: workflows leave that empty, or set it while it is open.

    :raises OutsideError: if it is no issue of Jira's.
    """
    issue = fields.document(said)
    key = fields.required_text(issue, "key")
    told = fields.mapping(issue, "fields")
    severity = _choice(told.get(mapping.severity)) if mapping.severity else ""
    return RemoteTicket(
        id=fields.required_text(issue, "id"),
        key=key,
        url=f"{site}/browse/{key}",
        is_closed=is_done(fields.mapping(told, "status")),
        status=fields.text(told, "status", "name"),
        updated_at=instant(told, "updated"),
        resolution=fields.text(told, "resolution", "name"),
        assignee=fields.text(told, "assignee", "displayName"),
        labels=tuple(
            name for name in fields.texts(told, "labels") if not _MARKER.fullmatch(name)
        ),
        title=as_written(fields.text(told, "summary")),
        text=_text(issue, fields.text(told, "description")),
        due_on=_day(told.get(mapping.due_on)) if mapping.due_on else None,
        severity=word_of(severity, mapping),
    )


def comment_of(said: Said) -> Comment:
    """
    Return a comment as its writer reads it.

    :raises OutsideError: if it is no comment of Jira's.
    """
    return Comment(
        id=fields.required_text(said, "id"),
        author=fields.text(said, "author", "displayName"),
        text=as_written(plain_of(fields.text(said, "body"))),
        written_at=instant(said, "created"),
        # Whoever comes through a service desk's portal is a customer of the project.
        is_insider=fields.text(said, "author", "accountType") != "customer",
    )


def transition_of(said: Said) -> Transition:
    """
    Return a transition, with the names of the fields that it cannot do without.

    :raises OutsideError: if it is no transition of Jira's.
    """
    asked = fields.mapping(said, "fields")
    screen = (field_of(fields.document(one), id=name) for name, one in asked.items())
    return Transition(
        id=fields.required_text(said, "id"),
        name=fields.text(said, "name"),
        to=fields.text(said, "to", "name"),
        is_done=is_done(fields.mapping(said, "to")),
        missing=tuple(one.label for one in screen if one.must_be_filled),
    )


def field_of(said: Said, *, id: str = "") -> ScreenField:
    """
    Return a field of a screen.

    :raises OutsideError: if it is none of Jira's.
    """
    id = id or fields.text(said, "fieldId") or fields.required_text(said, "key")
    has_default = fields.is_set(said, "hasDefaultValue")
    return ScreenField(
        id=id,
        name=fields.text(said, "name") or id,
        must_be_filled=fields.is_set(said, "required") and not has_default,
        values=tuple(
            _choice(value) for value in fields.mappings(said, "allowedValues")
        ),
    )


def is_done(status: Said) -> bool:
    """Return whether a status is of the category of those that end an issue."""
    return fields.text(status, "statusCategory", "key") == _DONE


def value_for(field: str, name: str) -> dict[str, str]:
    """Return a name to choose as Jira wants it: its own fields by name, others by value."""
    return {"value" if field.startswith("customfield_") else "name": name}


def listed(names: Iterable[str]) -> str:
    """Return names for a message, told that there are none."""
    return ", ".join(names) or "none"


def _text(issue: Said, description: str) -> str:
    """
    Return a description as the Markdown that it was made of, or is worth now.

    Jira Cloud keeps no markup: it makes a document of it, and markup of that again,
    with other escapes and addresses as links. So what was sent is kept beside it, and
    stands as long as both have the same words.
    """
    kept = fields.loose_text(issue, "properties", PROPERTY, "text")
    if kept and _words(wiki_of(kept)) == _words(description):
        return as_written(kept)
    return as_written(markdown_of(description))


def _words(wiki: str) -> list[str]:
    return _WORDS.findall(plain_of(_LINK_TO_ITSELF.sub(r"\1", wiki)))


def _day(value: Any) -> date | None:
    if not isinstance(value, str) or not value:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _choice(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("name") or value.get("value")
    return value if isinstance(value, str) else ""
