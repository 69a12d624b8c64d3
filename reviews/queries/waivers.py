"""
The list of what covers flags: what ends next first, or what has ended, the last first.

It stops at its page, and goes on after a place: what it costs does not depend on how
much the register holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from reviews.models.cover import CoverQuerySet
from reviews.queries.covers import CoverFilter, CoverRow, covers_matching, read_covers
from reviews.rules.vocabulary import CoverKind


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in the order: its day, None for what has none, and its id."""

    until: date | None
    id: int


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Which covers are wanted.

    With `user_id`, what the person answers for, made, or what lies over their solutions;
    with `team_ids`, what lies over those teams' solutions.
    """

    is_active: bool = True
    kind: CoverKind | None = None
    user_id: int | None = None
    team_ids: Sequence[int] | None = None


def listed_covers(
    asked: Asked, *, today: date, limit: int, after: Place | None = None
) -> list[CoverRow]:
    """
    Return the first covers of a list, or the first after a place.

    What ends on a day comes before the overrides, which have none; of what has ended,
    the last that was made comes first.
    """
    found = covers_matching(
        CoverFilter(kind=asked.kind, is_active=asked.is_active), today=today
    )
    found = found.filter(_whose(asked))
    if not asked.is_active:
        if after is not None:
            found = found.filter(pk__lt=after.id)
        return read_covers(found.order_by("-pk")[:limit])
    # Two queries: no database walks the index in an order that puts the lack of a day
    # last on the other.
    rows: list[CoverRow] = []
    if after is None or after.until is not None:
        rows = read_covers(_by_day(found, after).order_by("until", "pk")[:limit])
    if len(rows) < limit:
        endless = found.filter(until=None)
        if after is not None and after.until is None:
            endless = endless.filter(pk__gt=after.id)
        rows += read_covers(endless.order_by("pk")[: limit - len(rows)])
    return rows


def _by_day(found: CoverQuerySet, after: Place | None) -> CoverQuerySet:
    if after is None:
        return found.filter(until__isnull=False)
    beyond = Q(until=after.until, pk__gt=after.id) | Q(until__gt=after.until)
    return found.filter(beyond, until__gte=after.until)


def _whose(asked: Asked) -> Q:
    if asked.user_id is not None:
        person = asked.user_id
        return Q(owner=person) | Q(made_by=person) | Q(flag__solution__owner=person)
    if asked.team_ids is not None:
        return Q(flag__solution__team__in=asked.team_ids)
    return Q()


def waivers_owned_by(user_id: int, *, today: date, limit: int) -> list[CoverRow]:
    """Return the active waivers that a person answers for, what ends next first."""
    found = covers_matching(
        CoverFilter(kind=CoverKind.WAIVER, is_active=True), today=today
    )
    return read_covers(found.filter(owner=user_id).order_by("until", "pk")[:limit])
