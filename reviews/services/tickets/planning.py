"""
Which flags get a ticket, and when: the intent, before anything is sent.

It follows from the register as it stands, not from events, so that whatever was missed
is found the next time. A connection makes so many tickets on a day and no more: what is
left over waits, the gravest first, and is counted where people see it.
"""

import logging
import secrets
from datetime import date, datetime

from django.db import IntegrityError, transaction

from reviews.models import Attempt, Connection, Flag, Ticket
from reviews.models.connection import ConnectionQuerySet
from reviews.ports.tickets import TicketSystem
from reviews.queries.ticket_needs import room_left, wanted_by
from reviews.rules.access import Actor, Permission, require
from reviews.rules.telling import AttemptOutcome
from reviews.services.audit import record_change
from reviews.services.errors import ConflictError, InvalidError
from reviews.services.locks import locked_flag
from reviews.services.tickets.drafting import draft_of

logger = logging.getLogger(__name__)


def plan_tickets(*, today: date, now: datetime) -> int:
    """
    Write down which tickets are to be made, for all live connections; return how many.

    It may run twice at once: a connection plans alone, and a flag has one ticket.
    """
    planned = 0
    for id in list(Connection.objects.live().values_list("pk", flat=True)):
        try:
            planned += _plan(id, today=today, now=now)
        except (TypeError, ValueError, LookupError):
            # What somebody wrote past the application stops this one, and no other.
            logger.exception("connection %s cannot be planned for", id)
    return planned


def _plan(id: int, *, today: date, now: datetime) -> int:
    """Write down one connection's tickets, for which it is held."""
    with transaction.atomic():
        connection = _locked(Connection.objects.live(), id)
        if connection is None or connection.problem_at is not None:
            return 0
        room = room_left(connection, today=today)
        flags = wanted_by(connection, today=today)
        ids = list(flags.values_list("pk", flat=True)[:room]) if room else []
        Ticket.objects.bulk_create(
            (_intent(connection, flag_id, now) for flag_id in ids),
            ignore_conflicts=True,
        )
    return len(ids)


def simulate_tickets(
    *,
    connection: Connection,
    system: TicketSystem,
    today: date,
    now: datetime,
    site_url: str,
) -> int:
    """
    Write into the ledger what a connection would send if it were live.

    Once for each flag, and as many on a day as it would make tickets.
    """
    room = room_left(connection, today=today)
    flags = wanted_by(connection, today=today).select_related(
        "solution__team", "solution__owner"
    )
    lines = []
    for flag in flags[:room] if room else []:
        request = system.request_of(
            draft_of(flag, marker=new_marker(), site_url=site_url)
        )
        lines.append(
            Attempt(
                connection=connection,
                flag=flag,
                at=now,
                what="create",
                outcome=AttemptOutcome.SIMULATED.value,
                detail=f"{request.method} {request.url}"[:500],
                request={
                    "method": request.method,
                    "url": request.url,
                    "payload": request.payload,
                },
            )
        )
    Attempt.objects.bulk_create(lines, ignore_conflicts=True)
    return len(lines)


def ask_for_ticket(
    *,
    flag_id: int,
    connection_id: int | None,
    actor: Actor,
    today: date,
    now: datetime,
) -> Ticket:
    """
    Have a ticket made for a flag, beyond what a connection takes by itself in a day.

    Without a connection, the first live one that the flag fits.

    :raises NotAllowedError: without the right to make tickets for what the team owns.
    :raises InvalidError: if no live connection can take it; `field` is "connection".
    :raises ConflictError: if the flag is closed or has a ticket.
    """
    with transaction.atomic():
        flag = locked_flag(flag_id)
        require(actor, Permission.TICKET, flag.solution.team_id)
        if flag.closed_at is not None:
            raise ConflictError("This flag is closed: there is nothing left to do.")
        if Ticket.objects.filter(flag=flag).exists():
            raise ConflictError("This flag has a ticket already.")
        connection = _chosen(flag, connection_id, today)
        try:
            with transaction.atomic():
                ticket = _intent(connection, flag.pk, now)
                ticket.save()
        except IntegrityError as error:
            raise ConflictError("This flag has a ticket already.") from error
        record_change(
            actor=actor,
            subject=flag.solution,
            label=flag.solution.slug,
            what="ticket asked for",
            details={"flag": flag.pk, "connection": connection.slug},
            now=now,
        )
    return ticket


def new_marker() -> str:
    """Return a word that is found nowhere else."""
    return f"bb-{secrets.token_hex(8)}"


def _chosen(flag: Flag, connection_id: int | None, today: date) -> Connection:
    live = Connection.objects.live()
    if connection_id is not None:
        chosen = live.filter(pk=connection_id).first()
        if chosen is None:
            raise InvalidError(
                "There is no such connection that is switched on and live.",
                field="connection",
            )
        return chosen
    for connection in live:
        if wanted_by(connection, today=today).filter(pk=flag.pk).exists():
            return connection
    raise InvalidError(
        "No live connection takes such a flag by itself: name one.", field="connection"
    )


def _intent(connection: Connection, flag_id: int, now: datetime) -> Ticket:
    return Ticket(
        connection=connection,
        flag_id=flag_id,
        marker=new_marker(),
        next_at=now,
        created_at=now,
    )


def _locked(connections: ConnectionQuerySet, id: int) -> Connection | None:
    return connections.select_for_update(no_key=True).filter(pk=id).first()
