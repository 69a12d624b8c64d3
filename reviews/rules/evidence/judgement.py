"""
From signals to what they ask of a solution: a review now, a deprecation, or nothing.

Pure: a situation and a day in, findings out. What each cause rests on is said by the
rules called here; what becomes of a finding, by the services.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from reviews.rules.evidence.findings import Finding, Situation, StandingSignal
from reviews.rules.evidence.licensing import licence_changed
from reviews.rules.evidence.retirement import model_retirement
from reviews.rules.evidence.support import end_of_life
from reviews.rules.evidence.upstream import unmaintained, version_withdrawn, withdrawn
from reviews.rules.evidence.vulnerabilities import vulnerability
from reviews.rules.staleness import Pull
from reviews.rules.vocabulary import Action, Verdict

PULL_LIMIT = 200


def judge(situation: Situation, today: date) -> tuple[Finding, ...]:
    """
    Return what the evidence asks on a day, answered or not; at most one for a cause.

    What is retired is asked nothing.
    """
    if situation.verdict is Verdict.RETIRE:
        return ()
    found = (
        withdrawn(situation),
        model_retirement(situation, today),
        end_of_life(situation, today),
        unmaintained(situation, today),
        version_withdrawn(situation),
        vulnerability(situation, today),
        licence_changed(situation),
    )
    return tuple(finding for finding in found if finding is not None)


def unanswered(finding: Finding, situation: Situation, today: date) -> bool:
    """
    Return whether nobody has answered a finding yet.

    A review is answered by an evaluation, of its stage's day or later, that rested on
    its signals: one more signal, or another value, asks anew. A deprecation is answered
    by a verdict to deprecate, and by no other: to keep what is ending takes a waiver.
    On the day on which it is over it is asked once more, of what is still in use.
    """
    if finding.action is Action.DEPRECATE:
        if situation.verdict is not Verdict.DEPRECATE:
            return True
        evaluated_on = situation.evaluated_on or date.min
        return finding.ends_on is not None and evaluated_on < finding.ends_on <= today
    if situation.evaluated_on is None or situation.evaluated_on < finding.stage_on:
        return True
    if finding.by_key:
        known = {signal.key for signal in situation.rested_on}
        return not known.issuperset(finding.keys)
    told = (signal for signal in situation.signals if signal.id in finding.signals)
    return any(_is_news(signal, situation.rested_on) for signal in told)


def _is_news(signal: StandingSignal, known: Iterable[StandingSignal]) -> bool:
    return all(signal.is_news_after(earlier) for earlier in known)


def open_findings(situation: Situation, today: date) -> tuple[Finding, ...]:
    """Return the findings that nobody has answered yet."""
    return tuple(
        _as_asked_now(finding, situation)
        for finding in judge(situation, today)
        if unanswered(finding, situation, today)
    )


def _as_asked_now(finding: Finding, situation: Situation) -> Finding:
    """Return a finding with the day from which it is asked, if that is once more."""
    once_more = situation.verdict is Verdict.DEPRECATE
    if once_more and finding.action is Action.DEPRECATE and finding.ends_on:
        return replace(finding, since=max(finding.since, finding.ends_on))
    return finding


def pull_of(findings: tuple[Finding, ...]) -> Pull | None:
    """Return how far findings pull the next review forward, None without any."""
    if not findings:
        return None
    first = min(findings, key=lambda finding: finding.since)
    reason = first.reason.removesuffix(".")
    if len(reason) > PULL_LIMIT:
        reason = reason[: PULL_LIMIT - 1].rstrip() + "…"
    return Pull(on=first.since, reason=reason)
