"""
What the sources say of a solution, as frozen rows: now, earlier, and against each other.

Reads only. The facts themselves are rows of `queries.facts`; what they ask for is in the
flags that the rules opened.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never

from django.db.models import Count, Exists, OuterRef, Q

from reviews.models import Signal, Solution, SourceCheck
from reviews.models.choices import KINDS
from reviews.queries.facts import (
    KIND_NAMES,
    SOURCE_NAMES,
    FactRow,
    grounds_of,
    read_facts,
    reading_order,
)
from reviews.queries.home import NOT_RETIRED, Filter
from reviews.queries.log import evaluations_in_effect
from reviews.queries.situations import called_wrong
from reviews.rules.covers import says_otherwise
from reviews.rules.evidence.collecting import HOLDS_FOR
from reviews.rules.evidence.findings import Situation, StandingSignal
from reviews.rules.evidence.materiality import Change, weigh
from reviews.rules.evidence.notes import Note, notes
from reviews.rules.signals import Fact, Severity, SignalKind, Source, SourceState
from reviews.rules.vocabulary import Kind

FACTS_LIMIT = 200
"""How many of a solution's facts are shown at once."""

EVERYTHING = Filter()

_SOLUTION_KINDS = dict(KINDS)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """How a source stands to a solution; nothing it does not say is taken for good."""

    source: str
    source_name: str
    state: str
    subject: str
    matched_by: str
    why: str
    address: str
    asked_at: datetime | None
    answered_at: datetime | None
    note: str
    error: str
    is_recent: bool

    @property
    def is_asked(self) -> bool:
        """Whether it is one of those that could know of the solution at all."""
        return self.state != SourceState.UNSUPPORTED or bool(self.subject)

    @property
    def answers(self) -> bool:
        """Whether what it says, and does not say, is known."""
        return self.state == SourceState.OK and self.is_recent

    @property
    def standing(self) -> str:
        """Return how it stands, in words."""
        state = SourceState(self.state)
        match state:
            case SourceState.OK if not self.is_recent:
                return "unknown by now: it was not asked lately"
            case SourceState.OK:
                return "answers"
            case SourceState.NOT_FOUND:
                return "unknown: it lists nothing under this name"
            case SourceState.FAILED:
                return "unknown: it could not be asked"
            case SourceState.UNSUPPORTED:
                return "unknown: it does not say" if self.subject else "not asked"
            case SourceState.STALE:
                return "unknown by now: it could not be asked lately"
            case _:
                assert_never(state)

    @property
    def reason(self) -> str:
        """Return what there is to add to that, from whoever asked or the source."""
        if self.state == SourceState.UNSUPPORTED:
            return self.note or self.why
        return self.error or self.note


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """
    What one source says otherwise since an evaluation.

    `before` is what the evaluation rested on, None for what is new; `after` is what is
    said now, None for what is no longer said. `is_material` says whether it takes a full
    review, and `why` why that is or is not so. `is_overridden` marks what would, if an
    override did not call it wrong.
    """

    before: FactRow | None
    after: FactRow | None
    is_material: bool
    why: str
    is_overridden: bool = False

    @property
    def fact(self) -> FactRow:
        """Return what is said now, or else what was said last."""
        fact = self.after or self.before
        # Whoever makes a change has one of the two at least.
        assert fact is not None  # noqa: S101
        return fact

    @property
    def what(self) -> str:
        """Return in a word what has happened."""
        if self.before is None:
            return "new"
        return "no longer said" if self.after is None else "changed"

    @property
    def differences(self) -> tuple[tuple[str, str, str], ...]:
        """Return what is said otherwise: its name, what it was and what it is."""
        if self.before is None or self.after is None:
            return ()
        pairs = zip(_SAID, _says(self.before), _says(self.after), strict=True)
        return tuple(
            (name, _in_words(before), _in_words(after))
            for name, before, after in pairs
            if before != after
        )


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Sources that give different values for the same."""

    kind: str
    kind_name: str
    subject: str
    facts: tuple[FactRow, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    All that is known from outside of a solution.

    `left_out` is how many facts there are beyond those in `facts`. `since` is the
    evaluation in effect that `changes` count from, None where there is none: then
    nothing has changed since.
    """

    facts: tuple[FactRow, ...]
    left_out: int
    sources: tuple[SourceRow, ...]
    disagreements: tuple[Disagreement, ...]
    since: int | None
    changes: tuple[ChangeRow, ...]
    notes: tuple[Note, ...]

    @property
    def is_known(self) -> bool:
        """Return whether at least one source answers."""
        return any(row.answers for row in self.sources)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many solutions of a kind at least one source answers for."""

    kind: str
    kind_name: str
    covered: int
    total: int


def evidence_of(solution: Solution, *, today: date) -> Evidence:
    """Return what the sources say of a solution, and what is of note on a day."""
    standing = Signal.objects.filter(solution=solution).standing()
    facts = sorted(read_facts(standing), key=reading_order)
    sources = _sources(solution, today)
    since = evaluations_in_effect([solution.pk]).get(solution.pk)
    wrong = called_wrong([solution.pk]).get(solution.pk, ()) if since else ()
    unknown = () if _flaws_are_known(solution, sources, facts) else (_FLAWS_UNKNOWN,)
    return Evidence(
        facts=tuple(facts[:FACTS_LIMIT]),
        left_out=max(len(facts) - FACTS_LIMIT, 0),
        sources=sources,
        disagreements=_disagreements(facts),
        since=since,
        changes=changes_since(since, facts, wrong) if since else (),
        notes=(*unknown, *notes(_situation(solution, facts), today)),
    )


def changes_since(
    evaluation_id: int,
    facts: Iterable[FactRow],
    wrong: Sequence[StandingSignal] = (),
) -> tuple[ChangeRow, ...]:
    """
    Return how the facts of now differ from those that an evaluation rested on.

    What overrides call `wrong` is not material.
    """
    grounds = grounds_of(evaluation_id)
    rested = {(row.source, _same(row)): row for row in grounds}
    pairs: list[tuple[FactRow | None, FactRow | None]] = []
    for fact in facts:
        before = rested.pop((fact.source, _same(fact)), None)
        if before is None or _says(before) != _says(fact):
            pairs.append((before, fact))
    pairs += ((before, None) for before in rested.values())
    known = [_signal(row) for row in grounds]
    changes = (_change(before, after, known) for before, after in pairs)
    return tuple(_overridden(change, wrong) for change in changes)


def _overridden(change: ChangeRow, wrong: Sequence[StandingSignal]) -> ChangeRow:
    """Return a change, no longer material if an override calls what is said wrong."""
    if change.after is None or not change.is_material:
        return change
    if says_otherwise([_signal(change.after)], wrong):
        return change
    return replace(change, is_material=False, is_overridden=True)


def _change(
    before: FactRow | None, after: FactRow | None, rested_on: Sequence[StandingSignal]
) -> ChangeRow:
    change = Change(
        _signal(before) if before else None, _signal(after) if after else None
    )
    weighed = weigh(change, rested_on)
    return ChangeRow(before, after, weighed.is_material, weighed.why)


def coverage(narrowed: Filter = EVERYTHING, *, now: datetime) -> tuple[Coverage, ...]:
    """
    Return for each kind how many solutions at least one source answers for.

    An answer of more than two weeks ago is none any more. What is retired is left out,
    and so is a kind of which there is nothing.
    """
    answering = SourceCheck.objects.filter(
        solution=OuterRef("pk"),
        state=SourceState.OK.value,
        answered_at__gte=now - HOLDS_FOR,
    )
    found = Solution.objects.filter(NOT_RETIRED)
    if narrowed.team is not None:
        found = found.filter(team=narrowed.team.id)
    if narrowed.owner is not None:
        found = found.filter(owner=narrowed.owner.id)
    rows = found.values("kind").annotate(
        total=Count("pk"), covered=Count("pk", filter=Q(Exists(answering)))
    )
    counted = {row["kind"]: (row["covered"], row["total"]) for row in rows}
    return tuple(
        Coverage(kind.value, _SOLUTION_KINDS[kind.value], *counted[kind.value])
        for kind in Kind
        if kind.value in counted
    )


_FLAWS_UNKNOWN = Note(
    "Whether the version in use has known flaws is unknown: no source that could tell "
    "answers for it.",
    Severity.INFO,
    (),
)


def _flaws_are_known(
    solution: Solution, sources: Iterable[SourceRow], facts: Iterable[FactRow]
) -> bool:
    """Return whether a source answers that tells flaws of the version in use."""
    answering = {row.source for row in sources if row.answers}
    if solution.kind != Kind.PACKAGE or not answering:
        # Then it goes without saying, or is said of everything at once.
        return True
    if answering & {Source.OSV.value, Source.DEPS_DEV.value}:
        return True
    # PyPI tells those of its latest version alone.
    told = {row.kind: row.value for row in facts if row.source == Source.PYPI}
    latest = told.get(SignalKind.LATEST_RELEASE.value)
    return (
        Source.PYPI.value in answering
        and latest is not None
        and latest == told.get(SignalKind.ADOPTED_RELEASE.value)
    )


def _situation(solution: Solution, facts: Iterable[FactRow]) -> Situation:
    signals = tuple(_signal(row) for row in facts)
    return Situation(kind=Kind(solution.kind), signals=signals)


def _signal(row: FactRow) -> StandingSignal:
    return StandingSignal(
        id=row.id,
        source=Source(row.source),
        fact=Fact(
            SignalKind(row.kind),
            row.value,
            row.subject,
            row.effective_on,
            address=row.source_url,
            severity=Severity(row.severity) if row.severity else None,
            replacement=row.replacement,
            aliases=row.aliases,
            fixed_in=row.fixed_in,
            quote=row.quote,
        ),
        first_seen_on=row.published_on,
        verified=row.verified,
    )


def _sources(solution: Solution, today: date) -> tuple[SourceRow, ...]:
    since = today - HOLDS_FOR
    order = {source: place for place, source in enumerate(SOURCE_NAMES)}
    checks = SourceCheck.objects.filter(solution=solution)
    return tuple(
        SourceRow(
            source=check.source,
            source_name=SOURCE_NAMES[check.source],
            state=check.state,
            subject=check.subject,
            matched_by=check.matched_by,
            why=check.why,
            address=check.address,
            asked_at=check.asked_at,
            answered_at=check.answered_at,
            note=check.note,
            error=check.error,
            is_recent=check.answered_at is not None
            and check.answered_at.date() >= since,
        )
        for check in sorted(checks, key=lambda check: order[check.source])
    )


def _disagreements(facts: Iterable[FactRow]) -> tuple[Disagreement, ...]:
    told: dict[tuple[str, str], list[FactRow]] = defaultdict(list)
    for fact in facts:
        if fact.kind in _COMPARABLE:
            told[fact.kind, fact.subject].append(fact)
    return tuple(
        Disagreement(kind, KIND_NAMES[kind], subject, tuple(rows))
        for (kind, subject), rows in told.items()
        if len({_compared(row) for row in rows}) > 1
    )


# Kinds of which two sources ought to say the same.
_COMPARABLE = frozenset(
    {
        SignalKind.LATEST_RELEASE.value,
        SignalKind.ADOPTED_RELEASE.value,
        SignalKind.LICENCE.value,
        SignalKind.REPOSITORY.value,
        SignalKind.END_OF_LIFE.value,
    }
)


def _compared(row: FactRow) -> str:
    return row.value.casefold().removeprefix("v").rstrip("/")


def _same(row: FactRow) -> str:
    """Return what makes it the same fact as an earlier one of its source."""
    kind = SignalKind(row.kind)
    return Fact(kind, row.value, row.subject, aliases=row.aliases).key


_SAID = ("value", "from", "severity", "replacement", "fixed in")


def _says(row: FactRow) -> tuple[object, ...]:
    return (row.value, row.effective_on, row.severity, row.replacement, row.fixed_in)


def _in_words(value: object) -> str:
    return "nothing" if value in (None, "") else str(value)
