"""A solution's open flags, as they stand beside the forms in which somebody judges it."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from reviews.admin.wording import Standing, flag_standing, why_flagged
from reviews.models import Flag, Solution
from reviews.queries.facts import followable, host_of


@dataclass(frozen=True, slots=True)
class FlagLine:
    """An open question; `link` is empty where nothing may be followed."""

    address: str
    cause: str
    action: str
    standing: Standing
    severity: str
    reason: str
    link: str
    host: str


def flag_lines(solution: Solution, today: date) -> list[FlagLine]:
    """Return a solution's open flags, the first due first."""
    flags = Flag.objects.open().filter(solution=solution).order_by("due_on", "pk")
    return [_line(flag, today) for flag in flags]


def _line(flag: Flag, today: date) -> FlagLine:
    return FlagLine(
        address=reverse("admin:reviews_flag_change", args=[flag.pk]),
        cause=flag.get_cause_display(),
        action=flag.action,
        standing=flag_standing(flag, today),
        severity=flag.severity,
        reason=why_flagged(flag),
        link=followable(flag.source_url),
        host=host_of(flag.source_url),
    )
