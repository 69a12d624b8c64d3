"""The form that logs an evaluation, and the one that decides on a proposal."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminDateWidget, AdminTextareaWidget
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from reviews.admin.actor import teams_where
from reviews.admin.evaluation_rows import (
    ALTERNATIVE_ROWS,
    ASSUMPTION_ROWS,
    ATTACHMENT_ROWS,
    AlternativeForm,
    AssumptionForm,
    AttachmentForm,
    CriterionForm,
)
from reviews.admin.picking import is_number
from reviews.admin.refusals import ServiceForm
from reviews.admin.solution_picking import GivenSolution, PickSolution
from reviews.models import Evaluation, Solution
from reviews.queries.last_evaluation import LastEvaluation
from reviews.queries.templates import TemplateRow
from reviews.rules.access import Actor, Permission
from reviews.rules.vocabulary import Verdict
from reviews.services.evaluations import RATIONALE_LIMIT, Judgement


@dataclass(frozen=True, slots=True)
class Opening:
    """
    What a form about one solution begins with.

    `last` is the evaluation that it opens with, `is_correction` whether it replaces it.
    """

    solution: Solution
    template: TemplateRow
    last: LastEvaluation | None
    is_correction: bool
    verdict: str

    def initial(self, today: date) -> dict[str, Any]:
        """Return what the form's own fields begin with."""
        begun: dict[str, Any] = {
            "solution": str(self.solution.pk),
            "version": self.solution.version,
            "evaluated_on": today,
        }
        last = self.last
        if last is not None:
            begun |= {
                "version": self.solution.version or last.version,
                "verdict": last.verdict.value,
                "replacement": last.replacement_id,
                "alternatives": "\n".join(last.alternatives),
            }
            if self.is_correction:
                begun |= {
                    "supersedes": str(last.id),
                    "evaluated_on": last.evaluated_on,
                    "version": last.version,
                    "summary": last.summary,
                    "rationale": last.rationale,
                }
        if self.verdict:
            begun["verdict"] = self.verdict
        return begun


