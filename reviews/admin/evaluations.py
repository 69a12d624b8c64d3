"""The staff pages of the log: evaluations are added and read, never changed."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from reviews.admin.actor import actor_at
from reviews.admin.base import RegisterAdmin, clock_now
from reviews.admin.evaluation_filters import (
    OfSolutionFilter,
    OwningTeamFilter,
    StatusFilter,
    VerdictFilter,
)
from reviews.admin.evaluation_form import (
    EvaluationForm,
    Opening,
    solutions_to_evaluate,
)
from reviews.admin.evaluation_rows import CONDITIONS_EXPLAINED
from reviews.admin.evaluation_shown import (
    alternatives_shown,
    answers_shown,
    assumptions_shown,
    attachments_shown,
    reaffirms_shown,
    solution_link,
)
from reviews.admin.evaluation_start import asked_verdict, refusal_at, start_page
from reviews.admin.evaluation_status import Status, status_of, with_status
from reviews.admin.evidence_panel import evidence_panel, fact_lines
from reviews.admin.onward import asked_next
from reviews.admin.picking import is_number
from reviews.admin.proposals import decision_page, may_decide
from reviews.admin.solution_panel import log_address
from reviews.models import Change, Evaluation, Solution
from reviews.queries.evaluation_parts import NamedSolution
from reviews.queries.facts import grounds_of
from reviews.queries.last_evaluation import last_evaluation
from reviews.queries.templates import current_template
from reviews.rules.access import Permission, may
from reviews.rules.markdown import render
from reviews.rules.vocabulary import Kind
from reviews.services.audit import kind_of
from reviews.services.evaluations import record_evaluation

_ADDED: Any = [
    ("What you looked at", {"fields": ["solution", "evaluated_on", "version"]}),
    ("Other alternatives", {"fields": ["alternatives"]}),
    (
        "Verdict",
        {"fields": ["verdict", "summary", "rationale", "replacement", "supersedes"]},
    ),
]
_SHOWN = (
    "solution",
    "status",
    "verdict",
    "replacement_shown",
    "evaluated_on",
    "author_shown",
    "recorded_at",
    "reaffirms_shown",
    "summary",
    "rationale_shown",
    "version",
    "answers_shown",
    "alternatives_shown",
    "assumptions_shown",
    "attachments_shown",
    "evidence_shown",
    "supersedes",
    "decision_shown",
)


class EvaluationAdmin(RegisterAdmin[Evaluation]):
    adding = Permission.EVALUATE

    form = EvaluationForm
    autocomplete_fields = ["solution", "replacement"]
    list_display = [
        "solution",
        "verdict",
        "evaluated_on",
        "author_shown",
        "status",
        "summary",
    ]
    list_filter = [StatusFilter, VerdictFilter, OwningTeamFilter, OfSolutionFilter]
    # The index `evaluation_order` serves it.
    ordering = ["-evaluated_on", "-pk"]
    search_fields = ["solution__name", "solution__slug", "summary", "author_name"]
    search_help_text = "Solution, summary or author:"
    sortable_by = ["evaluated_on"]

    def team_of(self, obj: Evaluation) -> int | None:
        return obj.solution.team_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[Evaluation]:
        # Here and not in `list_select_related`, which a query that joins already ignores.
        return with_status(super().get_queryset(request)).select_related(
            "solution", "replacement"
        )

    # --- Columns and read-only fields ---

    @admin.display(description="status")
    def status(self, obj: Evaluation) -> SafeString:
        return status_of(obj).badge()

    @admin.display(description="author")
    def author_shown(self, obj: Evaluation) -> str:
        return obj.author_name

    @admin.display(description="rationale")
    def rationale_shown(self, obj: Evaluation) -> SafeString:
        # `render` leaves nothing in it that runs or loads.
        html = mark_safe(render(obj.rationale))  # noqa: S308
        return format_html('<div class="rationale">{}</div>', html)

    @admin.display(description="use instead")
    def replacement_shown(self, obj: Evaluation) -> SafeString:
        other = obj.replacement
        if other is None:
            return format_html("{}", "nothing named")
        return solution_link(NamedSolution(other.slug, other.name, other.state))

    @admin.display(description="repeats")
    def reaffirms_shown(self, obj: Evaluation) -> SafeString:
        return reaffirms_shown(obj)

    @admin.display(description="answers")
    def answers_shown(self, obj: Evaluation) -> SafeString:
        return answers_shown(obj)

    @admin.display(description="alternatives considered")
    def alternatives_shown(self, obj: Evaluation) -> SafeString:
        return alternatives_shown(obj)

    @admin.display(description="assumptions")
    def assumptions_shown(self, obj: Evaluation) -> SafeString:
        return assumptions_shown(obj)

    @admin.display(description="attachments")
    def attachments_shown(self, obj: Evaluation) -> SafeString:
        return attachments_shown(obj)

    @admin.display(description="rested on")
    def evidence_shown(self, obj: Evaluation) -> SafeString:
        return fact_lines(grounds_of(obj.pk))

    @admin.display(description="decision")
    def decision_shown(self, obj: Evaluation) -> str:
        if not obj.is_proposal:
            return "None needed: it took effect at once."
        decision = getattr(obj, "decision", None)
        if decision is None:
            return "None yet: a tech lead of the owning team approves or declines it."
        return f"{decision}: {decision.reason}" if decision.reason else f"{decision}"

    # --- Adding ---

    def get_fieldsets(self, request: HttpRequest, obj: Evaluation | None = None) -> Any:
        return _ADDED if obj is None else [(None, {"fields": _SHOWN})]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Evaluation | None = None
    ) -> tuple[str, ...]:
        return () if obj is None else _SHOWN

    def save_model(
        self, request: HttpRequest, obj: Evaluation, form: Any, change: Any
    ) -> None:
        recorded = record_evaluation(
            solution_id=form.cleaned_data["solution"].pk,
            judgement=form.judgement(),
            actor=actor_at(request),
            **clock_now(),
        )
        obj.pk = recorded.pk
        obj.refresh_from_db()

    def response_add(
        self,
        request: HttpRequest,
        obj: Evaluation,
        post_url_continue: str | None = None,
    ) -> HttpResponse:
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        level = messages.WARNING if obj.is_proposal else messages.SUCCESS
        self.message_user(request, outcome(obj), level)
        if "_addanother" in request.POST:
            return HttpResponseRedirect(request.path)
        return HttpResponseRedirect(asked_next(request) or self.address_of(obj.pk))

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        opening = opening_at(request)
        if opening is None and request.method != "POST":
            if not self.has_add_permission(request):
                why = refusal_at(request) or "Logging evaluations takes another role."
                raise PermissionDenied(why)
            return start_page(self, request, solutions_to_evaluate(actor_at(request)))
        more = {
            # Saving leads to the evaluation's page anyway.
            "show_save_and_continue": False,
            "opening": opening,
            "next": asked_next(request),
            "evidence": evidence_panel(opening.solution) if opening else None,
            "conditions": CONDITIONS_EXPLAINED,
            **(extra_context or {}),
        }
        return super().add_view(request, form_url, more)

    def get_form(
        self,
        request: HttpRequest,
        obj: Evaluation | None = None,
        change: bool = False,
        **kw: Any,
    ) -> type[forms.ModelForm[Evaluation]]:
        form = super().get_form(request, obj, change, **kw)
        form.opening = opening_at(request) if obj is None else None  # type: ignore[attr-defined]
        return form

    # --- Deciding ---

    def get_urls(self) -> list[URLPattern]:
        decide = path(
            "<path:object_id>/decide/",
            self.admin_site.admin_view(self.decide_view),
            name="reviews_evaluation_decide",
        )
        return [decide, *super().get_urls()]

    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return decision_page(
            self, request, self.get_object(request, unquote(object_id))
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        more = {**self._what_next(request, object_id), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, more)

    def _what_next(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        evaluation = self.get_object(request, unquote(object_id))
        if evaluation is None:
            return {}
        actor, team_id = actor_at(request), evaluation.solution.team_id
        log = log_address(evaluation.solution_id)
        may_log = may(actor, Permission.EVALUATE, team_id)
        superseded = status_of(evaluation) is Status.SUPERSEDED
        return {
            "may_decide": may_decide(actor, evaluation),
            "log_address": log if may_log else "",
            "correct_address": f"{log}&supersedes={evaluation.pk}"
            if may_log and not superseded
            else "",
        }

    def changes(self, obj: Evaluation) -> QuerySet[Change]:
        return Change.objects.filter(
            object_kind=kind_of(Solution),
            object_id=obj.solution_id,
            details__evaluation=obj.pk,
        )


def asked_about(request: HttpRequest) -> Solution | None:
    """Return the solution that the form is about, if it is about one that is open."""
    asked = request.GET.get("solution") or request.POST.get("solution", "")
    if not is_number(asked):
        return None
    return solutions_to_evaluate(actor_at(request)).filter(pk=int(asked)).first()


def opening_at(request: HttpRequest) -> Opening | None:
    """Return what the form begins with; it is read once for each request."""
    if not hasattr(request, "opening"):
        request.opening = _opening(request)  # type: ignore[attr-defined]
    opening: Opening | None = request.opening  # type: ignore[attr-defined]
    return opening


def _opening(request: HttpRequest) -> Opening | None:
    solution = asked_about(request)
    if solution is None:
        return None
    corrected = request.GET.get("supersedes", "")
    number = int(corrected) if is_number(corrected) else 0
    last = last_evaluation(solution.pk, evaluation_id=number) if number else None
    return Opening(
        solution=solution,
        template=current_template(Kind(solution.kind)),
        last=last or last_evaluation(solution.pk),
        is_correction=last is not None,
        verdict=asked_verdict(request),
    )


def outcome(evaluation: Evaluation) -> str:
    """Return what logging an evaluation has brought about."""
    solution = evaluation.solution
    if evaluation.is_proposal:
        team = solution.team.name if solution.team else "the owning team"
        return (
            f"Logged as a proposal to {evaluation.verdict} {solution.name}: nothing "
            f"changes until a tech lead of {team} approves it."
        )
    if solution.next_review_on is None:
        said = f"Logged. {solution.name} is retired: no review is owed any more."
    else:
        said = f"Logged. {solution.name} is next reviewed by {solution.next_review_on}."
    closed = [flag.get_cause_display() for flag in evaluation.closed_flags.all()]
    if closed:
        said += f" Flags closed: {', '.join(closed)}."
    return said
