"""What an evaluation asks about: the templates as frozen rows."""

from dataclasses import dataclass
from datetime import datetime

from reviews.models import EvaluationTemplate
from reviews.rules.criteria import Question
from reviews.rules.vocabulary import Kind, Scale


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One version of the questions for a kind of solution."""

    kind: Kind
    version: int
    questions: tuple[Question, ...]
    made_by: str
    made_at: datetime | None

    @property
    def name(self) -> str:
        """What an evaluation keeps of it, such as "package 2"."""
        return f"{self.kind} {self.version}"


def current_template(kind: Kind) -> TemplateRow:
    """Return the newest version for a kind; version 0 without a question if none is."""
    newest = (
        EvaluationTemplate.objects.filter(kind=kind.value)
        .order_by("-version")
        .prefetch_related("criteria")
        .first()
    )
    if newest is None:
        return TemplateRow(kind, 0, (), "", None)
    return template_row(newest)


def template_row(template: EvaluationTemplate) -> TemplateRow:
    """Return one version with its questions, in their order."""
    return TemplateRow(
        kind=Kind(template.kind),
        version=template.version,
        questions=tuple(
            Question(
                key=row.key,
                question=row.question,
                guidance=row.guidance,
                scale=Scale(row.scale),
                required=row.required,
            )
            for row in template.criteria.all()
        ),
        made_by=template.made_by_name,
        made_at=template.made_at,
    )
