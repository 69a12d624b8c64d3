"""The rows of the evaluation form: its questions, assumptions and attachments."""

from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from reviews.admin.solution_picking import PickSolution
from reviews.models import Solution
from reviews.models.choices import CONDITIONS, SIGNAL_KINDS
from reviews.queries.assumptions import AssumptionRow
from reviews.queries.last_evaluation import GivenAnswer
from reviews.rules.assumptions import (
    LONGEST_SILENCE,
    Assumed,
    AssumptionError,
    check_form,
)
from reviews.rules.criteria import UNKNOWN, Question, allowed
from reviews.rules.vocabulary import Condition
from reviews.services.answers import ANSWER_LIMIT, NOTE_LIMIT, Answer
from reviews.services.attachments import (
    LARGEST_FILE_BYTES,
    Attached,
    cleaned_attachments,
    plain_name,
)
from reviews.services.errors import InvalidError

ALTERNATIVE_ROWS = 4
ASSUMPTION_ROWS = 5
ATTACHMENT_ROWS = 3


class CriterionForm(forms.Form):
    """
    One question of the template; `last` is what was answered the last time.

    What is optional and was never answered reads "unknown".
    """

    note = forms.CharField(
        required=False, max_length=NOTE_LIMIT, label="Note", strip=True
    )

    def __init__(
        self, data: Any, *, question: Question, last: GivenAnswer | None
    ) -> None:
        self.question = question
        self.words = allowed(question.scale)
        # On a scale that has changed since, the answer of then says nothing.
        fits = last is not None and (not self.words or last.answer in self.words)
        self.last = last if fits else None
        super().__init__(data, prefix=f"criterion-{question.key}")
        self.fields["answer"] = self._answer_field()
        if self.last is not None:
            self.initial = {"answer": self.last.answer, "note": self.last.note}
        elif self.words and not question.required:
            self.initial = {"answer": UNKNOWN}

    def _answer_field(self) -> forms.Field:
        missing = {"required": f"Answer this; {UNKNOWN} is an answer."}
        if not self.words:
            return forms.CharField(
                label=self.question.question,
                required=self.question.required,
                max_length=ANSWER_LIMIT,
                error_messages=missing,
                widget=forms.TextInput(attrs=self._described()),
            )
        return forms.ChoiceField(
            label=self.question.question,
            required=self.question.required,
            choices=[(word, word) for word in self.words],
            error_messages=missing,
            widget=forms.RadioSelect,
        )

    def _described(self) -> dict[str, str]:
        if not self.question.guidance:
            return {}
        return {"aria-describedby": self.guidance_id}

    @property
    def guidance_id(self) -> str:
        return f"guidance-{self.question.key}"

    @property
    def is_as_last_time(self) -> bool:
        """Whether the answer that stands there is the one of the last time."""
        return self.last is not None and self["answer"].value() == self.last.answer

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("note") and "answer" in said and not said["answer"]:
            self.add_error("answer", "Answer it as well, or take the note back.")
        return said

    def answer(self) -> Answer | None:
        """Return what was answered, None for what is left open."""
        answer, note = self.cleaned_data["answer"], self.cleaned_data["note"]
        is_open = self.words and not self.question.required and answer == UNKNOWN
        if not answer or (is_open and not note):
            return None
        return Answer(answer, note)


class AlternativeForm(forms.Form):
    """One registered solution that was looked at beside this one."""

    solution = forms.ModelChoiceField(
        Solution.objects.all(), required=False, widget=PickSolution
    )

    def __init__(self, data: Any, number: int, solution_id: int | None) -> None:
        super().__init__(data, prefix=f"alternative-{number}")
        self.number = number
        self.initial = {"solution": solution_id}

    def solution_id(self) -> int | None:
        """Return which solution was picked, None for an empty row."""
        picked = self.cleaned_data["solution"]
        return picked.pk if picked else None


class AssumptionForm(forms.Form):
    """One "revisit if …"; what its condition does not need is not looked at."""

    NEEDS_VALUE: ClassVar = {
        Condition.DAY,
        Condition.NO_RELEASE,
        Condition.RELEASE_REACHES,
    }

    condition = forms.ChoiceField(
        required=False, label="Revisit if", choices=[("", "nothing"), *CONDITIONS]
    )
    value = forms.CharField(
        required=False, max_length=100, label="Day, months or version"
    )
    signal = forms.ChoiceField(
        required=False, label="What a source says", choices=[("", "—"), *SIGNAL_KINDS]
    )
    subject = forms.ModelChoiceField(
        Solution.objects.all(),
        required=False,
        label="Whose release",
        widget=PickSolution,
    )
    note = forms.CharField(required=False, max_length=200, label="Why")

    def __init__(self, data: Any, number: int, row: AssumptionRow | None) -> None:
        super().__init__(data, prefix=f"assumption-{number}")
        self.number = number
        if row is not None:
            is_signal = row.condition is Condition.SIGNAL
            self.initial = {
                "condition": row.condition.value,
                "signal": row.value if is_signal else "",
                "value": "" if is_signal else row.value,
                "subject": row.subject_id,
                "note": row.note,
            }

    @property
    def is_empty(self) -> bool:
        """Whether the row stands there without anything in it."""
        return not any(self[name].value() for name in self.fields)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if self.errors:
            return said
        if not said["condition"]:
            if any(said.values()):
                self.add_error("condition", "Choose a condition, or empty the row.")
            return said
        try:
            check_form(self._assumed())
        except AssumptionError as error:
            is_signal = said["condition"] == Condition.SIGNAL
            self.add_error("signal" if is_signal else "value", str(error))
        return said

    def assumed(self) -> Assumed | None:
        """Return the assumption, None for an empty row."""
        return self._assumed() if self.cleaned_data["condition"] else None

    def _assumed(self) -> Assumed:
        said = self.cleaned_data
        condition = Condition(said["condition"])
        value = said["value"] if condition in self.NEEDS_VALUE else ""
        of_release = condition is Condition.RELEASE_REACHES and said["subject"]
        return Assumed(
            condition=condition,
            value=said["signal"] if condition is Condition.SIGNAL else value,
            subject_id=said["subject"].pk if of_release else None,
            note=said["note"],
        )


