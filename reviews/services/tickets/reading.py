"""
Reading tickets where they are: because somebody said that one changed, and every while.

What changed is always asked of the ticket system itself, so that neither the order of
its deliveries nor their repetition matters, and one that was lost is made good by the
next poll. No transaction is open while a system is asked.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q

from reviews.models import Arrival, Connection, Ticket
from reviews.models.outgoing import OutgoingQuerySet
from reviews.ports.outside import HostBusyError, OutsideError
from reviews.ports.tickets import RemoteTicket, TicketSystem
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import POLL_EVERY, SEARCH_LAG, Standing, System
from reviews.services.tickets.deciding import look_for_decision
from reviews.services.tickets.hints import UnreadableError, hint_of
from reviews.services.tickets.problems import note_problem, note_trouble, note_well
from reviews.services.tickets.standing import mark_gone, take_over

__all__ = ["read_tickets", "take_over"]

logger = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=10)
"""How far a poll reaches back beyond the last one: clocks and searches are behind."""

SETTLED_AFTER = timedelta(days=30)
RECHECK_AFTER = timedelta(days=1)
RECHECKS = 20
"""How many unheard-of tickets a poll has looked for one by one: some are deleted."""

BATCH = 200
MOST_FAILURES = 3
LOCKED_FOR = timedelta(hours=1)
"""When a ticket is asked about again that alone cannot be read."""

SHORT_REST = timedelta(minutes=1)
CREDENTIALS = frozenset({0, 401})
OUTCOME_LIMIT = 200


@dataclass(frozen=True, slots=True)
class _Visit:
    """One worker's time with one ticket system."""

    connection: Connection
    system: TicketSystem
    clock: Callable[[], datetime]
    today: date
    site_url: str
    until: datetime
    failures: list[OutsideError] = field(default_factory=list)

    def is_over(self) -> bool:
        return self.clock() >= self.until

    def may_ask(self) -> bool:
        """Return whether the system may be asked: it is well, and wants no rest."""
        rested = Q(rests_until=None) | Q(rests_until__lte=self.clock())
        of_this = Connection.objects.filter(pk=self.connection.pk, problem_at=None)
        return of_this.filter(rested).exists()


def read_tickets(
    *,
    connection: Connection,
    system: TicketSystem,
    clock: Callable[[], datetime],
    today: date,
    site_url: str,
    until: datetime,
) -> int:
    """
    Bring a connection's tickets into line with their system; return how many were read.

    Takes up what its webhooks delivered, reads what that names, and polls if that is due.
    Stops at `until`, or when the system wants to be left alone; what is left over is
    read the next time. Two workers may do it at once.
    """
    visit = _Visit(connection, system, clock, today, site_url, until)
    _take_up_arrivals(visit)
    if not visit.may_ask():
        return 0
    read = 0
    for turn in (_read_due(visit), _poll(visit)):
        try:
            for _ in turn:
                read += 1
        except OutsideError as error:
            _note(visit, error)
            # Tickets that cannot be read one by one do not keep the poll from the others.
            if not _is_of_one(visit, error):
                return read
    if read and not visit.failures:
        note_well(connection=connection, now=clock())
    return read


def _take_up_arrivals(visit: _Visit) -> None:
    """Mark the tickets that were said to have changed as due to be read."""
    pending = Arrival.objects.filter(connection=visit.connection, handled_at=None)
    while not visit.is_over():
        batch = list(pending.order_by("pk")[:BATCH])
        for arrival in batch:
            _take_up(arrival, visit)
        if len(batch) < BATCH:
            return


def _take_up(arrival: Arrival, visit: _Visit) -> None:
    now = visit.clock()
    tickets, outcome = _meant(arrival, visit.connection)
    with transaction.atomic():
        mine = Arrival.objects.filter(pk=arrival.pk, handled_at=None).update(
            handled_at=now, outcome=outcome[:OUTCOME_LIMIT]
        )
        if mine and tickets:
            Ticket.objects.filter(pk__in=tickets).update(read_due_at=now)


