"""
Keeping what evaluations assume, and pulling a review forward when it no longer holds.

When an assumption breaks is said by `rules.assumptions`; here it becomes the day on
which a solution's next review is owed, with the flag and the line of history.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import DatabaseError, InterfaceError, OperationalError, transaction

from reviews.models import Assumption, Change, Cover, Evaluation, Solution
from reviews.queries.assumptions import (
    AssumptionRow,
    assumptions_of,
    latest_releases,
    solutions_with_assumptions,
)
from reviews.queries.log import evaluations_in_effect
from reviews.rules.access import Actor
from reviews.rules.assumptions import (
    ASSUMPTIONS_LIMIT,
    Assumed,
    AssumptionError,
    Known,
    broken_since,
    check_form,
    in_words,
)
from reviews.rules.days import parse_day
from reviews.rules.staleness import Pull, policy_for
from reviews.rules.vocabulary import Cause, Condition, Criticality, Kind, Verdict
from reviews.services.audit import kind_of, record_changes
from reviews.services.clock import CLOCK_FIELDS, policy_scopes, set_dates
from reviews.services.errors import InvalidError
from reviews.services.flags import Settlement, settle_flags
from reviews.services.uncovering import ask_again
from reviews.services.validation import line
from reviews.services.weighing import weigh_solutions

logger = logging.getLogger(__name__)

BATCH = 500
FIELD = "assumptions"
BROKEN = "assumption broken"

_TRACKER = Actor(name="Best Before", door="assumptions")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the assumptions of a solution ask; without a row they ask nothing."""

    row: AssumptionRow | None = None
    pull: Pull | None = None


def check_assumptions(
    solution_id: int, assumptions: Iterable[Assumed], today: date
) -> tuple[Assumed, ...]:
    """
    Return what is assumed in the register's one form.

    :raises InvalidError: for more than ten, two that are the same, a value that the
        condition does not understand, a solution that is not in the register, a day that
        has come, and what is so already: `field` is "assumptions".
    """
    cleaned = tuple(_cleaned(assumed, solution_id) for assumed in assumptions)
    if len(cleaned) > ASSUMPTIONS_LIMIT:
        raise InvalidError(f"At most {ASSUMPTIONS_LIMIT} assumptions.", field=FIELD)
    if len({replace(assumed, note="") for assumed in cleaned}) < len(cleaned):
        raise InvalidError("The same assumption is named twice.", field=FIELD)
    meant = {assumed.subject_id or solution_id for assumed in cleaned}
    names = dict(Solution.objects.filter(pk__in=meant).values_list("pk", "name"))
    releases = latest_releases(meant)
    for assumed in cleaned:
        about = assumed.subject_id or solution_id
        if about not in names:
            raise InvalidError(
                "An assumption names a solution that is not in the register.",
                field=FIELD,
            )
        # What it rests on is what stands: neither signal nor licence can differ yet.
        known = Known(
            name=names[about], evaluated_on=today, releases=releases.get(about, ())
        )
        _check_not_so_already(assumed, known, today)
    return cleaned


def keep_assumptions(evaluation: Evaluation, assumptions: Iterable[Assumed]) -> None:
    """Keep what an evaluation assumes, as `check_assumptions` has returned it."""
    Assumption.objects.bulk_create(
        Assumption(
            evaluation=evaluation,
            condition=assumed.condition.value,
            value=assumed.value,
            subject_id=assumed.subject_id,
            note=assumed.note,
        )
        for assumed in assumptions
    )


def judge_assumptions(
    *, solution_ids: Sequence[int], today: date, now: datetime
) -> Settlement:
    """
    Bring the reviews of some solutions into line with what their evaluations assume.

    Nothing is locked or written for a solution of which nothing is to change. The
    history says once of each assumption that it broke, from the day on which it did.
    """
    differing = sorted(id for id, _ in _differences(solution_ids, today))
    if not differing:
        return Settlement()
    with transaction.atomic():
        locked = (
            Solution.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=differing)
            .order_by("pk")
            .prefetch_related("tags")
        )
        solutions = {solution.pk: solution for solution in locked}
        asked = dict(_differences(sorted(solutions), today))
        return _apply({id: (solutions[id], asked[id]) for id in asked}, today, now)


def watch_assumptions(*, today: date, now: datetime) -> Settlement:
    """
    Judge the assumptions of every evaluation in effect, a batch at a time.

    It may run twice, twice at once, or be broken off. A solution that the database
    refuses is reported and left out.
    """
    settlement = Settlement()
    last = 0
    while batch := solutions_with_assumptions(after=last, limit=BATCH):
        last = batch[-1]
        settlement += _judge(batch, today, now)
    return settlement


def _judge(solution_ids: list[int], today: date, now: datetime) -> Settlement:
    """Judge some at once, and halve where one of them is refused."""
    try:
        return judge_assumptions(solution_ids=solution_ids, today=today, now=now)
    except (OperationalError, InterfaceError):
        raise
    except (DatabaseError, ValueError, TypeError, LookupError, ArithmeticError):
        if len(solution_ids) == 1:
            logger.exception("assumptions of solution %s left out", solution_ids[0])
            return Settlement()
    half = len(solution_ids) // 2
    return _judge(solution_ids[:half], today, now) + _judge(
        solution_ids[half:], today, now
    )


