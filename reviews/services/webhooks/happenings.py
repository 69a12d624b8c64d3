"""What the keys of notices mean: the event, and what it happened to."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reviews.models import Notice
from reviews.queries.covers import CoverRow
from reviews.rules.telling import Event
from reviews.rules.vocabulary import CoverKind

_ID = r"(?P<{}>[0-9]{{1,18}})"
_FLAG, _COVER, _EVALUATION = (_ID.format(n) for n in ("flag", "cover", "evaluation"))

_KEYS = [
    (re.compile(pattern), event)
    for pattern, event in (
        (f"flag:{_FLAG}:open", Event.FLAG_OPENED),
        (f"flag:{_FLAG}:deprecate", Event.FLAG_HARDENED),
        (f"flag:{_FLAG}:asked-again:{_COVER}", Event.FLAG_ASKED_AGAIN),
        (
            rf"flag:{_FLAG}:climbed:(?P<level>[a-z]+):[0-9-]{{10}}",
            Event.FLAG_CLIMBED,
        ),
        (f"flag:{_FLAG}:closed", Event.FLAG_CLOSED),
        # Which event it is, the kind of the cover says.
        (f"cover:{_COVER}:made", Event.WAIVER_ACCEPTED),
        (f"cover:{_COVER}:ended", Event.WAIVER_ENDED),
        (f"evaluation:{_EVALUATION}:recorded", Event.EVALUATION_RECORDED),
        (f"proposal:{_EVALUATION}:decided", Event.PROPOSAL_DECIDED),
    )
]
_MADE = {
    CoverKind.SNOOZE: Event.FLAG_SNOOZED,
    CoverKind.WAIVER: Event.WAIVER_ACCEPTED,
    CoverKind.OVERRIDE: Event.FLAG_OVERRIDDEN,
}


@dataclass(frozen=True, slots=True)
class Happening:
    """An event and what it happened to; an id is None where it is not about that."""

    key: str
    event: Event
    at: datetime
    flag_id: int | None = None
    cover_id: int | None = None
    evaluation_id: int | None = None
    level: str = ""

    def of_cover(self, cover: CoverRow) -> "Happening":
        """Return the same with the event that it is for a kind of cover."""
        made = self.key.endswith(":made")
        event = _MADE[CoverKind(cover.kind)] if made else self.event
        return replace(self, event=event, flag_id=cover.flag_id)


def happenings(notices: Iterable[Notice]) -> Sequence[Happening]:
    """Return what notices tell of; nothing for those that no webhook is told of."""
    found = []
    for notice in notices:
        for pattern, event in _KEYS:
            parts = pattern.fullmatch(notice.key)
            if parts is None:
                continue
            said = parts.groupdict()
            ids = {
                f"{name}_id": int(said[name])
                for name in ("flag", "cover", "evaluation")
                if said.get(name)
            }
            level = said.get("level") or ""
            found.append(
                Happening(notice.key, event, notice.created_at, level=level, **ids)
            )
    return found
