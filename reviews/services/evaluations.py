"""Logging evaluations, and deciding on those that are proposals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from reviews.models import (
    Decision,
    Evaluation,
    Flag,
    Ground,
    Notice,
    Signal,
    Solution,
)
from reviews.queries.templates import current_template
from reviews.rules.access import Actor, NotAllowedError, Permission, may, require
from reviews.rules.assumptions import Assumed
from reviews.rules.days import DayError, within_register
from reviews.rules.verdicts import (
    ENDINGS,
    LoggedVerdict,
    needs_approval,
    standing_verdict,
)
from reviews.rules.vocabulary import Kind, Verdict
from reviews.services.alternatives import (
    check_alternatives,
    check_replacement,
    keep_alternatives,
)
from reviews.services.answers import Answer, answered
from reviews.services.assumptions import (
    check_assumptions,
    judge_assumptions,
    keep_assumptions,
)
from reviews.services.attachments import (
    Attached,
    cleaned_attachments,
    keep_attachments,
)
from reviews.services.audit import record_change
from reviews.services.clock import CLOCK_FIELDS, log_of, policy_of, wind_clock
from reviews.services.errors import ConflictError, InvalidError
from reviews.services.evidence.judging import judge_solutions
from reviews.services.flags import settle_flags
from reviews.services.locks import locked_solution
from reviews.services.validation import line, paragraphs
from reviews.services.weighing import weigh_solutions

RATIONALE_LIMIT = 20_000
ALTERNATIVES_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    What somebody found, as they wrote it down.

    `answers` go by the keys of the template's questions; without any, none is asked.
    `alternatives` are names; registered solutions are `alternative_ids`, and the one to
    use instead is `replacement_id`.
    """

    verdict: Verdict
    evaluated_on: date
    summary: str
    rationale: str = ""
    version: str = ""
    alternatives: Sequence[str] = ()
    supersedes_id: int | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    replacement_id: int | None = None
    alternative_ids: Sequence[int] = ()
    assumptions: Sequence[Assumed] = ()
    attachments: Sequence[Attached] = ()


def record_evaluation(
    *,
    solution_id: int,
    judgement: Judgement,
    actor: Actor,
    today: date,
    now: datetime,
) -> Evaluation:
    """
    Add an evaluation to the log, and bring the clock and the flags into line with it.

    A verdict that ends a solution's life, by somebody who may not end it, is logged as a
    proposal: nothing changes until a lead approves it.

    :raises NotAllowedError: without the right to evaluate what the team owns.
    :raises InvalidError: if the judgement breaks a rule; `field` says which part.
    :raises ConflictError: if the solution is retired, and the judgement corrects
        nothing; or if what to use instead is itself on its way out.
    """
    judgement = _cleaned(judgement, today)
    with transaction.atomic():
        solution = locked_solution(solution_id)
        require(actor, Permission.EVALUATE, solution.team_id)
        _check_against_log(solution, judgement.supersedes_id, actor)
        _check_brings_no_ending_back(solution, judgement, actor)
        check_alternatives(solution, judgement.alternative_ids)
        check_replacement(solution, judgement.verdict, judgement.replacement_id)
        assumed = check_assumptions(solution_id, judgement.assumptions, today)
        evaluation = _log(solution, judgement, actor, today=today, now=now)
        keep_grounds(evaluation)
        keep_alternatives(evaluation, judgement.alternative_ids)
        keep_assumptions(evaluation, assumed)
        keep_attachments(evaluation, judgement.attachments, now)
        tell_of_evaluation(evaluation, now=now)
        record_change(
            actor=actor,
            subject=solution,
            label=solution.slug,
            what="proposed" if evaluation.is_proposal else "evaluated",
            details={
                "evaluation": evaluation.pk,
                "verdict": evaluation.verdict,
                "evaluated_on": str(evaluation.evaluated_on),
            },
            now=now,
        )
        if not evaluation.is_proposal:
            take_effect(solution, evaluation, today=today, now=now)
    return evaluation


