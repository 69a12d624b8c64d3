"""
Levelling on request: moving reviews out of weeks that hold more than fit.

Where each review goes is worked out by `rules.levelling`; moving it is a plan like any
other, so that nothing is put off beyond what the clock allows.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, QuerySet

from reviews.models import Solution, Team, User
from reviews.queries.home import NOT_RETIRED
from reviews.queries.plan import capacity_of, team_hands
from reviews.rules.access import Actor, Permission, may, require
from reviews.rules.levelling import Due, Levelled, Overfull, level, monday_of
from reviews.services.clock import policy_scopes
from reviews.services.errors import ConflictError, InvalidError, StaleError
from reviews.services.planning import Refused, plan_reviews, unplan


@dataclass(frozen=True, slots=True)
class LevelMove:
    """A review that levelling moves; `risk_class` is its place in `rules.risk`."""

    id: int
    slug: str
    name: str
    risk_class: int
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class StillOverfull:
    """A week that stays too full, and whose it is: a person's, or nobody's."""

    whose: str
    week: Overfull


@dataclass(frozen=True, slots=True)
class Levelling:
    """What levelling moves, the riskiest first, and what does not fit all the same."""

    moves: tuple[LevelMove, ...] = ()
    overfull: tuple[StillOverfull, ...] = ()
    refused: tuple[Refused, ...] = ()

    @property
    def mark(self) -> str:
        """A mark of these very moves: others have another."""
        told = "\n".join(f"{move.id} {move.after}" for move in self.moves)
        return hashlib.sha256(told.encode()).hexdigest()[:32]


def level_reviews(
    *,
    actor: Actor,
    today: date,
    now: datetime,
    take: bool,
    team_id: int | None = None,
    owner_id: int | None = None,
    seen: str | None = None,
) -> Levelling:
    """
    Return the moves that level a team's coming reviews or an owner's, and make them.

    Without `take` nothing is done. With the `mark` that somebody saw, only those moves
    are made and no others. What is overdue does not move: it is the backlog.

    A team is levelled in two steps. First what each owner has in it, into the weeks that
    fit the owner, of which the owner's reviews for other teams take their part. Then
    what nobody active owns, into what the owners of the team's leads and engineers leave
    of what those fit together. Owners are levelled alone, in every team that the actor
    may plan for.

    :raises NotAllowedError: to anyone but a lead of the team, or of one of the owner's.
    :raises InvalidError: unless exactly one of team and owner is named.
    :raises ConflictError: if the team is gone, or the owner gone or deactivated.
    :raises StaleError: if the moves are no longer those that were seen.
    """
    with transaction.atomic():
        if team_id is not None and owner_id is None:
            require(actor, Permission.PLAN, team_id)
            register = _Register(Solution.objects.filter(team=team_id), today, take)
            found = register.told(_of_team(team_id, register, today))
        elif owner_id is not None and team_id is None:
            owner = _active(owner_id)
            owned = Solution.objects.filter(owner=owner)
            register = _Register(_plannable(owned, actor), today, take)
            found = register.told(_of_owners([owner], register, today))
        else:
            raise InvalidError("Level either a team's reviews or an owner's.")
        if not take:
            return found
        if seen is not None and seen != found.mark:
            raise StaleError("The plan has changed since you saw it: look at it again.")
        planned = plan_reviews(
            days={move.id: move.after for move in found.moves},
            actor=actor,
            today=today,
            now=now,
        )
    return Levelling(found.moves, found.overfull, planned.refused)


Result = list[tuple[str, Levelled]]
"""What came of levelling, and whose reviews those were."""


class _Register:
    """The reviews to be levelled, as the rules see them, by their owner."""

    def __init__(self, scope: QuerySet[Solution], today: date, is_locked: bool) -> None:
        rows = (
            scope.filter(NOT_RETIRED, next_review_on__gte=today)
            .order_by("pk")
            .defer("description")
            .prefetch_related("tags")
        )
        if is_locked:
            rows = rows.select_for_update(of=("self",), no_key=True)
        scopes = policy_scopes()
        self.solutions = {solution.pk: solution for solution in rows}
        self.of_owner: dict[int | None, list[Due]] = defaultdict(list)
        for solution in self.solutions.values():
            day = solution.next_review_on or today
            unplan(solution, scopes)
            latest = max(solution.next_review_on or day, day)
            due = Due(solution.pk, day, latest, solution.risk_class)
            self.of_owner[solution.owner_id].append(due)

    def told(self, result: Result) -> Levelling:
        moves = [
            LevelMove(
                id=move.id,
                slug=self.solutions[move.id].slug,
                name=self.solutions[move.id].name,
                risk_class=self.solutions[move.id].risk_class,
                before=move.before,
                after=move.after,
            )
            for _, levelled in result
            for move in levelled.moves
        ]
        moves.sort(key=lambda move: (-move.risk_class, move.after, move.id))
        overfull = [
            StillOverfull(whose, week)
            for whose, levelled in result
            for week in levelled.overfull
        ]
        return Levelling(tuple(moves), tuple(overfull))


def _of_team(team_id: int, register: _Register, today: date) -> Result:
    team = Team.objects.filter(pk=team_id).first()
    if team is None:
        raise ConflictError("This team is no longer here.")
    hands = team_hands().get(team_id, frozenset())
    people = User.objects.filter(
        pk__in=hands.union(id for id in register.of_owner if id), is_active=True
    ).order_by("pk")
    known = {person.pk: person for person in people}
    owners = [person for id, person in known.items() if id in register.of_owner]
    result = _of_owners(owners, register, today)
    taken: Counter[date] = Counter()
    for owner, (_, levelled) in zip(owners, result, strict=True):
        if owner.pk in hands:
            taken += _weeks_after(register.of_owner[owner.pk], levelled)
    nobodys = [
        due
        for owner_id, reviews in register.of_owner.items()
        if owner_id not in known
        for due in reviews
    ]
    fits = sum(capacity_of(known[id]) for id in hands)
    levelled = level(nobodys, capacity=fits, today=today, taken=taken)
    return [*result, (f"{team.name}, without an active owner", levelled)]


def _of_owners(owners: Sequence[User], register: _Register, today: date) -> Result:
    elsewhere = _elsewhere(owners, register, today)
    return [
        (
            owner.label(),
            level(
                register.of_owner[owner.pk],
                capacity=capacity_of(owner),
                today=today,
                taken=elsewhere[owner.pk],
            ),
        )
        for owner in owners
    ]


def _elsewhere(
    owners: Sequence[User], register: _Register, today: date
) -> dict[int, Counter[date]]:
    """Return what the owners have to review besides, by owner and week."""
    counts = (
        Solution.objects.filter(
            NOT_RETIRED, owner__in=owners, next_review_on__gte=today
        )
        .values_list("owner_id", "next_review_on")
        .annotate(Count("pk"))
        .order_by()
    )
    taken: dict[int, Counter[date]] = defaultdict(Counter)
    for owner_id, day, count in counts:
        taken[owner_id][monday_of(day)] += count
    for owner in owners:
        here = register.of_owner[owner.pk]
        taken[owner.pk] -= Counter(monday_of(due.day) for due in here)
    return taken


def _weeks_after(reviews: Iterable[Due], levelled: Levelled) -> Counter[date]:
    days = {due.id: due.day for due in reviews}
    days |= {move.id: move.after for move in levelled.moves}
    return Counter(monday_of(day) for day in days.values())


def _active(owner_id: int) -> User:
    owner = User.objects.filter(pk=owner_id).first()
    if owner is None:
        raise ConflictError("This owner has no account any more.")
    if not owner.is_active:
        raise ConflictError(
            f"{owner.label()} is deactivated: hand the solutions over first."
        )
    return owner


def _plannable(owned: QuerySet[Solution], actor: Actor) -> QuerySet[Solution]:
    """
    Return those of an owner's solutions that the actor may plan for.

    :raises NotAllowedError: if there are solutions, and none of them.
    """
    teams = set(owned.order_by().values_list("team_id", flat=True).distinct())
    allowed = {team_id for team_id in teams if may(actor, Permission.PLAN, team_id)}
    if teams and not allowed:
        require(actor, Permission.PLAN, next(iter(teams)))
    if actor.is_administrator:
        return owned
    return owned.filter(team__in=allowed)