class AttachmentForm(forms.Form):
    """
    One document: a link or a file, with the day that it speaks of.

    A browser empties the field of a file when the page comes again. `expected` is the
    name of a file that was chosen before: the row is refused without it, unless somebody
    says that it is to be left out.
    """

    title = forms.CharField(required=False, max_length=200, label="Title")
    url = forms.CharField(required=False, max_length=1000, label="Link")
    file = forms.FileField(
        required=False,
        # The service says what is wrong with either.
        max_length=None,
        allow_empty_file=True,
        label="Or a file",
    )
    effective_on = forms.DateField(
        required=False,
        label="The day it speaks of",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    expected = forms.CharField(required=False, widget=forms.HiddenInput)
    left_out = forms.BooleanField(required=False)

    def __init__(self, data: Any, files: Any, number: int) -> None:
        super().__init__(data, files, prefix=f"attachment-{number}")
        self.number = number

    @property
    def asked(self) -> list[forms.BoundField]:
        """Return the fields that every row shows."""
        return [self[name] for name in ("title", "url", "file", "effective_on")]

    @property
    def awaited(self) -> str:
        """The name of the file that has to be chosen again, empty without one."""
        if not self.is_bound:
            return ""
        file = self["file"].data
        name = file.name if file else self["expected"].value()
        return plain_name(name) if name else ""

    def ask_again(self) -> None:
        """Say of a file that was sent that it has to be once more: the form is wrong."""
        if self["file"].data and "file" not in self.errors:
            self.add_error("file", _again(self.awaited))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError(
                f"{file.size:,} bytes are too many: at most {LARGEST_FILE_BYTES:,} may "
                "be. Put it elsewhere and attach the link."
            )
        return file

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        file, is_left_out = said.get("file"), said.get("left_out")
        if "file" not in self.errors and not file and self.awaited and not is_left_out:
            self.add_error("file", _again(self.awaited))
        if not self._is_used():
            return said
        if not said.get("title") and (file or not is_left_out):
            said["title"] = self.awaited
        for name, missing in (
            ("title", "Say what it is."),
            ("effective_on", "Say which day it speaks of: a report's own date."),
        ):
            if name not in self.errors and not said.get(name):
                self.add_error(name, missing)
        has_both = bool(said.get("url")) == bool(file)
        if has_both and not {"url", "file"} & self.errors.keys():
            self.add_error("url", "Give a link or a file, one of the two.")
        if not self.errors:
            self._check()
        return said

    def attached(self) -> Attached | None:
        """Return the document, None for an empty row."""
        return self._attached() if self._is_used() else None

    def _is_used(self) -> bool:
        said = self.cleaned_data
        if said.get("left_out") and not said.get("file") and not said.get("url"):
            return False
        named = ("title", "url", "file", "effective_on")
        return bool(self.errors) or any(said.get(name) for name in named)

    def _check(self) -> None:
        # The service would say it as well, but only once all else is right.
        try:
            cleaned_attachments([self._attached()], timezone.localdate())
        except InvalidError as refusal:
            self.add_error(None, refusal.message)

    def _attached(self) -> Attached:
        said = self.cleaned_data
        file = said["file"]
        if file:
            file.seek(0)
        return Attached(
            title=said["title"],
            effective_on=said["effective_on"],
            url=said["url"],
            file_name=(file.name or "file") if file else "",
            content=file.read() if file else b"",
        )


def _again(name: str) -> str:
    return f"Choose {name} again: a form that comes back has lost its files."


_EXPLAINED = {
    Condition.DAY: "Write the day as YYYY-MM-DD: a price or a contract that ends.",
    Condition.NO_RELEASE: (
        f"Write how many months, 1 to {LONGEST_SILENCE}, it may be silent."
    ),
    Condition.RELEASE_REACHES: (
        "Write the version, such as 1.0, and whose release if it is another "
        "solution's: a successor's, perhaps."
    ),
    Condition.LICENCE_CHANGES: "Nothing more is needed.",
    Condition.SIGNAL: "Choose what a source would have to say.",
}
CONDITIONS_EXPLAINED = [
    (label, _EXPLAINED[Condition(value)]) for value, label in CONDITIONS
]
"""What each condition asks for, by the words under which it is offered."""
