"""
Sending once: claims, intents and outcomes of everything that goes out.

The row is the promise. A worker takes a row for a while, commits that it is about to
send, sends, and commits what came of it; each step is one conditional UPDATE, outside any
longer transaction, so that whatever dies leaves a row that tells how far it came:

- taken, but nothing sent: the claim runs out, and the row is ready again;
- sent, and nothing heard: the row is unknown, and whoever takes it next has to look
  for what it made, once that must be visible, before sending again.

Nothing here knows what is sent, or to whom.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from reviews.models.outgoing import Outgoing
from reviews.rules.outgoing import SendState, pause_after

LEASE = timedelta(minutes=3)
"""How long a claim holds: longer than all the requests that are made under it."""

PROBLEM_LIMIT = 500

Row = TypeVar("Row", bound=Outgoing)


class LostClaimError(Exception):
    """Somebody else has taken the row since: what this worker holds is out of date."""


def take(model: type[Row], id: int, *, now: datetime, lag: timedelta) -> Row | None:
    """
    Return a row that is this worker's until LEASE has passed, None if it is not to have.

    `lag` is how long something that was made may stay out of sight: a row whose outcome
    is unknown is put off until then, and comes back with `first_sent_at` set, which
    means: look for it before you send it.
    """
    rows: Any = model._default_manager
    held = {"pk": id, "refused_at": None, "state": SendState.SENDING.value}
    dead = rows.filter(**held, claimed_until__lte=now)
    # Nothing had gone out when its worker died.
    dead.filter(first_sent_at=None).update(
        state=SendState.READY.value, claimed_until=None, next_at=now
    )
    dead.filter(first_sent_at__isnull=False).update(
        state=SendState.UNKNOWN.value,
        claimed_until=None,
        next_at=F("last_sent_at") + lag,
        problem="The worker that sent it died before it heard the answer.",
    )
    until = now + LEASE
    taken = rows.filter(
        Q(state=SendState.READY.value) | Q(state=SendState.UNKNOWN.value),
        pk=id,
        refused_at=None,
        next_at__lte=now,
    ).update(state=SendState.SENDING.value, claimed_until=until)
    if not taken:
        return None
    row: Row | None = rows.filter(pk=id, claimed_until=until).first()
    return row


def intend(row: Outgoing, *, now: datetime) -> None:
    """
    Commit that a row is about to be sent: from here on its outcome may be unknown.

    :raises LostClaimError: if the row is no longer this worker's.
    """
    until = now + LEASE
    _write(
        row,
        first_sent_at=Coalesce(F("first_sent_at"), now),
        last_sent_at=now,
        attempts=F("attempts") + 1,
        claimed_until=until,
    )
    row.first_sent_at = row.first_sent_at or now
    row.last_sent_at, row.claimed_until = now, until
    row.attempts += 1


def finish(row: Outgoing, *, now: datetime, **columns: Any) -> None:
    """
    Commit that a row is done, with what is known of it now.

    :raises LostClaimError: if the row is no longer this worker's.
    """
    _write(
        row,
        state=SendState.DONE.value,
        done_at=now,
        claimed_until=None,
        problem="",
        **columns,
    )


def leave_unknown(
    row: Outgoing, *, problem: str, lag: timedelta, now: datetime
) -> None:
    """
    Commit that a row went out, and that nobody knows what came of it.

    :raises LostClaimError: if the row is no longer this worker's.
    """
    _write(
        row,
        state=SendState.UNKNOWN.value,
        claimed_until=None,
        next_at=now + lag,
        problem=problem[:PROBLEM_LIMIT],
    )


def put_off(
    row: Outgoing,
    *,
    problem: str,
    now: datetime,
    pauses: Sequence[timedelta],
    retry_after: timedelta | None = None,
) -> None:
    """
    Commit that nothing was done, and when it is tried again.

    :raises LostClaimError: if the row is no longer this worker's.
    """
    pause = max(pause_after(row.attempts, pauses), retry_after or timedelta())
    give_back(row, next_at=now + pause, problem=problem)


def give_back(row: Outgoing, *, next_at: datetime, problem: str = "") -> None:
    """
    Commit that nothing was done, and from when on it may be taken again.

    :raises LostClaimError: if the row is no longer this worker's.
    """
    _write(
        row,
        state=SendState.READY.value,
        claimed_until=None,
        first_sent_at=None,
        next_at=next_at,
        problem=problem[:PROBLEM_LIMIT],
    )


def refuse(row: Outgoing, *, problem: str, now: datetime) -> None:
    """
    Commit that a row was refused for good: it waits for somebody to say "again".

    :raises LostClaimError: if the row is no longer this worker's.
    """
    _write(
        row,
        state=SendState.READY.value,
        claimed_until=None,
        first_sent_at=None,
        refused_at=now,
        problem=problem[:PROBLEM_LIMIT],
    )


def free_all_claims_of(*models: type[Outgoing], now: datetime) -> None:
    """End every claim: for whoever knows that no worker is left that holds one."""
    for model in models:
        rows: Any = model._default_manager
        rows.filter(state=SendState.SENDING.value).update(claimed_until=now)


def _write(row: Outgoing, **columns: Any) -> None:
    """Change a row that is still this worker's, and no other."""
    rows: Any = type(row)._default_manager
    changed = rows.filter(
        pk=row.pk, state=SendState.SENDING.value, claimed_until=row.claimed_until
    ).update(**columns)
    if not changed:
        raise LostClaimError(f"{row._meta.label} {row.pk} was taken by another worker.")
