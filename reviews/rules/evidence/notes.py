"""
What is worth knowing and asks for nothing: notes on a solution's evidence.

They corroborate; none of them opens a flag. What does is in `rules.evidence.judgement`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from reviews.rules.evidence.findings import Situation, StandingSignal
from reviews.rules.evidence.retirement import in_sight
from reviews.rules.evidence.upstream import SILENT_MONTHS, is_silent, last_release_on
from reviews.rules.signals import SOURCE_NAMES, Severity, SignalKind

MAJORS_BEHIND = 2
"""How many major versions behind are worth a note on their own."""

_MAJOR = re.compile(r"v?(\d{1,6})(?:\.|$)")


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence, how much it weighs, and the signals that it rests on."""

    text: str
    severity: Severity
    signals: tuple[int, ...]


def notes(situation: Situation, today: date) -> tuple[Note, ...]:
    """Return the notes on a solution's evidence, the weightier first."""
    found = [
        *_silence(situation, today),
        *_active_support(situation, today),
        *_majors_behind(situation, today),
        *_floors(situation, today),
        *_single_maintainer(situation),
        *_scorecard(situation),
        *_moved(situation),
        *_models(situation),
    ]
    order = list(Severity)
    return tuple(sorted(found, key=lambda note: -order.index(note.severity)))


def _note(text: str, severity: Severity, *signals: StandingSignal) -> Note:
    return Note(text, severity, tuple(signal.id for signal in signals))


def _silence(situation: Situation, today: date) -> Iterator[Note]:
    last = last_release_on(situation)
    if last is not None and is_silent(situation, today):
        yield _note(
            f"Nothing has been released since {last}, {SILENT_MONTHS} months or more.",
            Severity.INFO,
            *situation.of(SignalKind.LATEST_RELEASE),
        )


def _active_support(situation: Situation, today: date) -> Iterator[Note]:
    for signal in situation.of(SignalKind.END_OF_ACTIVE_SUPPORT):
        day = signal.fact.effective_on
        if signal.fact.value == "ended" or (day is not None and day <= today):
            when = f" on {day}" if day else ""
            yield _note(
                f"{_who(signal)} lists the active support of {signal.fact.subject} as "
                f"ended{when}: security fixes alone.",
                Severity.LOW,
                signal,
            )


def _majors_behind(situation: Situation, today: date) -> Iterator[Note]:
    """Two major versions behind, or one when active support is over as well."""
    adopted = {s.source: s for s in situation.of(SignalKind.ADOPTED_RELEASE)}
    past_active = any(_active_support(situation, today))
    for newest in situation.of(SignalKind.LATEST_RELEASE):
        in_use = adopted.get(newest.source)
        behind = _behind(in_use, newest) if in_use else 0
        if in_use and (behind >= MAJORS_BEHIND or (behind == 1 and past_active)):
            count = "one major version" if behind == 1 else f"{behind} major versions"
            yield _note(
                f"{in_use.fact.value} is {count} behind: {_who(newest)} lists "
                f"{newest.fact.value}.",
                Severity.LOW,
                in_use,
                newest,
            )
            return


def _behind(in_use: StandingSignal, newest: StandingSignal) -> int:
    before, after = _MAJOR.match(in_use.fact.value), _MAJOR.match(newest.fact.value)
    if before is None or after is None:
        return 0
    behind = int(after[1]) - int(before[1])
    # A year for a number, or a change of scheme, counts nothing.
    return behind if behind < 100 else 0


def _floors(situation: Situation, today: date) -> Iterator[Note]:
    for signal in situation.of(SignalKind.MODEL_FLOOR):
        if in_sight(signal, today):
            yield _note(
                f"{_who(signal)} lists {signal.fact.subject} as not to be retired "
                f"before {signal.fact.effective_on}: no announcement, and no promise.",
                Severity.MEDIUM,
                signal,
            )


def _single_maintainer(situation: Situation) -> Iterator[Note]:
    for signal in situation.of(SignalKind.MAINTAINERS):
        if signal.fact.value == "1":
            yield _note(
                f"{_who(signal)} lists a single maintainer.", Severity.INFO, signal
            )


def _scorecard(situation: Situation) -> Iterator[Note]:
    for signal in situation.of(SignalKind.SCORECARD_MAINTAINED):
        if signal.fact.value == "0":
            yield _note(
                f"{_who(signal)} rates its upkeep 0 of 10, as it does finished and "
                "very young projects too.",
                Severity.INFO,
                signal,
            )


def _moved(situation: Situation) -> Iterator[Note]:
    for signal in situation.of(SignalKind.REPOSITORY_MOVED):
        yield _note(
            f"{_who(signal)} has its repository at {signal.fact.value} now.",
            Severity.INFO,
            signal,
        )


def _models(situation: Situation) -> Iterator[Note]:
    for signal in situation.of(SignalKind.MODEL_SUCCESSOR):
        yield _note(
            f"{_who(signal)} names {signal.fact.value} as the newer version.",
            Severity.LOW,
            signal,
        )
    for signal in situation.of(SignalKind.MODEL_GATED):
        yield _note(
            f"{_who(signal)} gives the model only to whoever asks for it.",
            Severity.INFO,
            signal,
        )


def _who(signal: StandingSignal) -> str:
    return SOURCE_NAMES[signal.source]
