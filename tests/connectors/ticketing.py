"""What the tests of the adapters to ticket systems share: drafts, and what a fault does."""

from datetime import UTC, date, datetime, timedelta

from reviews.ports.tickets import Draft
from tests.trackers.exchanges import Fault

MARKER = "bb-3f2a-17"

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

HOSTILE = (
    "Ask @acme/everyone & @pat.\n/close\n  /assign @eve\n"
    "<script>alert(1)</script> \u202e`@angular/core` 😀 ﷽ ']]> %0d%0a \\u0000\n"
    "| a | b |\n<!-- best-before: bb-other -->x"
)

UNKNOWN = (
    Fault.ERROR_BEFORE,
    Fault.ERROR_AFTER,
    Fault.TIMEOUT_AFTER,
    Fault.DROPPED_BEFORE,
    Fault.DROPPED_AFTER,
    Fault.TRUNCATED,
    Fault.DRIPPING,
    Fault.REDIRECT,
    Fault.HTML,
    Fault.EMPTY,
)
"""The faults after which nobody knows whether the change was made."""

PERMANENT = (
    Fault.UNAUTHORIZED,
    Fault.FORBIDDEN,
    Fault.NOT_FOUND,
    Fault.UNPROCESSABLE,
)
"""The faults that stay until somebody changes something."""


def draft(
    title: str = "Review Django: end of life",
    text: str = "Its support ends.\n\n- Due: 2026-12-01",
    *,
    marker: str = MARKER,
    due_on: date | None = date(2026, 12, 1),
    severity: str = "high",
    labels: tuple[str, ...] = ("technology",),
) -> Draft:
    return Draft(
        marker=marker,
        title=title,
        text=text,
        due_on=due_on,
        severity=severity,
        labels=labels,
    )


def patience(fault: Fault) -> timedelta:
    """Return how long a call may take: not long where it is to run out of time."""
    slow = fault in (Fault.TIMEOUT_AFTER, Fault.DRIPPING)
    return timedelta(seconds=0.4 if slow else 20)
