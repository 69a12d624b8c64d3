"""The log of evaluations and the audit trail as frozen rows, in one or two queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from django.db.models import Exists, OuterRef, Q

from reviews.models import Change, Evaluation
from reviews.models.final import FinalQuerySet
from reviews.queries.assumptions import AssumptionRow, assumptions_of
from reviews.queries.evaluation_parts import (
    AttachmentRow,
    alternatives_of,
    attachments_of,
)
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


class AnswerPart(msgspec.Struct, frozen=True):
    """What was answered to one question, as it was worded then."""

    key: str
    question: str
    scale: str
    answer: str
    note: str


class AssumptionPart(msgspec.Struct, frozen=True):
    """A condition that reopens an evaluation, and since when it is true."""

    condition: str
    value: str
    subject: str | None
    note: str
    sentence: str
    broken_on: date | None


class AttachmentPart(msgspec.Struct, frozen=True):
    """A link, or a file and the path at which it is downloaded."""

    title: str
    url: str
    file_name: str
    size: int
    effective_on: date
    added_at: datetime


class EvaluationRow(msgspec.Struct, frozen=True):
    """
    An evaluation, with the slug of its solution and the name of its author.

    `evidence` names the signals that it rested on; `replacement` and
    `alternative_solutions` are slugs.
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
    template: str
    answers: Sequence[AnswerPart]
    replacement: str | None
    alternative_solutions: Sequence[str]
    assumptions: Sequence[AssumptionPart]
    attachments: Sequence[AttachmentPart]
    reaffirms: int | None


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
_PARTS = ("template", "answers", "replacement__slug", "reaffirms_id")
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
    """
    Return the rows of a query, each with its parts and with what became of it.

    A fixed number of queries, however many evaluations there are.
    """
    # Most supersede nothing: by that column alone SQLite would rather read all of them.
    later = Evaluation.objects.filter(
        _IN_EFFECT, supersedes=OuterRef("pk"), solution=OuterRef("solution")
    )
    found = evaluations.annotate(is_superseded=Exists(later))
    rows = list(found.values(*_COLUMNS, *_PARTS, *_FATE))
    if not rows:
        return []
    ids = [row["id"] for row in rows]
    evidence = ground_ids(ids)
    compared = alternatives_of(ids)
    assumptions = assumptions_of(ids)
    attachments = attachments_of(ids)
    return [
        EvaluationRow(
            *(
                *(row[name] for name in _COLUMNS),
                _status(row),
                _decision(row),
                evidence.get(row["id"], ()),
                row["template"],
                [AnswerPart(**each) for each in row["answers"]],
                row["replacement__slug"],
                [each.slug for each in compared.get(row["id"], ())],
                [_assumption(each) for each in assumptions.get(row["id"], ())],
                [_attachment(each) for each in attachments.get(row["id"], ())],
                row["reaffirms_id"],
            )
        )
        for row in rows
    ]


def find_evaluation(id: int) -> EvaluationRow | None:
    """Return the evaluation with an id, if there is one."""
    return next(iter(read_evaluations(Evaluation.objects.filter(pk=id))), None)


def read_changes(changes: FinalQuerySet[Change]) -> list[ChangeRow]:
    """Return the rows of a query."""
    columns = ("id", "at", "actor", "door", "what", "details")
    return [ChangeRow(*row) for row in changes.values_list(*columns)]


def _assumption(row: AssumptionRow) -> AssumptionPart:
    return AssumptionPart(
        condition=row.condition.value,
        value=row.value,
        subject=row.subject or None,
        note=row.note,
        sentence=row.sentence,
        broken_on=row.broken.on if row.broken else None,
    )


def _attachment(row: AttachmentRow) -> AttachmentPart:
    return AttachmentPart(
        title=row.title,
        url=row.url or row.address,
        file_name=row.file_name,
        size=row.size,
        effective_on=row.effective_on,
        added_at=row.added_at,
    )


def _decision(row: Mapping[str, Any]) -> DecisionRow | None:
    approved = row["decision__approved"]
    if approved is None:
        return None
    return DecisionRow(
        approved=approved,
        reason=row["decision__reason"],
        decided_by=row["decision__decided_by_name"],
        decided_at=row["decision__decided_at"],
    )


def _status(row: Mapping[str, Any]) -> Standing:
    return _standing(
        row["is_proposal"], row["decision__approved"], row["is_superseded"]
    )


def _standing(
    is_proposal: bool, approved: bool | None, is_superseded: bool
) -> Standing:
    if is_proposal and approved is None:
        return Standing.PROPOSED
    if is_proposal and not approved:
        return Standing.DECLINED
    return Standing.SUPERSEDED if is_superseded else Standing.IN_EFFECT
