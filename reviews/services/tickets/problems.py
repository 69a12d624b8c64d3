"""
What is wrong with a connection, who is told of it, and how somebody says: again.

The rule, by the columns of a connection:

- `problem` is empty: it is well.
- `problem` has a text, `problem_at` is None: a trouble that may pass, such as a host
  that is down. It goes on being tried, and the next success takes the text away.
- `problem` has a text, `problem_at` is an instant: it was refused for good since then,
  such as by a wrong token or a project that is not there. Nothing is sent and nothing
  asked any more, and its tickets stay ready, until somebody says: again. Its owner is
  told, once a day.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from reviews.models import Connection, Ticket, TicketStep
from reviews.rules.access import Actor, Permission, require
from reviews.rules.telling import MessageKind
from reviews.rules.ticketing import Standing, StepKind
from reviews.services.audit import record_change
from reviews.services.errors import ConflictError
from reviews.services.locks import locked_solution
from reviews.services.messages.telling import tell
from reviews.services.tickets.planning import new_marker

PROBLEM_LIMIT = 500

OURS = "ours:"
"""How the key of an update begins for which somebody decided that the flag is right."""


def note_problem(
    *, connection: Connection, problem: str, now: datetime, today: date
) -> None:
    """
    Stop a connection that was refused for good, and tell its owner, once a day.

    It stands still until `try_connection_again`.
    """
    with transaction.atomic():
        of_this = Connection.objects.filter(pk=connection.pk)
        of_this.update(
            problem=problem[:PROBLEM_LIMIT], problem_at=Coalesce(F("problem_at"), now)
        )
        untold = of_this.filter(
            Q(problem_told_on=None) | Q(problem_told_on__lt=today)
        ).update(problem_told_on=today)
        if untold and connection.owner_id is not None:
            tell(
                user_id=connection.owner_id,
                kind=MessageKind.TROUBLE,
                key=f"trouble:connection:{connection.pk}:{today}",
                subject=f"The ticket connection {connection.name} has stopped",
                text=(
                    f"{problem}\n\nNo tickets are made or changed through "
                    f"{connection.name} until this is put right and somebody chooses "
                    '"try again" on the connection. What is to be sent is kept.'
                ),
                now=now,
            )


def note_trouble(*, connection: Connection, problem: str) -> None:
    """Show what went wrong with a connection and may pass; it goes on being tried."""
    Connection.objects.filter(pk=connection.pk, problem_at=None).update(
        problem=problem[:PROBLEM_LIMIT]
    )


def note_well(*, connection: Connection, now: datetime) -> None:
    """
    Take away a trouble that has passed.

    What was refused for good stays: to read may go well where to write is forbidden.
    """
    Connection.objects.filter(pk=connection.pk, problem_at=None).exclude(
        problem=""
    ).update(problem="", updated_at=now)


def try_again(*, ticket_id: int, actor: Actor, now: datetime) -> Ticket:
    """
    Have sent again what was refused of one ticket: its making, or a step of it.

    Of a conflict it means that the flag's values stand: what the other side changed is
    written over. A ticket that was gone is looked for once more.

    :raises NotAllowedError: without the right to retry tickets of what the team owns.
    :raises ConflictError: if nothing of it was refused.
    """
    with transaction.atomic():
        ticket = (
            Ticket.objects.select_related("flag__solution").filter(pk=ticket_id).first()
        )
        if ticket is None:
            raise ConflictError("This ticket is no longer in the register.")
        solution = locked_solution(ticket.flag.solution_id)
        require(actor, Permission.TICKET, solution.team_id)
        again = _reset(Ticket.objects.filter(pk=ticket_id), now)
        again += _reset(TicketStep.objects.filter(ticket=ticket_id), now)
        if not (again or ticket.conflict or ticket.standing == Standing.GONE):
            raise ConflictError(
                "Nothing of this ticket was refused: what waits is sent by itself."
            )
        if ticket.conflict:
            _decide_for_ours(ticket, now)
        columns: dict[str, Any] = {"conflict": "", "problem": "", "put_right": 0}
        if ticket.standing == Standing.GONE:
            columns |= {"standing": Standing.OPEN.value, "read_due_at": now}
        Ticket.objects.filter(pk=ticket_id).update(**columns)
        record_change(
            actor=actor,
            subject=solution,
            label=solution.slug,
            what="ticket tried again",
            details={
                "flag": ticket.flag_id,
                "ticket": ticket.key,
                "conflict": ticket.conflict,
            },
            now=now,
        )
    ticket.refresh_from_db()
    return ticket


def try_connection_again(*, connection_id: int, actor: Actor, now: datetime) -> int:
    """
    Let a connection go on, with all that it was refused; return how much that is.

    Conflicts are left: which side is right is decided one by one.

    :raises NotAllowedError: unless by an administrator.
    :raises ConflictError: if it was deleted.
    """
    require(actor, Permission.CONNECT, None)
    with transaction.atomic():
        connection = Connection.objects.filter(pk=connection_id).first()
        if connection is None:
            raise ConflictError("This connection is no longer there.")
        Connection.objects.filter(pk=connection_id).update(
            problem="", problem_at=None, updated_at=now
        )
        again = _reset(Ticket.objects.filter(connection=connection_id), now)
        steps = TicketStep.objects.filter(
            ticket__connection=connection_id, ticket__conflict=""
        )
        again += _reset(steps, now)
        record_change(
            actor=actor,
            subject=connection,
            label=connection.slug,
            what="connection tried again",
            details={"problem": connection.problem, "sent again": again},
            now=now,
        )
    return again


def _decide_for_ours(ticket: Ticket, now: datetime) -> None:
    """Have the update that waits write over what the other side has; or write one."""
    updates = TicketStep.objects.unfinished().filter(
        ticket=ticket, kind=StepKind.UPDATE.value
    )
    first, key = updates.order_by("pk").first(), f"{OURS}{now.isoformat()}"
    if first is not None:
        TicketStep.objects.filter(pk=first.pk).update(key=key)
        return
    TicketStep.objects.create(
        ticket=ticket,
        kind=StepKind.UPDATE.value,
        key=key,
        marker=new_marker(),
        next_at=now,
        created_at=now,
    )


def _reset(rows: QuerySet[Any], now: datetime) -> int:
    return rows.filter(refused_at__isnull=False).update(
        refused_at=None, next_at=now, attempts=0, problem=""
    )
