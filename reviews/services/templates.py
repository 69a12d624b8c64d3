"""Writing the next version of what evaluations of a kind ask about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from reviews.models import Criterion, EvaluationTemplate
from reviews.queries.templates import current_template
from reviews.rules.access import Actor, Permission, require
from reviews.rules.criteria import Question
from reviews.rules.text import comparable
from reviews.rules.vocabulary import Kind
from reviews.services.audit import differences, record_change
from reviews.services.errors import InvalidError, StaleError
from reviews.services.validation import line

QUESTIONS_LIMIT = 30
QUESTION_LIMIT = 200
GUIDANCE_LIMIT = 500
LONGEST_KEY = 50


def save_template(
    *,
    kind: Kind,
    questions: Sequence[Question],
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> EvaluationTemplate:
    """
    Write the next version of a kind's questions; what was answered before stays.

    A question without a key gets one: that of the present question worded the same, or
    one made from its text. Without a change, the present version is returned.
    `seen_version` is the version that the editor saw, if that is known.

    :raises NotAllowedError: to anyone but administrators.
    :raises InvalidError: for none or too many questions, two that are the same, and a
        text that breaks a rule.
    :raises StaleError: if somebody wrote a version since the editor saw one.
    """
    require(actor, Permission.ADMINISTER, None)
    with transaction.atomic():
        # Whoever else writes the next version waits here.
        list(EvaluationTemplate.objects.select_for_update().filter(kind=kind.value))
        present = current_template(kind)
        if seen_version is not None and seen_version != present.version:
            raise StaleError(
                f"Somebody wrote version {present.version} since you read version "
                f"{seen_version}: read it again."
            )
        wanted = _keyed(_cleaned(questions), present.questions)
        if tuple(wanted) == present.questions:
            return EvaluationTemplate.objects.get(
                kind=kind.value, version=present.version
            )
        template = EvaluationTemplate.objects.create(
            kind=kind.value,
            version=present.version + 1,
            made_by_name=actor.name[:200],
            made_at=now,
        )
        Criterion.objects.bulk_create(
            Criterion(
                template=template,
                position=position,
                key=each.key,
                question=each.question,
                guidance=each.guidance,
                scale=each.scale.value,
                required=each.required,
            )
            for position, each in enumerate(wanted, start=1)
        )
        record_change(
            actor=actor,
            subject=template,
            label=str(template),
            what="written",
            details=differences(_told(present.questions), _told(wanted)),
            now=now,
        )
    return template


def _cleaned(questions: Sequence[Question]) -> list[Question]:
    if not 1 <= len(questions) <= QUESTIONS_LIMIT:
        raise InvalidError(
            f"A template asks 1 to {QUESTIONS_LIMIT} questions, not {len(questions)}.",
            field="questions",
        )
    cleaned = [
        replace(
            each,
            question=line(each.question, limit=QUESTION_LIMIT, field="question"),
            guidance=line(
                each.guidance, limit=GUIDANCE_LIMIT, field="guidance", blank=True
            ),
        )
        for each in questions
    ]
    seen: set[str] = set()
    for each in cleaned:
        if comparable(each.question) in seen:
            raise InvalidError(f"“{each.question}” is asked twice.", field="question")
        seen.add(comparable(each.question))
    return cleaned


def _keyed(wanted: Sequence[Question], present: Sequence[Question]) -> list[Question]:
    """
    Return questions each with a key of its own.

    :raises InvalidError: if two say that they are the same question.
    """
    known = {comparable(each.question): each.key for each in present}
    keys = {each.key for each in present}
    given = [each.key for each in wanted if each.key]
    for key in given:
        if key not in keys:
            raise InvalidError(
                f"{key[:LONGEST_KEY]!r} is the key of no question: leave it out, and "
                "one is made.",
                field="questions",
            )
        if given.count(key) > 1:
            raise InvalidError(f"The key {key} is there twice.", field="questions")
    taken = {*given, *keys}
    keyed: list[Question] = []
    for each in wanted:
        if not each.key:
            same = known.get(comparable(each.question), "")
            key = same if same and same not in given else _free_key(each, taken)
            each = replace(each, key=key)
            taken.add(key)
        keyed.append(each)
    return keyed


def _free_key(question: Question, taken: set[str]) -> str:
    """Return a key made from a question's text that no other question has."""
    stem = slugify(question.question)[: LONGEST_KEY - 4].strip("-_") or "question"
    if stem not in taken:
        return stem
    return next(
        key for number in range(2, 1_000) if (key := f"{stem}-{number}") not in taken
    )


def _told(questions: Sequence[Question]) -> dict[str, str]:
    return {
        each.key: " · ".join(
            filter(
                None,
                (
                    f"{position}. {each.question}",
                    each.guidance,
                    each.scale.value,
                    "required" if each.required else "",
                ),
            )
        )
        for position, each in enumerate(questions, start=1)
    }
