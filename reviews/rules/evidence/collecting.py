"""How often the sources are asked about a solution, and when after a failure."""

from datetime import datetime, timedelta

from reviews.rules.vocabulary import Criticality, Kind

DAILY = timedelta(days=1)
_BY_RISK = {
    Criticality.CRITICAL: DAILY,
    Criticality.HIGH: DAILY,
    Criticality.MEDIUM: timedelta(days=3),
    Criticality.LOW: timedelta(days=7),
}

RECENT = timedelta(hours=6)
"""How long an answer is not asked for again, unless the question is another one."""

CLAIM = timedelta(hours=1)
"""How long a worker that took a solution may take before another may have it."""

HOLDS_FOR = timedelta(days=14)
"""How long an answer counts as one: twice the longest time between two askings."""

_FIRST_RETRY = timedelta(minutes=15)
_LAST_RETRY = timedelta(days=1)


def asked_every(kind: Kind, criticality: Criticality) -> timedelta:
    """
    Return how often the sources are asked about a solution.

    Packages daily, and hosted models too: an announced retirement gives some two months,
    and has to be a flag within a day. The rest as often as its risk asks.
    """
    if kind in (Kind.PACKAGE, Kind.MODEL):
        return DAILY
    return _BY_RISK[criticality]


def next_asking(asked_at: datetime, every: timedelta, share: float) -> datetime:
    """
    Return when to ask next: at the solution's own time of day, a period on.

    `share` in [0, 1) is the solution's place in the day, so that the register's
    questions spread over it; the first period is shorter by what brings it there.
    """
    midnight = asked_at.replace(hour=0, minute=0, second=0, microsecond=0)
    slot = midnight + DAILY * share
    while slot <= asked_at:
        slot += DAILY
    return slot + every - DAILY


def retry_after(failures: int, wanted: timedelta | None) -> timedelta:
    """
    Return how long to leave a source alone that failed so many times in a row.

    Doubling from a quarter of an hour up to a day, and never shorter than it wants.
    """
    backoff = min(_FIRST_RETRY * float(2 ** min(max(failures, 1) - 1, 10)), _LAST_RETRY)
    return max(backoff, wanted or timedelta())
