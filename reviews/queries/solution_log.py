"""A solution's log of evaluations as its pages show it, with all that belongs to each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from reviews.models import Evaluation, Solution
from reviews.queries.assumptions import AssumptionRow, assumptions_of
from reviews.queries.evaluation_parts import (
    AnswerRow,
    AttachmentRow,
    NamedSolution,
    alternatives_of,
    answer_rows,
    attachments_of,
    questions_asked,
)
from reviews.queries.facts import FactRow, facts_numbered, ground_ids, reading_order
from reviews.rules.verdicts import LoggedVerdict, standing_verdict
from reviews.rules.vocabulary import Verdict

GROUNDS_SHOWN = 50
"""How many facts a page shows of those that an evaluation rested on."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """How many facts an evaluation rested on, and the first of them."""

    count: int = 0
    facts: tuple[FactRow, ...] = ()

    @property
    def left_out(self) -> int:
        """How many of them are not among `facts`."""
        return self.count - len(self.facts)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What a lead decided on a proposal."""

    approved: bool
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """One line of the log; `is_standing` marks the one that speaks for the solution."""

    id: int
    verdict: str
    evaluated_on: date
    recorded_on: date
    author: str
    author_id: int | None
    summary: str
    rationale: str
    version: str
    alternatives: tuple[str, ...]
    supersedes: int | None
    superseded_by: int | None
    is_proposal: bool
    is_standing: bool
    decision: DecisionRow | None
    answers: tuple[AnswerRow, ...]
    replacement: NamedSolution | None
    reaffirms: int | None
    grounds: Grounds = Grounds()
    compared: tuple[NamedSolution, ...] = ()
    assumptions: tuple[AssumptionRow, ...] = ()
    attachments: tuple[AttachmentRow, ...] = ()

    @property
    def is_pending(self) -> bool:
        """Whether it is a proposal that nobody has decided on."""
        return self.is_proposal and self.decision is None


def with_parts(log: Sequence[EvaluationRow]) -> list[EvaluationRow]:
    """
    Return evaluations with what belongs to them and what they rested on.

    A fixed number of queries for all of them.
    """
    shown = [row.id for row in log]
    compared = alternatives_of(shown)
    assumptions = assumptions_of(shown)
    attachments = attachments_of(shown)
    ids = ground_ids(shown)
    first = {id: grounds[:GROUNDS_SHOWN] for id, grounds in ids.items()}
    facts = facts_numbered(id for grounds in first.values() for id in grounds)
    return [
        replace(
            row,
            grounds=Grounds(
                len(ids.get(row.id, ())), in_order(first.get(row.id, ()), facts)
            ),
            compared=compared.get(row.id, ()),
            assumptions=assumptions.get(row.id, ()),
            attachments=attachments.get(row.id, ()),
        )
        for row in log
    ]


def in_order(ids: Iterable[int], facts: Mapping[int, FactRow]) -> tuple[FactRow, ...]:
    """Return the facts with these numbers, in the order in which they are read."""
    return tuple(sorted((facts[id] for id in ids), key=reading_order))


def evaluation_log(solution: Solution) -> list[EvaluationRow]:
    """Return a solution's whole log, the latest first; `with_parts` adds the rest."""
    # All of them: which one speaks for the solution may hang on the oldest.
    log = list(
        Evaluation.objects.filter(solution=solution)
        .select_related("decision", "replacement")
        .order_by("-evaluated_on", "-pk")
    )
    logged = [_logged(evaluation) for evaluation in log]
    standing = standing_verdict(logged)
    superseded_by = {line.supersedes: line.id for line in logged if line.in_effect}
    asked = questions_asked([evaluation.template for evaluation in log])
    return [
        _evaluation(
            evaluation,
            superseded_by=superseded_by.get(evaluation.pk),
            is_standing=standing is not None and standing.id == evaluation.pk,
            answers=answer_rows(evaluation, asked),
        )
        for evaluation in log
    ]


def _logged(evaluation: Evaluation) -> LoggedVerdict:
    decision = _decision(evaluation)
    return LoggedVerdict(
        id=evaluation.pk,
        verdict=Verdict(evaluation.verdict),
        evaluated_on=evaluation.evaluated_on,
        supersedes=evaluation.supersedes_id,
        in_effect=not evaluation.is_proposal
        or (decision is not None and decision.approved),
    )


def _evaluation(
    evaluation: Evaluation,
    *,
    superseded_by: int | None,
    is_standing: bool,
    answers: tuple[AnswerRow, ...],
) -> EvaluationRow:
    return EvaluationRow(
        id=evaluation.pk,
        verdict=evaluation.verdict,
        evaluated_on=evaluation.evaluated_on,
        recorded_on=evaluation.recorded_on,
        author=evaluation.author_name,
        author_id=evaluation.author_id,
        summary=evaluation.summary,
        rationale=evaluation.rationale,
        version=evaluation.version,
        alternatives=tuple(str(name) for name in evaluation.alternatives),
        supersedes=evaluation.supersedes_id,
        superseded_by=superseded_by,
        is_proposal=evaluation.is_proposal,
        is_standing=is_standing,
        decision=_decision(evaluation),
        answers=answers,
        replacement=_replacement(evaluation),
        reaffirms=evaluation.reaffirms_id,
    )


def _replacement(evaluation: Evaluation) -> NamedSolution | None:
    other = evaluation.replacement
    if other is None:
        return None
    return NamedSolution(other.slug, other.name, other.state)


def _decision(evaluation: Evaluation) -> DecisionRow | None:
    decision = getattr(evaluation, "decision", None)
    if decision is None:
        return None
    return DecisionRow(
        approved=decision.approved,
        by=decision.decided_by_name,
        at=decision.decided_at,
        reason=decision.reason,
    )
