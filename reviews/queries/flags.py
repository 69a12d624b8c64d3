"""Flags as frozen rows: a query each for them, their signals, covers and tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import msgspec
from django.db.models import Q

from reviews.models import Cover, Flag
from reviews.models.flag import FlagQuerySet
from reviews.queries.covers import CoverRow, read_covers
from reviews.queries.escalation import Climbing, climbing_columns
from reviews.queries.facts import flagged_ids
from reviews.queries.solutions import owned_by
from reviews.queries.tickets import TicketRow, tickets_of
from reviews.rules.escalation import Rung
from reviews.rules.reasons import flag_reason
from reviews.rules.staleness import is_overdue
from reviews.rules.vocabulary import BY_THE_CLOCK, Action, Cause, CoverKind


class FlagStatus(StrEnum):
    """What has become of a question: it is asked, covered until a day, or closed."""

    OPEN = "open"
    SNOOZED = "snoozed"
    WAIVED = "waived"
    OVERRIDDEN = "overridden"
    CLOSED = "closed"


COVERED = {
    CoverKind.SNOOZE: FlagStatus.SNOOZED,
    CoverKind.WAIVER: FlagStatus.WAIVED,
    CoverKind.OVERRIDE: FlagStatus.OVERRIDDEN,
}
"""How a flag stands under what covers it."""


class FlagRow(msgspec.Struct, frozen=True):
    """
    A flag, with the slug, the name and the owners of its solution.

    `evidence` names the signals that it rests on; the clock's flags rest on none.
    `cover` is what was laid over it and has not been ended; its day may have come.
    """

    id: int
    solution: str
    solution_name: str
    cause: str
    action: str
    due_on: date
    vouched_on: date | None
    pulled_by: str
    told: str
    severity: str
    source_url: str
    opened_at: datetime
    closed_at: datetime | None
    closed_because: str
    closed_by: int | None
    reopens: int | None
    team: str | None
    owner: str | None
    evidence: Sequence[int]
    climbing: Climbing
    cover: CoverRow | None = None
    ticket: TicketRow | None = None

    @property
    def reason(self) -> str:
        """The sentence that says why the flag is there."""
        return flag_reason(
            Cause(self.cause),
            due_on=self.due_on,
            vouched_on=self.vouched_on,
            pulled_by=self.pulled_by,
            told=self.told,
        )

    def overdue_on(self, today: date) -> bool:
        """Return whether the question is asked, and late."""
        asked = self.status_on(today) is FlagStatus.OPEN
        return asked and is_overdue(self.due_on, today)

    def status_on(self, today: date) -> FlagStatus:
        """Return what has become of the question on a day."""
        if self.closed_at is not None:
            return FlagStatus.CLOSED
        cover = self.cover_on(today)
        return COVERED[CoverKind(cover.kind)] if cover else FlagStatus.OPEN

    def rung_on(self, today: date) -> Rung | None:
        """Return how far the question has climbed, None while nobody is asked."""
        return self.climbing.rung(
            due_on=self.due_on,
            opened_at=self.opened_at,
            closed_at=self.closed_at,
            today=today,
        )

    def cover_on(self, today: date) -> CoverRow | None:
        """Return what covers the question on a day."""
        covered = self.cover is not None and self.cover.is_active_on(today)
        return self.cover if covered else None


_COLUMNS = (
    "id",
    "solution__slug",
    "solution__name",
    "cause",
    "action",
    "due_on",
    "vouched_on",
    "pulled_by",
    "reason",
    "severity",
    "source_url",
    "opened_at",
    "closed_at",
    "closed_because",
    "closed_by_id",
    "reopens_id",
    "solution__team__slug",
    "solution__owner__username",
)


@dataclass(frozen=True, slots=True)
class FlagFilter:
    """Which flags are wanted; None leaves a property open."""

    status: FlagStatus | None = None
    cause: Cause | None = None
    action: Action | None = None
    owner: str | None = None
    team: str | None = None
    overdue: bool | None = None
    solution: str | None = None


def flags_matching(wanted: FlagFilter, *, today: date) -> FlagQuerySet:
    """Return the flags that meet all of a filter, in no order."""
    exact = {
        "cause": wanted.cause,
        "action": wanted.action,
        "solution__slug": wanted.solution,
    }
    found = Flag.objects.filter(
        owned_by(team=wanted.team, owner=wanted.owner, through="solution__"),
        **{path: value for path, value in exact.items() if value is not None},
    )
    if wanted.status is not None:
        found = of_status(found, wanted.status, today)
    if wanted.overdue is None:
        return found
    if wanted.overdue:
        return found.asked_on(today).overdue_on(today)
    return found.filter(
        Q(closed_at__isnull=False) | Q(covered_until__gt=today) | Q(due_on__gte=today)
    )


def of_status(flags: FlagQuerySet, status: FlagStatus, today: date) -> FlagQuerySet:
    """Return the flags of a query of which that has become on a day."""
    match status:
        case FlagStatus.OPEN:
            return flags.asked_on(today)
        case FlagStatus.CLOSED:
            return flags.filter(closed_at__isnull=False)
    kind = next(kind for kind, covered in COVERED.items() if covered is status)
    return flags.covered_on(today).filter(covered_by=kind.value)


def read_flags(flags: FlagQuerySet) -> list[FlagRow]:
    """Return the rows of a query."""
    climbing = climbing_columns()
    end = len(_COLUMNS)
    told = (*_COLUMNS, "covered_by", "ticket__id")
    rows = list(flags.values_list(*told, *climbing))
    cause = _COLUMNS.index("cause")
    asked = [row[0] for row in rows if row[cause] not in BY_THE_CLOCK]
    evidence = flagged_ids(asked) if asked else {}
    covers = _covers([row[0] for row in rows if row[end]])
    tickets = tickets_of([row[0] for row in rows if row[end + 1]])
    return [
        FlagRow(
            *[
                *row[:end],
                evidence.get(row[0], ()),
                Climbing(*row[end + 2 :]),
                covers.get(row[0]),
                tickets.get(row[0]),
            ]
        )
        for row in rows
    ]


def _covers(flag_ids: Sequence[int]) -> dict[int, CoverRow]:
    if not flag_ids:
        return {}
    found = Cover.objects.active().filter(flag_id__in=flag_ids)
    return {row.flag_id: row for row in read_covers(found)}


def find_flag(id: int) -> FlagRow | None:
    """Return the flag with an id, if there is one."""
    return next(iter(read_flags(Flag.objects.filter(pk=id))), None)
