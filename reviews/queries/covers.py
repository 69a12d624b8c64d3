"""Snoozes, waivers and overrides as frozen rows, in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import msgspec
from django.db.models import Q

from reviews.models import Cover
from reviews.models.cover import CoverQuerySet
from reviews.queries.solutions import NONE, owned_by
from reviews.rules.reasons import flag_reason
from reviews.rules.vocabulary import Cause, CoverKind


class Standing(StrEnum):
    """Whether something covers its flag on a day, or has ended."""

    ACTIVE = "active"
    ENDED = "ended"


class CoverRow(msgspec.Struct, frozen=True):
    """
    A snooze, a waiver or an override, with its flag and the solution behind that.

    `until` is the first day on which the flag is asked again, None for an override.
    `owner`, `approver` and `made_by` are names as they were then; the usernames are
    None for who has left. `ended_at` is None as long as nothing has ended it, though its
    day may have come: ask `is_active_on`.
    """

    id: int
    kind: str
    flag_id: int
    cause: str
    action: str
    severity: str
    solution_id: int
    solution: str
    solution_name: str
    team: str | None
    team_name: str | None
    solution_owner: str | None
    reason: str
    until: date | None
    owner: str
    owner_username: str | None
    approver: str
    approver_username: str | None
    made_by: str
    made_by_username: str | None
    made_at: datetime
    ended_at: datetime | None
    ended_because: str
    ended_by: str
    due_on: date
    vouched_on: date | None
    pulled_by: str
    told: str

    def is_active_on(self, today: date) -> bool:
        """Return whether it still covers its flag."""
        return self.ended_at is None and (self.until is None or self.until > today)

    def standing_on(self, today: date) -> Standing:
        """Return how it stands on a day."""
        return Standing.ACTIVE if self.is_active_on(today) else Standing.ENDED

    @property
    def why_flagged(self) -> str:
        """The sentence that says why the flag is there."""
        return flag_reason(
            Cause(self.cause),
            due_on=self.due_on,
            vouched_on=self.vouched_on,
            pulled_by=self.pulled_by,
            told=self.told,
        )


_COLUMNS = (
    "id",
    "kind",
    "flag_id",
    "flag__cause",
    "flag__action",
    "flag__severity",
    "flag__solution_id",
    "flag__solution__slug",
    "flag__solution__name",
    "flag__solution__team__slug",
    "flag__solution__team__name",
    "flag__solution__owner__username",
    "reason",
    "until",
    "owner_name",
    "owner__username",
    "approver_name",
    "approver__username",
    "made_by_name",
    "made_by__username",
    "made_at",
    "ended_at",
    "ended_because",
    "ended_by_name",
    "flag__due_on",
    "flag__vouched_on",
    "flag__pulled_by",
    "flag__reason",
)


@dataclass(frozen=True, slots=True)
class CoverFilter:
    """
    Which covers are wanted; None leaves a property open.

    `is_active` is about a day, see `covers_matching`. `owner` is the username of a
    waiver's owner, `team` the slug of the solution's team; NONE stands for nobody and for
    no team. `solution` is a slug.
    """

    kind: CoverKind | None = None
    is_active: bool | None = None
    owner: str | None = None
    team: str | None = None
    solution: str | None = None


def covers_matching(wanted: CoverFilter, *, today: date) -> CoverQuerySet:
    """Return the covers that meet all of a filter on a day, in no order."""
    exact = {"kind": wanted.kind, "flag__solution__slug": wanted.solution}
    found = Cover.objects.filter(
        owned_by(team=wanted.team, owner=None, through="flag__solution__"),
        **{path: value for path, value in exact.items() if value is not None},
    )
    if wanted.owner == NONE:
        found = found.filter(owner=None)
    elif wanted.owner is not None:
        found = found.filter(owner__username=wanted.owner)
    if wanted.is_active is None:
        return found
    if wanted.is_active:
        return found.active_on(today)
    return found.filter(Q(ended_at__isnull=False) | Q(until__lte=today))


def read_covers(covers: CoverQuerySet) -> list[CoverRow]:
    """Return the rows of a query."""
    return [CoverRow(*row) for row in covers.values_list(*_COLUMNS)]


def find_cover(id: int) -> CoverRow | None:
    """Return the cover with an id, if there is one."""
    return next(iter(read_covers(Cover.objects.filter(pk=id))), None)


def covers_of_flags(flag_ids: Sequence[int], *, today: date) -> dict[int, CoverRow]:
    """Return what covers flags on a day, by the flag; nothing for those uncovered."""
    if not flag_ids:
        return {}
    found = Cover.objects.active_on(today).filter(flag_id__in=flag_ids)
    return {row.flag_id: row for row in read_covers(found)}
