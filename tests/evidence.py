"""Evidence for the tests of doors and queries, put straight into the register."""

from datetime import date, datetime
from typing import Any

from reviews.models import Evaluation, Flag, Ground, Signal, Solution, SourceCheck
from reviews.rules.signals import Confidence, Fact, SignalKind, Source, SourceState
from tests.conftest import NOW, TODAY


def said(
    solution: Solution,
    kind: SignalKind = SignalKind.LATEST_RELEASE,
    value: str = "5.2.19",
    *,
    source: Source = Source.PYPI,
    seen_on: date = TODAY,
    fetched_at: datetime = NOW,
    verified: bool = True,
    supersedes: Signal | None = None,
    **more: Any,
) -> Signal:
    """Return a signal that stands; `more` is the rest of its fact."""
    fact = Fact(kind=kind, value=value, **more)
    return Signal.objects.create(
        solution=solution,
        source=source.value,
        kind=kind.value,
        key=fact.key,
        subject=fact.subject,
        value=value,
        effective_on=fact.effective_on,
        published_on=seen_on,
        confidence=Confidence(fact.confidence).value,
        severity=fact.severity.value if fact.severity else "",
        replacement=fact.replacement,
        aliases=list(fact.aliases),
        fixed_in=fact.fixed_in,
        quote=fact.quote,
        source_url=fact.address,
        verified=verified,
        fetched_at=fetched_at,
        raw_hash="0" * 64,
        supersedes=supersedes,
    )


def ended(signal: Signal, because: str = "withdrawn", at: datetime = NOW) -> Signal:
    """Say that a signal is no longer said."""
    Signal.objects.filter(pk=signal.pk).end(because, at)
    signal.refresh_from_db()
    return signal


def replaced(signal: Signal, value: str, **more: Any) -> Signal:
    """Return the signal that a source put in the place of another."""
    ended(signal, "superseded")
    return said(
        signal.solution,
        SignalKind(signal.kind),
        value,
        source=Source(signal.source),
        subject=signal.subject,
        supersedes=signal,
        **more,
    )


def checked(
    solution: Solution,
    source: Source = Source.PYPI,
    state: SourceState = SourceState.OK,
    **more: Any,
) -> SourceCheck:
    """Return how a source stands to a solution."""
    answered = state in (SourceState.OK, SourceState.STALE)
    given: dict[str, Any] = {
        "subject": solution.slug,
        "matched_by": "purl",
        "why": "Its package URL says so.",
        "asked_at": NOW,
        "answered_at": NOW if answered else None,
    }
    return SourceCheck.objects.create(
        solution=solution, source=source.value, state=state.value, **given | more
    )


def rests(evaluation: Evaluation, *signals: Signal) -> None:
    """Say of an evaluation that was logged before the signals came that it knew them."""
    Ground.objects.bulk_create(
        Ground(evaluation=evaluation, signal=signal) for signal in signals
    )


def flagged(solution: Solution, *signals: Signal, **more: Any) -> Flag:
    """Return an open flag that rests on signals."""
    given: dict[str, Any] = {
        "cause": "end_of_life",
        "action": "deprecate",
        "severity": "high",
        "due_on": TODAY,
        "reason": "endoflife.date says that 4.2 has ended.",
        "source_url": "https://endoflife.example/django",
        "opened_at": NOW,
    }
    flag = Flag.objects.create(solution=solution, **given | more)
    flag.signals.set(signals)
    return flag