def _log(
    solution: Solution,
    judgement: Judgement,
    actor: Actor,
    *,
    today: date,
    now: datetime,
) -> Evaluation:
    """Add a judgement to the log, as a proposal where it is not the actor's to make."""
    template, answers = _answered(solution, judgement)
    may_end = may(actor, Permission.END, solution.team_id)
    return Evaluation.objects.create(
        solution=solution,
        author_id=actor.user_id,
        author_name=actor.name[:200],
        evaluated_on=judgement.evaluated_on,
        recorded_on=today,
        recorded_at=now,
        verdict=judgement.verdict.value,
        summary=judgement.summary,
        rationale=judgement.rationale,
        version=judgement.version,
        alternatives=list(judgement.alternatives),
        supersedes_id=judgement.supersedes_id,
        is_proposal=needs_approval(judgement.verdict, may_end=may_end),
        template=template,
        answers=answers,
        replacement_id=judgement.replacement_id,
    )


def decide_proposal(
    *,
    evaluation_id: int,
    approve: bool,
    reason: str,
    actor: Actor,
    today: date,
    now: datetime,
) -> Decision:
    """
    Approve or decline a proposal to deprecate or to retire.

    :raises NotAllowedError: to anyone but a lead of the owning team, and to the author.
    :raises InvalidError: for a refusal without a reason.
    :raises ConflictError: if there is nothing to decide, or it was decided already.
    """
    with transaction.atomic():
        evaluation = Evaluation.objects.get(pk=evaluation_id)
        solution = locked_solution(evaluation.solution_id)
        require(actor, Permission.DECIDE, solution.team_id)
        _check_may_be_decided(evaluation, actor)
        reason = line(reason, limit=500, field="reason", blank=True)
        if not approve and not reason:
            raise InvalidError("Declining takes a reason.", field="reason")
        if approve:
            # Since it was proposed, the log may have gone on.
            _check_against_log(solution, evaluation.supersedes_id, actor)
            _check_not_overtaken(solution, evaluation)
        decision = Decision.objects.create(
            evaluation=evaluation,
            approved=approve,
            reason=reason,
            decided_by_id=actor.user_id,
            decided_by_name=actor.name[:200],
            decided_at=now,
        )
        Notice.objects.create(key=f"proposal:{evaluation.pk}:decided", created_at=now)
        record_change(
            actor=actor,
            subject=solution,
            label=solution.slug,
            what="approved" if approve else "declined",
            details={"evaluation": evaluation.pk, "reason": reason},
            now=now,
        )
        if approve:
            take_effect(solution, evaluation, today=today, now=now)
    return decision


def _check_may_be_decided(evaluation: Evaluation, actor: Actor) -> None:
    """
    Return if an evaluation waits for a decision that somebody else is to take.

    :raises NotAllowedError: to its author.
    :raises ConflictError: if there is nothing to decide, or it was decided already.
    """
    if actor.user_id is not None and actor.user_id == evaluation.author_id:
        raise NotAllowedError("Nobody approves or declines their own proposal.")
    if not evaluation.is_proposal:
        raise ConflictError("This evaluation took effect at once: nothing to decide.")
    if Decision.objects.filter(evaluation=evaluation).exists():
        raise ConflictError("This proposal has been decided already.")


def take_effect(
    solution: Solution, evaluation: Evaluation, *, today: date, now: datetime
) -> None:
    """Bring a locked solution's clock and flags into line with a logged evaluation."""
    tags = solution.tags.values_list("name", flat=True)
    wind_clock(solution, policy=policy_of(solution, tags), log=log_of(solution))
    solution.updated_at = now
    solution.save(update_fields=[*CLOCK_FIELDS, "updated_at"])
    settle_flags(
        solution_ids=[solution.pk],
        today=today,
        now=now,
        because="evaluated",
        evaluation_id=evaluation.pk,
    )
    judge_solutions(solution_ids=[solution.pk], today=today, now=now)
    judge_assumptions(solution_ids=[solution.pk], today=today, now=now)
    weigh_solutions(solution_ids=[solution.pk], today=today)


def tell_of_evaluation(evaluation: Evaluation, *, now: datetime) -> None:
    """Ask for everybody who wants it to be told that an evaluation was logged."""
    Notice.objects.create(key=f"evaluation:{evaluation.pk}:recorded", created_at=now)


def keep_grounds(evaluation: Evaluation) -> None:
    """Keep what an evaluation rested on: all that stood, and what open flags tell."""
    of_solution = Signal.objects.filter(solution_id=evaluation.solution_id)
    # What ended within the hold still speaks for its flag.
    flagged = of_solution.filter(flags__in=Flag.objects.open())
    told = {
        *of_solution.standing().values_list("pk", flat=True),
        *flagged.values_list("pk", flat=True),
    }
    Ground.objects.bulk_create(
        Ground(evaluation=evaluation, signal_id=signal_id) for signal_id in sorted(told)
    )


