"""What ends a snooze, a waiver or an override before its day."""

from dataclasses import replace

import pytest

from reviews.rules.covers import has_hardened, says_otherwise
from reviews.rules.evidence.findings import StandingSignal
from reviews.rules.signals import Fact, Severity, SignalKind, Source
from reviews.rules.vocabulary import Action
from tests.conftest import TODAY

FLAW = StandingSignal(
    id=1,
    source=Source.OSV,
    fact=Fact(
        SignalKind.VULNERABILITY,
        "A flaw",
        subject="CVE-2026-1",
        severity=Severity.HIGH,
        fixed_in="4.2.9",
    ),
    first_seen_on=TODAY,
)


@pytest.mark.parametrize(
    ("now", "then", "hardened"),
    [
        ((Action.REVIEW, Severity.LOW), (Action.REVIEW, Severity.LOW), False),
        ((Action.REVIEW, Severity.MEDIUM), (Action.REVIEW, Severity.LOW), True),
        ((Action.REVIEW, Severity.LOW), (Action.REVIEW, Severity.HIGH), False),
        ((Action.DEPRECATE, Severity.LOW), (Action.REVIEW, Severity.HIGH), True),
        ((Action.REVIEW, Severity.HIGH), (Action.DEPRECATE, Severity.HIGH), False),
        ((Action.DEPRECATE, Severity.HIGH), (Action.DEPRECATE, Severity.HIGH), False),
        ((Action.REVIEW, Severity.INFO), (Action.REVIEW, None), True),
        ((Action.REVIEW, None), (Action.REVIEW, None), False),
        ((Action.REVIEW, None), (Action.REVIEW, Severity.INFO), False),
    ],
    ids=str,
)
def test_more_than_was_covered_has_hardened(
    now: tuple[Action, Severity | None],
    then: tuple[Action, Severity | None],
    *,
    hardened: bool,
) -> None:
    action, severity = now

    assert (
        has_hardened(action, severity, covered_action=then[0], covered_severity=then[1])
        is hardened
    )


def test_the_same_facts_say_nothing_else() -> None:
    again = replace(FLAW, id=2, fact=replace(FLAW.fact, quote="Other words."))

    assert not says_otherwise([again], [FLAW])
    assert not says_otherwise([], [FLAW])


@pytest.mark.parametrize(
    "change",
    [
        {"severity": Severity.CRITICAL},
        {"fixed_in": "4.2.10"},
        {"subject": "CVE-2026-2"},
        {"kind": SignalKind.REPOSITORY_ARCHIVED},
    ],
    ids=str,
)
def test_another_fact_says_otherwise(change: dict[str, object]) -> None:
    other = replace(FLAW, fact=replace(FLAW.fact, **change))  # type: ignore[arg-type]

    assert says_otherwise([FLAW, other], [FLAW])
    assert says_otherwise([other], [FLAW])


def test_a_further_name_of_a_flaw_is_the_same_flaw() -> None:
    named = replace(FLAW, fact=replace(FLAW.fact, aliases=("GHSA-1",)))

    assert not says_otherwise([named], [FLAW])
