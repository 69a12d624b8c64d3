"""
What is ahead: how many reviews the coming weeks hold, and how many fit.

Counts by team, owner and week come in one pass over the register; there is never a row
for a solution.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from reviews.models import Membership, Solution, User
from reviews.queries.home import (
    Filter,
    OwnerName,
    TeamName,
    all_teams,
    owner_name,
)
from reviews.rules.access import Role
from reviews.rules.levelling import monday_of
from reviews.rules.weeks import PLANNED_AHEAD

WEEKS = PLANNED_AHEAD
HANDS = (Role.ENGINEER.value, Role.LEAD.value)
"""The roles whose people review: a team fits as much as they do."""

_BACKLOG, _BEYOND = -1, WEEKS


@dataclass(frozen=True, slots=True)
class Load:
    """
    How many reviews are due: overdue ones, those of each coming week, and the rest.

    The first of the weeks is this one, from today on.
    """

    backlog: int = 0
    weeks: tuple[int, ...] = (0,) * WEEKS
    beyond: int = 0

    def __add__(self, other: "Load") -> "Load":
        return Load(
            self.backlog + other.backlog,
            tuple(a + b for a, b in zip(self.weeks, other.weeks, strict=True)),
            self.beyond + other.beyond,
        )

    @property
    def coming(self) -> int:
        """How many are due in the weeks together."""
        return sum(self.weeks)


@dataclass(frozen=True, slots=True)
class Owned:
    """What one owner has ahead within one team."""

    team: TeamName
    owner: OwnerName
    load: Load


@dataclass(frozen=True, slots=True)
class Week:
    """A week by its Monday: what is due in it, and how many fit; None for unknown."""

    monday: date
    due: int
    fits: int | None

    @property
    def number(self) -> int:
        """The week's number in its year, as ISO 8601 counts."""
        return self.monday.isocalendar().week

    @property
    def over(self) -> int:
        """How many more are due than fit."""
        return 0 if self.fits is None else max(self.due - self.fits, 0)


@dataclass(frozen=True, slots=True)
class Outlook:
    """
    The coming weeks of the whole register.

    `capacities` says how many reviews a week fit a person, by number: none, where
    somebody is deactivated. `hands` are a team's leads and engineers who are active.
    """

    mondays: tuple[date, ...]
    owned: tuple[Owned, ...]
    teams: tuple[TeamName, ...]
    capacities: Mapping[int, int]
    hands: Mapping[int, frozenset[int]]

    def load(self, narrowed: Filter) -> Load:
        """Return what is ahead of what a filter covers."""
        return sum(
            (each.load for each in self.owned if _covers(narrowed, each)), Load()
        )

    def capacity(self, narrowed: Filter) -> int | None:
        """
        Return how many reviews a week fit: the owner's, else the team's, else everyone's.

        None for what nobody owns or no team does, and where nobody who reviews is in the
        team, or in any: there is nobody to ask.
        """
        if narrowed.owner is not None:
            id = narrowed.owner.id
            return None if id is None else self.capacities.get(id, 0)
        if narrowed.team is not None:
            id = narrowed.team.id
            return (
                None if id is None else self._together(self.hands.get(id, frozenset()))
            )
        return self._together(frozenset().union(*self.hands.values()))

    def weeks(self, narrowed: Filter) -> list[Week]:
        """Return the coming weeks of what a filter covers, this one first."""
        fits = self.capacity(narrowed)
        due = self.load(narrowed).weeks
        return [
            Week(monday, count, fits)
            for monday, count in zip(self.mondays, due, strict=True)
        ]

    def _together(self, people: frozenset[int]) -> int | None:
        if not people:
            return None
        return sum(self.capacities.get(id, 0) for id in people)


def outlook(today: date) -> Outlook:
    """Return what is ahead, in four queries, whatever the register's size."""
    mondays = tuple(monday_of(today) + timedelta(weeks=n) for n in range(WEEKS))
    loads = _loads(_counted(today, mondays))
    hands = team_hands()
    teams = {None: TeamName()} | {team.id: team for team in all_teams()}
    owners = {owner_id for _, owner_id in loads if owner_id is not None}
    people = User.objects.filter(pk__in=owners.union(*hands.values()))
    names: dict[int | None, OwnerName] = {None: OwnerName()}
    capacities = {}
    for person in people:
        names[person.pk] = owner_name(person)
        capacities[person.pk] = capacity_of(person)
    owned = tuple(
        Owned(teams[team_id], names[owner_id], load)
        for (team_id, owner_id), load in loads.items()
    )
    known = tuple(team for team in teams.values() if team.id)
    return Outlook(mondays, owned, known, capacities, hands)


def capacity_of(person: User) -> int:
    """Return how many reviews a week fit somebody: none, once deactivated."""
    return person.reviews_per_week if person.is_active else 0


def team_hands() -> dict[int, frozenset[int]]:
    """Return the active leads and engineers of each team, by their numbers."""
    rows = Membership.objects.filter(role__in=HANDS, user__is_active=True)
    hands: dict[int, frozenset[int]] = {}
    for team_id, user_id in rows.values_list("team_id", "user_id"):
        hands[team_id] = hands.get(team_id, frozenset()) | {user_id}
    return hands


def _covers(narrowed: Filter, owned: Owned) -> bool:
    return narrowed.team in (None, owned.team) and narrowed.owner in (
        None,
        owned.owner,
    )


def _counted(
    today: date, mondays: tuple[date, ...]
) -> QuerySet[Solution, tuple[Any, ...]]:
    """Return the counts by team, owner and week, the week by its place from today's."""
    ends = [monday + timedelta(weeks=1) for monday in mondays]
    week = Case(
        When(next_review_on__lt=today, then=Value(_BACKLOG)),
        *(
            When(next_review_on__lt=end, then=Value(place))
            for place, end in enumerate(ends)
        ),
        default=Value(_BEYOND),
        output_field=IntegerField(),
    )
    return (
        # Only what is retired has none.
        Solution.objects.filter(next_review_on__isnull=False)
        .annotate(week=week)
        .values_list("team_id", "owner_id", "week")
        .annotate(Count("pk"))
        .order_by()
    )


def _loads(
    counted: Iterable[tuple[Any, ...]],
) -> dict[tuple[int | None, int | None], Load]:
    counts: dict[tuple[int | None, int | None], dict[int, int]] = {}
    for team_id, owner_id, week, count in counted:
        counts.setdefault((team_id, owner_id), {})[week] = count
    return {
        whose: Load(
            by_week.get(_BACKLOG, 0),
            tuple(by_week.get(week, 0) for week in range(WEEKS)),
            by_week.get(_BEYOND, 0),
        )
        for whose, by_week in counts.items()
    }
