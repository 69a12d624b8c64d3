"""
When a host wants to be left alone, and for how long: read from an answer's headers.

Pure, and no clock: two instants of the same answer are compared. How a wait is kept to
is the budget's business.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(hours=24)

UNSAID = timedelta(seconds=60)
"""The wait where a host says that it is too much, but not until when."""

_SECONDS = re.compile(r"[0-9]{1,15}")
_ALWAYS = frozenset({429, 503})


def wait_asked_for(status: int, headers: Mapping[str, str]) -> timedelta | None:
    """
    Return how long a host wants to be left alone, None if it does not say that it does.

    429 and 503 always say so; 403 does with a Retry-After or with no requests left. The
    wait is between a second and a day. An instant counts from the answer's own Date.

    Source: RFC 9110, 10.2.3; for the rest the rate limits of GitHub's REST API, whose
    x-ratelimit-reset is in seconds since 1970.
    """
    used_up = headers.get("x-ratelimit-remaining", "").strip() == "0"
    limited = status == 403 and (used_up or "Retry-After" in headers)
    if status not in _ALWAYS and not limited:
        return None
    sent_at = _instant(headers.get("Date", ""))
    wait = _retry_after(headers.get("Retry-After", "").strip(), sent_at)
    if wait is None and used_up:
        wait = _until(_since_1970(headers.get("x-ratelimit-reset", "")), sent_at)
    return UNSAID if wait is None else min(max(wait, SHORTEST), LONGEST)


def _retry_after(text: str, sent_at: datetime | None) -> timedelta | None:
    if _SECONDS.fullmatch(text):
        # More seconds than a timedelta can hold are a day as well.
        return timedelta(seconds=min(int(text), 86_400))
    return _until(_instant(text), sent_at)


def _until(then: datetime | None, sent_at: datetime | None) -> timedelta | None:
    return None if then is None or sent_at is None else then - sent_at


def _instant(text: str) -> datetime | None:
    """Return the instant of an HTTP date, None for anything else: it is ignored."""
    try:
        at = parsedate_to_datetime(text.strip())
    except (ValueError, OverflowError):
        return None
    # "-0000" and a missing zone come back without one; HTTP dates are always in UTC.
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _since_1970(text: str) -> datetime | None:
    if not _SECONDS.fullmatch(text.strip()):
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None