def _meant(arrival: Arrival, connection: Connection) -> tuple[list[int], str]:
    """Return the tickets that a delivery is about, and what came of it in words."""
    try:
        hint = hint_of(System(connection.system), arrival.body, event=arrival.event)
    except UnreadableError as error:
        return [], f"Broken: {error}"
    if not hint.names:
        said = "Broken: it names no issue." if hint.is_broken else "Not about an issue."
        return [], said
    named = Q(remote_id__in=hint.names) | Q(key__in=hint.names)
    found = _there(connection).filter(named).order_by("pk")
    tickets = list(found.values_list("pk", "key"))
    if not tickets:
        return [], "Not one of this connection's tickets."
    return [id for id, _ in tickets], f"Read {', '.join(key for _, key in tickets)}."


def _read_due(visit: _Visit) -> Iterator[int]:
    """Read the tickets that were said to have changed, and give each."""
    due = _there(visit.connection).filter(read_due_at__lte=visit.clock())
    rows = due.order_by("read_due_at", "pk").values_list(
        "pk", "remote_id", "read_due_at"
    )
    for id, remote_id, due_at in list(rows[:BATCH]):
        if visit.is_over():
            return
        if _attempted(visit, id, partial(_read, visit, id, remote_id)):
            # If it was said again meanwhile, it is read again.
            Ticket.objects.filter(pk=id, read_due_at=due_at).update(read_due_at=None)
            yield id


def _read(visit: _Visit, ticket_id: int, remote_id: str) -> None:
    asked_at = visit.clock()
    remote = visit.system.read(remote_id)
    if remote is None:
        mark_gone(ticket_id=ticket_id, asked_at=asked_at)
    else:
        _take(visit, ticket_id, remote, asked_at)


def _poll(visit: _Visit) -> Iterator[int]:
    """Ask which tickets have changed, if that is due, take them over, and give each."""
    connection, now = visit.connection, visit.clock()
    before = connection.polled_at
    if visit.is_over() or (before is not None and now < before + POLL_EVERY):
        return
    mine = Connection.objects.filter(pk=connection.pk, polled_at=before)
    if not mine.update(polled_at=now):
        return
    connection.polled_at = now
    _recheck(visit, now)
    # Jira refuses a search for what is gone, and has to be asked many times: once a day
    # that is looked for by itself.
    there = _unsettled(connection, now).exclude(standing=Standing.GONE.value)
    rows = there.only("remote_id", "read_due_at", "read_at", "updated_at")
    known = {ticket.remote_id: ticket for ticket in rows}
    if not known:
        return
    lag = SEARCH_LAG[System(connection.system)]
    if connection.lag_seconds is not None:
        lag = timedelta(seconds=connection.lag_seconds)
    since = (connection.read_until or connection.created_at) - lag - OVERLAP
    changed = visit.system.changed(since=since, ids=list(known))
    remotes = [remote for remote in changed if remote.id in known]
    # An adapter may return more than was asked for.
    news = {
        known[remote.id].pk
        for remote in remotes
        if remote.updated_at >= since and not _is_heard(known[remote.id], remote)
    }
    # Noted first: what this worker does not come to is read one by one the next time.
    Ticket.objects.filter(pk__in=news, read_due_at=None).update(read_due_at=now)
    seen = [remote.updated_at for remote in changed]
    latest = max([*seen, *filter(None, [connection.read_until])], default=None)
    Connection.objects.filter(pk=connection.pk).update(read_until=latest)
    connection.read_until = latest
    for remote in sorted(remotes, key=lambda remote: remote.updated_at, reverse=True):
        if visit.is_over():
            return
        id = known[remote.id].pk
        look = id in news
        if _attempted(visit, id, partial(_take, visit, id, remote, now, look=look)):
            # If it was said again meanwhile, it is read again.
            Ticket.objects.filter(pk=id, read_due_at=now).update(read_due_at=None)
            yield id


