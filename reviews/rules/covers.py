"""
Snoozes, waivers and overrides: how long each may last, and what ends it early.

A day ends a snooze and a waiver; nothing has to run for that. What is worse than it was
when it was covered is asked again at once, whatever covers it.
"""

from collections.abc import Iterable, Sequence

from reviews.rules.evidence.findings import StandingSignal, weight
from reviews.rules.signals import Severity, SignalKind
from reviews.rules.vocabulary import Action

LONGEST_SNOOZE_DAYS = 30
LONGEST_WAIVER_DAYS = 365
DEFAULT_WAIVER_DAYS = 90


def has_hardened(
    action: Action,
    severity: Severity | None,
    *,
    covered_action: Action,
    covered_severity: Severity | None,
) -> bool:
    """Return whether a question asks for more, or weighs more, than what was covered."""
    if action is Action.DEPRECATE and covered_action is Action.REVIEW:
        return True
    return _weight(severity) > _weight(covered_severity)


def says_otherwise(
    told: Iterable[StandingSignal], overridden: Sequence[StandingSignal]
) -> bool:
    """Return whether a signal says what none of those did that an override calls wrong."""
    return any(
        all(signal.is_news_after(earlier) for earlier in overridden) for signal in told
    )


def names_another_flaw(
    told: Iterable[StandingSignal], accepted: Sequence[StandingSignal]
) -> bool:
    """Return whether a flaw is told that a waiver does not know by any of its names."""
    known = {
        name
        for signal in accepted
        if signal.fact.kind is SignalKind.VULNERABILITY
        for name in (signal.fact.subject, *signal.fact.aliases)
    }
    return any(
        known.isdisjoint({signal.fact.subject, *signal.fact.aliases})
        for signal in told
        if signal.fact.kind is SignalKind.VULNERABILITY
    )


def believed(
    standing: Iterable[StandingSignal], overridden: Sequence[StandingSignal]
) -> list[StandingSignal]:
    """Return the signals that no override calls wrong; one that says more is another."""
    return [signal for signal in standing if says_otherwise([signal], overridden)]


def _weight(severity: Severity | None) -> int:
    return -1 if severity is None else weight(severity)
