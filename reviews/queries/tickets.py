"""
Tickets as frozen rows, each with its flag and its connection, in one query.

What is refused may be the ticket itself or a step that is done to it; both wait for the
same click, so a row tells of the one as of the other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from reviews.models import Ticket, TicketStep
from reviews.queries.facts import followable
from reviews.queries.solutions import owned_by
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import Standing


class TicketRow(msgspec.Struct, frozen=True):
    """
    A ticket, what its own system says of it, and what stands in its way.

    `standing`, `status` and `assignee` are empty until it is there. `told` is why the
    ticket was refused or put off, `step_told` why something that was done to it was
    refused, None where nothing was. `connection_told` is why its connection rests.
    """

    id: int
    flag_id: int
    solution: str
    solution_name: str
    team_id: int | None
    team: str | None
    connection: str
    connection_name: str
    system: str
    is_sending: bool
    connection_told: str
    state: str
    key: str
    address: str
    standing: str
    status: str
    assignee: str
    told: str
    conflict: str
    attempts: int
    created_at: datetime
    done_at: datetime | None
    updated_at: datetime | None
    read_at: datetime | None
    refused_at: datetime | None
    step_told: str | None

    @property
    def url(self) -> str:
        """Where people read it, empty where that is nothing to follow."""
        return followable(self.address)

    @property
    def is_refused(self) -> bool:
        """Whether it waits for somebody to say: again."""
        return self.refused_at is not None or self.step_told is not None

    @property
    def is_there(self) -> bool:
        """Whether there is an issue over there."""
        return self.state == SendState.DONE

    @property
    def can_retry(self) -> bool:
        """Whether there is anything that somebody may have done again."""
        is_gone = self.standing == Standing.GONE
        return self.is_refused or is_gone or bool(self.conflict)

    @property
    def problem(self) -> str:
        """What stands in the way now, empty where nothing does but the conflict."""
        told = self.told or self.step_told or ""
        if told:
            # The update that a conflict holds up says the conflict once more.
            return "" if self.conflict and told.startswith(self.conflict) else told
        if self.standing == Standing.GONE:
            return "It is gone: deleted over there, or out of sight."
        return "" if self.is_there else self.connection_told


_COLUMNS = (
    "id",
    "flag_id",
    "flag__solution__slug",
    "flag__solution__name",
    "flag__solution__team_id",
    "flag__solution__team__slug",
    "connection__slug",
    "connection__name",
    "connection__system",
    "connection__is_on",
    "connection__problem",
    "state",
    "key",
    "url",
    "standing",
    "status",
    "assignee",
    "problem",
    "conflict",
    "attempts",
    "created_at",
    "done_at",
    "updated_at",
    "read_at",
    "refused_at",
)


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """
    Which tickets are wanted; None leaves a property open.

    `connection`, `solution` and `team` are slugs; NONE stands for no team. `refused` is
    about the ticket and all that is done to it.
    """

    state: SendState | None = None
    standing: Standing | None = None
    connection: str | None = None
    refused: bool | None = None
    flag: int | None = None
    solution: str | None = None
    team: str | None = None


def tickets_matching(wanted: TicketFilter) -> QuerySet[Ticket]:
    """Return the tickets that meet all of a filter, in no order."""
    exact = {
        "state": wanted.state,
        "standing": wanted.standing,
        "connection__slug": wanted.connection,
        "flag": wanted.flag,
        "flag__solution__slug": wanted.solution,
    }
    found = Ticket.objects.filter(
        owned_by(team=wanted.team, owner=None, through="flag__solution__"),
        **{path: value for path, value in exact.items() if value is not None},
    )
    if wanted.refused is None:
        return found
    refused = Q(refused_at__isnull=False) | Exists(refused_steps("pk"))
    return found.filter(refused if wanted.refused else ~refused)


def read_tickets(tickets: QuerySet[Ticket]) -> list[TicketRow]:
    """Return the rows of a query."""
    rows = tickets.annotate(step_told=refused_step("pk"))
    return [TicketRow(*row) for row in rows.values_list(*_COLUMNS, "step_told")]


def find_ticket(id: int) -> TicketRow | None:
    """Return the ticket with an id, if there is one."""
    return next(iter(read_tickets(Ticket.objects.filter(pk=id))), None)


def tickets_of(flag_ids: Collection[int]) -> dict[int, TicketRow]:
    """Return the tickets of some flags, by the flag; nothing for those without."""
    if not flag_ids:
        return {}
    found = read_tickets(Ticket.objects.filter(flag__in=flag_ids))
    return {row.flag_id: row for row in found}


def refused_step(ticket: str) -> Subquery:
    """Return the column that says why a step of a ticket was refused; null if none was."""
    return Subquery(refused_steps(ticket).order_by("pk").values("problem")[:1])


def refused_steps(ticket: str) -> QuerySet[TicketStep]:
    """Return the steps of a ticket that were refused; `ticket` is the outer column."""
    return TicketStep.objects.refused().filter(ticket=OuterRef(ticket))
