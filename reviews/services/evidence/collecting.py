"""
Asking the sources about one solution, and keeping what they say.

No transaction is open while a source is asked. Each answer is kept as it comes, so what
a later source does to the worker takes nothing back.
"""

import logging
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime

from reviews.models import Identifier, Signal, Solution, SourceCheck
from reviews.ports.evidence import EvidenceSource
from reviews.ports.outside import HostBusyError, OutsideError
from reviews.queries.assumptions import solutions_assuming_of
from reviews.rules.evidence.collecting import RECENT
from reviews.rules.evidence.matching import Matching, Subject, matching
from reviews.rules.matches import Match
from reviews.rules.signals import SignalKind, Source, SourceState
from reviews.rules.vocabulary import Kind, Scheme
from reviews.services.assumptions import judge_assumptions
from reviews.services.evidence.forecasting import forecast
from reviews.services.evidence.judging import judge_solutions
from reviews.services.evidence.storing import (
    is_same_question,
    known_validators,
    store_answer,
    store_failure,
    store_postponement,
    store_unsupported,
)
from reviews.services.evidence.watching import give_back, note_asked
from reviews.services.flags import Settlement

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Collection:
    """What came of asking about one solution."""

    asked: list[Source] = field(default_factory=list)
    failed: dict[Source, str] = field(default_factory=dict)
    unknown: list[Source] = field(default_factory=list)
    news: bool = False
    settlement: Settlement = field(default_factory=Settlement)


def collect_evidence(
    *,
    solution_id: int,
    sources: Mapping[Source, EvidenceSource],
    today: date,
    now: datetime,
    only: Set[Source] = frozenset(),
    insist: bool = False,
) -> Collection:
    """
    Ask the sources about a solution, keep what they say, and judge it.

    `only` names the sources that are wanted, all if it is empty. With `insist`, those
    too that failed a moment ago are asked again.
    """
    collection = Collection()
    wanted = {
        name: source for name, source in sources.items() if not only or name in only
    }
    matched = matching(subject_of(solution_id))
    _ask_all(wanted, matched, solution_id, collection, today, now, insist=insist)
    if collection.news:
        # What a registry says of a package's repository is known only now.
        matched = matching(subject_of(solution_id))
        _ask_all(wanted, matched, solution_id, collection, today, now, insist=insist)
    if not only:
        news = _keep_unsupported(solution_id, matched, sources, now)
        collection.news = collection.news or news
    if collection.news:
        # Without news the night has judged it already.
        forecast(solution_ids=[solution_id], today=today, now=now)
        collection.settlement = judge_solutions(
            solution_ids=[solution_id], today=today, now=now
        )
        assuming = solutions_assuming_of([solution_id])
        collection.settlement += judge_assumptions(
            solution_ids=sorted({solution_id, *assuming}), today=today, now=now
        )
    if only:
        give_back(solution_id=solution_id)
    else:
        note_asked(solution_id=solution_id, now=now)
    return collection


def subject_of(solution_id: int) -> Subject:
    """Return a solution as the matcher sees it."""
    solution = Solution.objects.get(pk=solution_id)
    identifiers = Identifier.objects.filter(solution_id=solution_id).order_by("pk")
    repositories = (
        Signal.objects.standing()
        .filter(solution_id=solution_id, kind=SignalKind.REPOSITORY.value)
        .order_by("pk")
        .values_list("value", flat=True)
    )
    return Subject(
        kind=Kind(solution.kind),
        name=solution.name,
        key=solution.key,
        version=solution.version,
        homepage=solution.homepage,
        identifiers=tuple((Scheme(row.scheme), row.value) for row in identifiers),
        repositories=tuple(dict.fromkeys(repositories)),
    )


def _ask_all(
    wanted: Mapping[Source, EvidenceSource],
    matched: Matching,
    solution_id: int,
    collection: Collection,
    today: date,
    now: datetime,
    *,
    insist: bool,
) -> None:
    """Ask every source that is wanted and matched, and was not asked yet."""
    for match in matched.matches:
        if match.source in wanted and match.source not in collection.asked:
            source = wanted[match.source]
            _ask(source, match, solution_id, collection, today, now, insist=insist)


def _ask(
    source: EvidenceSource,
    match: Match,
    solution_id: int,
    collection: Collection,
    today: date,
    now: datetime,
    *,
    insist: bool,
) -> None:
    check = SourceCheck.objects.filter(
        solution_id=solution_id, source=match.source.value
    ).first()
    if check is not None and not insist and _can_wait(check, match, now):
        return
    collection.asked.append(match.source)
    try:
        answer = source.ask(match, known_validators(check, match))
    except HostBusyError as error:
        collection.failed[match.source] = str(error)
        store_postponement(solution_id=solution_id, match=match, error=error, now=now)
        return
    except Exception as error:
        if not isinstance(error, OutsideError):
            logger.exception("%s cannot be read for solution %s", source, solution_id)
            error = OutsideError(
                "Its answer could not be read: a fault of the tracker."
            )
        collection.failed[match.source] = str(error)
        store_failure(solution_id=solution_id, match=match, error=error, now=now)
        return
    if answer.state is not SourceState.OK:
        collection.unknown.append(match.source)
    news = store_answer(
        solution_id=solution_id, match=match, answer=answer, today=today, now=now
    )
    collection.news = collection.news or news


def _can_wait(check: SourceCheck, match: Match, now: datetime) -> bool:
    """Return whether a source wants to be left alone, or has just answered this."""
    if check.retry_at is not None:
        return check.retry_at > now
    return (
        check.asked_at is not None
        and check.asked_at > now - RECENT
        and is_same_question(check, match)
    )


def _keep_unsupported(
    solution_id: int,
    matched: Matching,
    sources: Mapping[Source, EvidenceSource],
    now: datetime,
) -> bool:
    """Keep why sources cannot be asked; return whether any fact ended by that."""
    unmatched = {
        each.source: each.why for each in matched.unmatched if each.source in sources
    }
    known = SourceCheck.objects.filter(
        solution_id=solution_id, state=SourceState.UNSUPPORTED.value
    )
    kept = dict(known.values_list("source", "why"))
    ended = [
        store_unsupported(solution_id=solution_id, source=source, why=why, now=now)
        for source, why in unmatched.items()
        if kept.get(source) != why[:500]
    ]
    return any(ended)
