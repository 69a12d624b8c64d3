"""A flag's ticket in words, and what a visitor may do about it."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from reviews.queries.solution_page import OpenFlag
from reviews.queries.tickets import TicketRow
from reviews.rules.access import Actor, Permission, may
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import Standing


@dataclass(frozen=True, slots=True)
class TicketLine:
    """
    How a flag stands in a ticket system.

    `link` is empty where there is nothing to follow. `url` is where `button` is sent to,
    both empty where nothing is to be done, or this visitor may not; it leads `back`.
    """

    key: str
    link: str
    said: str
    problem: str
    conflict: str
    url: str
    button: str
    back: str


def ticket_line(
    flag: OpenFlag, *, team_id: int | None, actor: Actor, back: str, today: date
) -> TicketLine | None:
    """Return a flag's ticket in words, None where there is nothing to say or to do."""
    writes = may(actor, Permission.TICKET, team_id)
    if flag.ticket is not None:
        return _line_of(flag.ticket, writes=writes, back=back)
    if not (writes and flag.taken_by and flag.is_asked(today)):
        return None
    return TicketLine(
        key="",
        link="",
        said="No ticket stands for it yet.",
        problem="",
        conflict="",
        url=reverse("make-ticket", args=[flag.id]),
        button=f"Make a ticket in {flag.taken_by}",
        back=back,
    )


def _line_of(row: TicketRow, *, writes: bool, back: str) -> TicketLine:
    offered = writes and row.can_retry
    return TicketLine(
        key=row.key,
        link=row.url,
        said=_standing(row),
        problem=row.problem,
        conflict=row.conflict,
        url=reverse("retry-ticket", args=[row.id]) if offered else "",
        button=("Send ours" if row.conflict else "Try again") if offered else "",
        back=back,
    )


def _standing(row: TicketRow) -> str:
    """Return where a ticket stands, as a sentence."""
    if row.is_there:
        return _there(row)
    if row.refused_at is not None:
        return f"{row.connection_name} refused the ticket."
    if not row.is_sending:
        return f"A ticket waits: {row.connection_name} is switched off."
    if row.state == SendState.UNKNOWN:
        return (
            f"A ticket was sent to {row.connection_name} and the answer was lost: it "
            "is looked for before it is sent again."
        )
    return f"A ticket is on its way to {row.connection_name}."


def _there(row: TicketRow) -> str:
    if row.standing == Standing.GONE:
        return f"in {row.connection_name}."
    words = [row.standing or "not read yet", row.status]
    # Many systems call what is open just that.
    said = dict.fromkeys(filter(None, words), None)
    if len({word.lower() for word in said}) == 1:
        said = {words[0]: None}
    whose = f"assigned to {row.assignee}" if row.assignee else "assigned to nobody"
    return f"in {row.connection_name}: {', '.join(said)}, {whose}."
