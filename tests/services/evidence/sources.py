"""Sources that say what a test has them say: a fake of the port, not of the network."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from reviews.models import Flag, Solution
from reviews.ports.evidence import EvidenceSource, SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.endoflife.lifecycle import Product
from reviews.rules.matches import Match
from reviews.rules.signals import Fact, SignalKind, Source, SourceState
from reviews.services.evidence.collecting import Collection, collect_evidence
from reviews.services.evidence.nightly import judge_register
from reviews.services.flags import Settlement
from tests.conftest import NOW, TODAY

Reply = SourceAnswer | OutsideError


@dataclass
class Told:
    """A source that says what it was told to say last, and remembers what it was asked."""

    name: Source
    reply: Reply
    asked: list[tuple[Match, Validators]] = field(default_factory=list)

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        self.asked.append((match, known))
        if isinstance(self.reply, OutsideError):
            raise self.reply
        return self.reply

    def says(self, *facts: Fact, **more: Any) -> None:
        self.reply = answer(*facts, **more)

    def fails(self, message: str = "It did not answer.", **more: object) -> None:
        self.reply = OutsideError(message, **more)  # type: ignore[arg-type]


def answer(
    *facts: Fact, product: Product | None = None, **more: object
) -> SourceAnswer:
    said = SourceAnswer(
        state=SourceState.OK,
        address="https://source.example/answer",
        facts=facts,
        digest="0" * 64,
        validators=Validators(etag='"one"'),
        product=product,
    )
    return replace(said, **more)  # type: ignore[arg-type]


def pypi(*facts: Fact) -> Told:
    return Told(Source.PYPI, answer(*facts))


def endoflife(*facts: Fact, product: Product | None = None) -> Told:
    return Told(Source.ENDOFLIFE, answer(*facts, product=product))


def end_of_life(ends_on: date | None, cycle: str = "4.2", **more: object) -> Fact:
    value = str(ends_on) if ends_on else "not ended"
    return fact(
        SignalKind.END_OF_LIFE, value, subject=cycle, effective_on=ends_on, **more
    )


def fact(kind: SignalKind, value: str = "said", **more: object) -> Fact:
    address = more.pop("address", "https://source.example/page")
    return Fact(kind=kind, value=value, address=address, **more)  # type: ignore[arg-type]


def collected(
    solution: Solution,
    *sources: Told,
    on: date = TODAY,
    now: datetime | None = None,
    insist: bool = False,
) -> Collection:
    """Ask the sources about a solution on a day."""
    named: Mapping[Source, EvidenceSource] = {source.name: source for source in sources}
    collection = collect_evidence(
        solution_id=solution.pk,
        sources=named,
        today=on,
        now=now or at(on),
        insist=insist,
    )
    solution.refresh_from_db()
    return collection


def night(on: date, now: datetime | None = None) -> Settlement:
    return judge_register(today=on, now=now or at(on))


def at(day: date) -> datetime:
    """Return the hour at which these tests take place, on a day."""
    return NOW + (day - TODAY)


def later(days: int = 0, hours: int = 0) -> datetime:
    return NOW + timedelta(days=days, hours=hours)


def open_flags(solution: Solution) -> list[Flag]:
    return list(Flag.objects.open().filter(solution=solution).order_by("pk"))


def causes(solution: Solution) -> list[tuple[str, str]]:
    return [(flag.cause, flag.action) for flag in open_flags(solution)]
