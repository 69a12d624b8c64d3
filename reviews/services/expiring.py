"""
Ending snoozes and waivers whose day has come: the scan's part in it.

A flag is asked again on that day by comparison, whether this has run or not. What is
done here is to say so: a notice, a line in the history, the flag's own columns. The
evidence pulls a review again as soon as it is judged on that day.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from reviews.models import Cover, Flag, Notice, Scan, Solution
from reviews.models.cover import CoverQuerySet
from reviews.rules.access import operator
from reviews.rules.covers import has_hardened
from reviews.rules.signals import Severity
from reviews.rules.vocabulary import Action
from reviews.services.audit import record_changes
from reviews.services.uncovering import ask_again, notice_keys, told
from reviews.services.weighing import weigh_solutions

_ACTOR = operator("scan")


def first_due(on: date) -> Subquery:
    """Return the query for a cover that ends by a day; it has no row if there is none."""
    return Subquery(_due(on).order_by("until", "pk").values("pk")[:1])


def last_scanned_on() -> Subquery:
    """Return the query for the day for which the last scan ran."""
    return Subquery(Scan.objects.order_by("-pk").values("on")[:1])


def to_end_or_reinstate(*, on: date, today: date) -> list[int]:
    """Return the solutions of which a cover ends, or was ended too early, in order."""
    ids: set[int] = set()
    for covers in (_due(on), _ended_early(on, today)):
        ids.update(covers.values_list("flag__solution_id", flat=True))
    return sorted(ids)


def end_covers(
    *, solution_ids: Sequence[int], on: date, today: date, now: datetime
) -> int:
    """
    End what covers the flags of some solutions until a day; return how many.

    Those flags are asked again. What a scan for a later day has ended covers its flag
    again, unless somebody has decided otherwise since or it has become worse.
    """
    locked = Solution.objects.select_for_update(of=("self",), no_key=True)
    found = list(
        locked.filter(pk__in=solution_ids).order_by("pk").values_list("pk", flat=True)
    )
    ended = _of(_due(on), found)
    ask_again(ended, because="expired", actor=_ACTOR, now=now)
    early = _of(_ended_early(on, today), found)
    _reinstate([cover for cover in early if not _has_hardened(cover)], now)
    weigh_solutions(solution_ids=found, today=today)
    return len(ended)


def _due(on: date) -> CoverQuerySet:
    return Cover.objects.active().filter(until__lte=on)


def _ended_early(on: date, today: date) -> CoverQuerySet:
    """Return the covers that a scan for a later day has ended, and nothing else."""
    later = Cover.objects.filter(flag=OuterRef("flag"), pk__gt=OuterRef("pk"))
    return Cover.objects.filter(
        ~Q(Exists(later)),
        ended_because="expired",
        until__gt=max(on, today),
        flag__closed_at=None,
    )


def _of(covers: CoverQuerySet, solution_ids: Sequence[int]) -> list[Cover]:
    # Read again under the lock: somebody may have revoked one meanwhile.
    rows = covers.filter(flag__solution_id__in=solution_ids)
    return list(rows.select_related("flag__solution").order_by("pk"))


def _has_hardened(cover: Cover) -> bool:
    flag = cover.flag
    return has_hardened(
        Action(flag.action),
        Severity(flag.severity) if flag.severity else None,
        covered_action=Action(cover.action),
        covered_severity=Severity(cover.severity) if cover.severity else None,
    )


def _reinstate(covers: Sequence[Cover], now: datetime) -> None:
    if not covers:
        return
    ended: dict[str, Any] = {"ended_at": None, "ended_because": "", "ended_by_name": ""}
    Cover.objects.filter(pk__in=[cover.pk for cover in covers]).update(**ended)
    for cover in covers:
        cover.flag.covered_by = cover.kind
        cover.flag.covered_until = cover.until
    Flag.objects.bulk_update(
        (cover.flag for cover in covers),
        ["covered_by", "covered_until"],
        batch_size=200,
    )
    # The day is still to come, and with it the notices.
    keys = [key for cover in covers for key in notice_keys(cover)]
    Notice.objects.filter(key__in=keys).delete()
    record_changes(
        actor=_ACTOR,
        what="covered again",
        changed=(
            (cover.flag.solution, cover.flag.solution.slug, told(cover))
            for cover in covers
        ),
        now=now,
    )
