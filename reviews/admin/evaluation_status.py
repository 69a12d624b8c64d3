"""What became of an evaluation: its status, in words and as a condition."""

from enum import StrEnum
from typing import cast

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reviews.models import Evaluation


class Status(StrEnum):
    """What an evaluation counts for."""

    IN_EFFECT = "in_effect"
    PROPOSED = "proposed"
    DECLINED = "declined"
    SUPERSEDED = "superseded"

    @property
    def label(self) -> str:
        return "awaiting decision" if self is Status.PROPOSED else _words(self)

    def badge(self) -> SafeString:
        return format_html('<span class="badge is-{}">{}</span>', self, self.label)


_EFFECTIVE = Q(is_proposal=False) | Q(decision__approved=True)
# Most supersede nothing: by that column alone SQLite would rather read all of them.
_LATER = Evaluation.objects.filter(
    _EFFECTIVE, supersedes=OuterRef("pk"), solution=OuterRef("solution")
)


def with_status(rows: QuerySet[Evaluation]) -> QuerySet[Evaluation]:
    """Return evaluations such that `status_of` needs no further query."""
    return rows.select_related("decision").annotate(is_superseded=Exists(_LATER))


def status_of(evaluation: Evaluation) -> Status:
    """Return the status of an evaluation that `with_status` returned."""
    if evaluation.is_proposal:
        decision = getattr(evaluation, "decision", None)
        if decision is None:
            return Status.PROPOSED
        if not decision.approved:
            return Status.DECLINED
    superseded = cast("bool", evaluation.is_superseded)  # type: ignore[attr-defined]
    return Status.SUPERSEDED if superseded else Status.IN_EFFECT


def of_status(rows: QuerySet[Evaluation], status: Status) -> QuerySet[Evaluation]:
    """Return those of the evaluations with that status."""
    match status:
        case Status.PROPOSED:
            return rows.filter(is_proposal=True, decision=None)
        case Status.DECLINED:
            return rows.filter(decision__approved=False)
        case _:
            effective = rows.filter(_EFFECTIVE)
            if status is Status.SUPERSEDED:
                return effective.filter(Exists(_LATER))
            return effective.filter(~Exists(_LATER))


def _words(status: Status) -> str:
    return status.value.replace("_", " ")
