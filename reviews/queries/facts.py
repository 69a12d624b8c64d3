"""
What sources said, as frozen rows: of a solution, behind a flag, beneath an evaluation.

Reads only. How the facts of one solution stand to each other and to the last evaluation
is in `queries.evidence`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never
from urllib.parse import urlsplit

from django.db.models import Q

from reviews.models import Flag, Ground, Signal
from reviews.models.choices import SIGNAL_KINDS, SOURCES
from reviews.models.signal import SignalQuerySet
from reviews.rules.evidence.findings import weight
from reviews.rules.signals import Severity, SignalKind, Source

SOURCE_NAMES = dict(SOURCES)
KIND_NAMES = dict(SIGNAL_KINDS)


class SignalState(StrEnum):
    """What has become of what a source said."""

    OPEN = "open"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class SignalFilter:
    """Which signals of a solution are wanted; None leaves a property open."""

    source: Source | None = None
    kind: SignalKind | None = None
    state: SignalState | None = None


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact with its source and its days."""

    id: int
    solution: str
    source: str
    source_name: str
    kind: str
    kind_name: str
    subject: str
    value: str
    effective_on: date | None
    published_on: date
    confidence: str
    severity: str
    replacement: str
    aliases: tuple[str, ...]
    fixed_in: str
    quote: str
    source_url: str
    verified: bool
    fetched_at: datetime
    raw_hash: str
    supersedes: int | None
    ended_at: datetime | None
    ended_because: str

    @property
    def state(self) -> SignalState:
        """Return what has become of it."""
        if self.ended_at is None:
            return SignalState.OPEN
        if self.ended_because == SignalState.SUPERSEDED:
            return SignalState.SUPERSEDED
        return SignalState.WITHDRAWN

    @property
    def link(self) -> str:
        """Return where a person can read it, if that may be followed."""
        return followable(self.source_url)

    @property
    def certainty(self) -> str:
        """Return how it is known, in words."""
        return self.confidence if self.verified else f"{self.confidence}, unverified"


def followable(address: str) -> str:
    """Return an address that a link may lead to, empty for one that it may not."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return address if usable else ""


def host_of(address: str) -> str:
    """Return the host that a followable address leads to."""
    return urlsplit(address).hostname or "" if followable(address) else ""


def read_facts(signals: SignalQuerySet) -> list[FactRow]:
    """Return the rows of a query."""
    return [_fact(signal) for signal in signals.select_related("solution")]


def facts_numbered(ids: Iterable[int]) -> dict[int, FactRow]:
    """Return the facts with these numbers, in the order in which they are read."""
    wanted = set(ids)
    facts = read_facts(Signal.objects.filter(pk__in=wanted)) if wanted else []
    return {fact.id: fact for fact in sorted(facts, key=reading_order)}


def grounds_of(evaluation_id: int) -> list[FactRow]:
    """Return the facts that an evaluation rested on, as they then were."""
    grounds = Ground.objects.filter(evaluation_id=evaluation_id).values("signal_id")
    return sorted(read_facts(Signal.objects.filter(pk__in=grounds)), key=reading_order)


def ground_ids(evaluation_ids: Collection[int]) -> Mapping[int, tuple[int, ...]]:
    """Return the signals that evaluations rested on, of those that rested on any."""
    rows = Ground.objects.filter(evaluation_id__in=evaluation_ids)
    return _by_first(rows.values_list("evaluation_id", "signal_id"))


def flagged_ids(flag_ids: Collection[int]) -> Mapping[int, tuple[int, ...]]:
    """Return the signals that flags rest on, of those that rest on any."""
    rows = Flag.signals.through._default_manager.filter(flag_id__in=flag_ids)
    return _by_first(rows.values_list("flag_id", "signal_id"))


def signals_matching(solution_id: int, wanted: SignalFilter) -> SignalQuerySet:
    """Return what was ever said of a solution and meets all of a filter, in no order."""
    exact = {"source": wanted.source, "kind": wanted.kind}
    found = Signal.objects.filter(
        solution_id=solution_id,
        **{path: value for path, value in exact.items() if value is not None},
    )
    superseded = Q(ended_because=SignalState.SUPERSEDED.value)
    match wanted.state:
        case None:
            return found
        case SignalState.OPEN:
            return found.standing()
        case SignalState.SUPERSEDED:
            return found.filter(superseded)
        case SignalState.WITHDRAWN:
            return found.filter(~superseded, ended_at__isnull=False)
        case _:
            assert_never(wanted.state)


# Flaws come last, and the worst of them first: there may be hundreds.
_PLACES = {kind.value: place for place, kind in enumerate(SignalKind)} | {
    SignalKind.VULNERABILITY.value: len(SignalKind)
}


def reading_order(row: FactRow) -> tuple[object, ...]:
    """Return the key by which facts are shown one below the other."""
    known = Severity(row.severity) if row.severity else None
    heaviest_first = -weight(known) if known else 1
    return (_PLACES[row.kind], heaviest_first, row.subject, row.source, row.id)


def _by_first(pairs: Iterable[tuple[int, int]]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = defaultdict(list)
    for first, second in pairs:
        found[first].append(second)
    return {first: tuple(sorted(seconds)) for first, seconds in found.items()}


def _fact(signal: Signal) -> FactRow:
    return FactRow(
        id=signal.pk,
        solution=signal.solution.slug,
        source=signal.source,
        source_name=SOURCE_NAMES[signal.source],
        kind=signal.kind,
        kind_name=KIND_NAMES[signal.kind],
        subject=signal.subject,
        value=signal.value,
        effective_on=signal.effective_on,
        published_on=signal.published_on,
        confidence=signal.confidence,
        severity=signal.severity,
        replacement=signal.replacement,
        aliases=tuple(str(alias) for alias in signal.aliases),
        fixed_in=signal.fixed_in,
        quote=signal.quote,
        source_url=signal.source_url,
        verified=signal.verified,
        fetched_at=signal.fetched_at,
        raw_hash=signal.raw_hash,
        supersedes=signal.supersedes_id,
        ended_at=signal.ended_at,
        ended_because=signal.ended_because,
    )
