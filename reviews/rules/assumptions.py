"""
"Revisit if …": what an evaluation takes for granted, in conditions that can be checked.

Pure: an assumption and what is known in; out comes the day since which, or on which, it
no longer holds, and the sentence that says so. What is unknown breaks nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from reviews.rules.days import DayError, parse_day
from reviews.rules.evidence.findings import StandingSignal
from reviews.rules.signals import SOURCE_NAMES, SignalKind, Source
from reviews.rules.staleness import Pull, months_after
from reviews.rules.versions import reaches
from reviews.rules.vocabulary import Condition

ASSUMPTIONS_LIMIT = 10
"""How many assumptions an evaluation may have."""

LONGEST_SILENCE = 60
"""The most months without a release that may be waited for."""

REASON_LIMIT = 200
"""How many characters the sentence may have, for the review that it pulls forward."""

_RELEASES = frozenset({SignalKind.LATEST_RELEASE, SignalKind.ADOPTED_RELEASE})


@dataclass(frozen=True, slots=True)
class Assumed:
    """
    One assumption as somebody states it; what `value` holds depends on the condition.

    `subject_id` is the solution whose release is meant, None for the one evaluated.
    """

    condition: Condition
    value: str = ""
    subject_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """
    A release that a source named as the latest.

    `stands` is whether the source still does; `released_on` is None where it is unknown.
    """

    version: str
    released_on: date | None
    seen_on: date
    stands: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """
    What an assumption is held against.

    `name` is that of the solution meant, and `releases` are its releases; `signals` are
    what the sources say now of the one evaluated, and `rested_on` what they said then.
    """

    name: str
    evaluated_on: date
    releases: tuple[Release, ...] = ()
    signals: tuple[StandingSignal, ...] = ()
    rested_on: tuple[StandingSignal, ...] = ()


class AssumptionError(ValueError):
    """An assumption of no known form; its message says what to write instead."""


def check_form(assumed: Assumed) -> None:
    """
    Return if the value is one that the condition understands.

    :raises AssumptionError: otherwise.
    """
    if assumed.subject_id is not None and (
        assumed.condition is not Condition.RELEASE_REACHES
    ):
        raise AssumptionError("Only of a release may another solution be named.")
    problem = _problem(assumed.condition, assumed.value)
    if problem:
        raise AssumptionError(problem)


def _problem(condition: Condition, value: str) -> str:
    """Return what is wrong with a value, nothing if it is as it should be."""
    if condition is Condition.DAY:
        return _problem_of_day(value)
    if condition is Condition.LICENCE_CHANGES:
        return "A change of licence takes no value." if value else ""
    is_fine, wanted = {
        Condition.NO_RELEASE: (
            _months(value) is not None,
            f"a number of months from 1 to {LONGEST_SILENCE}",
        ),
        Condition.RELEASE_REACHES: (
            reaches(value, value) is not None,
            "a version to compare releases with, such as 3.0",
        ),
        Condition.SIGNAL: (
            value in set(SignalKind),
            f"a kind of signal, such as {SignalKind.REPOSITORY_ARCHIVED}",
        ),
    }[condition]
    return "" if is_fine else f"{value[:40]!r} is not {wanted}."


def _problem_of_day(value: str) -> str:
    try:
        parse_day(value)
    except DayError as error:
        return str(error)
    return ""


def in_words(assumed: Assumed, name: str) -> str:
    """Return an assumption as a reader is told it, about the solution of that name."""
    match assumed.condition:
        case Condition.DAY:
            return f"Revisit on {assumed.value}"
        case Condition.NO_RELEASE:
            months = "month" if assumed.value == "1" else "months"
            return f"Revisit if {name} has no release for {assumed.value} {months}"
        case Condition.RELEASE_REACHES:
            return f"Revisit if a release of {name} reaches {assumed.value}"
        case Condition.LICENCE_CHANGES:
            return f"Revisit if the licence of {name} changes"
        case Condition.SIGNAL:
            return f"Revisit if a source says anew: {_kind_in_words(assumed.value)}"


def broken_since(assumed: Assumed, known: Known) -> Pull | None:
    """
    Return since when an assumption no longer holds, and why; None while it does.

    A day that can be told in advance may lie in the future: it is broken on that day.
    No day is before the evaluation that made the assumption.
    """
    broken = _broken(assumed, known)
    if broken is None:
        return None
    note = f" ({assumed.note})" if assumed.note else ""
    return Pull(
        on=max(broken.on, known.evaluated_on), reason=_cut(f"{broken.reason}{note}")
    )


def _broken(assumed: Assumed, known: Known) -> Pull | None:
    match assumed.condition:
        case Condition.DAY:
            return _day(assumed, known)
        case Condition.NO_RELEASE:
            return _no_release(assumed, known)
        case Condition.RELEASE_REACHES:
            return _release_reaches(assumed, known)
        case Condition.LICENCE_CHANGES:
            return _licence_changes(known)
        case Condition.SIGNAL:
            return _signal(assumed, known)


def _day(assumed: Assumed, known: Known) -> Pull:
    day = parse_day(assumed.value)
    return Pull(
        day,
        f"{day} is the day on which the evaluation of {known.evaluated_on} asked to be "
        "reopened",
    )


def _no_release(assumed: Assumed, known: Known) -> Pull | None:
    """Return the day on which it will have been silent for so long, if nothing comes."""
    months = _months(assumed.value)
    dated = [
        (release.released_on, release.seen_on)
        for release in known.releases
        if release.stands and release.released_on
    ]
    if months is None or not dated:
        return None
    released_on = max(dated)[0]
    day = months_after(released_on, months)
    return Pull(
        # What was found out late is not held against anybody from before.
        max(day, min(seen_on for when, seen_on in dated if when == released_on)),
        f"by {day} {known.name} has had no release for {months} months"
        + _said_to_reopen(known),
    )


def _release_reaches(assumed: Assumed, known: Known) -> Pull | None:
    reached = [
        release
        for release in known.releases
        if reaches(release.version, assumed.value) is True
    ]
    if not any(release.stands for release in reached):
        return None
    return Pull(
        min(release.seen_on for release in reached),
        f"{known.name} has reached {assumed.value}{_said_to_reopen(known)}",
    )


def _licence_changes(known: Known) -> Pull | None:
    """
    Return that a source names a licence that it did not name at the evaluation.

    Two sources that write one licence differently are no change, and a source that
    named none then cannot tell.
    """
    then = _licences(known.rested_on)
    new = [
        signal
        for signal in known.signals
        if signal.fact.kind is SignalKind.LICENCE
        and signal.source in then
        and signal.fact.value.casefold() not in then[signal.source]
    ]
    if not new:
        return None
    first = min(new, key=lambda signal: (signal.first_seen_on, signal.id))
    return Pull(
        first.first_seen_on,
        f"{SOURCE_NAMES[first.source]} names the licence {first.fact.value}"
        + _said_to_reopen(known),
    )


def _signal(assumed: Assumed, known: Known) -> Pull | None:
    rested = {_told(signal) for signal in known.rested_on}
    new = [
        signal
        for signal in known.signals
        if signal.fact.kind == assumed.value and _told(signal) not in rested
    ]
    if not new:
        return None
    first = min(new, key=lambda signal: (signal.first_seen_on, signal.id))
    value = first.fact.subject or first.fact.value
    told = f" ({value[:60]})" if value else ""
    return Pull(
        first.first_seen_on,
        f"{SOURCE_NAMES[first.source]} says “{_kind_in_words(assumed.value)}”{told}"
        + _said_to_reopen(known),
    )


def _said_to_reopen(known: Known) -> str:
    return f", which the evaluation of {known.evaluated_on} said would reopen it"


def _licences(signals: Iterable[StandingSignal]) -> dict[Source, set[str]]:
    named: dict[Source, set[str]] = {}
    for signal in signals:
        if signal.fact.kind is SignalKind.LICENCE:
            named.setdefault(signal.source, set()).add(signal.fact.value.casefold())
    return named


def _told(signal: StandingSignal) -> tuple[object, ...]:
    """Return what it says, in which two sources that say the same are one."""
    fact = signal.fact
    if fact.kind is SignalKind.VULNERABILITY:
        return (fact.key,)
    value = fact.value.casefold()
    if fact.kind in _RELEASES:
        return (fact.key, value.removeprefix("v"))
    return (fact.key, value, fact.effective_on)


def _months(value: str) -> int | None:
    if not (value.isascii() and value.isdecimal() and len(value) <= 2):
        return None
    months = int(value)
    return months if 1 <= months <= LONGEST_SILENCE else None


def _kind_in_words(value: str) -> str:
    return value.replace("_", " ")


def _cut(sentence: str) -> str:
    if len(sentence) <= REASON_LIMIT:
        return sentence
    return sentence[: REASON_LIMIT - 1].rstrip() + "…"
