"""
The retirement of hosted models: announced, or only not sooner than a day.

Source of the notice periods behind the two lead times: the vendors' deprecation pages,
by way of endoflife.date, whose `eoas` is the announcement and `eol` the retirement.
"""

from datetime import date, timedelta

from reviews.rules.evidence.findings import Finding, Situation, StandingSignal, finding
from reviews.rules.signals import SOURCE_NAMES, Severity, SignalKind
from reviews.rules.vocabulary import Action, Cause

SHORT_NOTICE = timedelta(days=60)
FLOOR_REVIEW = timedelta(days=90)
FLOOR_NOTE = timedelta(days=180)


def model_retirement(situation: Situation, today: date) -> Finding | None:
    """
    Return what the end of a hosted model asks for.

    An announced retirement asks for a deprecation at once. A day before which there will
    be none asks for a review 90 days ahead.
    """
    announced = list(situation.of(SignalKind.MODEL_RETIREMENT))
    if announced:
        return _retirement(announced, today)
    floors = [
        signal
        for signal in situation.of(SignalKind.MODEL_FLOOR)
        if signal.fact.effective_on is not None
        and signal.fact.effective_on - FLOOR_REVIEW <= today
    ]
    if not floors:
        return None
    first = min(floors, key=lambda signal: signal.fact.effective_on or date.max)
    floor = first.fact.effective_on or today
    stage_on = floor - FLOOR_REVIEW
    reason = (
        f"{SOURCE_NAMES[first.source]} lists {first.fact.subject} as not to be retired "
        f"before {floor}, and has announced no day yet."
    )
    return finding(
        Cause.MODEL_RETIREMENT,
        Action.REVIEW,
        Severity.MEDIUM,
        reason,
        [first],
        since=max(stage_on, first.first_seen_on),
        stage_on=stage_on,
        by_key=True,
    )


def in_sight(floor: StandingSignal, today: date) -> bool:
    """Return whether a floor date is near enough to be shown as a note."""
    day = floor.fact.effective_on
    return day is not None and day - FLOOR_NOTE <= today


def _retirement(announced: list[StandingSignal], today: date) -> Finding:
    first = min(announced, key=lambda signal: signal.fact.effective_on or date.max)
    fact = first.fact
    day = fact.effective_on
    if day is None:
        when = "on a day that it does not name"
    else:
        when = f"on {day}"
    urgent = day is not None and day - today <= SHORT_NOTICE
    replacement = f"; it recommends {fact.replacement}" if fact.replacement else ""
    return finding(
        Cause.MODEL_RETIREMENT,
        Action.DEPRECATE,
        Severity.CRITICAL if urgent else Severity.HIGH,
        f"{SOURCE_NAMES[first.source]} announces the retirement of {fact.subject} "
        f"{when}{replacement}.",
        announced,
        ends_on=day,
    )
