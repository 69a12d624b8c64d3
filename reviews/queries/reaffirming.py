"""
Whether evaluations may be re-affirmed, or why not; and how often they only were.

The rules on what is material are in `rules.evidence.materiality`. Rights are not asked
about here: that is for whoever offers the button.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from reviews.models import Change, Evaluation, Flag, Solution, SourceCheck
from reviews.models.choices import CAUSES, SOURCES
from reviews.queries.evidence import ChangeRow, changes_since
from reviews.queries.facts import read_facts, reading_order
from reviews.queries.log import evaluations_in_effect
from reviews.queries.situations import (
    called_wrong,
    rested_and_wrong,
    standing_signals,
)
from reviews.rules.covers import believed
from reviews.rules.evidence.collecting import HOLDS_FOR
from reviews.rules.evidence.findings import StandingSignal
from reviews.rules.evidence.materiality import first_material
from reviews.rules.signals import SourceState
from reviews.rules.vocabulary import BY_THE_CLOCK, Action, Verdict

EVALUATED, PROPOSED, REAFFIRMED = "evaluated", "proposed", "re-affirmed"
"""The lines of a solution's history that tell of a new evaluation."""

_CAUSE_NAMES = dict(CAUSES)
_SOURCE_NAMES = dict(SOURCES)
_IN_EFFECT = Q(is_proposal=False) | Q(decision__approved=True)


@dataclass(frozen=True, slots=True)
class _Stand:
    """How a solution stands, as far as its own row and those around it tell."""

    state: str
    version: str
    assumption_due_on: date | None
    assumption_reason: str
    evaluation_id: int | None
    evaluated_on: date | None
    is_proposed: bool
    asked: str | None
    silent: str | None


@dataclass(frozen=True, slots=True)
class _Then:
    """
    What a solution was at its evaluation, where that was changed since.

    `version` is None where nobody changed it, and `was_another` says in words what else
    it was, if it was something else.
    """

    version: str | None = None
    was_another: str = ""


_AS_IT_WAS = _Then()


def obstacles(
    solution_ids: Collection[int], *, today: date, now: datetime
) -> dict[int, str]:
    """
    Return for each solution why it cannot be re-affirmed, in a sentence; or nothing.

    Nothing stands in the way where only the clock asks for a review, and nothing material
    has changed since the evaluation in effect, apart from what an override calls wrong.
    Four queries, however many solutions.
    """
    stands = _stands(solution_ids, today, now)
    evaluated = {id: stand.evaluation_id for id, stand in stands.items()}
    logged = [id for id in evaluated.values() if id]
    rested, wrong = rested_and_wrong(logged, solution_ids)
    standing = standing_signals(solution_ids)
    then = _then(evaluated)
    return {
        id: _obstacle(
            stand,
            then.get(id, _AS_IT_WAS),
            rested.get(stand.evaluation_id or 0, ()),
            believed(standing.get(id, ()), wrong.get(id, ())),
            today,
        )
        for id, stand in stands.items()
    }


def material_changes(solution_id: int) -> tuple[ChangeRow, ...]:
    """
    Return what the sources say otherwise since the evaluation in effect.

    What is material comes first. Without an evaluation nothing has changed.
    """
    since = evaluations_in_effect([solution_id]).get(solution_id)
    if since is None:
        return ()
    solution = Solution.objects.get(pk=solution_id)
    facts = sorted(
        read_facts(solution.signals.filter(ended_at=None)), key=reading_order
    )
    wrong = called_wrong([solution_id]).get(solution_id, ())
    changes = changes_since(since, facts, wrong)
    return tuple(sorted(changes, key=lambda change: not change.is_material))


def streaks(solution_ids: Collection[int]) -> dict[int, int]:
    """
    Return how many times in a row solutions were only re-affirmed.

    Those whose evaluation in effect is a full review are left out.
    """
    chains = _chains(solution_ids)
    return {id: len(chain) - 1 for id, chain in chains.items() if len(chain) > 1}


def full_reviews(solution_ids: Collection[int]) -> dict[int, date]:
    """Return the day of the last full review of solutions, of those that had one."""
    return {id: chain[-1] for id, chain in _chains(solution_ids).items()}


def _stands(
    solution_ids: Collection[int], today: date, now: datetime
) -> dict[int, _Stand]:
    of_solution = {"solution": OuterRef("pk")}
    # Most supersede nothing: by that column alone SQLite would rather read all of them.
    superseded = Evaluation.objects.filter(
        _IN_EFFECT, supersedes=OuterRef("pk"), solution=OuterRef("solution")
    )
    # The order of `rules.verdicts.standing_verdict`.
    speaking = Evaluation.objects.filter(
        _IN_EFFECT, ~Exists(superseded), **of_solution
    ).order_by("-evaluated_on", "-pk")
    asked: QuerySet[Flag] = (
        Flag.objects.asked_on(today)
        .filter(**of_solution)
        .exclude(
            cause__in=[cause.value for cause in BY_THE_CLOCK],
            action=Action.REVIEW.value,
        )
        .order_by("due_on", "pk")
    )
    silent = SourceCheck.objects.filter(
        **of_solution,
        state__in=[SourceState.OK.value, SourceState.STALE.value],
        answered_at__lt=now - HOLDS_FOR,
    ).order_by("answered_at")
    proposed = Evaluation.objects.filter(**of_solution, is_proposal=True, decision=None)
    rows = Solution.objects.filter(pk__in=solution_ids).values_list(
        "pk",
        "state",
        "version",
        "assumption_due_on",
        "assumption_reason",
        Subquery(speaking.values("pk")[:1]),
        "last_evaluated_on",
        Exists(proposed),
        Subquery(asked.values("cause")[:1]),
        Subquery(silent.values("source")[:1]),
    )
    return {row[0]: _Stand(*row[1:]) for row in rows}


