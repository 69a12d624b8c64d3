"""Solutions that somebody picked out of a list, as far as deciding on them needs it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from reviews.models import Flag, Solution, User
from reviews.queries.home import OwnerName, owner_name


class AskedFlag(NamedTuple):
    """A question that is open and asked."""

    id: int
    cause: str


@dataclass(frozen=True, slots=True)
class SelectedRow:
    """
    A solution, and the questions that are asked about it.

    `covered` counts those that are open too, and that something covers.
    """

    id: int
    slug: str
    name: str
    team_id: int | None
    owner: OwnerName
    last_evaluated_on: date | None
    clock_due_on: date | None
    next_review_on: date | None
    asked: tuple[AskedFlag, ...]
    covered: int


def selected(ids: Collection[int], *, today: date) -> list[SelectedRow]:
    """Return the solutions with these numbers that are registered, by name."""
    asked: dict[int, list[AskedFlag]] = defaultdict(list)
    covered: dict[int, int] = defaultdict(int)
    for flag in Flag.objects.open().filter(solution__in=ids).order_by("due_on", "pk"):
        if flag.covered_until is not None and flag.covered_until > today:
            covered[flag.solution_id] += 1
        else:
            told = AskedFlag(flag.pk, flag.get_cause_display())
            asked[flag.solution_id].append(told)
    rows = Solution.objects.filter(pk__in=ids).select_related("owner")
    return [
        SelectedRow(
            id=row.pk,
            slug=row.slug,
            name=row.name,
            team_id=row.team_id,
            owner=owner_name(row.owner),
            last_evaluated_on=row.last_evaluated_on,
            clock_due_on=row.clock_due_on,
            next_review_on=row.next_review_on,
            asked=tuple(asked[row.pk]),
            covered=covered[row.pk],
        )
        for row in rows.order_by("name", "pk")
    ]


def active_person(username: str) -> OwnerName | None:
    """Return somebody who may sign in, None if nobody such has the username."""
    user = User.objects.filter(username=username, is_active=True).first()
    return owner_name(user) if user else None
