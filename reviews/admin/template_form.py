"""The form that writes the next version of a template, a row for each question."""

from typing import Any

from django import forms

from reviews.admin.refusals import ServiceForm
from reviews.models import EvaluationTemplate
from reviews.models.choices import SCALES
from reviews.queries.templates import template_row
from reviews.rules.criteria import Question
from reviews.rules.vocabulary import Scale
from reviews.services.templates import (
    GUIDANCE_LIMIT,
    LONGEST_KEY,
    QUESTION_LIMIT,
    QUESTIONS_LIMIT,
)

EMPTY_ROWS = 3
MOST_ROWS = 2 * QUESTIONS_LIMIT


class QuestionForm(forms.Form):
    """One question; its key stays the same however it is worded."""

    key = forms.CharField(
        required=False, max_length=LONGEST_KEY, widget=forms.HiddenInput
    )
    question = forms.CharField(required=False, max_length=QUESTION_LIMIT)
    guidance = forms.CharField(
        required=False, max_length=GUIDANCE_LIMIT, widget=forms.Textarea({"rows": 2})
    )
    scale = forms.ChoiceField(label="Answered", choices=SCALES)
    order = forms.IntegerField(
        label="Place", min_value=1, max_value=1_000, required=False
    )
    required = forms.BooleanField(label="Has to be answered", required=False)
    remove = forms.BooleanField(label="Remove", required=False)

    def __init__(self, data: Any, number: int, asked: Question | None) -> None:
        super().__init__(data, prefix=f"question-{number}")
        self.number = number
        self.initial = {"order": number, "scale": Scale.YES_NO.value}
        if asked is not None:
            self.initial |= {
                "key": asked.key,
                "question": asked.question,
                "guidance": asked.guidance,
                "scale": asked.scale.value,
                "required": asked.required,
            }

    @property
    def is_new(self) -> bool:
        """Whether the row adds a question."""
        return not self["key"].value()

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        is_said = said.get("question") or "question" in self.errors
        begun = said.get("key") or said.get("guidance")
        if begun and not is_said and not said.get("remove"):
            self.add_error("question", "Write the question, or remove the row.")
        return said

    def asked(self) -> tuple[int, Question] | None:
        """Return the question and its place, None for what is removed or left empty."""
        said = self.cleaned_data
        if said["remove"] or not said["question"]:
            return None
        question = Question(
            key=said["key"],
            question=said["question"],
            guidance=" ".join(said["guidance"].split()),
            scale=Scale(said["scale"]),
            required=said["required"],
        )
        return said["order"] or self.number, question


class TemplateForm(ServiceForm[EvaluationTemplate]):
    """All questions of a kind; the service writes them as the next version."""

    rows = forms.IntegerField(
        min_value=1, max_value=MOST_ROWS, widget=forms.HiddenInput
    )

    class Meta:
        model = EvaluationTemplate
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = template_row(self.instance).questions
        count = len(present) + EMPTY_ROWS
        self.initial["rows"] = count
        if self.is_bound:
            count = self._count(count)
        padded = [*present, *[None] * count]
        data = self.data if self.is_bound else None
        self.questions = [
            QuestionForm(data, number, asked)
            for number, asked in enumerate(padded[:count], 1)
        ]

    def _count(self, otherwise: int) -> int:
        try:
            count: int = self.fields["rows"].clean(self.data.get("rows"))
        except forms.ValidationError:
            return otherwise
        return count

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if any([not row.is_valid() for row in self.questions]):  # noqa: C419
            # All of them are looked at, so that every fault is marked at once.
            self.add_error(None, "Something below is missing or wrong: it is marked.")
        return cleaned

    def asked(self) -> list[Question]:
        """Return the questions in the order of their places."""
        asked = [pair for row in self.questions if (pair := row.asked())]
        return [question for _, question in sorted(asked, key=lambda pair: pair[0])]
