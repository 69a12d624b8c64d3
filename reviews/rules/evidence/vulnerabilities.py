"""Known vulnerabilities of the version in use, counted once however they are named."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from reviews.rules.evidence.findings import (
    Finding,
    Situation,
    StandingSignal,
    finding,
    weight,
)
from reviews.rules.evidence.upstream import is_silent
from reviews.rules.signals import SOURCE_NAMES, Severity, SignalKind, flaw_name
from reviews.rules.vocabulary import Action, Cause

SILENT_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Flaw:
    """
    One vulnerability, with every signal that tells of it.

    `severity` is how much it weighs; `is_rated` says whether a source rates it so.
    """

    name: str
    severity: Severity
    is_rated: bool
    fixed_in: str
    signals: tuple[StandingSignal, ...]


def known_flaws(signals: Iterable[StandingSignal]) -> list[Flaw]:
    """Return the flaws that signals tell of, the worst first, joined on their aliases."""
    sets: list[tuple[set[str], list[StandingSignal]]] = []
    for signal in signals:
        names = {signal.fact.subject, *signal.fact.aliases}
        told = [signal]
        for other in [known for known in sets if known[0] & names]:
            sets.remove(other)
            names |= other[0]
            told = [*other[1], *told]
        sets.append((names, told))
    joined = [_flaw(names, told) for names, told in sets]
    return sorted(joined, key=lambda flaw: (-weight(flaw.severity), flaw.name))


def vulnerability(situation: Situation, today: date) -> Finding | None:
    """
    Return that the version in use has known flaws.

    None fixed, and no release for a year, is a matter of high severity whatever the
    single rating.
    """
    known = known_flaws(situation.of(SignalKind.VULNERABILITY))
    if not known:
        return None
    worst = known[0]
    severity = worst.severity
    unfixed = not any(flaw.fixed_in for flaw in known)
    if unfixed and is_silent(situation, today, SILENT_MONTHS):
        severity = max(severity, Severity.HIGH, key=weight)
    signals = [signal for flaw in known for signal in flaw.signals]
    who = SOURCE_NAMES[worst.signals[0].source]
    remedy = f"fixed in {worst.fixed_in}" if worst.fixed_in else "no fix is known"
    more = "" if len(known) == 1 else f", and {len(known) - 1} more"
    rating = worst.severity if worst.is_rated else "not rated"
    reason = (
        f"{who} lists {worst.name} ({rating}) for the version in use, {remedy}{more}."
    )
    return finding(Cause.VULNERABILITY, Action.REVIEW, severity, reason, signals)


def _flaw(names: set[str], told: list[StandingSignal]) -> Flaw:
    rated = [signal.fact.severity for signal in told if signal.fact.severity]
    first, *rest = sorted(names)
    return Flaw(
        name=flaw_name(first, tuple(rest)),
        # Unrated is not harmless.
        severity=max(rated, key=weight, default=Severity.MEDIUM),
        is_rated=bool(rated),
        fixed_in=next((s.fact.fixed_in for s in told if s.fact.fixed_in), ""),
        signals=tuple(told),
    )
