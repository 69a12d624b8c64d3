"""How something goes out once: its four states, and when it is tried again."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum


class SendState(StrEnum):
    """
    Where something stands that is to be sent.

    Ready: nobody has sent it. Sending: somebody said so, in the database, before it went
    out. Unknown: it went out, and what became of it was not heard; it is looked for
    before it is sent again. Done: it is there.
    """

    READY = "ready"
    SENDING = "sending"
    UNKNOWN = "unknown"
    DONE = "done"


TICKET_PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)
"""What a ticket waits after each failure that may pass; the last one for ever."""

MESSAGE_PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
)

WEBHOOK_PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Source: Standard Webhooks 1.0, "Deliverability and reliability"."""


def pause_after(attempts: int, pauses: Sequence[timedelta]) -> timedelta:
    """Return how long to wait after so many attempts, 1 being the first."""
    return pauses[min(max(attempts, 1), len(pauses)) - 1]