def _differences(
    solution_ids: Sequence[int], today: date
) -> Iterator[tuple[int, _Asked]]:
    """Return what is asked of the solutions of which something is to be written."""
    in_effect = evaluations_in_effect(solution_ids)
    assumed = assumptions_of(in_effect.values())
    rows = Solution.objects.filter(pk__in=solution_ids).values_list(
        "pk", "state", "assumption_due_on", "assumption_reason"
    )
    asked = {
        id: (_asked(state, assumed.get(in_effect.get(id, 0), ()), due_on, reason))
        for id, state, due_on, reason in rows
    }
    stored = {id: (due_on, reason) for id, _, due_on, reason in rows}
    told = _told({id: each for id, each in asked.items() if _has_come(each, today)})
    for id, each in asked.items():
        wanted = (each.pull.on, each.pull.reason) if each.pull else (None, "")
        to_tell = _has_come(each, today) and _mark(each) not in told
        if stored[id] != wanted or to_tell:
            yield id, each


def _asked(
    state: str, rows: Iterable[AssumptionRow], due_on: date | None, reason: str
) -> _Asked:
    """Return the first that breaks; one that is asked already is never put off."""
    broken = [(row.broken, row) for row in rows if row.broken is not None]
    if not broken or state == Verdict.RETIRE:
        return _Asked()
    pull, row = min(broken, key=lambda pair: (pair[0].on, pair[1].id))
    if due_on is not None and reason == pull.reason:
        pull = replace(pull, on=min(pull.on, due_on))
    return _Asked(row, pull)


def _has_come(asked: _Asked, today: date) -> bool:
    return asked.pull is not None and asked.pull.on <= today


def _mark(asked: _Asked) -> int | None:
    return asked.row.id if asked.row else None


def _told(asked: Mapping[int, _Asked]) -> set[int | None]:
    """Return the assumptions of which the history says already that they broke."""
    if not asked:
        return set()
    lines = Change.objects.filter(
        object_kind=kind_of(Solution), object_id__in=list(asked), what=BROKEN
    )
    return {
        details.get("assumption") for details in lines.values_list("details", flat=True)
    }


def _apply(
    asked: Mapping[int, tuple[Solution, _Asked]], today: date, now: datetime
) -> Settlement:
    scopes = policy_scopes() if asked else []
    told = _told({id: each for id, (_, each) in asked.items()})
    for solution, each in asked.values():
        solution.assumption_due_on = each.pull.on if each.pull else None
        solution.assumption_reason = each.pull.reason if each.pull else ""
        policy = policy_for(
            Kind(solution.kind),
            Criticality(solution.criticality),
            frozenset(tag.name for tag in solution.tags.all()),
            scopes,
        )
        set_dates(solution, policy=policy)
    solutions = [solution for solution, _ in asked.values()]
    Solution.objects.bulk_update(solutions, CLOCK_FIELDS, batch_size=200)
    broken = [
        (solution, each.row, each.pull)
        for solution, each in asked.values()
        if each.row and each.pull and each.pull.on <= today
        if each.row.id not in told
    ]
    record_changes(
        actor=_TRACKER,
        what=BROKEN,
        changed=[
            (solution, solution.slug, _details(row, pull))
            for solution, row, pull in broken
        ],
        now=now,
    )
    # Whoever put the review off did not know of this.
    covers = Cover.objects.active().filter(
        flag__solution__in=[solution.pk for solution, *_ in broken],
        flag__cause=Cause.REVIEW_DUE.value,
    )
    ask_again(
        list(covers.select_related("flag__solution").order_by("pk")) if broken else [],
        because="changed",
        actor=_TRACKER,
        now=now,
    )
    settlement = settle_flags(solution_ids=sorted(asked), today=today, now=now)
    weigh_solutions(solution_ids=sorted(asked), today=today)
    return settlement


def _details(row: AssumptionRow, pull: Pull) -> dict[str, object]:
    return {
        "assumption": row.id,
        "evaluation": row.evaluation_id,
        "sentence": row.sentence,
        "since": str(pull.on),
        "reason": pull.reason,
    }


def _cleaned(assumed: Assumed, solution_id: int) -> Assumed:
    cleaned = Assumed(
        condition=assumed.condition,
        value=line(assumed.value, limit=100, field=FIELD, blank=True),
        subject_id=None if assumed.subject_id == solution_id else assumed.subject_id,
        note=line(assumed.note, limit=200, field=FIELD, blank=True),
    )
    try:
        check_form(cleaned)
    except AssumptionError as error:
        raise InvalidError(str(error), field=FIELD) from error
    return cleaned


def _check_not_so_already(assumed: Assumed, known: Known, today: date) -> None:
    if assumed.condition is Condition.DAY and parse_day(assumed.value) <= today:
        raise InvalidError(
            f"{assumed.value} has come already: name a day after {today}.", field=FIELD
        )
    broken = broken_since(assumed, known)
    if broken is not None and broken.on <= today:
        raise InvalidError(
            f"“{in_words(assumed, known.name)}” is so already: leave "
            "it out, or name something that is still to come.",
            field=FIELD,
        )
