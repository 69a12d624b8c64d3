"""Connections and tickets for the tests, straight from the models."""

from datetime import datetime
from typing import Any

from reviews.models import Connection, Flag, Ticket
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import Standing, System
from reviews.services.tickets.drafting import draft_of, text_digest
from reviews.services.tickets.planning import new_marker
from tests.conftest import NOW

SITE = "https://tracker.example"


def connected(slug: str = "issues", **said: Any) -> Connection:
    """Return a live connection to a project at GitHub, unless told otherwise."""
    given: dict[str, Any] = {
        "name": slug.title(),
        "system": System.GITHUB.value,
        "address": "https://issues.example",
        "project": "platform/register",
        "is_live": True,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Connection.objects.create(slug=slug, **(given | said))


def ticketed(
    flag: Flag, connection: Connection, *, at: datetime = NOW, **said: Any
) -> Ticket:
    """Return a ticket that was made for a flag, and says what the flag says."""
    draft = draft_of(flag, marker=new_marker(), site_url=SITE)
    given: dict[str, Any] = {
        "marker": draft.marker,
        "state": SendState.DONE.value,
        "next_at": at,
        "created_at": at,
        "done_at": at,
        "first_sent_at": at,
        "last_sent_at": at,
        "attempts": 1,
        "remote_id": str(flag.pk),
        "key": f"#{flag.pk}",
        "url": f"https://issues.example/{flag.pk}",
        "standing": Standing.OPEN.value,
        "updated_at": at,
        "sent_title": draft.title,
        "sent_text_digest": text_digest(draft.text),
        "sent_due_on": flag.due_on,
        "sent_severity": flag.severity,
        "sent_reason": flag.reason,
        "sent_action": flag.action,
    }
    return Ticket.objects.create(flag=flag, connection=connection, **(given | said))
