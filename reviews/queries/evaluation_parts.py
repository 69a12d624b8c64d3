"""The parts of evaluations as frozen rows, a query of each for any number of them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from reviews.models import (
    Alternative,
    Attachment,
    Criterion,
    Evaluation,
)
from reviews.rules.criteria import UNKNOWN


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A question with what was answered; "unknown" where nothing was."""

    key: str
    question: str
    answer: str
    note: str

    @property
    def is_unknown(self) -> bool:
        """Whether nobody could say."""
        return self.answer == UNKNOWN


@dataclass(frozen=True, slots=True)
class NamedSolution:
    """Another solution that an evaluation names, and how it stands now."""

    slug: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A link, or a file that is downloaded at `address`, which is empty for a link."""

    id: int
    title: str
    url: str
    file_name: str
    size: int
    effective_on: date
    added_at: datetime

    @property
    def address(self) -> str:
        """Where the file is downloaded, as a path."""
        return reverse("attachment", args=[self.id]) if self.file_name else ""


def questions_asked(templates: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """
    Return the keys and questions of templates by their names, such as "package 2".

    One query, and none for no template.
    """
    names = {name for name in templates if name}
    if not names:
        return {}
    asked: dict[str, list[tuple[str, str]]] = defaultdict(list)
    kinds = {name.partition(" ")[0] for name in names}
    rows = Criterion.objects.filter(template__kind__in=kinds).order_by("position", "pk")
    for kind, version, key, question in rows.values_list(
        "template__kind", "template__version", "key", "question"
    ):
        if (name := f"{kind} {version}") in names:
            asked[name].append((key, question))
    return dict(asked)


def answer_rows(
    evaluation: Evaluation, asked: dict[str, list[tuple[str, str]]] | None = None
) -> tuple[AnswerRow, ...]:
    """
    Return every question of the template that was filled in, in its order.

    `asked` is what `questions_asked` returns, where several are read at once.
    """
    if asked is None:
        asked = questions_asked([evaluation.template])
    given = {each["key"]: each for each in evaluation.answers}
    questions = dict(asked.get(evaluation.template, ()))
    # The row itself says what was asked, should the template be gone.
    questions |= {key: each["question"] for key, each in given.items()}
    return tuple(
        AnswerRow(
            key=key,
            question=question,
            answer=given[key]["answer"] if key in given else UNKNOWN,
            note=given[key].get("note", "") if key in given else "",
        )
        for key, question in questions.items()
    )


def alternatives_of(
    evaluation_ids: Collection[int],
) -> dict[int, tuple[NamedSolution, ...]]:
    """Return the registered solutions that evaluations looked at, in one query."""
    rows = Alternative.objects.filter(evaluation__in=evaluation_ids).order_by("pk")
    found: dict[int, list[NamedSolution]] = defaultdict(list)
    for id, *named in rows.values_list(
        "evaluation_id", "solution__slug", "solution__name", "solution__state"
    ):
        found[id].append(NamedSolution(*named))
    return {id: tuple(named) for id, named in found.items()}


def attachments_of(
    evaluation_ids: Collection[int],
) -> dict[int, tuple[AttachmentRow, ...]]:
    """Return the documents behind evaluations, without what is in them, in one query."""
    rows = Attachment.objects.filter(evaluation__in=evaluation_ids).order_by("pk")
    found: dict[int, list[AttachmentRow]] = defaultdict(list)
    for row in rows:
        found[row.evaluation_id].append(
            AttachmentRow(
                id=row.pk,
                title=row.title,
                url=row.url,
                file_name=row.file_name,
                size=row.size,
                effective_on=row.effective_on,
                added_at=row.added_at,
            )
        )
    return {id: tuple(of_one) for id, of_one in found.items()}


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as it was handed in."""

    name: str
    content: bytes


def attached_file(attachment_id: int) -> FileRow | None:
    """Return the file of an attachment, None for a link and where there is none."""
    row = (
        Attachment.objects.filter(pk=attachment_id)
        .exclude(file_name="")
        .select_related("content")
        .first()
    )
    if row is None:
        return None
    # PostgreSQL hands out a view of its memory.
    return FileRow(row.file_name, bytes(row.content.content))
