"""
The home page's reads: the figures by team and owner, and the lists behind them.

A figure and its list share one condition, so that they cannot disagree. Figures come in
one pass over the register; a list reads a range of an index and stops at its page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple, assert_never

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from reviews.models import Flag, Solution, Team, User
from reviews.queries.keyset import beyond
from reviews.rules.risk import CLASSES
from reviews.rules.staleness import due_soon_until, reviewed_since
from reviews.rules.vocabulary import (
    BY_THE_CLOCK,
    UNREVIEWED,
    Action,
    Cause,
    Criticality,
    Verdict,
)

NOT_RETIRED = ~Q(state=Verdict.RETIRE.value)

COUNTED = 1_000
"""How far a list is counted on a page of its own: what is more is "1,000+"."""


class Listing(StrEnum):
    """The questions that the home page answers with a list."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    NEVER_REVIEWED = "never_reviewed"
    TO_DEPRECATE = "to_deprecate"


@dataclass(frozen=True, slots=True)
class Figures:
    """
    How a part of the register stands; what is retired is left out.

    What was never reviewed also counts as overdue or due soon once its first review is:
    `overdue_never` and `due_soon_never` say how many of those there are.
    """

    registered: int = 0
    reviewed: int = 0
    overdue: int = 0
    overdue_never: int = 0
    due_soon: int = 0
    due_soon_never: int = 0
    never_reviewed: int = 0
    to_deprecate: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.registered + other.registered,
            self.reviewed + other.reviewed,
            self.overdue + other.overdue,
            self.overdue_never + other.overdue_never,
            self.due_soon + other.due_soon,
            self.due_soon_never + other.due_soon_never,
            self.never_reviewed + other.never_reviewed,
            self.to_deprecate + other.to_deprecate,
        )

    def reviewed_percent(self) -> int | None:
        """Return the share reviewed within six months; None where nothing is there."""
        # Rounded down: 999 of 1,000 are not all of them.
        return 100 * self.reviewed // self.registered if self.registered else None

    def count(self, listing: Listing) -> int:
        """Return how long a list is."""
        return int(getattr(self, listing.value))


@dataclass(frozen=True, slots=True)
class TeamName:
    """A team, or what no team owns: an empty slug."""

    id: int | None = None
    slug: str = ""
    name: str = "no team"


@dataclass(frozen=True, slots=True)
class OwnerName:
    """An owner, or what nobody owns: an empty username."""

    id: int | None = None
    username: str = ""
    name: str = "no owner"


@dataclass(frozen=True, slots=True)
class Group:
    """What one owner owns within one team."""

    team: TeamName
    owner: OwnerName
    figures: Figures


@dataclass(frozen=True, slots=True)
class Census:
    """The whole register by team and owner, and every team there is."""

    groups: tuple[Group, ...]
    teams: tuple[TeamName, ...]


class Position(NamedTuple):
    """Where a row stands in the order of a list."""

    next_review_on: date
    rank: int
    name: str
    id: int


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """An open flag."""

    cause: Cause
    action: Action
    due_on: date
    vouched_on: date | None
    pulled_by: str
    reason: str = ""
    severity: str = ""
    source_url: str = ""

    @property
    def is_by_the_clock(self) -> bool:
        """Whether time alone brought it about, and no evidence."""
        return self.cause in BY_THE_CLOCK


