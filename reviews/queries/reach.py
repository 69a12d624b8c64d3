"""Which sources answer at all, and for how many solutions."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from reviews.models import SourceCheck, Watch
from reviews.rules.signals import SOURCE_NAMES, Source, SourceState

_FAILING = (SourceState.FAILED.value, SourceState.STALE.value)


@dataclass(frozen=True, slots=True)
class Reach:
    """
    For how many solutions a source answers, and for how many it failed.

    `is_reached` says that it could be asked at all, whatever it then knew.
    """

    name: str
    answered: int
    failing: int
    is_reached: bool


def reach() -> list[Reach]:
    """Return how the sources stand that were asked at all, in their order."""
    counted = {
        row["source"]: row
        for row in SourceCheck.objects.exclude(asked_at=None)
        .values("source")
        .annotate(
            failing=Count("pk", filter=Q(state__in=_FAILING)),
            answered=Count("pk", filter=Q(state=SourceState.OK.value)),
            heard=Count("pk", filter=~Q(state__in=_FAILING)),
        )
    }
    by_name: dict[str, Reach] = {}
    for source in Source:
        if source not in counted:
            continue
        name, row = SOURCE_NAMES[source], counted[source]
        known = by_name.get(name, Reach(name, 0, 0, is_reached=False))
        by_name[name] = Reach(
            name,
            max(known.answered, row["answered"]),
            max(known.failing, row["failing"]),
            is_reached=known.is_reached or row["heard"] > 0,
        )
    return list(by_name.values())


def is_asking(now: datetime) -> bool:
    """Return whether solutions are waiting to be asked about, or are being asked."""
    return Watch.objects.filter(Q(ask_at__lte=now) | Q(taken_until__gt=now)).exists()
