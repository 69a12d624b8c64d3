"""
Making tickets, once each: intent, request, outcome, each committed by itself.

No request is made inside a transaction. A ticket whose making nobody heard the end of is
looked for by its marker, once it must be visible, and only made if it is not there. What
is done to tickets afterwards is in `steps`.
"""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from reviews.models import Connection, Flag, Ticket, TicketStep
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import Draft, RemoteTicket, TicketSystem
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import Standing, StepKind
from reviews.services.outgoing import LostClaimError, finish, intend, take
from reviews.services.tickets.drafting import draft_of, text_digest
from reviews.services.tickets.outcomes import settle_looked, settle_sent
from reviews.services.tickets.planning import new_marker
from reviews.services.tickets.problems import note_well
from reviews.services.tickets.shift import Outcome, Shift
from reviews.services.tickets.steps import due_steps, take_step

logger = logging.getLogger(__name__)

CLOCK_MARGIN = timedelta(hours=1)
"""By how much the other side's clock may go differently from this one."""

Taker = Callable[[Shift, int], Outcome]


@dataclass(frozen=True, slots=True)
class Sent:
    """
    What came of one worker's stretch of work: tickets made, steps done, and the rest.

    `rests` says that the host wants to be left alone.
    """

    made: int = 0
    stepped: int = 0
    unknown: int = 0
    refused: int = 0
    put_off: int = 0
    rests: bool = False


def send_tickets(
    *,
    connection: Connection,
    system: TicketSystem,
    clock: Callable[[], datetime],
    today: date,
    site_url: str,
    until: datetime,
) -> Sent:
    """
    Make a connection's tickets that are due, then do what is due to those it has.

    It ends when nothing is due, when `until` has come, when the host wants to be left
    alone, and when the connection is stopped or switched off meanwhile. Each row is
    taken up once; any number of workers may do this at the same time.
    """
    shift = Shift(connection, system, clock, today, site_url, until)
    tickets = _work(shift, make_ticket, _due_tickets)
    steps = _work(shift, take_step, due_steps)
    both = tickets + steps
    return Sent(
        made=tickets[Outcome.DONE],
        stepped=steps[Outcome.DONE],
        unknown=both[Outcome.UNKNOWN],
        refused=both[Outcome.REFUSED],
        put_off=both[Outcome.PUT_OFF],
        rests=shift.rests(),
    )


def make_ticket(shift: Shift, id: int) -> Outcome:
    """
    Make a ticket, or find the one that was made, and return what came of it.

    A flag that was closed or covered since it was planned gets none: a closed one needs
    none any more, a covered one is planned again when it is asked again.

    :raises LostClaimError: if another worker took the ticket meanwhile.
    """
    row = take(Ticket, id, now=shift.clock(), lag=shift.lag)
    if row is None:
        return Outcome.LEFT
    flag = Flag.objects.select_related("solution__team", "solution__owner").get(
        pk=row.flag_id
    )
    draft = draft_of(flag, marker=row.marker, site_url=shift.site_url)
    if row.first_sent_at is not None:
        since = row.first_sent_at - CLOCK_MARGIN
        try:
            found = shift.ask(
                "find", flag.pk, lambda: shift.system.find(row.marker, since=since)
            )
        except OutsideError as error:
            return settle_looked(shift, row, error)
        if found is not None:
            _link_found(shift, row, flag, draft, found)
            return Outcome.DONE
    if not Flag.objects.asked_on(shift.today).filter(pk=flag.pk).exists():
        _drop(row)
        return Outcome.LEFT
    return _create(shift, row, flag, draft)


def _create(shift: Shift, row: Ticket, flag: Flag, draft: Draft) -> Outcome:
    intend(row, now=shift.clock())
    try:
        made = shift.ask("create", flag.pk, lambda: shift.system.create(draft))
    except OutsideError as error:
        return settle_sent(shift, row, error)
    now = shift.clock()
    finish(
        row,
        now=now,
        **_as_it_stands(made, now),
        sent_title=draft.title,
        # As the system wrote it down, which need not be letter by letter.
        sent_text_digest=text_digest(made.text or draft.text),
        sent_due_on=draft.due_on,
        sent_severity=draft.severity,
        sent_reason=flag.reason,
        sent_action=flag.action,
    )
    return Outcome.DONE


def _link_found(
    shift: Shift, row: Ticket, flag: Flag, draft: Draft, found: RemoteTicket
) -> None:
    """Commit that a ticket had been made, as it is there; what it lacks is an update."""
    now = shift.clock()
    finish(
        row,
        now=now,
        **_as_it_stands(found, now),
        sent_title=found.title,
        sent_text_digest=text_digest(found.text),
        sent_due_on=found.due_on or draft.due_on,
        sent_severity=draft.severity if found.severity is None else found.severity,
        sent_reason=flag.reason,
        sent_action=flag.action,
    )
    said = (text_digest(found.text), " ".join(found.title.split()))
    if said != (text_digest(draft.text), draft.title):
        step = TicketStep(
            ticket=row,
            kind=StepKind.UPDATE.value,
            key="update:found",
            marker=new_marker(),
            next_at=now,
            created_at=now,
        )
        TicketStep.objects.bulk_create([step], ignore_conflicts=True)


def _as_it_stands(remote: RemoteTicket, now: datetime) -> dict[str, Any]:
    standing = Standing.CLOSED if remote.is_closed else Standing.OPEN
    return {
        "remote_id": remote.id,
        "key": remote.key[:100],
        "url": remote.url[:1000],
        "standing": standing.value,
        "status": remote.status[:100],
        "assignee": remote.assignee[:200],
        "updated_at": remote.updated_at,
        "read_at": now,
    }


def _drop(row: Ticket) -> None:
    """Forget a ticket that is not to be made, if it is still this worker's."""
    Ticket.objects.filter(
        pk=row.pk, state=SendState.SENDING.value, claimed_until=row.claimed_until
    ).delete()


def _due_tickets(shift: Shift) -> list[int]:
    due = Ticket.objects.to_take_up_at(shift.clock())
    of_this = due.filter(connection=shift.connection.pk)
    return list(of_this.order_by("created_at", "pk").values_list("pk", flat=True))


def _work(
    shift: Shift, take_up: Taker, due: Callable[[Shift], list[int]]
) -> Counter[Outcome]:
    """Take up what is due, each row once, as long as the shift goes on."""
    came_of: Counter[Outcome] = Counter()
    seen: set[int] = set()
    while waiting := [id for id in due(shift) if id not in seen]:
        for id in waiting:
            if not shift.goes_on():
                return came_of
            seen.add(id)
            outcome = _taken_up(shift, take_up, id)
            came_of[outcome] += 1
            if outcome is Outcome.DONE:
                note_well(connection=shift.connection, now=shift.clock())
    return came_of


def _taken_up(shift: Shift, take_up: Taker, id: int) -> Outcome:
    try:
        return take_up(shift, id)
    except LostClaimError as error:
        logger.info("%s: %s", shift.connection.slug, error)
        return Outcome.LEFT
    except Exception:
        # The row stays claimed: after a while it is looked for like any other.
        logger.exception("%s: row %s went wrong", shift.connection.slug, id)
        return Outcome.LEFT
