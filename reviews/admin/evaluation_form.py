"""The form that logs an evaluation, and the one that decides on a proposal."""

from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminDateWidget, AdminTextareaWidget
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from reviews.admin.actor import teams_where
from reviews.admin.picking import is_number
from reviews.admin.refusals import ServiceForm
from reviews.models import Evaluation, Solution
from reviews.rules.access import Actor, Permission
from reviews.rules.vocabulary import Verdict
from reviews.services.evaluations import RATIONALE_LIMIT, Judgement


class EvaluationForm(ServiceForm[Evaluation]):
    """
    Says what somebody found; the service checks it.

    `about` is the one solution that it may be about, None if somebody picks one.
    """

    about: ClassVar[int | None] = None

    evaluated_on = forms.DateField(
        widget=AdminDateWidget, help_text="The day on which you looked, as YYYY-MM-DD."
    )
    rationale = forms.CharField(
        required=False,
        max_length=RATIONALE_LIMIT,
        # As typed: leading spaces mean something in Markdown.
        strip=False,
        widget=AdminTextareaWidget(attrs={"rows": 12}),
        help_text="The evidence, in Markdown. It cannot be changed afterwards.",
    )
    alternatives = forms.CharField(
        required=False,
        max_length=5000,
        widget=AdminTextareaWidget(attrs={"rows": 4}),
        label="Alternatives considered",
        help_text="One per line.",
    )

    class Meta:
        model = Evaluation
        fields = ("solution", "verdict", "summary", "version", "supersedes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("evaluated_on", timezone.localdate())
        self._offer_solutions()
        self.fields["verdict"].help_text = (
            "Deprecate and retire end a solution's life: by anyone but a tech lead of "
            "the owning team they are proposals, which such a lead approves or declines."
        )
        supersedes = self.fields["supersedes"]
        chosen = self.data.get("solution") or str(self.initial.get("solution", ""))
        earlier = Evaluation.objects.none()
        if is_number(chosen):
            earlier = Evaluation.objects.filter(solution=int(chosen))
        supersedes.queryset = earlier.order_by("-evaluated_on", "-pk")  # type: ignore[attr-defined]
        supersedes.help_text = (
            "Only to correct a mistake: the earlier evaluation that this one replaces. "
            "Open that one and choose “Correct this evaluation” to have it filled in."
        )

    def _offer_solutions(self) -> None:
        offered = solutions_to_evaluate(self.actor)
        solution = self.fields["solution"]
        if self.about is not None:
            # Its evidence stands above the form: nobody judges another by that.
            offered = offered.filter(pk=self.about)
            solution.widget = forms.Select()
            solution.empty_label = None  # type: ignore[attr-defined]
            solution.help_text = format_html(
                'Or evaluate <a href="{}">another solution</a>.',
                reverse("admin:reviews_evaluation_add"),
            )
        solution.queryset = offered  # type: ignore[attr-defined]

    def clean_alternatives(self) -> list[str]:
        lines = self.cleaned_data["alternatives"].splitlines()
        return [line.strip() for line in lines if line.strip()]

    def judgement(self) -> Judgement:
        """Return what the form says."""
        said = self.cleaned_data
        corrected = said["supersedes"]
        return Judgement(
            verdict=Verdict(said["verdict"]),
            evaluated_on=said["evaluated_on"],
            summary=said["summary"],
            rationale=said["rationale"],
            version=said["version"],
            alternatives=said["alternatives"],
            supersedes_id=corrected.pk if corrected else None,
        )


class DecisionForm(forms.Form):
    """Approves or declines a proposal; which of both, the pressed button says."""

    CHOICES: ClassVar = [("approve", "Approve"), ("decline", "Decline")]

    reason = forms.CharField(
        required=False,
        max_length=500,
        widget=AdminTextareaWidget(attrs={"rows": 3}),
        help_text="Declining takes a reason.",
    )
    decision = forms.ChoiceField(choices=CHOICES, widget=forms.HiddenInput)


def solutions_to_evaluate(actor: Actor) -> QuerySet[Solution]:
    """Return the solutions that somebody may evaluate."""
    solutions = Solution.objects.all()
    if actor.is_administrator:
        return solutions
    return solutions.filter(team__in=teams_where(actor, Permission.EVALUATE))
