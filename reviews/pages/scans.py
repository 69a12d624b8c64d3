"""What the pages say of the nightly scan."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from reviews.models import Scan
from reviews.pages import wording
from reviews.rules.liveness import promise_kept, scan_age

SHOWN_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A solution that the scan could not deal with."""

    name: str
    url: str
    message: str


@dataclass(frozen=True, slots=True)
class ScanReport:
    """The last complete scan, in words and in a tone."""

    tone: str
    sentence: str
    warning: str
    problem: str
    left_out: list[LeftOut]
    more: int


def scan_report(last: Scan | None, now: datetime) -> ScanReport:
    """Return what there is to say of the last complete scan."""
    if last is None:
        return ScanReport(
            "bad",
            "Last complete scan: never.",
            "Warning: no scan has been completed yet, so nothing has been flagged. "
            "Check that the worker and the beat are running, or run "
            "“manage.py scan”.",
            "",
            [],
            0,
        )
    age = wording.ago(scan_age(last.finished_at, now))
    ended = timezone.localtime(last.finished_at).strftime("%Y-%m-%d %H:%M")
    kept = promise_kept(last.finished_at, now)
    problems = [each for each in last.problems if isinstance(each, dict)]
    count = wording.counted(len(last.problems), "solution")
    return ScanReport(
        tone="bad" if not kept else "warn" if last.problems else "good",
        sentence=f"Last complete scan: {ended}, {age}.",
        warning=""
        if kept
        else "Warning: that is more than 26 hours ago, and what has become due since "
        "has no flag yet. Check that the worker and the beat are running.",
        problem=f"That scan had to leave out {count}:" if last.problems else "",
        left_out=[_left_out(each) for each in problems[:SHOWN_PROBLEMS]],
        more=max(len(last.problems) - SHOWN_PROBLEMS, 0),
    )


def _left_out(problem: dict[str, Any]) -> LeftOut:
    name = str(problem.get("solution", "unknown"))
    try:
        url = reverse("solution", args=[name])
    except NoReverseMatch:
        # It had no slug to be named by.
        url = ""
    return LeftOut(name, url, str(problem.get("message", "")))
