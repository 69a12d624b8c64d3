"""
What a ticket system says of a ticket, taken over: where it stands, and who has it.

That is all which the other side owns. What the tracker owns is put right over there, a
few times a day, and after that it is a conflict which people see and nobody fights.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from reviews.models import Flag, Ticket, TicketStep
from reviews.ports.tickets import RemoteTicket
from reviews.rules.outgoing import SendState
from reviews.rules.ticket_fields import LONGEST_QUARREL, Change, changed_by
from reviews.rules.ticketing import Standing, StepKind
from reviews.services.tickets.hints import plain
from reviews.services.tickets.planning import new_marker

URL_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class _Field:
    """A field that the tracker owns: as last sent, and as it is over there; as text."""

    name: str
    sent: str
    theirs: str


def take_over(
    *,
    ticket_id: int,
    remote: RemoteTicket,
    asked_at: datetime,
    today: date,
    now: datetime,
) -> Ticket | None:
    """
    Write down what a ticket system says of a ticket; return the ticket as it is then.

    None where something newer is known already: `asked_at` is when it was asked for, and
    tells apart two answers that have the same instant of change.
    """
    with transaction.atomic():
        ticket = locked_ticket(ticket_id)
        if ticket is None or _is_older(ticket, remote, asked_at):
            return None
        standing = Standing.CLOSED if remote.is_closed else Standing.OPEN
        ticket.standing = standing.value
        ticket.status = plain(remote.status, limit=100)
        ticket.assignee = plain(remote.assignee, limit=200)
        ticket.key = plain(remote.key, limit=100) or ticket.key
        if _is_link(remote.url):
            ticket.url = remote.url
        ticket.updated_at = remote.updated_at
        ticket.read_at = asked_at
        _hold_to_ours(ticket, remote, today=today, now=now)
        ticket.save(
            update_fields=[
                "standing",
                "status",
                "assignee",
                "key",
                "url",
                "updated_at",
                "read_at",
                "conflict",
                "put_right",
                "put_right_on",
            ]
        )
    return ticket


def mark_gone(*, ticket_id: int, asked_at: datetime) -> None:
    """Write down that a ticket is deleted over there, or out of this product's sight."""
    Ticket.objects.filter(pk=ticket_id).update(
        standing=Standing.GONE.value, read_at=asked_at
    )


def locked_ticket(ticket_id: int) -> Ticket | None:
    """Return a ticket that nobody else changes meanwhile, with its flag; if it exists."""
    rows = Ticket.objects.select_for_update(of=("self",), no_key=True)
    ticket: Ticket | None = (
        rows.select_related("flag__solution", "connection").filter(pk=ticket_id).first()
    )
    return ticket


def add_step(
    ticket: Ticket, kind: StepKind, *, key: str, now: datetime, text: str = ""
) -> bool:
    """Write a step for a locked ticket; return whether it was not asked for before."""
    if TicketStep.objects.filter(ticket=ticket, key=key).exists():
        return False
    TicketStep.objects.create(
        ticket=ticket,
        kind=kind.value,
        key=key,
        marker=new_marker(),
        text=text,
        next_at=now,
        created_at=now,
    )
    return True


def is_under_way(ticket: Ticket, *kinds: StepKind) -> bool:
    """Return whether what was read of a ticket may be from before a step of its own."""
    steps = TicketStep.objects.filter(ticket=ticket, kind__in=[k.value for k in kinds])
    undone = steps.exclude(state=SendState.DONE.value)
    return undone.exists() or steps.filter(done_at__gte=ticket.read_at).exists()


def _is_older(ticket: Ticket, remote: RemoteTicket, asked_at: datetime) -> bool:
    if ticket.read_at is None or ticket.updated_at is None:
        return False
    # What was answered to its making may be a guess at the other side's clock.
    if ticket.read_at == ticket.done_at:
        return False
    return (remote.updated_at, asked_at) < (ticket.updated_at, ticket.read_at)


def _is_link(url: str) -> bool:
    return url.startswith(("https://", "http://")) and (
        len(url) <= URL_LIMIT and url.isprintable()
    )


def _hold_to_ours(
    ticket: Ticket, remote: RemoteTicket, *, today: date, now: datetime
) -> None:
    """
    Have the fields put right that somebody changed over there, or say why not.

    A field that was changed here as well is found out when its update is sent.
    """
    if not _is_asked(ticket.flag, today) or is_under_way(ticket, StepKind.UPDATE):
        return
    changed = [
        field
        for field in _fields(ticket, remote)
        if changed_by(sent=field.sent, ours=field.sent, theirs=field.theirs)
        is Change.THEIRS
    ]
    if not changed:
        ticket.conflict = ""
    if not changed or ticket.conflict:
        return
    if ticket.put_right_on != today:
        ticket.put_right, ticket.put_right_on = 0, today
    if ticket.put_right >= LONGEST_QUARREL:
        ticket.conflict = " ".join(_quarrel(field) for field in changed)[:500]
        return
    key = f"put-right:{remote.updated_at.isoformat()}"
    ticket.put_right += add_step(ticket, StepKind.UPDATE, key=key, now=now)


def _is_asked(flag: Flag, today: date) -> bool:
    is_covered = flag.covered_until is not None and flag.covered_until > today
    return flag.closed_at is None and not is_covered


def _fields(ticket: Ticket, remote: RemoteTicket) -> Iterator[_Field]:
    """Give what was sent and can be compared: a system lacks a field, or a value for it."""
    if ticket.sent_title:
        sent = " ".join(ticket.sent_title.split())
        yield _Field("title", sent, " ".join(remote.title.split()))
    has_days = remote.due_on is not None or ticket.connection.fields.get("due_on")
    if ticket.sent_due_on is not None and has_days:
        yield _Field("due day", str(ticket.sent_due_on), str(remote.due_on or "empty"))
    if ticket.sent_severity and remote.severity is not None:
        yield _Field("severity", ticket.sent_severity, remote.severity)


def _quarrel(field: _Field) -> str:
    return (
        f"The {field.name} was put right {LONGEST_QUARREL} times today and changed in "
        f"the ticket each time: here it is {plain(field.sent, limit=80)}, in the ticket "
        f"it is {plain(field.theirs, limit=80)}."
    )