def _obstacle(
    stand: _Stand,
    then: _Then,
    rested: Sequence[StandingSignal],
    standing: Sequence[StandingSignal],
    today: date,
) -> str:
    """Return the first thing that stands in the way."""
    if stand.evaluation_id is None or stand.evaluated_on is None:
        return "It was never evaluated: there is nothing to say again."
    of_register = _of_register(stand, then, today)
    if of_register:
        return of_register
    change = first_material(rested, standing)
    if change is not None:
        return f"Since the evaluation of {stand.evaluated_on}: {change.why}"
    if stand.silent:
        return (
            f"{_SOURCE_NAMES[stand.silent]} has not answered for two weeks: what has "
            "changed since the evaluation is unknown."
        )
    if stand.evaluated_on >= today:
        return "It was evaluated today."
    return ""


def _of_register(stand: _Stand, then: _Then, today: date) -> str:
    """Return what stands in the way by what the register itself holds."""
    if stand.state == Verdict.RETIRE:
        return "It is retired."
    if stand.is_proposed:
        return "A proposal to end it awaits a decision."
    if stand.asked in BY_THE_CLOCK:
        # One word after a year of silence would be the rubber stamp.
        return "A year without a review takes a full one."
    if stand.asked:
        return f"A flag asks about it: {_CAUSE_NAMES[stand.asked]}."
    if stand.assumption_due_on and stand.assumption_due_on <= today:
        return f"An assumption no longer holds: {stand.assumption_reason}."
    if then.was_another:
        return f"It is another thing than at the evaluation: {then.was_another}."
    if then.version is not None and then.version != stand.version:
        before, after = then.version or "not known", stand.version or "not known"
        return f"The version in use was {before} at the evaluation, and is {after} now."
    return ""


def _then(evaluated: Mapping[int, int | None]) -> dict[int, _Then]:
    """Return what was changed of solutions since the evaluation, of those changed."""
    told = Q(what__in=[EVALUATED, PROPOSED, REAFFIRMED])
    for name in ("version", "kind", "identifiers"):
        told |= Q(details__has_key=name)
    lines = Change.objects.filter(
        told,
        object_kind=Solution._meta.model_name,
        object_id__in=[id for id, evaluation in evaluated.items() if evaluation],
    ).order_by("pk")
    then: dict[int, _Then] = {}
    logged: set[int] = set()
    for id, what, details in lines.values_list("object_id", "what", "details"):
        if what in (EVALUATED, PROPOSED, REAFFIRMED):
            if details.get("evaluation") == evaluated[id]:
                logged.add(id)
        elif id in logged:
            then[id] = _before(details, then.get(id, _AS_IT_WAS))
    return then


def _before(details: Mapping[str, Any], then: _Then) -> _Then:
    """Return what was, with a line of the history more; the first of a field counts."""
    if then.version is None and "version" in details:
        then = replace(then, version=str(details["version"][0] or ""))
    if not then.was_another and "kind" in details:
        then = replace(then, was_another=f"it was a {details['kind'][0]}")
    before, after = details.get("identifiers", ((), ()))
    # One name more is still the same thing.
    gone = sorted(set(before or ()) - set(after or ()))
    if not then.was_another and gone:
        then = replace(then, was_another=f"it was known as {gone[0].partition(':')[2]}")
    return then


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the log in effect, and the one that it repeats."""

    id: int
    on: date
    reaffirms: int | None
    supersedes: int | None


def _chains(solution_ids: Collection[int]) -> dict[int, list[date]]:
    """Return the days of the evaluation in effect and of those that it repeats."""
    logs: dict[int, list[_Line]] = defaultdict(list)
    rows = Evaluation.objects.filter(_IN_EFFECT, solution__in=solution_ids)
    for solution_id, id, on, reaffirms, supersedes in rows.values_list(
        "solution_id", "pk", "evaluated_on", "reaffirms_id", "supersedes_id"
    ):
        logs[solution_id].append(_Line(id, on, reaffirms, supersedes))
    chains = {id: list(_chain(log)) for id, log in logs.items()}
    return {id: chain for id, chain in chains.items() if chain}


def _chain(log: Sequence[_Line]) -> Iterator[date]:
    by_id = {line.id: line for line in log}
    superseded = {line.supersedes for line in log}
    speaking = (line for line in log if line.id not in superseded)
    line = max(speaking, key=lambda line: (line.on, line.id), default=None)
    while line is not None:
        yield line.on
        line = by_id.get(line.reaffirms or 0)
