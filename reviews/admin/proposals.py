"""Approving or declining a proposal to deprecate or to retire."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from reviews.admin.actor import actor_at
from reviews.admin.evaluation_form import DecisionForm
from reviews.admin.evaluation_status import Status, status_of
from reviews.models import Evaluation
from reviews.rules.access import Actor, NotAllowedError, Permission, may
from reviews.services.errors import DomainError
from reviews.services.evaluations import decide_proposal


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
            return HttpResponseRedirect(address)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Decide on the proposal to {evaluation.verdict} {evaluation.solution}",
        "opts": model_admin.opts,
        "evaluation": evaluation,
        "address": address,
        "may_decide": may_decide(actor, evaluation),
        "form": form,
    }
    return TemplateResponse(request, "admin/reviews/evaluation/decide.html", context)
