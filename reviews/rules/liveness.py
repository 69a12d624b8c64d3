"""
Whether the nightly promise is being kept: a complete scan, no longer ago than this.

What a scan does, and when one is started, is decided elsewhere.
"""

from datetime import datetime, timedelta

MAX_SCAN_AGE = timedelta(hours=26)
"""One day, and two hours for a scan that begins late or takes long."""

CLOCK_TOLERANCE = timedelta(hours=1)
"""How far another machine's clock may run ahead; beyond that, it was wrong."""


def latest_credible(now: datetime) -> datetime:
    """Return the last instant at which a scan can have ended and still count."""
    return now + CLOCK_TOLERANCE


def scan_age(finished_at: datetime, now: datetime) -> timedelta:
    """Return how long ago a scan ended, zero for a clock that runs a little ahead."""
    return max(now - finished_at, timedelta())


def promise_kept(finished_at: datetime | None, now: datetime) -> bool:
    """
    Return whether the last complete scan is recent enough; None for no scan yet.

    A scan that ended later than `latest_credible` proves nothing.
    """
    return (
        finished_at is not None
        and finished_at <= latest_credible(now)
        and scan_age(finished_at, now) <= MAX_SCAN_AGE
    )
