"""What snoozes, waivers and overrides mean to the judging of evidence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from reviews.models import Cover, Flag
from reviews.queries.situations import overridden_signals
from reviews.rules.covers import (
    has_hardened,
    names_another_flaw,
    says_otherwise,
)
from reviews.rules.evidence.findings import Finding, Situation, StandingSignal
from reviews.rules.signals import Severity
from reviews.rules.vocabulary import Action, CoverKind


@dataclass(frozen=True, slots=True)
class Covered:
    """What covers a flag, and the signals that it calls wrong or accepts."""

    cover: Cover
    signals: Sequence[StandingSignal]

    @property
    def accepts(self) -> bool:
        """Whether it takes back what the flag asks, and does not only put it off."""
        return self.cover.kind != CoverKind.SNOOZE

    def ends_with(self, finding: Finding, situation: Situation) -> bool:
        """Return whether a finding says more, or something else, than what is covered."""
        severity = self.cover.severity
        if has_hardened(
            finding.action,
            finding.severity,
            covered_action=Action(self.cover.action),
            covered_severity=Severity(severity) if severity else None,
        ):
            return True
        told = [each for each in situation.signals if each.id in finding.signals]
        if self.cover.kind == CoverKind.WAIVER:
            return names_another_flaw(told, self.signals)
        return self.cover.kind == CoverKind.OVERRIDE and says_otherwise(
            told, self.signals
        )


def covers_over(flags: Iterable[Flag], today: date) -> Mapping[int, Covered]:
    """Return what covers flags on a day, by the flag; its solution comes with it."""
    # By comparison, so that the day ends it though nothing has run.
    covered = [
        flag.pk for flag in flags if flag.covered_until and flag.covered_until > today
    ]
    if not covered:
        return {}
    covers = Cover.objects.active().filter(flag_id__in=covered)
    found = list(covers.select_related("flag__solution"))
    signals = overridden_signals(cover.pk for cover in found)
    return {cover.flag_id: Covered(cover, signals.get(cover.pk, [])) for cover in found}


def held_to(
    covers: Mapping[int, Covered],
    flags: Mapping[str, Flag],
    asked: Mapping[str, Finding],
    situation: Situation,
) -> tuple[list[Cover], set[str]]:
    """
    Return the covers that the facts end, and the causes that the others accept.

    Only what is found now ends one: what an open flag keeps for the hold is no news.
    """
    over: list[Cover] = []
    accepted: set[str] = set()
    for cause, flag in flags.items():
        covered = covers.get(flag.pk)
        if covered is None:
            continue
        if cause in asked and covered.ends_with(asked[cause], situation):
            over.append(covered.cover)
        elif covered.accepts:
            accepted.add(cause)
    return over, accepted
