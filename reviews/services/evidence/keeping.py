"""Keeping facts as signals: what is new is added, what is no longer said has ended."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from reviews.models import Signal
from reviews.models.signal import ASKED_ANEW
from reviews.rules.signals import Fact, SignalKind, Source

ALIASES_LIMIT = 50

# The licence of a version that is out does not change when another one appears.
_ENDURING = frozenset({SignalKind.LICENCE})


def keep_prediction(
    *, solution_id: int, facts: Iterable[Fact], today: date, now: datetime
) -> bool:
    """Keep what the forecast says of a solution; return whether that is anything new."""
    return replace_signals(
        solution_id=solution_id,
        source=Source.FORECAST,
        facts=list(facts),
        common={"fetched_at": now, "raw_hash": "", "verified": True},
        address="",
        today=today,
        now=now,
    )


def replace_signals(
    *,
    solution_id: int,
    source: Source,
    facts: list[Fact],
    common: dict[str, Any],
    address: str,
    today: date,
    now: datetime,
    ending: str = "withdrawn",
) -> bool:
    """Add what is new, and say of what changed or is no longer said that it ended."""
    standing = {
        signal.key: signal
        for signal in Signal.objects.standing().filter(
            solution_id=solution_id, source=source.value
        )
    }
    said: dict[str, Fact] = {}
    for fact in facts:
        said.setdefault(kept(fact.key, 300), fact)
    new = {
        key: fact
        for key, fact in said.items()
        if key not in standing
        or _changed(standing[key], fact)
        or standing[key].verified != common["verified"]
    }
    superseded = [standing[key].pk for key in new if key in standing]
    gone = [
        signal.pk
        for key, signal in standing.items()
        if key not in said and signal.kind not in _ENDURING
    ]
    because = ASKED_ANEW if ending == ASKED_ANEW else "superseded"
    _end(superseded, because, now)
    _end(gone, ending, now)
    first_seen = _seen_before(solution_id, source, new, now) if new else {}
    Signal.objects.bulk_create(
        Signal(
            solution_id=solution_id,
            source=source.value,
            key=key,
            published_on=first_seen.get(key, today),
            supersedes=standing.get(key),
            **common,
            **columns_of(fact, address),
        )
        for key, fact in new.items()
    )
    return bool(new or gone)


def _seen_before(
    solution_id: int, source: Source, new: Mapping[str, Fact], now: datetime
) -> dict[str, date]:
    """
    Return when what is said again was first seen, of what ended within the hold.

    Upstream data flaps: what comes back as it was is no news. Nor is a flaw that was
    given a further name.
    """
    held = Signal.objects.held_at(now).filter(
        solution_id=solution_id, source=source.value
    )
    earlier = list(held.order_by("-pk"))
    return {
        key: signal.published_on
        for key, fact in new.items()
        for signal in earlier
        if _is_the_same(signal, key, fact)
    }


def _is_the_same(signal: Signal, key: str, fact: Fact) -> bool:
    """Return whether a signal that ended said what a fact says now."""
    if signal.kind != fact.kind:
        return False
    if fact.kind is SignalKind.VULNERABILITY:
        names = {fact.subject, *fact.aliases} & {signal.subject, *signal.aliases}
        severity = fact.severity.value if fact.severity else ""
        rated = (severity, kept(fact.fixed_in, 200))
        return bool(names) and rated == (signal.severity, signal.fixed_in)
    return signal.key == key and not _changed(signal, fact)


def end_all(solution_id: int, source: Source, now: datetime) -> bool:
    """Say of all that a source said that it answered another question."""
    standing = Signal.objects.standing().filter(
        solution_id=solution_id, source=source.value
    )
    ids = list(standing.values_list("pk", flat=True))
    _end(ids, ASKED_ANEW, now)
    return bool(ids)


def _end(ids: list[int], because: str, now: datetime) -> None:
    if ids:
        Signal.objects.standing().filter(pk__in=ids).end(because, now)


def _changed(signal: Signal, fact: Fact) -> bool:
    """Return whether a source says something else now; other words are not that."""
    # The value of a flaw is its summary, which is reworded often.
    worded = fact.kind is SignalKind.VULNERABILITY
    return (
        signal.subject,
        "" if worded else signal.value,
        signal.effective_on,
        signal.confidence,
        signal.severity,
        signal.replacement,
        sorted(signal.aliases),
        signal.fixed_in,
    ) != (
        kept(fact.subject, 200),
        "" if worded else kept(fact.value, 500),
        fact.effective_on,
        fact.confidence.value,
        fact.severity.value if fact.severity else "",
        kept(fact.replacement, 200),
        _aliases(fact),
        kept(fact.fixed_in, 200),
    )


def columns_of(fact: Fact, address: str) -> dict[str, Any]:
    """Return a fact as the columns of a signal, cut to what they hold."""
    return {
        "kind": fact.kind.value,
        "subject": kept(fact.subject, 200),
        "value": kept(fact.value, 500),
        "effective_on": fact.effective_on,
        "confidence": fact.confidence.value,
        "severity": fact.severity.value if fact.severity else "",
        "replacement": kept(fact.replacement, 200),
        "aliases": _aliases(fact),
        "fixed_in": kept(fact.fixed_in, 200),
        "quote": kept(fact.quote, 2000),
        "source_url": kept(fact.address or address, 1000),
    }


def _aliases(fact: Fact) -> list[str]:
    return sorted(kept(alias, 200) for alias in fact.aliases)[:ALIASES_LIMIT]


def kept(text: str, limit: int) -> str:
    """Return a text as it can be stored: cut, and of whole characters."""
    # PostgreSQL takes no NUL, and no text half of a character.
    clean = text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
    return clean[:limit]
