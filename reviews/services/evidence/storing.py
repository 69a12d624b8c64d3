"""Keeping what a source said, or that it said nothing; signals are only ever added."""

from datetime import date, datetime

import msgspec
from django.db import transaction

from reviews.models import ListedProduct, Signal, SourceCheck
from reviews.models.signal import ASKED_ANEW
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import HostBusyError, OutsideError, Validators
from reviews.rules.endoflife.lifecycle import Product
from reviews.rules.endoflife.listings import listed_again
from reviews.rules.evidence.collecting import HOLDS_FOR, retry_after
from reviews.rules.matches import Match
from reviews.rules.signals import (
    HOLD,
    Confidence,
    Fact,
    SignalKind,
    Source,
    SourceState,
)
from reviews.services.evidence.keeping import (
    columns_of,
    end_all,
    kept,
    replace_signals,
)
from reviews.services.locks import locked_solution

SIGNALS_LIMIT = 500
"""How many facts of one source are kept for one solution."""

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
    if check.matched_by != match.by.value:
        # How sure the match is has changed, and with it what its facts are worth.
        return Validators()
    return Validators(check.etag, check.last_modified)


def is_same_question(check: SourceCheck, match: Match) -> bool:
    """Return whether a source was asked the same the last time."""
    return (check.subject, check.version) == (
        match.subject[:500],
        _asked_version(match),
    )


@transaction.atomic
def store_answer(
    *, solution_id: int, match: Match, answer: SourceAnswer, today: date, now: datetime
) -> bool:
    """Keep what a source said of a solution; return whether it says anything new."""
    locked_solution(solution_id)
    check = _check(solution_id, match.source)
    facts = list(answer.facts[:SIGNALS_LIMIT])
    asked_anew = bool(check.subject) and not is_same_question(check, match)
    changed = asked_anew and _begin_anew(solution_id, check, match, answer, now)
    if answer.state is SourceState.OK and not answer.unchanged:
        changed = _keep_facts(
            solution_id, match, facts, answer, today, now, asked_anew=asked_anew
        )
    elif answer.state is SourceState.NOT_FOUND and _was_there(check, now):
        changed = _keep_disappearance(solution_id, match, check, answer, today, now)
    if answer.product is not None:
        _keep_product(answer.product, answer.digest, today, now)
    _note_match(check, match)
    if answer.state is not SourceState.OK:
        # "Unchanged" would mean the page that was there before.
        check.etag = check.last_modified = ""
    check.state = answer.state.value
    check.address = answer.address[:1000]
    if not answer.unchanged:
        check.note = answer.note[:500]
    check.error = ""
    check.failures = 0
    check.retry_at = None
    check.asked_at = now
    if answer.state is SourceState.OK:
        check.answered_at = now
        if not answer.unchanged:
            check.etag = kept(answer.validators.etag, 500)
            check.last_modified = kept(answer.validators.last_modified, 100)
            check.raw_hash = answer.digest
    check.save()
    return changed


def _begin_anew(
    solution_id: int,
    check: SourceCheck,
    match: Match,
    answer: SourceAnswer,
    now: datetime,
) -> bool:
    """Forget what belongs to an earlier question; return whether any fact ended."""
    check.answered_at = None
    check.etag = check.last_modified = ""
    # Of another name not even what endures is said; of another version it is.
    is_another = check.subject != match.subject[:500]
    if answer.state is SourceState.OK and not is_another:
        return False
    return end_all(solution_id, match.source, now)


@transaction.atomic
def store_failure(
    *, solution_id: int, match: Match, error: OutsideError, now: datetime
) -> None:
    """Keep that a source could not be asked; what it said before stays as it is."""
    locked_solution(solution_id)
    check = _check(solution_id, match.source)
    # What was answered stays noted with the question that it answered.
    if check.answered_at is None or is_same_question(check, match):
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
    if not check.state or check.state == SourceState.UNSUPPORTED:
        _note_match(check, match)
        check.state = SourceState.FAILED.value
        check.error = str(error)[:500]
    elif check.answered_at is not None and now - check.answered_at > HOLDS_FOR:
        check.state = SourceState.STALE.value
        check.error = str(error)[:500]
    check.retry_at = now + (error.retry_after or retry_after(1, None))
    check.save()


@transaction.atomic
def store_unsupported(
    *, solution_id: int, source: Source, why: str, now: datetime
) -> bool:
    """Keep that a source cannot be asked, and why; return whether any fact ended."""
    locked_solution(solution_id)
    check = _check(solution_id, source)
    if check.state == SourceState.UNSUPPORTED and check.why == why[:500]:
        return False
    ended = end_all(solution_id, source, now)
    check.state = SourceState.UNSUPPORTED.value
    check.answered_at = None
    check.etag = check.last_modified = ""
    check.subject = check.version = check.matched_by = check.error = check.note = ""
    check.why = why[:500]
    check.failures = 0
    check.retry_at = None
    check.save()
    return ended


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
    return replace_signals(
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


def _was_there(check: SourceCheck, now: datetime) -> bool:
    """Return whether a source knew of a solution, and has not for as long as is held."""
    return (
        # A single missing page, after days without an answer, may be a mishap.
        check.state == SourceState.NOT_FOUND
        and check.answered_at is not None
        and now - check.answered_at >= HOLD
    )


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
            **columns_of(fact, answer.address),
        },
    )
    return made


def _keep_product(product: Product, digest: str, today: date, now: datetime) -> None:
    """Keep a product as listed now, with the history that the forecast learns from."""
    row = ListedProduct.objects.filter(name=product.name[:200]).first()
    try:
        before = msgspec.convert(row.cycles, Product) if row else None
    except msgspec.ValidationError:
        # What cannot be read any more is begun anew.
        before = None
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
    """Return which version is asked about, with the ecosystem where it is not plain."""
    version = match.cycle or match.version
    return f"{match.ecosystem} {version}".strip()[:100]


def _note_match(check: SourceCheck, match: Match) -> None:
    check.subject = match.subject[:500]
    check.version = _asked_version(match)
    check.matched_by = match.by.value
    check.why = match.why[:500]
