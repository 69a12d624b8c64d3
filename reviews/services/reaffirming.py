"""Re-affirming: saying the last verdict again, where nothing material has changed."""

from datetime import date, datetime

from django.db import transaction

from reviews.models import Evaluation, Solution
from reviews.queries.assumptions import assumptions_of
from reviews.queries.log import evaluations_in_effect
from reviews.queries.reaffirming import REAFFIRMED, obstacles
from reviews.rules.access import Actor, NotAllowedError, Permission, may, require
from reviews.rules.verdicts import needs_approval
from reviews.rules.vocabulary import Verdict
from reviews.services.alternatives import check_replacement, keep_alternatives
from reviews.services.assumptions import keep_assumptions
from reviews.services.audit import record_change
from reviews.services.errors import ConflictError
from reviews.services.evaluations import (
    keep_grounds,
    take_effect,
    tell_of_evaluation,
)
from reviews.services.locks import locked_solution


def reaffirm(
    *, solution_id: int, actor: Actor, today: date, now: datetime
) -> Evaluation:
    """
    Say the verdict in effect again, on today's evidence; return the new evaluation.

    It repeats what was concluded and answered, and names the evaluation that it repeats.
    What it rests on is what the sources say now. Documents stay with that evaluation.

    :raises NotAllowedError: without the right to evaluate what the team owns, or, where
        the verdict ends a solution's life, to end it.
    :raises ConflictError: if there is nothing to re-affirm, or something material has
        changed: the message says what.
    """
    with transaction.atomic():
        solution = locked_solution(solution_id)
        require(actor, Permission.EVALUATE, solution.team_id)
        _check_may_say_again(solution, actor)
        obstacle = obstacles([solution_id], today=today, now=now)[solution_id]
        if obstacle:
            raise ConflictError(f"It cannot be re-affirmed. {obstacle}")
        last = Evaluation.objects.get(
            pk=evaluations_in_effect([solution_id])[solution_id]
        )
        check_replacement(solution, Verdict(last.verdict), last.replacement_id)
        evaluation = _said_again(last, actor, today, now)
        keep_grounds(evaluation)
        tell_of_evaluation(evaluation, now=now)
        keep_alternatives(
            evaluation, list(last.compared.values_list("solution_id", flat=True))
        )
        assumed = assumptions_of([last.pk]).get(last.pk, ())
        keep_assumptions(
            evaluation, [row.assumed for row in assumed if not row.is_broken(today)]
        )
        record_change(
            actor=actor,
            subject=solution,
            label=solution.slug,
            what=REAFFIRMED,
            details={
                "evaluation": evaluation.pk,
                "verdict": evaluation.verdict,
                "evaluated_on": str(evaluation.evaluated_on),
                "reaffirms": last.pk,
            },
            now=now,
        )
        take_effect(solution, evaluation, today=today, now=now)
    return evaluation


def _check_may_say_again(solution: Solution, actor: Actor) -> None:
    """
    Return if the verdict in effect may be said again at once: that is no proposal.

    :raises NotAllowedError: if it ends something, and the actor may only propose that.
    """
    verdict = solution.verdict()
    may_end = may(actor, Permission.END, solution.team_id)
    if verdict is not None and needs_approval(verdict, may_end=may_end):
        raise NotAllowedError(
            f"To say {verdict} again takes a lead of the owning team: log a full "
            "evaluation, which a lead approves."
        )


def _said_again(
    last: Evaluation, actor: Actor, today: date, now: datetime
) -> Evaluation:
    return Evaluation.objects.create(
        solution_id=last.solution_id,
        author_id=actor.user_id,
        author_name=actor.name[:200],
        evaluated_on=today,
        recorded_on=today,
        recorded_at=now,
        verdict=last.verdict,
        summary=last.summary,
        version=last.version,
        alternatives=last.alternatives,
        template=last.template,
        answers=last.answers,
        replacement_id=last.replacement_id,
        reaffirms=last,
    )