def _answered(
    solution: Solution, judgement: Judgement
) -> tuple[str, list[dict[str, Any]]]:
    """Return the template that was filled in and what was answered, if anything was."""
    if not judgement.answers:
        return "", []
    template = current_template(Kind(solution.kind))
    return template.name, answered(template, judgement.answers)


def _check_against_log(
    solution: Solution, supersedes_id: int | None, actor: Actor
) -> None:
    """
    Return if an evaluation may take its place in the log.

    :raises InvalidError: if it supersedes an evaluation of another solution.
    :raises ConflictError: if it supersedes what is superseded already, or comes to a
        retired solution without correcting the verdict that retired it.
    :raises NotAllowedError: if it brings a solution back, without the right to end one.
    """
    log = log_of(solution)
    if supersedes_id is not None:
        if supersedes_id not in {line.id for line in log}:
            raise InvalidError(
                "It can only supersede an evaluation of the same solution.",
                field="supersedes",
            )
        if supersedes_id in {line.supersedes for line in log if line.in_effect}:
            raise ConflictError(
                "That evaluation has been superseded already: supersede the newer one.",
                field="supersedes",
            )
    standing = standing_verdict(log)
    if standing is None or standing.verdict is not Verdict.RETIRE:
        return
    if supersedes_id != standing.id:
        raise ConflictError(
            "This solution is retired. If that was a mistake, log an evaluation that "
            f"supersedes the one that retired it, number {standing.id}."
        )
    require(actor, Permission.END, solution.team_id)


def _check_brings_no_ending_back(
    solution: Solution, judgement: Judgement, actor: Actor
) -> None:
    """
    Return if a correction lets no earlier verdict to end the solution speak again.

    Taking the later verdict away does what the ending itself takes a lead for.

    :raises NotAllowedError: otherwise, to who may not end it.
    """
    log = log_of(solution)
    line = LoggedVerdict(
        id=max((each.id for each in log), default=0) + 1,
        verdict=judgement.verdict,
        evaluated_on=judgement.evaluated_on,
        supersedes=judgement.supersedes_id,
    )
    before, after = standing_verdict(log), standing_verdict([*log, line])
    if after is None or after.id == line.id or after.verdict not in ENDINGS:
        return
    if before is not None and after.id == before.id:
        return
    if not may(actor, Permission.END, solution.team_id):
        raise NotAllowedError(
            f"Dated {judgement.evaluated_on}, this correction would bring back into "
            f"effect that it is to {after.verdict} ({after.evaluated_on}), which takes "
            "the role lead in the owning team: give it a later day."
        )


def _check_not_overtaken(solution: Solution, proposal: Evaluation) -> None:
    """
    Return if a proposal would be the verdict in effect, were it approved.

    :raises ConflictError: if an evaluation of a later day has been logged since.
    """
    log = [
        replace(line, in_effect=True) if line.id == proposal.pk else line
        for line in log_of(solution)
    ]
    standing = standing_verdict(log)
    if standing is not None and standing.id != proposal.pk:
        raise ConflictError(
            f"Evaluation {standing.id} is later than this proposal and would stay in "
            "effect: decline it, and propose anew if it still holds."
        )


def _cleaned(judgement: Judgement, today: date) -> Judgement:
    try:
        within_register(judgement.evaluated_on)
    except DayError as error:
        raise InvalidError(str(error), field="evaluated_on") from error
    if judgement.evaluated_on > today:
        raise InvalidError(
            f"An evaluation cannot lie in the future: today is {today}.",
            field="evaluated_on",
        )
    if len(judgement.alternatives) > ALTERNATIVES_LIMIT:
        raise InvalidError(
            f"At most {ALTERNATIVES_LIMIT} alternatives.", field="alternatives"
        )
    return replace(
        judgement,
        summary=line(judgement.summary, limit=200, field="summary"),
        rationale=paragraphs(
            judgement.rationale, limit=RATIONALE_LIMIT, field="rationale"
        ),
        version=line(judgement.version, limit=100, field="version", blank=True),
        alternatives=[
            line(alternative, limit=200, field="alternatives")
            for alternative in judgement.alternatives
        ],
        attachments=cleaned_attachments(judgement.attachments, today),
    )
