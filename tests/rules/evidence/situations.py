"""Situations for the tests of the rules on evidence."""

from datetime import date
from typing import Any

from reviews.rules.evidence.findings import Situation, StandingSignal
from reviews.rules.signals import Fact, SignalKind, Source
from reviews.rules.vocabulary import Kind
from tests.conftest import TODAY


def signal(
    kind: SignalKind,
    value: str = "said",
    *,
    id: int = 0,
    source: Source = Source.PYPI,
    seen_on: date = TODAY,
    verified: bool = True,
    moved_from: date | None = None,
    **more: Any,
) -> StandingSignal:
    address = more.pop("address", "https://source.example/page")
    return StandingSignal(
        id=id,
        source=source,
        fact=Fact(kind=kind, value=value, address=address, **more),
        first_seen_on=seen_on,
        verified=verified,
        moved_from=moved_from,
    )


def situation(*signals: StandingSignal, **more: Any) -> Situation:
    return Situation(kind=more.pop("kind", Kind.PACKAGE), signals=signals, **more)
