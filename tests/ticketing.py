"""Connections and tickets for the tests, as rows: nothing is sent."""

from itertools import count
from typing import Any

from reviews.models import Connection, Flag, Ticket, TicketStep
from reviews.rules.ticket_defaults import default_mapping
from reviews.rules.ticketing import System
from tests.conftest import NOW

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


def ticketed(flag: Flag, connection: Connection, **more: Any) -> Ticket:
    """Return a ticket that is there and open, and somebody's."""
    number = next(_numbers)
    said = {
        "state": "done",
        "done_at": NOW,
        "attempts": 1,
        "remote_id": str(number),
        "key": f"acme/shop#{number}",
        "url": f"https://github.example/acme/shop/issues/{number}",
        "standing": "open",
        "status": "In progress",
        "assignee": "octocat",
        "updated_at": NOW,
        "read_at": NOW,
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
