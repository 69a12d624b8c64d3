"""The log of evaluations and the audit trail as frozen rows, in one or two queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from django.db.models import Exists, OuterRef, Q

from reviews.models import Change, Evaluation
from reviews.models.final import FinalQuerySet
from reviews.queries.facts import ground_ids
from reviews.rules.vocabulary import Verdict


class Standing(StrEnum):
    """What has become of an evaluation."""

    IN_EFFECT = "in_effect"
    PROPOSED = "proposed"
    DECLINED = "declined"
    SUPERSEDED = "superseded"


class DecisionRow(msgspec.Struct, frozen=True):
    """What a lead decided on a proposal."""

    approved: bool
    reason: str
    decided_by: str
    decided_at: datetime


class EvaluationRow(msgspec.Struct, frozen=True):
    """
    An evaluation, with the slug of its solution and the name of its author.

    `evidence` names the signals that it rested on.
    """

    id: int
    solution: str
    author: str
    evaluated_on: date
    recorded_at: datetime
    verdict: str
    summary: str
    rationale: str
    version: str
    alternatives: Sequence[str]
    supersedes: int | None
    status: Standing
    decision: DecisionRow | None
    evidence: Sequence[int]


class ChangeRow(msgspec.Struct, frozen=True):
    """A line of the audit trail."""

    id: int
    at: datetime
    actor: str
    door: str
    what: str
    details: dict[str, Any]


_IN_EFFECT = Q(is_proposal=False) | Q(decision__approved=True)
_COLUMNS = (
    "id",
    "solution__slug",
    "author_name",
    "evaluated_on",
    "recorded_at",
    "verdict",
    "summary",
    "rationale",
    "version",
    "alternatives",
    "supersedes_id",
)
_FATE = (
    "is_proposal",
    "is_superseded",
    "decision__approved",
    "decision__reason",
    "decision__decided_by_name",
    "decision__decided_at",
)


@dataclass(frozen=True, slots=True)
class EvaluationFilter:
    """Which evaluations are wanted; None leaves a property open."""

    solution: str | None = None
    verdict: Verdict | None = None
    author: str | None = None


def evaluations_matching(wanted: EvaluationFilter) -> FinalQuerySet[Evaluation]:
    """Return the evaluations that meet all of a filter, in no order."""
    exact = {
        "solution__slug": wanted.solution,
        "verdict": wanted.verdict,
        "author_name": wanted.author,
    }
    return Evaluation.objects.filter(
        **{path: value for path, value in exact.items() if value is not None}
    )


def read_evaluations(evaluations: FinalQuerySet[Evaluation]) -> list[EvaluationRow]:
    """Return the rows of a query, each with what became of it."""
    later = Evaluation.objects.filter(_IN_EFFECT, supersedes=OuterRef("pk"))
    found = evaluations.annotate(is_superseded=Exists(later))
    rows = list(found.values_list(*_COLUMNS, *_FATE))
    evidence = ground_ids([row[0] for row in rows]) if rows else {}
    length = len(_COLUMNS)
    return [
        _evaluation(row[:length], evidence.get(row[0], ()), *row[length:])
        for row in rows
    ]


def find_evaluation(id: int) -> EvaluationRow | None:
    """Return the evaluation with an id, if there is one."""
    return next(iter(read_evaluations(Evaluation.objects.filter(pk=id))), None)


def read_changes(changes: FinalQuerySet[Change]) -> list[ChangeRow]:
    """Return the rows of a query."""
    columns = ("id", "at", "actor", "door", "what", "details")
    return [ChangeRow(*row) for row in changes.values_list(*columns)]


def _evaluation(
    row: tuple[Any, ...],
    evidence: Sequence[int],
    is_proposal: bool,
    is_superseded: bool,
    approved: bool | None,
    *decided: Any,
) -> EvaluationRow:
    decision = None if approved is None else DecisionRow(approved, *decided)
    status = _standing(is_proposal, approved, is_superseded)
    return EvaluationRow(*[*row, status, decision, evidence])


def _standing(
    is_proposal: bool, approved: bool | None, is_superseded: bool
) -> Standing:
    if is_proposal and approved is None:
        return Standing.PROPOSED
    if is_proposal and not approved:
        return Standing.DECLINED
    return Standing.SUPERSEDED if is_superseded else Standing.IN_EFFECT
