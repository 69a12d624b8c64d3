"""
Planning reviews: choosing the day on which a solution's next review is owed.

A plan brings a review forward, and may be changed until its day has come. It never puts
one off beyond what the clock allows: that takes a snooze, which has a reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from reviews.models import Solution
from reviews.rules.access import Actor, NotAllowedError, Permission, require
from reviews.rules.staleness import (
    Policy,
    PolicyScope,
    due_date,
    is_overdue,
    policy_for,
)
from reviews.rules.vocabulary import Criticality, Kind
from reviews.services.audit import record_changes
from reviews.services.clock import CLOCK_FIELDS, policy_scopes, set_dates
from reviews.services.errors import InvalidError
from reviews.services.flags import settle_flags
from reviews.services.weighing import weigh_solutions

BATCH = 1_000
PLANNED_FIELDS = (*CLOCK_FIELDS, "first_review_on")


@dataclass(frozen=True, slots=True)
class PlannedReview:
    """A review that moved, or would move, from one day to another."""

    id: int
    slug: str
    name: str
    before: date
    after: date


class Refused(NamedTuple):
    """A solution whose review cannot be planned so, and why."""

    slug: str
    why: str


@dataclass(frozen=True, slots=True)
class Planned:
    """
    What became of a plan, in the order in which the solutions were registered.

    What already stood on its day is in neither.
    """

    moved: tuple[PlannedReview, ...] = ()
    refused: tuple[Refused, ...] = ()

    def __add__(self, other: "Planned") -> "Planned":
        return Planned(self.moved + other.moved, self.refused + other.refused)


def plan_reviews(
    *, days: Mapping[int, date], actor: Actor, today: date, now: datetime
) -> Planned:
    """
    Plan the next review of each solution for a day, by the solution's number.

    Each is judged by itself, and one that is refused does not hold up the others.
    Refused are a day before today, one later than the clock allows, what is overdue
    already, what is retired or no longer registered, and what the actor may not plan.
    The last day that the clock allows takes a plan back.
    """
    planned = Planned()
    scopes = policy_scopes()
    with transaction.atomic():
        for some in _batches(days):
            locked = Solution.objects.select_for_update(of=("self",), no_key=True)
            rows = locked.filter(pk__in=some).order_by("pk").prefetch_related("tags")
            solutions = {solution.pk: solution for solution in rows}
            part = _planned(solutions, some, scopes, actor, today)
            _store(solutions, part.moved, actor=actor, today=today, now=now)
            planned += part
    return planned


def check_plan(*, days: Mapping[int, date], actor: Actor, today: date) -> Planned:
    """Return what `plan_reviews` would do, and do nothing."""
    planned = Planned()
    scopes = policy_scopes()
    for some in _batches(days):
        rows = Solution.objects.filter(pk__in=some).prefetch_related("tags")
        solutions = {solution.pk: solution for solution in rows}
        planned += _planned(solutions, some, scopes, actor, today)
    return planned


def unplan(solution: Solution, scopes: Sequence[PolicyScope]) -> Policy:
    """
    Take the plan off a solution, and return its policy; nothing is stored.

    Its dates are then those by which a review is owed without any plan: by the clock, or
    by whatever else pulls it forward. Its tags are best fetched with it.
    """
    policy = policy_for(
        Kind(solution.kind),
        Criticality(solution.criticality),
        frozenset(tag.name for tag in solution.tags.all()),
        scopes,
    )
    solution.planned_on = None
    if solution.last_evaluated_on is None:
        solution.first_review_on = due_date(solution.registered_on, policy)
    set_dates(solution, policy=policy)
    return policy


def _batches(days: Mapping[int, date]) -> Iterator[Mapping[int, date]]:
    """Return the days some at a time, in the order in which the rows are locked."""
    ids = sorted(days)
    for start in range(0, len(ids), BATCH):
        yield {id: days[id] for id in ids[start : start + BATCH]}


def _planned(
    solutions: Mapping[int, Solution],
    days: Mapping[int, date],
    scopes: Sequence[PolicyScope],
    actor: Actor,
    today: date,
) -> Planned:
    """Put the plans that are allowed into the solutions' fields."""
    moved: list[PlannedReview] = []
    refused: list[Refused] = []
    for id, day in days.items():
        solution = solutions.get(id)
        if solution is None:
            why = "This solution is no longer in the register."
            refused.append(Refused(f"number {id}", why))
            continue
        before = solution.next_review_on
        try:
            require(actor, Permission.PLAN, solution.team_id)
            after = _replanned(solution, before, day, scopes, today)
        except (NotAllowedError, InvalidError) as error:
            refused.append(Refused(solution.slug, str(error)))
            continue
        if before is not None and after != before:
            moved.append(PlannedReview(id, solution.slug, solution.name, before, after))
    return Planned(tuple(moved), tuple(refused))


def _replanned(
    solution: Solution,
    before: date | None,
    day: date,
    scopes: Sequence[PolicyScope],
    today: date,
) -> date:
    """
    Plan a review for a day, in the solution's fields; return when it is owed then.

    :raises InvalidError: if it cannot be planned for that day, naming what stands.
    """
    if before is None:
        raise InvalidError("It is retired: no review is owed any more.")
    if day < today:
        raise InvalidError(f"{day} has passed: plan for {today} or later.")
    if is_overdue(before, today):
        raise InvalidError(
            f"It is overdue since {before}, and planning puts nothing off: "
            "snooze its flag instead."
        )
    policy = unplan(solution, scopes)
    last = solution.next_review_on or before
    if day > last:
        because = f", because {solution.pulled_by}" if solution.pulled_by else ""
        raise InvalidError(
            f"{day} is too late: the review is owed by {last}{because}. "
            "Plan for that day or earlier."
        )
    if solution.last_evaluated_on is None:
        solution.first_review_on = day
    elif day < last:
        solution.planned_on = day
    set_dates(solution, policy=policy)
    return day


def _store(
    solutions: Mapping[int, Solution],
    moved: Sequence[PlannedReview],
    *,
    actor: Actor,
    today: date,
    now: datetime,
) -> None:
    Solution.objects.bulk_update(
        (solutions[each.id] for each in moved), PLANNED_FIELDS, batch_size=200
    )
    record_changes(
        actor=actor,
        what="planned",
        changed=(
            (
                solutions[each.id],
                each.slug,
                {"next_review_on": [str(each.before), str(each.after)]},
            )
            for each in moved
        ),
        now=now,
    )
    ids = [each.id for each in moved]
    settle_flags(solution_ids=ids, today=today, now=now)
    weigh_solutions(solution_ids=ids, today=today)
