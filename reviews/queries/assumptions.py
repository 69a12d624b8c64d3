"""What evaluations assume, as frozen rows: in words, and whether it still holds."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from reviews.models import Assumption, Signal
from reviews.queries.situations import rested_on, standing_signals
from reviews.rules.assumptions import Assumed, Known, Release, broken_since, in_words
from reviews.rules.signals import SignalKind
from reviews.rules.staleness import Pull
from reviews.rules.vocabulary import Condition

# Those that are held against what an evaluation rested on.
_OF_SIGNALS = frozenset({Condition.LICENCE_CHANGES, Condition.SIGNAL})


@dataclass(frozen=True, slots=True)
class AssumptionRow:
    """
    One assumption of an evaluation.

    `subject` is the slug of the other solution that it is about, if any, and `sentence`
    says all of it. `broken` is the day on which it ceases to hold and why, None where
    none is known: that day may lie in the future.
    """

    id: int
    evaluation_id: int
    solution_id: int
    condition: Condition
    value: str
    subject_id: int | None
    subject: str
    subject_name: str
    note: str
    sentence: str
    broken: Pull | None

    @property
    def assumed(self) -> Assumed:
        """Return it as it was stated."""
        return Assumed(self.condition, self.value, self.subject_id, self.note)

    def is_broken(self, today: date) -> bool:
        """Return whether it no longer holds on a day."""
        return self.broken is not None and self.broken.on <= today

    def broken_since(self, today: date) -> date | None:
        """Return since when it no longer holds, None while it does."""
        return self.broken.on if self.broken and self.broken.on <= today else None


def assumptions_of(
    evaluation_ids: Collection[int],
) -> dict[int, tuple[AssumptionRow, ...]]:
    """
    Return what evaluations assume, in the order in which it was stated.

    Evaluations without assumptions are left out. At most four queries.
    """
    stored = list(
        Assumption.objects.filter(evaluation_id__in=evaluation_ids)
        .select_related("evaluation__solution", "subject")
        .order_by("pk")
    )
    if not stored:
        return {}
    releases = latest_releases(
        {
            row.subject_id or row.evaluation.solution_id
            for row in stored
            if row.condition not in _OF_SIGNALS
        }
    )
    of_signals = [row.evaluation for row in stored if row.condition in _OF_SIGNALS]
    signals = standing_signals({row.solution_id for row in of_signals})
    rested = rested_on({row.pk for row in of_signals})
    rows: dict[int, list[AssumptionRow]] = defaultdict(list)
    for row in stored:
        evaluation = row.evaluation
        meant = row.subject or evaluation.solution
        known = Known(
            name=meant.name,
            evaluated_on=evaluation.evaluated_on,
            releases=releases.get(meant.pk, ()),
            signals=tuple(signals.get(evaluation.solution_id, ())),
            rested_on=tuple(rested.get(evaluation.pk, ())),
        )
        rows[evaluation.pk].append(_row(row, known))
    return {id: tuple(of_evaluation) for id, of_evaluation in rows.items()}


def latest_releases(
    solution_ids: Collection[int],
) -> Mapping[int, tuple[Release, ...]]:
    """Return every release that was ever named as the latest of solutions."""
    if not solution_ids:
        return {}
    found: dict[int, list[Release]] = defaultdict(list)
    rows = Signal.objects.filter(
        solution_id__in=solution_ids, kind=SignalKind.LATEST_RELEASE.value
    )
    for solution_id, version, released_on, seen_on, ended_at in rows.order_by(
        "pk"
    ).values_list("solution_id", "value", "effective_on", "published_on", "ended_at"):
        found[solution_id].append(
            Release(version, released_on, seen_on, stands=ended_at is None)
        )
    return {id: tuple(releases) for id, releases in found.items()}


def solutions_assuming_of(solution_ids: Collection[int]) -> set[int]:
    """Return the solutions some evaluation of which assumes something of others."""
    rows = Assumption.objects.filter(subject_id__in=solution_ids)
    return set(rows.values_list("evaluation__solution_id", flat=True))


def solutions_with_assumptions(*, after: int, limit: int) -> list[int]:
    """Return solutions some evaluation of which assumes anything, in the order of id."""
    rows = Assumption.objects.filter(evaluation__solution_id__gt=after)
    return list(
        rows.order_by("evaluation__solution_id")
        .values_list("evaluation__solution_id", flat=True)
        .distinct()[:limit]
    )


def _row(row: Assumption, known: Known) -> AssumptionRow:
    assumed = Assumed(
        Condition(row.condition), row.value, row.subject_id, note=row.note
    )
    return AssumptionRow(
        id=row.pk,
        evaluation_id=row.evaluation_id,
        solution_id=row.evaluation.solution_id,
        condition=assumed.condition,
        value=row.value,
        subject_id=row.subject_id,
        subject=row.subject.slug if row.subject else "",
        subject_name=row.subject.name if row.subject else "",
        note=row.note,
        sentence=in_words(assumed, known.name),
        broken=broken_since(assumed, known),
    )
