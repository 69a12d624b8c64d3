"""Connections and tickets for the tests, as rows: nothing is sent."""

from datetime import datetime
from itertools import count
from typing import Any

from reviews.models import Connection, Flag, Ticket, TicketStep
from reviews.rules.outgoing import SendState
from reviews.rules.ticket_defaults import default_mapping
from reviews.rules.ticketing import Standing, System
from reviews.services.tickets.drafting import draft_of, text_digest
from reviews.services.tickets.planning import new_marker
from tests.conftest import NOW

SITE = "https://tracker.example"

_numbers = count(1)


def connected(slug: str = "shop", **more: Any) -> Connection:
    """Return a connection that is on and live."""
    said = {
        "name": f"The {slug}",
        "system": System.GITHUB.value,
        "address": "https://api.github.example",
        "project": "acme/shop",
        "fields": default_mapping(System.GITHUB).stored(),
        "is_live": True,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Connection.objects.create(slug=slug, **(said | more))


def asked_for(flag: Flag, connection: Connection, **more: Any) -> Ticket:
    """Return a ticket that is to be made."""
    said = {
        "flag": flag,
        "connection": connection,
        "marker": f"bb-test-{next(_numbers)}",
        "next_at": NOW,
        "created_at": NOW,
    }
    return Ticket.objects.create(**(said | more))


def ticketed(
    flag: Flag, connection: Connection, *, at: datetime = NOW, **more: Any
) -> Ticket:
    """Return a ticket that was made for a flag, says what the flag says, and is open."""
    marker = new_marker()
    draft = draft_of(flag, marker=marker, site_url=SITE)
    number = next(_numbers)
    said = {
        "marker": marker,
        "state": SendState.DONE.value,
        "next_at": at,
        "created_at": at,
        "done_at": at,
        "first_sent_at": at,
        "last_sent_at": at,
        "attempts": 1,
        "remote_id": str(number),
        "key": f"{connection.project}#{number}",
        "url": f"https://github.example/{connection.project}/issues/{number}",
        "standing": Standing.OPEN.value,
        "status": "In progress",
        "assignee": "octocat",
        "updated_at": at,
        "read_at": at,
        "sent_title": draft.title,
        "sent_text_digest": text_digest(draft.text),
        "sent_due_on": flag.due_on,
        "sent_severity": flag.severity,
        "sent_reason": flag.reason,
        "sent_action": flag.action,
    }
    return asked_for(flag, connection, **(said | more))


def refused(flag: Flag, connection: Connection, **more: Any) -> Ticket:
    """Return a ticket that the other side refused for good."""
    said = {"refused_at": NOW, "problem": "422: no such label.", "attempts": 1}
    return asked_for(flag, connection, **(said | more))


def refused_step(ticket: Ticket, problem: str = "403: locked.") -> TicketStep:
    """Return a comment that the other side refused for good."""
    number = next(_numbers)
    return TicketStep.objects.create(
        ticket=ticket,
        kind="comment",
        key=f"verdict:{number}",
        marker=f"bb-step-{number}",
        text="Adopted.",
        next_at=NOW,
        created_at=NOW,
        refused_at=NOW,
        problem=problem,
    )
