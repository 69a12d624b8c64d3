"""A ticket system without a socket: the port, straight on what the fake ones keep."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from reviews.models import Arrival, Connection, Flag, Ticket
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import Comment, Draft, Finding, RemoteTicket, Request
from reviews.services.tickets.drafting import draft_of
from reviews.services.tickets.reading import read_tickets
from tests.clock import Clock
from tests.conftest import TODAY
from tests.ticketing import SITE, ticketed
from tests.trackers.issues import BOT, OUTSIDER, Issue, IssueStore


@dataclass
class Counter:
    """
    One project of a ticket system, as its adapter would show it.

    `failing` is raised by all that is asked, `failing_for` by what is asked about one
    issue. `asked` has the names of the calls.
    """

    clock: Clock = field(default_factory=Clock)
    failing: OutsideError | None = None
    failing_for: dict[str, OutsideError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    due_on: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = IssueStore(clock=lambda: self.clock().timestamp())

    def ticket(self, flag: Flag, connection: Connection, **said: Any) -> Ticket:
        """Return the ticket of a flag, whose issue is there and was not read yet."""
        draft = draft_of(flag, marker="unused", site_url=SITE)
        issue = self.store.add(title=draft.title, body=draft.text)
        given: dict[str, Any] = {
            "remote_id": str(issue.number),
            "key": f"#{issue.number}",
            "read_at": None,
        }
        return ticketed(flag, connection, **(given | said))

    def reads(self, connection: Connection, **said: Any) -> int:
        """Have the tickets read; return how many were."""
        connection.refresh_from_db()
        given: dict[str, Any] = {
            "clock": self.clock,
            "today": TODAY,
            "site_url": SITE,
            "until": self.clock() + timedelta(minutes=1),
        }
        return read_tickets(connection=connection, system=self, **(given | said))

    def hints(self, connection: Connection, *tickets: Ticket) -> None:
        """Have the inbox say that tickets changed, and let a second pass."""
        self.clock.advance(seconds=1)
        for ticket in tickets:
            Arrival.objects.create(
                connection=connection,
                delivery_id=f"hint-{secrets.token_hex(8)}",
                event="issues",
                digest="0" * 64,
                body=f'{{"issue": {{"number": {ticket.remote_id}}}}}',
                received_at=self.clock(),
            )

    # The port.

    def create(self, draft: Draft) -> RemoteTicket:
        raise AssertionError("Nothing is made by reading.")

    def find(self, marker: str, *, since: datetime) -> RemoteTicket | None:
        raise AssertionError("Nothing is looked for by reading.")

    def read(self, id: str) -> RemoteTicket | None:
        self._ask("read", id)
        with self.store.lock:
            issue = self.store.issue(int(id))
            return None if issue.is_deleted else self._remote(issue)

    def changed(
        self, *, since: datetime, ids: Sequence[str]
    ) -> tuple[RemoteTicket, ...]:
        self._ask("changed", "")
        with self.store.lock:
            return tuple(
                self._remote(issue)
                for issue in self.store.listed()
                if issue.updated_at >= since
            )

    def comments(self, id: str) -> tuple[Comment, ...]:
        self._ask("comments", id)
        with self.store.lock:
            notes = list(self.store.issue(int(id)).comments)
        return tuple(
            Comment(str(n.id), n.author, n.text, n.written_at, n.author != OUTSIDER)
            for n in notes
        )

    def update(self, id: str, draft: Draft, *, with_text: bool) -> None:
        self.store.edit(int(id), by=BOT, title=draft.title)

    def comment(self, id: str, text: str, *, marker: str) -> None:
        self.store.comment(int(id), BOT, f"{text}\n{marker}")

    def close(self, id: str) -> None:
        self.store.close(int(id), by=BOT)

    def reopen(self, id: str) -> None:
        self.store.reopen(int(id), by=BOT)

    def request_of(self, draft: Draft) -> Request:
        return Request("POST", "https://issues.example", {})

    def check(self) -> tuple[Finding, ...]:
        return ()

    def _ask(self, what: str, id: str) -> None:
        self.asked.append(what)
        if self.failing is not None:
            raise self.failing
        if id in self.failing_for:
            raise self.failing_for[id]

    def _remote(self, issue: Issue) -> RemoteTicket:
        place = f"{issue.moved_to}#{issue.number}" if issue.moved_to else ""
        return RemoteTicket(
            id=str(issue.number),
            key=place or issue.key,
            url=f"https://issues.example/{issue.moved_to or 'here'}/{issue.number}",
            is_closed=issue.is_closed,
            status="closed" if issue.is_closed else "open",
            # To the second, as most systems tell it.
            updated_at=issue.updated_at.astimezone(UTC).replace(microsecond=0),
            resolution=issue.resolution,
            assignee=issue.assignee,
            labels=tuple(issue.labels),
            title=issue.title,
            text=str(issue.body),
            due_on=self.due_on.get(issue.number),
            severity=issue.severity or None,
        )
