"""Keeping what a source said, or that it said nothing; signals are only ever added."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import transaction

from reviews.models import ListedProduct, Signal, SourceCheck
from reviews.models.signal import ASKED_ANEW
from reviews.ports.evidence import (
    HostBusyError,
    SourceAnswer,
    SourceError,
    Validators,
)
from reviews.rules.endoflife.lifecycle import Product
from reviews.rules.endoflife.listings import listed_again
from reviews.rules.evidence.collecting import retry_after
from reviews.rules.matches import Match
from reviews.rules.signals import (
    HOLD,
    Confidence,
    Fact,
    SignalKind,
    Source,
    SourceState,
)
from reviews.services.locks import locked_solution

SIGNALS_LIMIT = 500
"""How many facts of one source are kept for one solution."""

ALIASES_LIMIT = 50

# The licence of a version that is out does not change when another one appears.
_ENDURING = frozenset({SignalKind.LICENCE})
# Of these a missing page that was there is itself a fact.
_REGISTRIES = frozenset({Source.PYPI, Source.NPM})


def known_validators(check: SourceCheck | None, match: Match) -> Validators:
    """
    Return with what to ask whether the last answer still holds.

    Nothing where the question is another one than then.
    """
    if check is None or not is_same_question(check, match):
        return Validators()
    if check.state not in (SourceState.OK, SourceState.STALE):
        return Validators()
    return Validators(check.etag, check.last_modified)


def is_same_question(check: SourceCheck, match: Match) -> bool:
    """Return whether a source was asked the same the last time."""
    return (check.subject, check.version) == (match.subject, _asked_version(match))


@transaction.atomic
def store_answer(
    *, solution_id: int, match: Match, answer: SourceAnswer, today: date, now: datetime
) -> bool:
    """Keep what a source said of a solution; return whether it says anything new."""
    locked_solution(solution_id)
    check = _check(solution_id, match.source)
    facts = [fact for fact in answer.facts if fact.key][:SIGNALS_LIMIT]
    changed = False
    asked_anew = bool(check.subject) and not is_same_question(check, match)
    if answer.state is SourceState.OK and not answer.unchanged:
        changed = _keep_facts(
            solution_id, match, facts, answer, today, now, asked_anew=asked_anew
        )
    elif answer.state is SourceState.NOT_FOUND and _was_there(check, now):
        changed = _keep_disappearance(solution_id, match, check, answer, today, now)
    if answer.product is not None:
        _keep_product(answer.product, answer.digest, today, now)
    _note_match(check, match)
    check.state = answer.state.value
    check.address = answer.address[:1000]
    check.note = answer.note[:500]
    check.error = ""
    check.failures = 0
    check.retry_at = None
    check.asked_at = now
    if answer.state is SourceState.OK:
        check.answered_at = now
        if not answer.unchanged:
            check.etag = _kept(answer.validators.etag, 500)
            check.last_modified = _kept(answer.validators.last_modified, 100)
            check.raw_hash = answer.digest
    check.save()
    return changed


@transaction.atomic
def store_failure(
    *, solution_id: int, match: Match, error: SourceError, now: datetime
) -> None:
    """Keep that a source could not be asked; what it said before stays as it is."""
    locked_solution(solution_id)
    check = _check(solution_id, match.source)
    if check.subject and not is_same_question(check, match):
        # The validators belong to an answer to another question.
        check.etag = check.last_modified = ""
    _note_match(check, match)
    answered = check.answered_at is not None
    check.state = (SourceState.STALE if answered else SourceState.FAILED).value
    check.error = str(error)[:500]
    check.failures += 1
    check.retry_at = now + retry_after(check.failures, error.retry_after)
    check.asked_at = now
    check.save()


@transaction.atomic
def store_postponement(
    *, solution_id: int, match: Match, error: HostBusyError, now: datetime
) -> None:
    """Keep that a source was not asked, and when it is: how it stands is unchanged."""
    locked_solution(solution_id)
    check = _check(solution_id, match.source)
    if not check.state:
        _note_match(check, match)
        check.state = SourceState.FAILED.value
        check.error = str(error)[:500]
    check.retry_at = now + (error.retry_after or retry_after(1, None))
    check.save()


@transaction.atomic
def store_unsupported(*, solution_id: int, source: Source, why: str) -> None:
    """Keep that a source cannot be asked about a solution, and why."""
    locked_solution(solution_id)
    check = _check(solution_id, source)
    if check.state == SourceState.UNSUPPORTED and check.why == why[:500]:
        return
    check.state = SourceState.UNSUPPORTED.value
    check.subject = check.version = check.matched_by = check.error = check.note = ""
    check.why = why[:500]
    check.failures = 0
    check.retry_at = None
    check.save()


def keep_prediction(
    *, solution_id: int, facts: Iterable[Fact], today: date, now: datetime
) -> bool:
    """Keep what the forecast says of a solution; return whether that is anything new."""
    return _replace(
        solution_id=solution_id,
        source=Source.FORECAST,
        facts=list(facts),
        common={"fetched_at": now, "raw_hash": "", "verified": True},
        address="",
        today=today,
        now=now,
    )


def _keep_facts(
    solution_id: int,
    match: Match,
    facts: list[Fact],
    answer: SourceAnswer,
    today: date,
    now: datetime,
    *,
    asked_anew: bool,
) -> bool:
    return _replace(
        solution_id=solution_id,
        source=match.source,
        facts=facts,
        common={
            "fetched_at": now,
            "raw_hash": answer.digest,
            "verified": match.verified,
        },
        address=answer.address,
        today=today,
        now=now,
        ending=ASKED_ANEW if asked_anew else "withdrawn",
    )


def _replace(
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
        said.setdefault(_kept(fact.key, 300), fact)
    new = {
        key: fact
        for key, fact in said.items()
        if key not in standing or _changed(standing[key], fact)
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
    Signal.objects.bulk_create(
        Signal(
            solution_id=solution_id,
            source=source.value,
            key=key,
            published_on=today,
            supersedes=standing.get(key),
            **common,
            **_columns(fact, address),
        )
        for key, fact in new.items()
    )
    return bool(new or gone)


def _end(ids: list[int], because: str, now: datetime) -> None:
    if ids:
        Signal.objects.standing().filter(pk__in=ids).end(because, now)


def _changed(signal: Signal, fact: Fact) -> bool:
    """Return whether a source says something else now; other words are not that."""
    return (
        signal.subject,
        signal.value,
        signal.effective_on,
        signal.confidence,
        signal.severity,
        signal.replacement,
        sorted(signal.aliases),
        signal.fixed_in,
    ) != (
        _kept(fact.subject, 200),
        _kept(fact.value, 500),
        fact.effective_on,
        fact.confidence.value,
        fact.severity.value if fact.severity else "",
        _kept(fact.replacement, 200),
        _aliases(fact),
        _kept(fact.fixed_in, 200),
    )


def _columns(fact: Fact, address: str) -> dict[str, Any]:
    return {
        "kind": fact.kind.value,
        "subject": _kept(fact.subject, 200),
        "value": _kept(fact.value, 500),
        "effective_on": fact.effective_on,
        "confidence": fact.confidence.value,
        "severity": fact.severity.value if fact.severity else "",
        "replacement": _kept(fact.replacement, 200),
        "aliases": _aliases(fact),
        "fixed_in": _kept(fact.fixed_in, 200),
        "quote": _kept(fact.quote, 2000),
        "source_url": _kept(fact.address or address, 1000),
    }


def _aliases(fact: Fact) -> list[str]:
    return sorted(_kept(alias, 200) for alias in fact.aliases)[:ALIASES_LIMIT]


def _kept(text: str, limit: int) -> str:
    # PostgreSQL takes no NUL, and no text half of a character.
    clean = text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
    return clean[:limit]


def _was_there(check: SourceCheck, now: datetime) -> bool:
    """Return whether a source knew of a solution, and has not for as long as is held."""
    return check.answered_at is not None and now - check.answered_at >= HOLD


def _keep_disappearance(
    solution_id: int,
    match: Match,
    check: SourceCheck,
    answer: SourceAnswer,
    today: date,
    now: datetime,
) -> bool:
    """Add that what was there is gone; all that was said of it stays beside it."""
    if match.source not in _REGISTRIES or not is_same_question(check, match):
        return False
    fact = Fact(
        kind=SignalKind.UNPUBLISHED,
        value="no longer found",
        confidence=Confidence.DERIVED,
        address=answer.address,
        quote=f"Its page was last there on {check.answered_at:%Y-%m-%d}.",
    )
    _, made = Signal.objects.standing().get_or_create(
        solution_id=solution_id,
        source=match.source.value,
        key=fact.key,
        ended_at=None,
        defaults={
            "published_on": today,
            "fetched_at": now,
            "verified": match.verified,
            "raw_hash": answer.digest,
            **_columns(fact, answer.address),
        },
    )
    return made


def _keep_product(product: Product, digest: str, today: date, now: datetime) -> None:
    """Keep a product as listed now, with the history that the forecast learns from."""
    row = ListedProduct.objects.filter(name=product.name[:200]).first()
    before = msgspec.convert(row.cycles, Product) if row else None
    listed = listed_again(before, product, today)
    ListedProduct.objects.update_or_create(
        name=product.name[:200],
        defaults={
            "category": product.category[:50],
            "cycles": msgspec.to_builtins(listed),
            "raw_hash": digest,
            "fetched_at": now,
        },
    )


def _check(solution_id: int, source: Source) -> SourceCheck:
    found = SourceCheck.objects.filter(solution_id=solution_id, source=source.value)
    return found.first() or SourceCheck(solution_id=solution_id, source=source.value)


def _asked_version(match: Match) -> str:
    return (match.cycle or match.version)[:100]


def _note_match(check: SourceCheck, match: Match) -> None:
    check.subject = match.subject[:500]
    check.version = _asked_version(match)
    check.matched_by = match.by.value
    check.why = match.why[:500]
