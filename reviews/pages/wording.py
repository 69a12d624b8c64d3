"""How the pages say what the rules work out: sentences, and the tone they come in."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import assert_never

from reviews.queries.home import OpenQuestion
from reviews.rules.reasons import flag_reason
from reviews.rules.staleness import is_overdue
from reviews.rules.vocabulary import UNREVIEWED, Freshness, Verdict

TONES = {
    UNREVIEWED: "warn",
    Verdict.ASSESS.value: "info",
    Verdict.TRIAL.value: "info",
    Verdict.ADOPT.value: "good",
    Verdict.HOLD.value: "warn",
    Verdict.DEPRECATE.value: "bad",
    Verdict.RETIRE.value: "calm",
}
"""The tone of a state; the state itself always stands beside it in words."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: 1 day, 2 days, 1,000 days."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def due_words(due_on: date, today: date) -> str:
    """Return how far a day lies from its review."""
    days = (due_on - today).days
    if is_overdue(due_on, today):
        return f"overdue by {counted(-days, 'day')}"
    return f"due in {counted(days, 'day')}" if days else "due today"


def ago(age: timedelta) -> str:
    """Return how long ago something was, in the largest unit that fits."""
    minutes = int(age.total_seconds()) // 60
    if minutes < 1:
        return "less than a minute ago"
    if minutes < 60:
        return f"{counted(minutes, 'minute')} ago"
    hours = minutes // 60
    # Days only once they cannot hide that 26 hours are over.
    if hours < 48:
        return f"{counted(hours, 'hour')} ago"
    return f"{counted(hours // 24, 'day')} ago"


def freshness_words(freshness: Freshness | None) -> str:
    """Return how a solution stands to its clock; None for what is retired."""
    match freshness:
        case None:
            return "retired"
        case Freshness.UNREVIEWED:
            return "never reviewed"
        case Freshness.DUE_SOON:
            return "due soon"
        case Freshness.FRESH | Freshness.OVERDUE:
            return freshness.value
        case _:
            assert_never(freshness)


def freshness_tone(freshness: Freshness | None) -> str:
    """Return the tone of `freshness_words`."""
    match freshness:
        case None:
            return "calm"
        case Freshness.FRESH:
            return "good"
        case Freshness.OVERDUE:
            return "bad"
        case Freshness.UNREVIEWED | Freshness.DUE_SOON:
            return "warn"
        case _:
            assert_never(freshness)


def why_due(
    last_evaluated_on: date | None, pulled_by: str, flags: Iterable[OpenQuestion] = ()
) -> str:
    """Return what stands behind a review's due day, beside the flags of evidence."""
    since = (
        f"Last reviewed {last_evaluated_on}" if last_evaluated_on else "Never reviewed"
    )
    if not pulled_by:
        return since
    # A long reason is cut; the flag that it comes from tells all of it.
    cut = pulled_by.removesuffix("…")
    if any(reason(flag).startswith(cut) for flag in flags):
        return f"{since}; pulled forward"
    return f"{since}; pulled forward: {pulled_by}"


def why_deprecate(
    state: str, last_evaluated_on: date | None, flags: Iterable[OpenQuestion]
) -> str:
    """Return why something is to be deprecated: its verdict, the clock, or both."""
    reasons = [reason(flag) for flag in flags if flag.is_by_the_clock]
    if state == Verdict.DEPRECATE.value:
        reasons.insert(0, f"By its verdict of {last_evaluated_on}.")
    return " ".join(reasons)


def reason(flag: OpenQuestion) -> str:
    """Return why a flag is open."""
    return flag_reason(
        flag.cause,
        due_on=flag.due_on,
        vouched_on=flag.vouched_on,
        pulled_by=flag.pulled_by,
        told=flag.reason,
    )


def titled(label: str) -> str:
    """Return a label as a heading; one that starts with a host's name stays as it is."""
    return label if "." in label.partition(" ")[0] else label[:1].upper() + label[1:]


def clock_sentence(
    *,
    verdict: Verdict | None,
    last_evaluated_on: date | None,
    next_review_on: date | None,
    pulled_by: str,
    today: date,
) -> str:
    """Return what the clock says of one solution."""
    if next_review_on is None:
        return f"Retired on {last_evaluated_on}: no review is owed any more."
    owed = "The first review" if verdict is None else "The next review"
    late = is_overdue(next_review_on, today)
    sentence = (
        f"{owed} {'was' if late else 'is'} due by {next_review_on}: "
        f"{due_words(next_review_on, today)}."
    )
    if pulled_by:
        sentence += f" It was pulled forward because {pulled_by}."
    return sentence
