"""Reading what the rules on evidence need to know of many solutions, in a few queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import F, Value

from reviews.models import Cover, Ground, Signal, Solution
from reviews.queries.log import evaluations_in_effect
from reviews.rules.evidence.findings import Situation, StandingSignal
from reviews.rules.signals import Confidence, Fact, Severity, SignalKind, Source
from reviews.rules.vocabulary import CoverKind, Kind, Verdict


@dataclass(frozen=True, slots=True)
class Read:
    """
    A solution's situation: as its sources have it, and as they had it before the hold.

    `held` is the same as `now` unless something ended within the hold. `evaluation_id` is
    the evaluation in effect.
    """

    now: Situation
    held: Situation
    evaluation_id: int | None


def read_situations(solution_ids: Sequence[int], now: datetime) -> dict[int, Read]:
    """Return the situations of solutions, by id; of those that are in the register."""
    standing, held = _signals(solution_ids, now)
    told = [id for id in solution_ids if id in standing or id in held]
    standing_ids = evaluations_in_effect(told)
    grounds = rested_on(standing_ids.values())
    situations = {}
    for id, kind, state, evaluated_on in Solution.objects.filter(
        pk__in=solution_ids
    ).values_list("pk", "kind", "state", "last_evaluated_on"):
        evaluation_id = standing_ids.get(id)
        rested = grounds.get(evaluation_id or 0, ())
        current = Situation(
            kind=Kind(kind),
            signals=tuple(standing.get(id, ())),
            verdict=Verdict(state) if evaluated_on else None,
            evaluated_on=evaluated_on,
            rested_on=tuple(rested),
        )
        situations[id] = Read(
            now=current,
            held=replace(current, signals=_as_before(standing.get(id, ()), held[id]))
            if id in held
            else current,
            evaluation_id=evaluation_id,
        )
    return situations


def standing_signals(
    solution_ids: Collection[int],
) -> Mapping[int, list[StandingSignal]]:
    """Return what the sources say of solutions now, by the solution."""
    standing: dict[int, list[StandingSignal]] = defaultdict(list)
    rows = Signal.objects.filter(solution_id__in=solution_ids).standing()
    for row in rows.order_by("pk").values_list(*_COLUMNS):
        standing[row[0]].append(_standing_signal(*row[1:]))
    return standing


def called_wrong(
    solution_ids: Collection[int],
) -> Mapping[int, list[StandingSignal]]:
    """Return what overrides that have not ended call wrong, by the solution."""
    wrong: dict[int, list[StandingSignal]] = defaultdict(list)
    columns = (f"signal__{column}" for column in _COLUMNS[1:])
    rows = Cover.signals.through._default_manager.filter(
        cover__kind=CoverKind.OVERRIDE.value,
        cover__ended_at=None,
        cover__flag__solution_id__in=solution_ids,
    )
    for solution_id, *signal in rows.values_list("cover__flag__solution_id", *columns):
        wrong[solution_id].append(_standing_signal(*signal))
    return wrong


def rested_and_wrong(
    evaluation_ids: Collection[int], solution_ids: Collection[int]
) -> tuple[Mapping[int, list[StandingSignal]], Mapping[int, list[StandingSignal]]]:
    """
    Return what `rested_on` and `called_wrong` return, in one query.

    A page of the queue asks for both, and has few queries to spare.
    """
    rested: dict[int, list[StandingSignal]] = defaultdict(list)
    wrong: dict[int, list[StandingSignal]] = defaultdict(list)
    columns = [f"signal__{column}" for column in _COLUMNS[1:]]
    grounds = Ground.objects.filter(evaluation_id__in=evaluation_ids)
    covers = Cover.signals.through._default_manager.filter(
        cover__kind=CoverKind.OVERRIDE.value,
        cover__ended_at=None,
        cover__flag__solution_id__in=solution_ids,
    )
    rows = (
        grounds.annotate(is_wrong=Value(0), of=F("evaluation_id"))
        .values_list("is_wrong", "of", *columns)
        .union(
            covers.annotate(
                is_wrong=Value(1), of=F("cover__flag__solution_id")
            ).values_list("is_wrong", "of", *columns),
            all=True,
        )
    )
    for is_wrong, of, *signal in rows:
        (wrong if is_wrong else rested)[of].append(_standing_signal(*signal))
    return rested, wrong


def _signals(
    solution_ids: Sequence[int], now: datetime
) -> tuple[dict[int, list[StandingSignal]], dict[int, list[StandingSignal]]]:
    standing: dict[int, list[StandingSignal]] = defaultdict(list)
    held: dict[int, list[StandingSignal]] = defaultdict(list)
    rows = Signal.objects.filter(solution_id__in=solution_ids).order_by("pk")
    for queryset, into in ((rows.standing(), standing), (rows.held_at(now), held)):
        # Plain rows: for a whole register, objects would take twice the time.
        for row in queryset.values_list(*_COLUMNS):
            into[row[0]].append(_standing_signal(*row[1:]))
    return dict(standing), dict(held)


_COLUMNS = (
    "solution_id",
    "id",
    "source",
    "kind",
    "subject",
    "value",
    "effective_on",
    "confidence",
    "severity",
    "replacement",
    "aliases",
    "fixed_in",
    "quote",
    "source_url",
    "published_on",
    "verified",
    "supersedes__effective_on",
    "supersedes__supersedes__effective_on",
)


def _standing_signal(
    id: int,
    source: str,
    kind: str,
    subject: str,
    value: str,
    effective_on: date | None,
    confidence: str,
    severity: str,
    replacement: str,
    aliases: list[str],
    fixed_in: str,
    quote: str,
    source_url: str,
    published_on: date,
    verified: bool,
    day_before: date | None,
    day_before_that: date | None,
) -> StandingSignal:
    return StandingSignal(
        id=id,
        source=Source(source),
        fact=Fact(
            kind=SignalKind(kind),
            value=value,
            subject=subject,
            effective_on=effective_on,
            confidence=Confidence(confidence),
            address=source_url,
            severity=Severity(severity) if severity else None,
            replacement=replacement,
            aliases=tuple(aliases),
            fixed_in=fixed_in,
            quote=quote,
        ),
        first_seen_on=published_on,
        verified=verified,
        # The row before may differ in something else than its day.
        moved_from=day_before_that if day_before == effective_on else day_before,
    )


def _as_before(
    standing: Iterable[StandingSignal], held: Iterable[StandingSignal]
) -> tuple[StandingSignal, ...]:
    """Return the signals with what ended within the hold in the place of what is now."""
    before: dict[str, StandingSignal] = {}
    for signal in held:
        before.setdefault(signal.key, signal)
    now = (signal for signal in standing if signal.key not in before)
    return (*now, *before.values())


def rested_on(
    evaluation_ids: Iterable[int],
) -> Mapping[int, list[StandingSignal]]:
    """Return what evaluations rested on, by the evaluation."""
    rested: dict[int, list[StandingSignal]] = defaultdict(list)
    columns = (f"signal__{column}" for column in _COLUMNS[1:])
    rows = Ground.objects.filter(evaluation_id__in=list(evaluation_ids))
    for evaluation_id, *signal in rows.values_list("evaluation_id", *columns):
        rested[evaluation_id].append(_standing_signal(*signal))
    return rested


def overridden_signals(
    cover_ids: Iterable[int],
) -> Mapping[int, list[StandingSignal]]:
    """Return what covers were told of: what overrides call wrong, waivers accept."""
    signals: dict[int, list[StandingSignal]] = defaultdict(list)
    columns = (f"signal__{column}" for column in _COLUMNS[1:])
    link = Cover.signals.through
    rows = link._default_manager.filter(cover_id__in=list(cover_ids))
    for cover_id, *signal in rows.values_list("cover_id", *columns):
        signals[cover_id].append(_standing_signal(*signal))
    return signals
