"""
What a webhook is told of an event: thin, where to ask; full, what the API would show.

A message is made when its event is taken up, and says how things stand then. It is plain
JSON of a bounded size.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from reviews.models import Cover, Evaluation, Flag
from reviews.queries.covers import CoverRow, read_covers
from reviews.queries.evaluations import EvaluationRow, read_evaluations
from reviews.queries.flags import FlagRow, read_flags
from reviews.rules.telling import Event, Payload
from reviews.services.webhooks.happenings import Happening

TEXT_LIMIT = 2_000
LIST_LIMIT = 50
"""How long a text and a list in a full message are at most; the API has all of it."""

_API = "/api/v1/"


@dataclass(frozen=True, slots=True)
class Register:
    """What some events are about, by id, as it stands on a day."""

    today: date
    site_url: str
    flags: Mapping[int, FlagRow]
    covers: Mapping[int, CoverRow]
    evaluations: Mapping[int, EvaluationRow]


def read_register(
    found: Sequence[Happening], *, today: date, site_url: str
) -> Register:
    """Return what some events are about, in a fixed number of queries."""
    cover_ids = _ids(each.cover_id for each in found)
    covers = read_covers(Cover.objects.filter(pk__in=cover_ids)) if cover_ids else []
    flag_ids = _ids(each.flag_id for each in found) | {row.flag_id for row in covers}
    flags = read_flags(Flag.objects.filter(pk__in=flag_ids)) if flag_ids else []
    ids = _ids(each.evaluation_id for each in found)
    evaluations = read_evaluations(Evaluation.objects.filter(pk__in=ids)) if ids else []
    return Register(
        today=today,
        site_url=site_url,
        flags={row.id: row for row in flags},
        covers={row.id: row for row in covers},
        evaluations={row.id: row for row in evaluations},
    )


def content_of(
    happening: Happening, register: Register, payload: Payload
) -> dict[str, Any] | None:
    """Return the message about an event; None if what it is about is gone."""
    full = payload is Payload.FULL
    if happening.evaluation_id is not None:
        said = _of_evaluation(happening.evaluation_id, register, full=full)
    else:
        said = _of_flag(happening, register, full=full)
    return None if said is None else message(happening.event, happening.at, said)


def message(event: Event, at: datetime, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message as Standard Webhooks has it: the type, the instant, the rest."""
    told = {"type": event.value, "timestamp": at, "data": dict(said)}
    plain: dict[str, Any] = _bounded(msgspec.to_builtins(told))
    return plain


def _of_flag(
    happening: Happening, register: Register, *, full: bool
) -> dict[str, Any] | None:
    flag = register.flags.get(happening.flag_id or 0)
    cover = register.covers.get(happening.cover_id or 0)
    if flag is None or (happening.cover_id is not None and cover is None):
        return None
    said: dict[str, Any] = {"flag_id": flag.id}
    if cover is not None:
        said["cover_id"] = cover.id
    if happening.level:
        said["level"] = happening.level
    said |= _addresses(register, flag.solution, f"flags/{flag.id}/")
    if full:
        said["flag"] = shown_flag(flag, register.today)
        if cover is not None:
            said["cover"] = shown_cover(cover)
    return said


def _of_evaluation(id: int, register: Register, *, full: bool) -> dict[str, Any] | None:
    row = register.evaluations.get(id)
    if row is None:
        return None
    said = {
        "evaluation_id": row.id,
        **_addresses(register, row.solution, f"evaluations/{row.id}/"),
    }
    return {**said, "evaluation": row} if full else said


def _addresses(register: Register, solution: str, path: str) -> dict[str, str]:
    return {
        "solution": solution,
        "page_url": f"{register.site_url}/solutions/{solution}/",
        "api_url": f"{register.site_url}{_API}{path}",
    }


def shown_flag(row: FlagRow, today: date) -> dict[str, Any]:
    """Return a flag with what the API shows of it in a list."""
    cover = row.cover_on(today)
    rung = row.rung_on(today)
    own = {name: getattr(row, name) for name in _OWN}
    return own | {
        "status": row.status_on(today),
        "overdue": row.overdue_on(today),
        "reason": row.reason,
        "cover": shown_cover(cover) if cover else None,
        "escalation": {
            "level": rung.level,
            "since": rung.since,
            "next_on": rung.next_on,
        }
        if rung
        else None,
    }


_OWN = (
    "id",
    "solution",
    "solution_name",
    "cause",
    "action",
    "due_on",
    "severity",
    "source_url",
    "evidence",
    "opened_at",
    "closed_at",
    "closed_because",
    "closed_by",
    "reopens",
    "team",
    "owner",
)


def shown_cover(row: CoverRow) -> dict[str, Any]:
    """Return a snooze, a waiver or an override, and how it ended if it has."""
    return {
        "id": row.id,
        "kind": row.kind,
        "reason": row.reason,
        "until": row.until,
        "owner": row.owner_username,
        "owner_name": row.owner,
        "approver": row.approver_username,
        "approver_name": row.approver,
        "made_by": row.made_by,
        "made_at": row.made_at,
        "ended_at": row.ended_at,
        "ended_because": row.ended_because,
        "ended_by": row.ended_by,
    }


def _bounded(value: Any) -> Any:
    """Return plain JSON with its texts and lists cut to what a message may have."""
    if isinstance(value, str):
        return value if len(value) <= TEXT_LIMIT else value[: TEXT_LIMIT - 1] + "…"
    if isinstance(value, list | tuple):
        return [_bounded(each) for each in value[:LIST_LIMIT]]
    if isinstance(value, dict):
        return {name: _bounded(each) for name, each in value.items()}
    return value


def _ids(found: Iterable[int | None]) -> set[int]:
    return {id for id in found if id is not None}
