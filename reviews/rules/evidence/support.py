"""What the end of support of the version in use asks, from the signals about it."""

from datetime import date, timedelta

from reviews.rules.endoflife.lifecycle import LISTED_DAYS, Cycle, QuestionKind, question
from reviews.rules.evidence.findings import Finding, Situation, StandingSignal, finding
from reviews.rules.signals import SOURCE_NAMES, Severity, SignalKind
from reviews.rules.vocabulary import Action, Cause

MOVED_DAYS = 30
"""By how many days a listed end has to come earlier to ask for a look at once."""

ENDED = "ended"

_MODEL_KINDS = (SignalKind.MODEL_RETIREMENT, SignalKind.MODEL_FLOOR)


def end_of_life(situation: Situation, today: date) -> Finding | None:
    """
    Return what the end of support asks.

    A listed end asks for a review 210 days ahead, and for a deprecation once it has
    come. Where none is listed, a prediction that is sure enough asks for a review. A
    hosted model's end is the business of `rules.evidence.retirement`.
    """
    if any(situation.of(*_MODEL_KINDS)):
        return None
    listed = list(situation.of(SignalKind.END_OF_LIFE))
    for signal in listed:
        found = _of_listing(signal, situation, today)
        if found is not None:
            return found
    if any(signal.fact.effective_on for signal in listed):
        return None
    predicted = next(situation.of(SignalKind.PREDICTED_END), None)
    if predicted is None:
        return None
    return finding(
        Cause.END_OF_LIFE,
        Action.REVIEW,
        Severity.LOW,
        f"{SOURCE_NAMES[predicted.source]}: {predicted.fact.value}",
        [predicted],
        # A prediction moves from week to week: who knows of it has answered it.
        stage_on=date.min,
        by_key=True,
    )


def _of_listing(
    signal: StandingSignal, situation: Situation, today: date
) -> Finding | None:
    fact = signal.fact
    cycle = Cycle(
        name=fact.subject,
        # The listed rule does not ask how old a cycle is.
        released_on=date.min,
        ends_on=fact.effective_on,
        ended=fact.value == ENDED,
    )
    asked = question(cycle, None, today)
    if asked is None:
        return _moved_earlier(signal)
    who = SOURCE_NAMES[signal.source]
    if asked.kind is QuestionKind.ENDED:
        stage_on = fact.effective_on or signal.first_seen_on
        when = f" on {fact.effective_on}" if fact.effective_on else ", without a day"
        return finding(
            Cause.END_OF_LIFE,
            Action.DEPRECATE,
            Severity.HIGH,
            f"{who} lists the support of {fact.subject} as ended{when}"
            f"{_extended(situation, today)}{_towards(fact.replacement)}.",
            [signal],
            since=max(stage_on, signal.first_seen_on),
            stage_on=stage_on,
            by_key=True,
            ends_on=fact.effective_on,
        )
    ends_on = fact.effective_on or today
    stage_on = ends_on - timedelta(days=LISTED_DAYS)
    return finding(
        Cause.END_OF_LIFE,
        Action.REVIEW,
        Severity.HIGH,
        f"{who} lists the end of support of {fact.subject} for {ends_on}"
        f"{_towards(fact.replacement)}.",
        [signal],
        since=max(stage_on, signal.first_seen_on),
        # Seen late or moved earlier, it is the new day that a review has to know of.
        stage_on=signal.first_seen_on if _came_earlier(signal) else stage_on,
        by_key=True,
    )


def _moved_earlier(signal: StandingSignal) -> Finding | None:
    """Return that a listed end came much earlier, however far off it still is."""
    if not _came_earlier(signal):
        return None
    return finding(
        Cause.END_OF_LIFE,
        Action.REVIEW,
        Severity.HIGH,
        f"{SOURCE_NAMES[signal.source]} now lists the end of support of "
        f"{signal.fact.subject} for {signal.fact.effective_on}, and listed "
        f"{signal.moved_from} before.",
        [signal],
    )


def _came_earlier(signal: StandingSignal) -> bool:
    now, before = signal.fact.effective_on, signal.moved_from
    return (
        now is not None
        and before is not None
        and before - now > timedelta(days=MOVED_DAYS)
    )


def _extended(situation: Situation, today: date) -> str:
    """Return a word on extended support, which has to be bought, while it runs."""
    for signal in situation.of(SignalKind.END_OF_EXTENDED_SUPPORT):
        until = signal.fact.effective_on
        if until is not None and until > today:
            return f"; extended support is to be had until {until}"
    return ""


def _towards(replacement: str) -> str:
    return f"; it recommends {replacement}" if replacement else ""
