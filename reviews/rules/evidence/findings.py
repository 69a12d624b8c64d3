"""
What the rules on evidence take and give: a solution's situation, and findings on it.

The values alone, and the few questions that several rules ask of them. What is found is
decided by `rules.evidence.judgement` and the rules that it calls.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from reviews.rules.signals import Fact, Severity, SignalKind, Source
from reviews.rules.vocabulary import Action, Cause, Kind, Verdict

REASON_LIMIT = 500

SEVERITIES = tuple(Severity)
"""The severities in order, the least first."""


@dataclass(frozen=True, slots=True)
class StandingSignal:
    """
    A fact that a source still states, and how it came to be known.

    `moved_from` is the day that the same source gave for it before, where it gave
    another. `verified` is False where the source was found by what a package says of
    itself.
    """

    id: int
    source: Source
    fact: Fact
    first_seen_on: date
    verified: bool = True
    moved_from: date | None = None

    @property
    def key(self) -> str:
        """Return what makes it the same, whatever it says."""
        return f"{self.source}:{self.fact.key}"

    def is_news_after(self, earlier: "StandingSignal") -> bool:
        """
        Return whether it says something that an earlier signal did not.

        A flaw that gets another name is the same flaw. What went and came back within
        the hold has kept the day on which it was first seen, and is no news.
        """
        now, before = self.fact, earlier.fact
        if now.kind is not before.kind or self.source is not earlier.source:
            return True
        if now.kind is SignalKind.VULNERABILITY:
            names = {now.subject, *now.aliases}
            return names.isdisjoint({before.subject, *before.aliases}) or (
                (now.severity, now.fixed_in) != (before.severity, before.fixed_in)
            )
        return (self.key, self.first_seen_on, now.value, now.effective_on) != (
            earlier.key,
            earlier.first_seen_on,
            before.value,
            before.effective_on,
        )


@dataclass(frozen=True, slots=True)
class Situation:
    """
    A solution as the rules on evidence see it.

    `rested_on` are the signals that the evaluation in effect rested on, as they were.
    """

    kind: Kind
    signals: tuple[StandingSignal, ...]
    verdict: Verdict | None = None
    evaluated_on: date | None = None
    rested_on: tuple[StandingSignal, ...] = ()

    def of(self, *kinds: SignalKind) -> Iterator[StandingSignal]:
        """Return the signals of some kinds, in the order in which they came."""
        return (signal for signal in self.signals if signal.fact.kind in kinds)


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What evidence asks of a solution, and why.

    `since` is the day from which it is asked. `stage_on` is the day from which a review
    answers it, earlier than `since` for what was found out late. `reason` is one
    sentence that begins with a name and ends with a full stop. An evaluation answers it
    that rested on its signals; with `by_key`, on an earlier word of theirs as well.
    `ends_on` is the day on which what it speaks of is over, where that is known.
    """

    cause: Cause
    action: Action
    severity: Severity
    since: date
    stage_on: date
    reason: str
    address: str
    signals: tuple[int, ...]
    keys: tuple[str, ...]
    by_key: bool = False
    ends_on: date | None = None


def finding(
    cause: Cause,
    action: Action,
    severity: Severity,
    reason: str,
    signals: Iterable[StandingSignal],
    *,
    since: date | None = None,
    stage_on: date | None = None,
    by_key: bool = False,
    ends_on: date | None = None,
) -> Finding:
    """
    Return a finding that rests on some signals, the first of which has the link.

    Without `since` it dates from the day on which the last of them was first seen.
    """
    rested = tuple(signals)
    seen = max(signal.first_seen_on for signal in rested)
    asked = since or seen
    return Finding(
        cause=cause,
        action=action,
        severity=severity,
        since=asked,
        stage_on=stage_on or asked,
        reason=_cut(reason),
        address=next((s.fact.address for s in rested if s.fact.address), ""),
        signals=tuple(signal.id for signal in rested),
        keys=tuple(signal.key for signal in rested),
        by_key=by_key,
        ends_on=ends_on,
    )


def weight(severity: Severity) -> int:
    """Return where a severity stands among them, 0 for the least."""
    return SEVERITIES.index(severity)


def raised(severity: Severity) -> Severity:
    """Return the next higher severity, short of critical."""
    high = weight(Severity.HIGH)
    return SEVERITIES[max(weight(severity), min(weight(severity) + 1, high))]


def _cut(reason: str) -> str:
    if len(reason) <= REASON_LIMIT:
        return reason
    return reason[: REASON_LIMIT - 2].rstrip() + "…."
