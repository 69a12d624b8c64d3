"""The one sentence that says why a flag is there."""

from datetime import date
from typing import assert_never

from reviews.rules.vocabulary import Cause


def flag_reason(
    cause: Cause, *, due_on: date, vouched_on: date | None, pulled_by: str
) -> str:
    """Return why a flag is open, as its reader sees it."""
    since = (
        f"Nobody has evaluated it since {vouched_on}"
        if vouched_on
        else "Nobody has ever evaluated it"
    )
    match cause:
        case Cause.REVIEW_DUE if pulled_by:
            return f"{since}, and a review is due by {due_on} because {pulled_by}."
        case Cause.REVIEW_DUE if vouched_on is None:
            return f"{since}; its first review was due by {due_on}."
        case Cause.REVIEW_DUE:
            return f"{since}; the next review was due by {due_on}."
        case Cause.TRUST_DECAYED:
            return f"{since}, and a year was over on {due_on}: trust has decayed."
        case _:
            assert_never(cause)
