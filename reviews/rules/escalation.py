"""
Who is asked about an open flag on a day: its owner, the team's lead, the leads' lead.

A flag climbs because days pass, and nothing has to run for it. Who those people are, and
what covers a flag meanwhile, is looked up elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from reviews.rules.staleness import PolicyScope
from reviews.rules.vocabulary import Criticality, Kind

DEFAULT_LEAD_AFTER_DAYS = 7
DEFAULT_HEAD_AFTER_DAYS = 21


class Level(StrEnum):
    """Who is asked, the nearest first."""

    OWNER = "owner"
    LEAD = "lead"
    HEAD = "head"

    @property
    def words(self) -> str:
        """Who that is, as a sentence says it."""
        return _WORDS[self]


_WORDS = {
    Level.OWNER: "the owner",
    Level.LEAD: "the team's lead",
    Level.HEAD: "the leads' lead",
}


@dataclass(frozen=True, slots=True)
class Patience:
    """
    How long a flag waits on each level.

    `lead_after_days` count from its due day, `head_after_days` from the day on which it
    climbs to the lead.
    """

    lead_after_days: int = DEFAULT_LEAD_AFTER_DAYS
    head_after_days: int = DEFAULT_HEAD_AFTER_DAYS


@dataclass(frozen=True, slots=True)
class Rung:
    """The level on which a flag stands, since when, and when it climbs to which next."""

    level: Level
    since: date
    next_on: date | None = None
    next_level: Level | None = None


def patience_for(
    kind: Kind,
    criticality: Criticality,
    tags: frozenset[str],
    scopes: Iterable[PolicyScope],
) -> Patience:
    """Return the shortest patience of the policies that cover a solution."""
    covering = [scope for scope in scopes if scope.covers(kind, criticality, tags)]
    leads = [scope.lead_after_days for scope in covering]
    heads = [scope.head_after_days for scope in covering]
    return Patience(
        min(
            (days for days in leads if days is not None),
            default=DEFAULT_LEAD_AFTER_DAYS,
        ),
        min(
            (days for days in heads if days is not None),
            default=DEFAULT_HEAD_AFTER_DAYS,
        ),
    )


def rung_of(
    due_on: date,
    today: date,
    *,
    asked_from: date,
    patience: Patience,
    has_owner: bool,
    has_lead: bool,
) -> Rung:
    """
    Return where a flag stands that is open and that nothing covers.

    The days count from its due day, or from `asked_from` where it was asked anew after
    that. Without an owner who is still there it starts at the lead,
    and a team without a lead is passed over.
    """
    lead_on = _later(max(due_on, asked_from), patience.lead_after_days)
    head_on = _later(lead_on, patience.head_after_days)
    lead_since = lead_on if has_owner else asked_from
    head_since = head_on if has_lead else lead_since
    if today >= head_since:
        return Rung(Level.HEAD, head_since)
    if today >= lead_since:
        return Rung(Level.LEAD, lead_since, head_since, Level.HEAD)
    if has_lead and lead_since < head_since:
        return Rung(Level.OWNER, asked_from, lead_since, Level.LEAD)
    return Rung(Level.OWNER, asked_from, head_since, Level.HEAD)


def _later(day: date, days: int) -> date:
    return day + min(timedelta(days), date.max - day)
