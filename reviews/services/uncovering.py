"""
Taking a cover off its flag, whoever or whatever ends it.

The callers hold the solutions, and decide why a cover ends; what makes, replaces and
revokes covers is in `services.covers`, what ends them by their day in
`services.expiring`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from reviews.models import Cover, Flag, Notice
from reviews.rules.access import Actor
from reviews.rules.vocabulary import CoverKind
from reviews.services.audit import record_changes

CLEAR: Mapping[str, Any] = {"covered_by": "", "covered_until": None}
"""A flag's columns while nothing covers it."""


def end_covers_of(
    *, flag_ids: Sequence[int], because: str, now: datetime, by: str = ""
) -> None:
    """Say of what covers some flags that it ended; the flags' columns are the caller's."""
    Cover.objects.active().filter(flag_id__in=flag_ids).update(
        ended_at=now, ended_because=because, ended_by_name=by[:200]
    )


def ask_again(
    covers: Sequence[Cover],
    *,
    because: str,
    actor: Actor,
    now: datetime,
    what: str = "asked again",
    by: str = "",
    **more: Any,
) -> None:
    """
    End covers and ask their flags again: with a notice, and a line in the history.

    `more` goes into the details of that line.
    """
    if not covers:
        return
    flag_ids = [cover.flag_id for cover in covers]
    end_covers_of(flag_ids=flag_ids, because=because, now=now, by=by)
    Flag.objects.filter(pk__in=flag_ids).update(**CLEAR)
    Notice.objects.bulk_create(
        (
            Notice(key=key, created_at=now)
            for cover in covers
            for key in notice_keys(cover)
        ),
        ignore_conflicts=True,
    )
    record_changes(
        actor=actor,
        what=what,
        changed=(
            (cover.flag.solution, cover.flag.solution.slug, told(cover) | more)
            for cover in covers
        ),
        now=now,
    )


def notice_keys(cover: Cover) -> list[str]:
    """
    Return the keys of the notices that a flag is asked again after a cover.

    The end of a waiver has one of its own. What an answer ended is told with the answer,
    and what was replaced with what took its place.
    """
    keys = [f"flag:{cover.flag_id}:asked-again:{cover.pk}"]
    if cover.kind == CoverKind.WAIVER:
        keys.append(f"cover:{cover.pk}:ended")
    return keys


def told(cover: Cover) -> dict[str, Any]:
    """Return what the history of a solution tells of a cover."""
    details = {
        "flag": cover.flag_id,
        "cause": cover.flag.cause,
        "cover": cover.pk,
        "kind": cover.kind,
        "until": str(cover.until) if cover.until else "",
        "reason": cover.reason,
        "owner": cover.owner_name,
        "approver": cover.approver_name,
    }
    return {name: value for name, value in details.items() if value != ""}
