"""Solutions' logs as far as they bear on their state, many at a time."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q

from reviews.models import Evaluation
from reviews.rules.verdicts import LoggedVerdict, standing_verdict
from reviews.rules.vocabulary import Verdict


def logs_of(solution_ids: Collection[int]) -> dict[int, list[LoggedVerdict]]:
    """Return the logs of solutions by their id; none for one without evaluations."""
    logs: dict[int, list[LoggedVerdict]] = defaultdict(list)
    rows = Evaluation.objects.filter(solution_id__in=solution_ids).values_list(
        "solution_id",
        "id",
        "verdict",
        "evaluated_on",
        "supersedes_id",
        "is_proposal",
        "decision__approved",
    )
    for (
        solution_id,
        id,
        verdict,
        evaluated_on,
        supersedes,
        is_proposal,
        approved,
    ) in rows:
        logs[solution_id].append(
            LoggedVerdict(
                id=id,
                verdict=Verdict(verdict),
                evaluated_on=evaluated_on,
                supersedes=supersedes,
                in_effect=not is_proposal or approved is True,
            )
        )
    return dict(logs)


def evaluations_in_effect(solution_ids: Collection[int]) -> dict[int, int]:
    """Return the evaluation that speaks for each solution, where one does."""
    standing = (
        (id, standing_verdict(log)) for id, log in logs_of(solution_ids).items()
    )
    return {id: line.id for id, line in standing if line is not None}


def slug_of_evaluation(evaluation_id: int) -> str | None:
    """Return which solution an evaluation is of, None if there is no such one."""
    rows = Evaluation.objects.filter(pk=evaluation_id)
    return rows.values_list("solution__slug", flat=True).first()


def what_tells_of(solution_id: int) -> str:
    """Return in words which evaluations tell of a solution, empty if none does."""
    if Evaluation.objects.filter(solution=solution_id).exists():
        return "has evaluations"
    named = Evaluation.objects.filter(
        Q(replacement=solution_id)
        | Q(compared__solution=solution_id)
        | Q(assumptions__subject=solution_id)
    )
    slugs = named.order_by("solution__slug").values_list("solution__slug", flat=True)
    others = ", ".join(slugs.distinct()[:5])
    return f"is named in evaluations of {others}" if others else ""
