"""What was answered to the questions of a template, and whether that may be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reviews.queries.templates import TemplateRow
from reviews.rules.criteria import UNKNOWN, Question, allowed
from reviews.rules.text import shown
from reviews.services.errors import InvalidError
from reviews.services.validation import line

ANSWER_LIMIT = 500
NOTE_LIMIT = 500

_KEY = re.compile(r"[\w-]{1,50}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered to one question, with a note if there is more to say."""

    answer: str
    note: str = ""


def answered(
    template: TemplateRow, answers: Mapping[str, Answer]
) -> list[dict[str, Any]]:
    """
    Return answers as an evaluation keeps them: in the template's order, each with its
    question as it is worded now, so that the row says it all by itself.

    :raises InvalidError: for an answer to no question of the template, one that is not
        on its scale, and for a required question that is left out; `field` is the key
        of the question behind "answers.".
    """
    keys = [question.key for question in template.questions]
    for key in answers:
        if key not in keys:
            raise InvalidError(
                f"The template {template.name} asks no question {shown(key)}. "
                f"Its questions: {', '.join(keys)}.",
                field=_field(key),
            )
    for question in template.questions:
        if question.required and question.key not in answers:
            raise InvalidError(
                f"“{question.question}” has to be answered; {UNKNOWN} is an answer.",
                field=_field(question.key),
            )
    return [
        _row(question, answers[question.key])
        for question in template.questions
        if question.key in answers
    ]


def _row(question: Question, given: Answer) -> dict[str, Any]:
    field = _field(question.key)
    offered = allowed(question.scale)
    if not offered:
        answer = line(given.answer, limit=ANSWER_LIMIT, field=field)
    elif given.answer in offered:
        answer = given.answer
    else:
        raise InvalidError(
            f"{shown(given.answer)} does not answer “{question.question}”: "
            f"choose one of {', '.join(offered)}.",
            field=field,
        )
    return {
        "key": question.key,
        "question": question.question,
        "scale": question.scale.value,
        "answer": answer,
        "note": line(given.note, limit=NOTE_LIMIT, field=field, blank=True),
    }


def _field(key: str) -> str:
    return f"answers.{key}" if _KEY.fullmatch(key) else "answers"
