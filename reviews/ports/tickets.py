"""
The port to ticket systems: an issue is made, found again, read, changed and closed.

One adapter speaks to one project of one system. It knows no model, reads no clock,
keeps nothing between two calls and tries nothing twice: what becomes of a call that
failed is for the caller to decide, by `OutsideError.unknown` and `.permanent`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Fields:
    """
    How this product's fields are called in a project, and what is sent with each issue.

    `due_on` and `severity` are names of fields of the system, empty where they are not
    sent as fields (the text has them all the same). `severities` translates low, medium,
    high and critical. `closing` is the status or the transition that closes an issue,
    empty for the first that the system itself counts as done; `reopening` likewise.
    `decisions` translates a resolution, status or label of a closed issue into a verdict
    or into "waive". `extra` goes into every new issue as it is.
    """

    due_on: str = ""
    severity: str = ""
    severities: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    closing: str = ""
    reopening: str = ""
    decisions: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """
    What an issue says: the part of it that this product owns.

    `text` is Markdown without HTML; an adapter turns it into what its system writes.
    `marker` is one word of letters, digits and hyphens, found nowhere else: the adapter
    puts it where `find` sees it. `severity` is empty or one of four words.
    """

    marker: str
    title: str
    text: str
    due_on: date | None = None
    severity: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteTicket:
    """
    An issue as its system tells it.

    `id` never changes; `key` is what people call it and may. `is_closed` is the system's
    own word (Jira's statusCategory, not its resolution). `severity` is this product's
    word, None where the system's value translates into none. `text` is the description
    as it stands, without the marker, for a comparison with what was sent.
    """

    id: str
    key: str
    url: str
    is_closed: bool
    status: str
    updated_at: datetime
    resolution: str = ""
    assignee: str = ""
    labels: tuple[str, ...] = ()
    title: str = ""
    text: str = ""
    due_on: date | None = None
    severity: str | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """
    What somebody wrote under an issue.

    `is_insider` says whether the system itself counts its writer among those who work on
    the project: under a public issue anybody may write.
    """

    id: str
    author: str
    text: str
    written_at: datetime
    is_insider: bool


@dataclass(frozen=True, slots=True)
class Request:
    """What would be sent, for the ledger; credentials are no part of it."""

    method: str
    url: str
    payload: Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a connection was tested for; `text` says exactly what is wrong."""

    what: str
    is_well: bool
    text: str = ""


class TicketSystem(Protocol):
    """
    One project in one ticket system.

    All calls but `check` and `request_of` raise OutsideError. It is `permanent` for 400,
    401, 403, 404, 405, 410, 413 and 422, with the system's own explanation in the
    message; `unknown` where a change may have been made though the answer was lost,
    broken off, empty, no JSON, a redirect, or 5xx; neither where nothing was done, as
    for 429 and a refused connection.
    """

    def create(self, draft: Draft) -> RemoteTicket:
        """Return the issue made; its `updated_at` may be the caller's guess."""
        ...

    def find(self, marker: str, *, since: datetime) -> RemoteTicket | None:
        """Return the issue with a marker that was made since, None where there is none."""
        ...

    def read(self, id: str) -> RemoteTicket | None:
        """Return an issue as it stands, None where it is deleted or out of sight."""
        ...

    def changed(
        self, *, since: datetime, ids: Sequence[str]
    ) -> tuple[RemoteTicket, ...]:
        """Return those of some issues that changed since, or more of them."""
        ...

    def update(self, id: str, draft: Draft, *, with_text: bool) -> None:
        """Write title, due day and severity into an issue, and the text if asked to."""
        ...

    def comment(self, id: str, text: str, *, marker: str) -> None:
        """Write Markdown under an issue, with a marker that `comments` shows."""
        ...

    def comments(self, id: str) -> tuple[Comment, ...]:
        """Return what stands under an issue, the oldest first."""
        ...

    def close(self, id: str) -> None:
        """Close an issue; no change where it is closed."""
        ...

    def reopen(self, id: str) -> None:
        """Open an issue again; no change where it is open."""
        ...

    def request_of(self, draft: Draft) -> Request:
        """Return what `create` would send; nothing goes out."""
        ...

    def check(self) -> tuple[Finding, ...]:
        """
        Return what was tested, in order, up to the first thing that is wrong.

        Reads only. Address, credentials, project, type, right to create, fields.
        """
        ...
