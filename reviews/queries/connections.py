"""Connections as they stand: what they take, what troubles them, how their tickets are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from reviews.models import Connection, Ticket
from reviews.models.choices import SYSTEMS
from reviews.queries.tickets import refused_steps
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import Standing

SYSTEM_NAMES = dict(SYSTEMS)


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
    steps = Exists(refused_steps("pk"))
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
