"""Flags as frozen rows: one query for the rows, one for the signals behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from django.db.models import Q

from reviews.models import Flag
from reviews.models.flag import FlagQuerySet
from reviews.queries.facts import flagged_ids
from reviews.queries.solutions import owned_by
from reviews.rules.reasons import flag_reason
from reviews.rules.staleness import is_overdue
from reviews.rules.vocabulary import BY_THE_CLOCK, Action, Cause


class FlagRow(msgspec.Struct, frozen=True):
    """
    A flag, with the slug, the name and the owners of its solution.

    `evidence` names the signals that it rests on; the clock's flags rest on none.
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
        """Return whether the question is open, and late."""
        return self.closed_at is None and is_overdue(self.due_on, today)


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

    is_open: bool | None = None
    cause: Cause | None = None
    action: Action | None = None
    owner: str | None = None
    team: str | None = None
    overdue: bool | None = None
    solution: str | None = None


def flags_matching(wanted: FlagFilter, *, today: date) -> FlagQuerySet:
    """Return the flags that meet all of a filter, in no order."""
    exact = {
        "closed_at__isnull": wanted.is_open,
        "cause": wanted.cause,
        "action": wanted.action,
        "solution__slug": wanted.solution,
    }
    found = Flag.objects.filter(
        owned_by(team=wanted.team, owner=wanted.owner, through="solution__"),
        **{path: value for path, value in exact.items() if value is not None},
    )
    if wanted.overdue is None:
        return found
    if wanted.overdue:
        return found.overdue_on(today)
    return found.filter(Q(closed_at__isnull=False) | Q(due_on__gte=today))


def read_flags(flags: FlagQuerySet) -> list[FlagRow]:
    """Return the rows of a query."""
    rows = list(flags.values_list(*_COLUMNS))
    cause = _COLUMNS.index("cause")
    asked = [row[0] for row in rows if row[cause] not in BY_THE_CLOCK]
    evidence = flagged_ids(asked) if asked else {}
    return [FlagRow(*[*row, evidence.get(row[0], ())]) for row in rows]


def find_flag(id: int) -> FlagRow | None:
    """Return the flag with an id, if there is one."""
    return next(iter(read_flags(Flag.objects.filter(pk=id))), None)
