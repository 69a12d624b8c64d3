"""
Tickets as frozen rows, each with its flag and its connection, in one query.

What is refused may be the ticket itself or a step that is done to it; both wait for the
same click, so a row tells of the one as of the other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from reviews.models import Connection, Ticket, TicketStep
from reviews.models.choices import SYSTEMS
from reviews.queries.facts import followable
from reviews.queries.solutions import owned_by
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import Standing

SYSTEM_NAMES = dict(SYSTEMS)


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
    refused = Q(refused_at__isnull=False) | Exists(_refused_steps("pk"))
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
    return Subquery(_refused_steps(ticket).order_by("pk").values("problem")[:1])


def _refused_steps(ticket: str) -> QuerySet[TicketStep]:
    return TicketStep.objects.refused().filter(ticket=OuterRef(ticket))


@dataclass(frozen=True, slots=True)
class Taking:
    """A live connection, and which flags it would take; an empty set takes all."""

    name: str
    causes: frozenset[str]
    actions: frozenset[str]
    severities: frozenset[str]
    team_ids: frozenset[int]

    def takes(
        self, *, cause: str, action: str, severity: str, team_id: int | None
    ) -> bool:
        """Return whether a flag is one that it makes tickets for."""
        return (
            (not self.causes or cause in self.causes)
            and (not self.actions or action in self.actions)
            and (not self.severities or severity in self.severities)
            and (not self.team_ids or team_id in self.team_ids)
        )


def taking() -> list[Taking]:
    """Return the live connections, the first to take a flag first."""
    return [
        Taking(
            name=row.name,
            causes=frozenset(row.causes),
            actions=frozenset(row.actions),
            severities=frozenset(row.severities),
            team_ids=frozenset(team.pk for team in row.teams.all()),
        )
        for row in Connection.objects.live().prefetch_related("teams")
    ]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A connection that does not work, and how many of its tickets were refused."""

    id: int
    name: str
    system: str
    problem: str
    since: datetime | None
    refused: int


def troubles(*, owner_id: int | None) -> list[Trouble]:
    """
    Return the connections that are on and in trouble, by name: one query.

    Only those that somebody answers for, where `owner_id` says who.
    """
    rows = with_counts(Connection.objects.filter(is_on=True)).filter(
        ~Q(problem="") | Q(refused_count__gt=0)
    )
    if owner_id is not None:
        rows = rows.filter(owner=owner_id)
    return [
        Trouble(
            id=row.pk,
            name=row.name,
            system=SYSTEM_NAMES[row.system],
            problem=row.problem,
            since=row.problem_at,
            refused=_count(row, "refused_count"),
        )
        for row in rows.order_by("name", "pk")
    ]


@dataclass(frozen=True, slots=True)
class Standings:
    """How many of a connection's tickets are open, on their way, and refused."""

    open: int
    pending: int
    refused: int


def standings_of(connection_id: int) -> Standings:
    """Return how the tickets of a connection stand."""
    [row] = with_counts(Connection.objects.filter(pk=connection_id))
    return standings(row)


def standings(counted: Connection) -> Standings:
    """Return how the tickets of a connection stand that was read `with_counts`."""
    return Standings(
        open=_count(counted, "open_count"),
        pending=_count(counted, "pending_count"),
        refused=_count(counted, "refused_count"),
    )


def with_counts(connections: QuerySet[Connection]) -> QuerySet[Connection]:
    """
    Return connections with how many of their tickets stand how, as columns.

    `open_count` are there and open, `pending_count` on their way, `refused_count` wait
    for somebody to have them tried again. A conflict is settled on its flag, one by one.
    """
    steps = Exists(_refused_steps("pk"))
    refused = Q(refused_at__isnull=False)
    counted = {
        "open_count": Q(standing=Standing.OPEN.value),
        "pending_count": ~Q(state=SendState.DONE.value) & ~refused,
        "refused_count": (refused | Q(steps)) & Q(conflict=""),
    }
    return connections.annotate(
        **{
            name: Coalesce(
                Subquery(
                    Ticket.objects.filter(condition, connection=OuterRef("pk"))
                    .order_by()
                    .values("connection")
                    .annotate(count=Count("pk"))
                    .values("count")
                ),
                Value(0),
            )
            for name, condition in counted.items()
        }
    )


def _count(row: Any, name: str) -> int:
    return int(getattr(row, name))
