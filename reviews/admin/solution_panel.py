"""What stands beside a solution's form: its questions, its log, what comes next."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from reviews.admin.evaluation_status import Status, status_of, with_status
from reviews.admin.evidence_panel import EvidencePanel, evidence_panel
from reviews.admin.wording import Standing, standing, why
from reviews.models import Evaluation, Solution
from reviews.rules.access import Actor, Permission, may

EVALUATIONS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class EvaluationLine:
    """A line of the log."""

    address: str
    verdict: str
    on: date
    author: str
    summary: str
    status: Status


@dataclass(frozen=True, slots=True)
class Panel:
    """`log_address` is empty for who may not evaluate the solution."""

    standing: Standing
    why: str
    evaluations: list[EvaluationLine]
    all_evaluations: str
    log_address: str
    evidence: EvidencePanel


def panel_of(solution: Solution, actor: Actor) -> Panel:
    """Return what stands beside a solution's form."""
    today = timezone.localdate()
    log = Evaluation.objects.filter(solution=solution)
    latest = with_status(log).order_by("-evaluated_on", "-pk")[:EVALUATIONS_SHOWN]
    listed = reverse("admin:reviews_evaluation_changelist")
    may_log = may(actor, Permission.EVALUATE, solution.team_id)
    return Panel(
        standing=standing(solution, today),
        why=why(solution, today),
        evaluations=[_evaluation_line(evaluation) for evaluation in latest],
        all_evaluations=f"{listed}?solution={solution.pk}",
        log_address=log_address(solution.pk) if may_log else "",
        evidence=evidence_panel(solution),
    )


def log_address(solution_id: int) -> str:
    """Return the address of the form that logs an evaluation of a solution."""
    return f"{reverse('admin:reviews_evaluation_add')}?solution={solution_id}"


def _evaluation_line(evaluation: Evaluation) -> EvaluationLine:
    return EvaluationLine(
        address=reverse("admin:reviews_evaluation_change", args=[evaluation.pk]),
        verdict=evaluation.verdict,
        on=evaluation.evaluated_on,
        author=evaluation.author_name,
        summary=evaluation.summary,
        status=status_of(evaluation),
    )