@dataclass(frozen=True, slots=True)
class Row:
    """
    One solution of a list.

    `flags` are the open ones that evidence brought about, and in the list of what is to
    be deprecated all that ask for that.
    """

    id: int
    slug: str
    name: str
    kind: str
    criticality: str
    state: str
    team: TeamName
    owner: OwnerName
    last_evaluated_on: date | None
    next_review_on: date
    pulled_by: str
    position: Position
    flags: tuple[OpenQuestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; None for everything."""

    team: TeamName | None = None
    owner: OwnerName | None = None

    def covers(self, group: Group) -> bool:
        """Return whether a group falls under the filter."""
        return self.team in (None, group.team) and self.owner in (None, group.owner)


def belongs(listing: Listing, today: date) -> Q:
    """Return the condition under which a solution that is not retired is listed."""
    match listing:
        case Listing.OVERDUE:
            return Q(next_review_on__lt=today)
        case Listing.DUE_SOON:
            return Q(next_review_on__range=(today, due_soon_until(today)))
        case Listing.NEVER_REVIEWED:
            return Q(state=UNREVIEWED)
        case Listing.TO_DEPRECATE:
            asked = Flag.objects.open().filter(action=Action.DEPRECATE.value)
            return Q(state=Verdict.DEPRECATE.value) | Q(pk__in=asked.values("solution"))
        case _:
            assert_never(listing)


def census(today: date) -> Census:
    """Return the figures of the whole register; three queries, whatever its size."""
    overdue, soon, never, deprecate = (belongs(listing, today) for listing in Listing)
    rows = list(
        Solution.objects.filter(NOT_RETIRED)
        .values_list("team_id", "owner_id")
        .annotate(
            Count("pk"),
            reviewed=_where(Q(last_evaluated_on__gte=reviewed_since(today))),
            overdue=_where(overdue),
            overdue_never=_where(overdue & never),
            due_soon=_where(soon),
            due_soon_never=_where(soon & never),
            never=_where(never),
            deprecate=_where(deprecate),
        )
        .order_by()
    )
    teams = {None: TeamName()} | {team.id: team for team in all_teams()}
    owners = _owners({owner_id for _, owner_id, *_ in rows if owner_id})
    groups = tuple(
        Group(teams[team_id], owners[owner_id], Figures(*figures))
        for team_id, owner_id, *figures in rows
    )
    return Census(groups, tuple(team for team in teams.values() if team.id))


def all_teams() -> list[TeamName]:
    """Return every team by name, whether or not it owns anything."""
    rows = Team.objects.order_by("name").values_list("id", "slug", "name")
    return [TeamName(*row) for row in rows]


def team_name(team: Team | None) -> TeamName:
    """Return a team as the pages show it."""
    return TeamName(team.pk, team.slug, team.name) if team else TeamName()


def owner_name(owner: User | None) -> OwnerName:
    """Return an owner as the pages show them."""
    if owner is None:
        return OwnerName()
    return OwnerName(owner.pk, owner.get_username(), owner.label())


def open_question(flag: Flag) -> OpenQuestion:
    """Return an open flag as the pages show it."""
    return OpenQuestion(
        Cause(flag.cause),
        Action(flag.action),
        flag.due_on,
        flag.vouched_on,
        flag.pulled_by,
        flag.reason,
        flag.severity,
        flag.source_url,
    )


def owner_names(ids: set[Any]) -> dict[int | None, str]:
    """Return what the owners with these numbers are called, of those who are left."""
    return {id: owner.name for id, owner in _owners(ids).items() if id}


def owner_named(username: str) -> OwnerName | None:
    """Return somebody with an account, owner of anything or not."""
    user = User.objects.filter(username=username).first()
    return owner_name(user) if user else None


def is_anything_registered() -> bool:
    """Return whether anything stands in the register, be it retired."""
    return Solution.objects.exists()


def total(groups: Iterable[Group]) -> Figures:
    """Return the figures of several groups taken together."""
    return sum((group.figures for group in groups), Figures())


def listed(
    listing: Listing,
    narrowed: Filter,
    *,
    today: date,
    limit: int,
    after: Position | None = None,
) -> list[Row]:
    """
    Return the first solutions of a list, or the first after a position.

    The longest overdue come first, then the most critical, then by name.
    """
    rows = _in_order(listing, narrowed, today)
    if after is not None:
        rows = rows.filter(beyond(_ORDER, after))
    return _read({listing: rows[:limit]})[listing]


def first_of_each(
    listings: Iterable[Listing], narrowed: Filter, *, today: date, limit: int
) -> dict[Listing, list[Row]]:
    """Return the first solutions of several lists; a query each, one for all flags."""
    return _read({each: _in_order(each, narrowed, today)[:limit] for each in listings})


def number_listed(listing: Listing, narrowed: Filter, *, today: date) -> int:
    """Return how long a list is; what is longer than COUNTED counts as one more."""
    rows = _narrowed(listing, narrowed, today).order_by()
    return rows[: COUNTED + 1].count()


_ORDER = ("next_review_on", "rank", "name", "pk")
_RANKS = {word.value: rank for rank, word in enumerate(reversed(Criticality))}


def _narrowed(
    listing: Listing, narrowed: Filter, today: date
) -> QuerySet[Solution, Solution]:
    rows = Solution.objects.filter(NOT_RETIRED & belongs(listing, today))
    if narrowed.team is not None:
        rows = rows.filter(team=narrowed.team.id)
    if narrowed.owner is not None:
        rows = rows.filter(owner=narrowed.owner.id)
    by_day = listing in (Listing.OVERDUE, Listing.DUE_SOON)
    if by_day and narrowed != Filter():
        # With every class named, an index that begins with a team or an owner reaches
        # as far as to the day.
        rows = rows.filter(risk_class__in=CLASSES)
    return rows


def _in_order(
    listing: Listing, narrowed: Filter, today: date
) -> QuerySet[Solution, Solution]:
    rank = Case(
        *(When(criticality=word, then=Value(rank)) for word, rank in _RANKS.items()),
        output_field=IntegerField(),
    )
    rows = _narrowed(listing, narrowed, today).select_related("team", "owner")
    return rows.annotate(rank=rank).order_by(*_ORDER)


def _read(
    found: dict[Listing, QuerySet[Solution, Solution]],
) -> dict[Listing, list[Row]]:
    solutions = {listing: list(rows) for listing, rows in found.items()}
    flags = _flags({row.pk for rows in solutions.values() for row in rows})
    return {
        listing: [_row(listing, row, flags.get(row.pk, ())) for row in rows]
        for listing, rows in solutions.items()
    }


def _where(condition: Q) -> Count:
    return Count("pk", filter=condition)


def _owners(ids: set[Any]) -> dict[int | None, OwnerName]:
    users = User.objects.filter(pk__in=ids)
    return {None: OwnerName()} | {user.pk: owner_name(user) for user in users}


def _flags(solution_ids: set[int]) -> dict[int, tuple[OpenQuestion, ...]]:
    asked = Flag.objects.open().filter(solution__in=solution_ids)
    found: dict[int, tuple[OpenQuestion, ...]] = {}
    for flag in asked.order_by("due_on", "pk"):
        so_far = found.get(flag.solution_id, ())
        found[flag.solution_id] = (*so_far, open_question(flag))
    return found


def _row(listing: Listing, solution: Solution, flags: tuple[OpenQuestion, ...]) -> Row:
    # What the clock asks of the others is told by their dates.
    told = tuple(
        flag
        for flag in flags
        if not flag.is_by_the_clock
        or (listing is Listing.TO_DEPRECATE and flag.action is Action.DEPRECATE)
    )
    due_on = solution.next_review_on
    # The database holds to it: only what is retired has no next review.
    assert due_on is not None  # noqa: S101
    rank = _RANKS[solution.criticality]
    return Row(
        id=solution.pk,
        slug=solution.slug,
        name=solution.name,
        kind=solution.get_kind_display(),
        criticality=solution.criticality,
        state=solution.state,
        team=team_name(solution.team),
        owner=owner_name(solution.owner),
        last_evaluated_on=solution.last_evaluated_on,
        next_review_on=due_on,
        pulled_by=solution.pulled_by,
        position=Position(due_on, rank, solution.name, solution.pk),
        flags=told,
    )
