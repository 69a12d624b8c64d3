"""The register page's read: every solution by name, narrowed to what is looked for."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Q

from reviews.models import Identifier, Solution
from reviews.queries.home import OwnerName, TeamName, owner_name, team_name
from reviews.queries.keyset import beyond
from reviews.rules.staleness import freshness
from reviews.rules.vocabulary import Freshness, Kind


class Place(NamedTuple):
    """Where a solution stands in the order of the register."""

    name: str
    id: int


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for; what it leaves empty, it leaves open."""

    text: str = ""
    kind: Kind | None = None
    state: str = ""
    freshness: Freshness | None = None
    team: TeamName | None = None
    owner: OwnerName | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register; `freshness` is None for what is retired."""

    slug: str
    name: str
    kind: str
    version: str
    criticality: str
    state: str
    team: TeamName
    owner: OwnerName
    next_review_on: date | None
    freshness: Freshness | None
    place: Place


def register(
    search: Search, *, today: date, limit: int, after: Place | None = None
) -> list[Entry]:
    """Return the first solutions by name that match, or the first after a place."""
    rows = Solution.objects.filter(_matches(search))
    if search.freshness is not None:
        rows = rows.of_freshness(search.freshness, today)
    if after is not None:
        rows = rows.filter(beyond(("name", "pk"), after))
    rows = rows.select_related("team", "owner").order_by("name", "pk")
    return [_entry(solution, today) for solution in rows[:limit]]


def _matches(search: Search) -> Q:
    condition = Q()
    if search.text:
        known_as = Identifier.objects.filter(value__icontains=search.text)
        condition &= (
            Q(name__icontains=search.text)
            | Q(slug__icontains=search.text)
            | Q(key__icontains=search.text)
            | Q(pk__in=known_as.values("solution"))
        )
    if search.kind is not None:
        condition &= Q(kind=search.kind.value)
    if search.state:
        condition &= Q(state=search.state)
    if search.team is not None:
        condition &= Q(team=search.team.id)
    if search.owner is not None:
        condition &= Q(owner=search.owner.id)
    return condition


def _entry(solution: Solution, today: date) -> Entry:
    return Entry(
        slug=solution.slug,
        name=solution.name,
        kind=solution.get_kind_display(),
        version=solution.version,
        criticality=solution.criticality,
        state=solution.state,
        team=team_name(solution.team),
        owner=owner_name(solution.owner),
        next_review_on=solution.next_review_on,
        freshness=freshness(
            verdict=solution.verdict(),
            next_review_on=solution.next_review_on,
            today=today,
        ),
        place=Place(solution.name, solution.pk),
    )
