"""
What a fake ticket system keeps: issues, their comments, and what became of them.

It knows nothing of HTTP or of any system's way of writing an issue: `serving` has the
one, and a module for each system the other. People of the tests act on it by name.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

BOT = "best-before"
"""Whom the product signs in as."""

OUTSIDER = "passer-by"
"""Who may write under an issue, and does not work on the project."""


class Event(StrEnum):
    """What happened to an issue, for the webhooks."""

    OPENED = "opened"
    EDITED = "edited"
    COMMENTED = "commented"
    CLOSED = "closed"
    REOPENED = "reopened"
    DELETED = "deleted"
    MOVED = "moved"


@dataclass
class Note:
    """A comment."""

    id: int
    author: str
    text: Any
    written_at: datetime


@dataclass
class Issue:
    """
    An issue, in no system's words: a system's module translates both ways.

    `id` is unique in the system, `number` in the project. `status` and `resolution` are
    the system's own words, `is_closed` what they come to. `extra` is for whatever else
    a system keeps. Out of a search until `visible_at`, in seconds of the clock.
    """

    id: int
    number: int
    title: str
    body: Any
    created_at: datetime
    updated_at: datetime
    key: str = ""
    labels: list[str] = field(default_factory=list)
    due: str | None = None
    severity: str = ""
    status: str = ""
    resolution: str = ""
    assignee: str = ""
    author: str = BOT
    is_closed: bool = False
    is_deleted: bool = False
    moved_to: str = ""
    comments: list[Note] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    visible_at: float = 0.0


@dataclass
class Change:
    """Something that happened, with the issue as it stood right after."""

    id: int
    event: Event
    issue: Issue
    by: str
    at: datetime
    note: Note | None = None
    edited: tuple[str, ...] = ()


class IssueStore:
    """
    The issues of one project. Safe to use from several threads.

    `lag` is how many seconds a new issue stays out of lists and searches, `lag_for` the
    same for one issue. `clock` is in seconds since 1970 and may be a test's own.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.time, lag: float = 0.0
    ) -> None:
        self.clock = clock
        self.lag = lag
        self.lag_for: Callable[[Issue], float] | None = None
        self.created: list[Issue] = []
        self.changes: list[Change] = []
        self.lock = threading.RLock()
        self._ids = 0

    # What the product and people do alike.

    def add(self, *, title: str, body: Any = "", by: str = BOT, **given: Any) -> Issue:
        """Return a new issue; what is given are fields of Issue."""
        with self.lock:
            number = len(self.created) + 1
            at = self.now()
            issue = Issue(
                id=self.next_id(),
                number=number,
                key=self.key_of(number),
                title=title,
                body=body,
                created_at=at,
                updated_at=at,
                author=by,
                **given,
            )
            lag = self.lag if self.lag_for is None else self.lag_for(issue)
            issue.visible_at = self.clock() + lag
            self.opened(issue)
            self.created.append(issue)
            self.note(Event.OPENED, issue, by)
            return issue

    def comment(self, number: int | str, author: str, text: Any) -> Note:
        """Return a new comment under an issue."""
        with self.lock:
            issue = self.issue(number)
            note = Note(self.next_id(), author, text, self.now())
            issue.comments.append(note)
            self.note(Event.COMMENTED, issue, author, note)
            return note

    def edit(self, number: int | str, *, by: str = "pat", **fields: Any) -> Issue:
        """Set fields of an issue, by the names they have in Issue."""
        with self.lock:
            issue = self.issue(number)
            for name, value in fields.items():
                if not hasattr(issue, name):
                    raise AttributeError(f"An issue has no {name}.")
                setattr(issue, name, value)
            self.note(Event.EDITED, issue, by, edited=tuple(fields))
            return issue

    def close(
        self,
        number: int | str,
        *,
        by: str = "pat",
        label: str = "",
        resolution: str = "",
        status: str = "",
    ) -> Issue:
        """Close an issue as somebody does, perhaps with a label, a resolution, a status."""
        with self.lock:
            issue = self.issue(number)
            issue.is_closed = True
            issue.resolution = resolution
            issue.status = status
            if label and label not in issue.labels:
                issue.labels.append(label)
            self.closed(issue)
            self.note(Event.CLOSED, issue, by)
            return issue

    def reopen(self, number: int | str, *, by: str = "pat", status: str = "") -> Issue:
        """Open an issue again."""
        with self.lock:
            issue = self.issue(number)
            issue.is_closed = False
            issue.resolution = ""
            issue.status = status
            self.opened(issue)
            self.note(Event.REOPENED, issue, by)
            return issue

    def delete(self, number: int | str, *, by: str = "pat") -> None:
        """Delete an issue: nobody sees it any more."""
        with self.lock:
            issue = self.issue(number)
            issue.is_deleted = True
            self.note(Event.DELETED, issue, by)

    def move(self, number: int | str, to: str, *, by: str = "pat") -> None:
        """Move an issue to another project, by the name that this has."""
        with self.lock:
            issue = self.issue(number)
            issue.moved_to = to
            self.note(Event.MOVED, issue, by)

    # What a test looks at.

    def issue(self, number: int | str) -> Issue:
        """
        Return an issue by its number or its key, deleted or not.

        :raises LookupError: if there is none.
        """
        with self.lock:
            for issue in self.created:
                if number in (issue.number, issue.key):
                    return issue
        raise LookupError(f"There is no issue {number}.")

    def having(self, text: str) -> list[Issue]:
        """Return the issues with a text anywhere in them: a marker's, for instance."""
        with self.lock:
            return [issue for issue in self.created if text in repr(issue)]

    # What a system's module uses and may say otherwise.

    def key_of(self, number: int) -> str:
        """Return what people call an issue."""
        return f"#{number}"

    def opened(self, issue: Issue) -> None:
        """Set what a system sets when an issue is opened, anew or again."""

    def closed(self, issue: Issue) -> None:
        """Set what a system sets when an issue is closed."""

    def listed(self) -> list[Issue]:
        """Return what lists and searches know of by now, the oldest first."""
        with self.lock:
            now = self.clock()
            return [
                issue
                for issue in self.created
                if issue.visible_at <= now
                and not issue.is_deleted
                and not issue.moved_to
            ]

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def next_id(self) -> int:
        """Return a number that was not used before, far from those of the issues."""
        with self.lock:
            self._ids += 1
            return 70_000 + self._ids

    def note(
        self,
        event: Event,
        issue: Issue,
        by: str,
        note: Note | None = None,
        edited: tuple[str, ...] = (),
    ) -> None:
        """Take down what happened, for the webhooks, and mark the issue as changed."""
        issue.updated_at = self.now()
        kept = replace(
            issue,
            labels=list(issue.labels),
            comments=list(issue.comments),
            extra=dict(issue.extra),
        )
        self.changes.append(
            Change(
                len(self.changes) + 1, event, kept, by, issue.updated_at, note, edited
            )
        )
