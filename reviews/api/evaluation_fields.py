"""What the API says of an evaluation, and what it takes in a body."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from reviews.api.fields import (
    DayField,
    RowsField,
    StrictSerializer,
    TextField,
    TextsField,
    WholeNumberField,
    WordField,
    wrong_type,
)
from reviews.queries.evaluations import Standing
from reviews.rules.assumptions import ASSUMPTIONS_LIMIT
from reviews.rules.text import shown
from reviews.rules.vocabulary import Condition, Scale, Verdict
from reviews.services.alternatives import REGISTERED_LIMIT
from reviews.services.answers import Answer
from reviews.services.attachments import ATTACHMENTS_LIMIT
from reviews.services.evaluations import ALTERNATIVES_LIMIT, RATIONALE_LIMIT
from reviews.services.templates import QUESTIONS_LIMIT

LARGEST_ID = 2**63 - 1


_ANSWERS = {
    "type": "object",
    "additionalProperties": {
        "oneOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {
                    "answer": {"type": "string"},
                    "note": {"type": "string"},
                },
                "required": ["answer"],
            },
        ]
    },
}


@extend_schema_field(_ANSWERS)
class AnswersField(serializers.Field[Any, Any, Any, Any]):
    """An object of answers by their keys: each a text, or an answer with a note."""

    def to_internal_value(self, data: Any) -> dict[str, Answer]:
        if not isinstance(data, dict):
            raise wrong_type("an object", data)
        if len(data) > QUESTIONS_LIMIT:
            raise serializers.ValidationError(
                f"At most {QUESTIONS_LIMIT} are allowed.", "max_length"
            )
        return {key: _answer(key, said) for key, said in data.items()}

    def to_representation(self, value: Any) -> Any:
        return value


def _answer(key: str, said: Any) -> Answer:
    if isinstance(said, str):
        return Answer(said)
    if not isinstance(said, dict):
        raise wrong_type("a text, or an object with an answer and a note,", said)
    extra = said.keys() - {"answer", "note"}
    answer, note = said.get("answer"), said.get("note", "")
    if extra or not isinstance(answer, str) or not isinstance(note, str):
        raise serializers.ValidationError(
            f"{shown(key)} takes an answer and a note, both texts, and nothing else.",
            "type",
        )
    return Answer(answer, note)


class DecisionSerializer(serializers.Serializer[Any]):
    approved = serializers.BooleanField()
    reason = serializers.CharField()
    decided_by = serializers.CharField()
    decided_at = serializers.DateTimeField()


class AnswerSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    question = serializers.CharField(help_text="As it was worded then.")
    scale = serializers.ChoiceField(list(Scale))
    answer = serializers.CharField()
    note = serializers.CharField()


class AssumptionSerializer(serializers.Serializer[Any]):
    condition = serializers.ChoiceField(list(Condition))
    value = serializers.CharField()
    subject = serializers.CharField(
        allow_null=True, help_text="The slug of another solution, if it is about one."
    )
    note = serializers.CharField()
    sentence = serializers.CharField(help_text="The same in words.")
    broken_on = serializers.DateField(
        allow_null=True, help_text="Since when, or on which day, it reopens this."
    )


class AttachmentSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    url = serializers.CharField(
        help_text="The link, or the path at which people download the file."
    )
    file_name = serializers.CharField()
    size = serializers.IntegerField(help_text="In bytes; 0 for a link.")
    effective_on = serializers.DateField(help_text="The day that it speaks of.")
    added_at = serializers.DateTimeField()


class EvaluationSerializer(serializers.Serializer[Any]):
    """One person's dated judgement of a solution."""

    id = serializers.IntegerField()
    solution = serializers.CharField(help_text="The solution's slug.")
    author = serializers.CharField(help_text="The author's name.")
    evaluated_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()
    verdict = serializers.ChoiceField(list(Verdict))
    summary = serializers.CharField()
    rationale = serializers.CharField(help_text="Markdown.")
    version = serializers.CharField(help_text="The version looked at.")
    alternatives = serializers.ListField(child=serializers.CharField())
    supersedes = serializers.IntegerField(
        allow_null=True, help_text="The evaluation that this one corrects."
    )
    status = serializers.ChoiceField(list(Standing))
    decision = DecisionSerializer(
        allow_null=True, help_text="What a lead decided on a proposal."
    )
    evidence = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="The signals that stood when it was logged: it rested on them.",
    )
    template = serializers.CharField(
        help_text="Which version of the questions was filled in, such as package 2."
    )
    answers = AnswerSerializer(many=True)
    replacement = serializers.CharField(
        allow_null=True, help_text="The slug of what to use instead."
    )
    alternative_solutions = serializers.ListField(
        child=serializers.CharField(),
        help_text="The slugs of registered solutions that were looked at.",
    )
    assumptions = AssumptionSerializer(many=True)
    attachments = AttachmentSerializer(many=True)
    reaffirms = serializers.IntegerField(
        allow_null=True,
        help_text="The evaluation that it repeats, because nothing had changed.",
    )


class NewAssumptionSerializer(StrictSerializer):
    """One "revisit if …"."""

    answered = frozenset(AssumptionSerializer().fields)

    condition = WordField(Condition)
    value = TextField(
        required=False,
        max_length=100,
        help_text="day: YYYY-MM-DD; no_release: months; release_reaches: a version; "
        "signal: a kind of signal; licence_changes: none.",
    )
    subject = TextField(
        required=False,
        allow_null=True,
        max_length=120,
        help_text="release_reaches: the slug of another solution whose release it is.",
    )
    note = TextField(required=False, max_length=200)


class NewAttachmentSerializer(StrictSerializer):
    """A link to a document."""

    answered = frozenset(AttachmentSerializer().fields)

    title = TextField(max_length=200)
    url = TextField(max_length=1000)
    effective_on = DayField(help_text="The day that it speaks of.")


class JudgementSerializer(StrictSerializer):
    """What somebody found."""

    answered = frozenset(EvaluationSerializer().fields)

    verdict = WordField(Verdict)
    evaluated_on = DayField(
        required=False, help_text="Today, in the team's time zone, if left out."
    )
    summary = TextField(max_length=200)
    rationale = TextField(
        required=False, max_length=RATIONALE_LIMIT, help_text="Markdown."
    )
    version = TextField(
        required=False, max_length=100, help_text="The version looked at."
    )
    alternatives = TextsField(required=False, max_length=ALTERNATIVES_LIMIT)
    supersedes = WholeNumberField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=LARGEST_ID,
        help_text="The evaluation of the same solution that this one corrects.",
    )
    answers = AnswersField(
        required=False,
        help_text="By the keys of the template's questions: an answer, or an answer "
        "and a note. Whoever answers at all answers what is required.",
    )
    replacement = TextField(
        required=False,
        allow_null=True,
        max_length=120,
        help_text="The slug of what to use instead; beside hold, deprecate, retire.",
    )
    alternative_solutions = TextsField(
        required=False,
        max_length=REGISTERED_LIMIT,
        help_text="The slugs of registered solutions that were looked at.",
    )
    assumptions = RowsField(
        NewAssumptionSerializer,
        required=False,
        max_length=ASSUMPTIONS_LIMIT,
        help_text="Conditions that reopen the review when they come true.",
    )
    attachments = RowsField(
        NewAttachmentSerializer,
        required=False,
        max_length=ATTACHMENTS_LIMIT,
        help_text="Links; files are attached in the staff pages.",
    )


class NewEvaluationSerializer(JudgementSerializer):
    """What somebody found, and about which solution."""

    solution = TextField(max_length=120, help_text="The solution's slug.")