class EvaluationForm(ServiceForm[Evaluation]):
    """
    Says what somebody found; the service checks it.

    `opening` says which solution it is about, None if somebody picks one. The questions,
    assumptions and attachments are forms of their own, a row each.
    """

    opening: ClassVar[Opening | None] = None
    field_of: ClassVar = {"alternative_solutions": "alternatives"}

    evaluated_on = forms.DateField(
        widget=AdminDateWidget, help_text="The day on which you looked, as YYYY-MM-DD."
    )
    rationale = forms.CharField(
        required=False,
        max_length=RATIONALE_LIMIT,
        # As typed: leading spaces mean something in Markdown.
        strip=False,
        widget=AdminTextareaWidget(attrs={"rows": 8}),
        help_text="The evidence, in Markdown. It cannot be changed afterwards.",
    )
    alternatives = forms.CharField(
        required=False,
        max_length=5000,
        widget=AdminTextareaWidget(attrs={"rows": 3}),
        label="Other alternatives considered",
        help_text="What is not in the register, one per line.",
    )

    class Meta:
        model = Evaluation
        fields = (
            "solution",
            "verdict",
            "summary",
            "version",
            "replacement",
            "supersedes",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.opening is not None:
            begun = self.opening.initial(timezone.localdate())
            self.initial = {**begun, **self.initial}
        self.initial.setdefault("evaluated_on", timezone.localdate())
        self._offer_solutions()
        self.fields["verdict"].help_text = (
            "Deprecate and retire end a solution's life: by anyone but a tech lead of "
            "the owning team they are proposals, which such a lead approves or declines."
        )
        replacement = self.fields["replacement"]
        replacement.widget = PickSolution()
        replacement.widget.choices = replacement.choices  # type: ignore[attr-defined]
        replacement.help_text = "Which solution to use instead; for the verdicts hold, deprecate and retire."
        self._offer_earlier()
        self._make_rows()

    def _offer_earlier(self) -> None:
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
        if self.opening is not None:
            # Its evidence stands beside the form: nobody judges another by that.
            offered = offered.filter(pk=self.opening.solution.pk)
            solution.widget = GivenSolution(self.opening.solution)
            solution.empty_label = None  # type: ignore[attr-defined]
            solution.help_text = format_html(
                'Or evaluate <a href="{}">another solution</a>.',
                reverse("admin:reviews_evaluation_add"),
            )
        solution.queryset = offered  # type: ignore[attr-defined]

    def _make_rows(self) -> None:
        data = self.data if self.is_bound else None
        files = self.files if self.is_bound else None
        opening = self.opening
        last = opening.last if opening else None
        given = last.answers if last else {}
        holding = [
            row
            for row in (last.assumptions if last else ())
            if not row.is_broken(timezone.localdate())
        ]
        # A script that knows of no questions answers none, as the API allows; a browser
        # sends every field that it was shown.
        asks = opening and (
            data is None or any(name.startswith("criterion-") for name in data)
        )
        self.criteria = [
            CriterionForm(data, question=question, last=given.get(question.key))
            for question in (opening.template.questions if opening and asks else ())
        ]
        count = max(ASSUMPTION_ROWS, len(holding))
        rows = [*holding, *[None] * (count - len(holding))]
        picked = last.alternative_ids if last else ()
        self.compared = [
            AlternativeForm(data, number, solution_id)
            for number, solution_id in enumerate(
                [*picked, *[None] * max(1, ALTERNATIVE_ROWS - len(picked))], 1
            )
        ]
        self.assumptions = [
            AssumptionForm(data, number, row) for number, row in enumerate(rows, 1)
        ]
        self.attachments = [
            AttachmentForm(data, files, number)
            for number in range(1, ATTACHMENT_ROWS + 1)
        ]

    @property
    def rows(self) -> list[forms.Form]:
        """Return the forms within this one."""
        return [
            *self.criteria,
            *self.compared,
            *self.assumptions,
            *self.attachments,
        ]

    @property
    def media(self) -> forms.Media:
        return super().media + PickSolution().media

    def is_multipart(self) -> bool:
        # Because of the files in the rows.
        return True

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        wrong = [row for row in self.rows if not row.is_valid()]
        if wrong:
            self.add_error(None, "Something below is missing or wrong: it is marked.")
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors:
            for row in self.attachments:
                row.ask_again()

    def clean_evaluated_on(self) -> date:
        day: date = self.cleaned_data["evaluated_on"]
        if day > (today := timezone.localdate()):
            # The service says it as well, but only once every row is right.
            raise forms.ValidationError(
                f"An evaluation cannot lie in the future: today is {today}."
            )
        return day

    def clean_alternatives(self) -> list[str]:
        lines = self.cleaned_data["alternatives"].splitlines()
        return [line.strip() for line in lines if line.strip()]

    def judgement(self) -> Judgement:
        """Return what the form says."""
        said = self.cleaned_data
        corrected, replacement = said["supersedes"], said["replacement"]
        answers = {row.question.key: row.answer() for row in self.criteria}
        picked = [row.solution_id() for row in self.compared]
        assumed = [row.assumed() for row in self.assumptions]
        attached = [row.attached() for row in self.attachments]
        return Judgement(
            verdict=Verdict(said["verdict"]),
            evaluated_on=said["evaluated_on"],
            summary=said["summary"],
            rationale=said["rationale"],
            version=said["version"],
            alternatives=said["alternatives"],
            supersedes_id=corrected.pk if corrected else None,
            answers={key: answer for key, answer in answers.items() if answer},
            replacement_id=replacement.pk if replacement else None,
            alternative_ids=[id for id in picked if id],
            assumptions=[row for row in assumed if row],
            attachments=[row for row in attached if row],
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
