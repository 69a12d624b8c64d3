"""Approving or declining a proposal to deprecate or to retire."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from reviews.admin.actor import actor_at
from reviews.admin.evaluation_form import DecisionForm
from reviews.admin.evaluation_shown import (
    alternatives_shown,
    answers_shown,
    assumptions_shown,
    attachments_shown,
    solution_link,
)
from reviews.admin.evaluation_status import Status, status_of
from reviews.admin.evidence_panel import evidence_panel
from reviews.admin.onward import asked_next
from reviews.models import Evaluation, Solution
from reviews.queries.evaluation_parts import NamedSolution
from reviews.rules.access import Actor, NotAllowedError, Permission, may
from reviews.rules.markdown import render
from reviews.services.errors import DomainError
from reviews.services.evaluations import decide_proposal

DEPENDENTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Dependents:
    """Who uses a solution: all that are shown, and how many there are."""

    count: int
    shown: list[Solution]

    @property
    def left_out(self) -> int:
        return self.count - len(self.shown)


def may_decide(actor: Actor, evaluation: Evaluation) -> bool:
    """Return whether a proposal waits for somebody such as the actor to decide on it."""
    return (
        status_of(evaluation) is Status.PROPOSED
        and may(actor, Permission.DECIDE, evaluation.solution.team_id)
        and actor.user_id != evaluation.author_id
    )


def decision_page(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    evaluation: Evaluation | None,
) -> HttpResponse:
    """Ask for a decision, and hand it to the service."""
    if evaluation is None:
        raise Http404
    actor = actor_at(request)
    if not may(actor, Permission.DECIDE, evaluation.solution.team_id):
        raise PermissionDenied("Only a lead of the owning team decides on a proposal.")
    address = reverse("admin:reviews_evaluation_change", args=[evaluation.pk])
    onward = asked_next(request)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        approve = form.cleaned_data["decision"] == "approve"
        try:
            decide_proposal(
                evaluation_id=evaluation.pk,
                approve=approve,
                reason=form.cleaned_data["reason"],
                actor=actor,
                today=timezone.localdate(),
                now=timezone.now(),
            )
        except NotAllowedError as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        except DomainError as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            said = f"{'Approved' if approve else 'Declined'}: {evaluation}."
            messages.success(request, said)
            return HttpResponseRedirect(onward or address)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Decide on the proposal to {evaluation.verdict} {evaluation.solution}",
        "opts": model_admin.opts,
        "evaluation": evaluation,
        "address": address,
        "may_decide": may_decide(actor, evaluation),
        "form": form,
        "next": onward,
        "shown": _shown(evaluation),
        "solution": evaluation.solution,
        "used_by": _dependents(evaluation.solution_id),
        "evidence": evidence_panel(evaluation.solution),
    }
    return TemplateResponse(request, "admin/reviews/evaluation/decide.html", context)


def _shown(evaluation: Evaluation) -> list[tuple[str, SafeString]]:
    """Return the proposal whole, each part under its name."""
    other = evaluation.replacement
    # `render` leaves nothing in it that runs or loads.
    rationale = mark_safe(render(evaluation.rationale))  # noqa: S308
    return [
        ("Verdict", format_html("<strong>{}</strong>", evaluation.verdict)),
        (
            "Proposed by",
            format_html(
                "{}, who looked on {} and wrote it down on {}",
                evaluation.author_name,
                evaluation.evaluated_on,
                evaluation.recorded_on,
            ),
        ),
        ("Summary", format_html("{}", evaluation.summary)),
        (
            "Rationale",
            format_html('<div class="rationale">{}</div>', rationale)
            if evaluation.rationale.strip()
            else format_html("{}", "none given"),
        ),
        ("Version looked at", format_html("{}", evaluation.version or "not said")),
        (
            "Use instead",
            solution_link(NamedSolution(other.slug, other.name, other.state))
            if other
            else format_html("{}", "nothing named"),
        ),
        ("Alternatives considered", alternatives_shown(evaluation)),
        ("Answers", answers_shown(evaluation)),
        ("Revisit if", assumptions_shown(evaluation)),
        ("Attachments", attachments_shown(evaluation)),
    ]


def _dependents(solution_id: int) -> Dependents:
    used_by = (
        Solution.objects.filter(uses__solution=solution_id)
        .order_by("name", "pk")
        .distinct()
    )
    return Dependents(used_by.count(), list(used_by[:DEPENDENTS_SHOWN]))