def _is_heard(ticket: Ticket, remote: RemoteTicket) -> bool:
    """Return whether a ticket was read as it is, and late enough to have heard it all."""
    return (
        ticket.read_due_at is None
        and ticket.read_at is not None
        and ticket.updated_at == remote.updated_at
        and ticket.read_at > remote.updated_at + OVERLAP
    )


def _attempted(visit: _Visit, ticket_id: int, read: Callable[[], None]) -> bool:
    """
    Return whether a ticket was read; if not, it is asked about again in a while.

    What is refused for good may be of this ticket alone, so it holds no other up.

    :raises OutsideError: for a failure that the next ticket would meet as well.
    """
    try:
        read()
    except OutsideError as error:
        visit.failures.append(error)
        pause = LOCKED_FOR if _is_of_one(visit, error) else POLL_EVERY
        again = visit.clock() + pause
        Ticket.objects.filter(pk=ticket_id).update(read_due_at=again)
        if not _is_of_one(visit, error) or len(visit.failures) >= MOST_FAILURES:
            raise
        logger.warning("connection %s: %s", visit.connection.slug, error)
        note_trouble(connection=visit.connection, problem=str(error))
        return False
    return True


def _take(
    visit: _Visit,
    ticket_id: int,
    remote: RemoteTicket,
    asked_at: datetime,
    *,
    look: bool = True,
) -> None:
    ticket = take_over(
        ticket_id=ticket_id,
        remote=remote,
        asked_at=asked_at,
        today=visit.today,
        now=visit.clock(),
    )
    if ticket is not None and look:
        look_for_decision(
            ticket=ticket,
            remote=remote,
            system=visit.system,
            today=visit.today,
            now=visit.clock(),
            site_url=visit.site_url,
        )


def _recheck(visit: _Visit, now: datetime) -> None:
    """Have some tickets read that were long not heard of: a deletion changes nothing."""
    unheard = _unsettled(visit.connection, now).filter(
        Q(read_at__lte=now - RECHECK_AFTER)
        | Q(read_at=None, done_at__lte=now - RECHECK_AFTER),
        read_due_at=None,
    )
    ids = list(
        unheard.order_by("read_at", "pk").values_list("pk", flat=True)[:RECHECKS]
    )
    Ticket.objects.filter(pk__in=ids, read_due_at=None).update(read_due_at=now)


def _there(connection: Connection) -> OutgoingQuerySet[Ticket]:
    made = Ticket.objects.filter(connection=connection, state=SendState.DONE.value)
    return made.exclude(remote_id="")


def _unsettled(connection: Connection, now: datetime) -> OutgoingQuerySet[Ticket]:
    """Return the tickets of which something may still be heard."""
    return _there(connection).filter(
        Q(flag__closed_at=None)
        | Q(standing=Standing.OPEN.value)
        | Q(updated_at__gte=now - SETTLED_AFTER)
    )


def _is_of_one(visit: _Visit, error: OutsideError) -> bool:
    """Return whether a refusal may be of the one ticket that was read: a locked one."""
    is_of_all = not error.permanent or error.status in CREDENTIALS
    return error in visit.failures and not is_of_all


def _note(visit: _Visit, error: OutsideError) -> None:
    """Note why a system could not be read, and until when it is left alone."""
    connection, now = visit.connection, visit.clock()
    logger.warning("connection %s: %s", connection.slug, error)
    rest = error.retry_after
    if rest is None and isinstance(error, HostBusyError):
        rest = SHORT_REST
    if rest is not None:
        Connection.objects.filter(
            Q(rests_until=None) | Q(rests_until__lt=now + rest), pk=connection.pk
        ).update(rests_until=now + rest)
    elif not error.permanent or _is_of_one(visit, error):
        note_trouble(connection=connection, problem=str(error))
    else:
        note_problem(
            connection=connection, problem=str(error), now=now, today=visit.today
        )
