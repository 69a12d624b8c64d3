"""What was said of a solution last: a new evaluation opens with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from reviews.models import Evaluation
from reviews.queries.assumptions import AssumptionRow, assumptions_of
from reviews.queries.log import evaluations_in_effect
from reviews.rules.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was answered to one question."""

    answer: str
    note: str


@dataclass(frozen=True, slots=True)
class LastEvaluation:
    """An evaluation as far as the next one may repeat it."""

    id: int
    evaluated_on: date
    author: str
    verdict: Verdict
    summary: str
    rationale: str
    version: str
    answers: Mapping[str, GivenAnswer]
    alternatives: tuple[str, ...]
    alternative_ids: tuple[int, ...]
    replacement_id: int | None
    assumptions: tuple[AssumptionRow, ...]


def last_evaluation(
    solution_id: int, *, evaluation_id: int | None = None
) -> LastEvaluation | None:
    """
    Return the evaluation that speaks for a solution, or the one of that id if it is of
    the same solution; None where there is none.
    """
    if evaluation_id is None:
        evaluation_id = evaluations_in_effect([solution_id]).get(solution_id, 0)
    row = Evaluation.objects.filter(pk=evaluation_id, solution=solution_id).first()
    if row is None:
        return None
    compared = row.compared.order_by("pk").values_list("solution_id", flat=True)
    return LastEvaluation(
        id=row.pk,
        evaluated_on=row.evaluated_on,
        author=row.author_name,
        verdict=Verdict(row.verdict),
        summary=row.summary,
        rationale=row.rationale,
        version=row.version,
        answers={
            each["key"]: GivenAnswer(each["answer"], each.get("note", ""))
            for each in row.answers
        },
        alternatives=tuple(map(str, row.alternatives)),
        alternative_ids=tuple(compared),
        replacement_id=row.replacement_id,
        assumptions=assumptions_of([row.pk]).get(row.pk, ()),
    )
