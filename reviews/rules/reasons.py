"""The one sentence that says why a flag is there."""

from datetime import date

from reviews.rules.vocabulary import BY_THE_CLOCK, Cause


def flag_reason(
    cause: Cause,
    *,
    due_on: date,
    vouched_on: date | None,
    pulled_by: str,
    told: str = "",
) -> str:
    """
    Return why a flag is open, as its reader sees it.

    A flag that evidence opened was told why; the clock's flags say it from their dates.
    """
    if cause not in BY_THE_CLOCK:
        return told
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
            raise AssertionError(f"{cause} is not one of the clock's.")
