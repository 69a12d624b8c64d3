"""What the sources say of a solution, as its page tells it: in words, and never as markup."""

from dataclasses import dataclass
from datetime import date, datetime

from reviews.pages.wording import ago, counted
from reviews.queries.evidence import ChangeRow, Disagreement, Evidence, SourceRow
from reviews.queries.evidence_words import compared
from reviews.queries.facts import FactRow, followable
from reviews.rules.evidence.notes import Note
from reviews.rules.signals import Severity, SourceState

CHANGES_SHOWN = 50

SEVERITY_TONES = {
    "": "calm",
    Severity.INFO.value: "calm",
    Severity.LOW.value: "calm",
    Severity.MEDIUM.value: "warn",
    Severity.HIGH.value: "bad",
    Severity.CRITICAL.value: "bad",
}
"""The tone of a severity; its word always stands beside it."""

_SOURCE_TONES = {
    SourceState.OK.value: "good",
    SourceState.NOT_FOUND.value: "warn",
    SourceState.FAILED.value: "bad",
    SourceState.UNSUPPORTED.value: "calm",
    SourceState.STALE.value: "bad",
}


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact, and how long ago it was fetched."""

    row: FactRow
    tone: str
    fetched: str
    quote: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source, how it stands, and how long ago it last answered."""

    row: SourceRow
    tone: str
    link: str
    answered: str


@dataclass(frozen=True, slots=True)
class EvidenceSection:
    """
    All that the page tells of a solution's evidence.

    `known` says whether anything is known at all, `changed` what there is to compare the
    evidence with, or that nothing has changed. `not_asked` are the sources that could not
    know of such a solution, `all_signals` is where earlier ones are listed too, empty for who may not
    read them there.
    """

    is_known: bool
    known: str
    facts: list[FactLine]
    left_out: int
    sources: list[SourceLine]
    not_asked: list[SourceRow]
    notes: tuple[Note, ...]
    disagreements: tuple[Disagreement, ...]
    changed: str
    changes: tuple[ChangeRow, ...]
    changes_left_out: int
    all_signals: str


def evidence_section(
    evidence: Evidence, *, evaluated_on: date | None, all_signals: str, now: datetime
) -> EvidenceSection:
    """Return what the page tells; `evaluated_on` is the day of the last evaluation."""
    comparison = compared(evidence, evaluated_on)
    # What takes a full review comes first: a long list is cut.
    changes = sorted(
        comparison.changes,
        key=lambda change: (not change.is_material, not change.is_overridden),
    )
    return EvidenceSection(
        is_known=evidence.is_known,
        known=_known(evidence),
        facts=[fact_line(row, now) for row in evidence.facts],
        left_out=evidence.left_out,
        sources=[_source_line(row, now) for row in evidence.sources if row.is_asked],
        not_asked=[row for row in evidence.sources if not row.is_asked],
        notes=evidence.notes,
        disagreements=evidence.disagreements,
        changed=comparison.said,
        changes=tuple(changes[:CHANGES_SHOWN]),
        changes_left_out=max(len(changes) - CHANGES_SHOWN, 0),
        all_signals=all_signals,
    )


def fact_line(row: FactRow, now: datetime) -> FactLine:
    """Return a fact with the words that belong to it."""
    return FactLine(
        row=row,
        tone=SEVERITY_TONES[row.severity],
        fetched=ago(now - row.fetched_at),
        quote="" if row.quote == row.value else row.quote,
    )


def _source_line(row: SourceRow, now: datetime) -> SourceLine:
    return SourceLine(
        row=row,
        tone=_SOURCE_TONES[row.state],
        link=followable(row.address),
        answered=ago(now - row.answered_at) if row.answered_at else "never",
    )


def _known(evidence: Evidence) -> str:
    """Return whether anything is known; what nobody answers for is never healthy."""
    if not evidence.sources:
        return "Unknown: no source answers for it. Nobody has asked yet."
    if not evidence.is_known:
        return (
            "Unknown: no source answers for it. That nothing is said against it means "
            "nothing."
        )
    answering = sum(row.answers for row in evidence.sources)
    asked = sum(row.is_asked for row in evidence.sources)
    silent = asked - answering
    said = f"{counted(answering, 'source answers', 'sources answer')} for it."
    if not silent:
        return said
    return f"{said} What {counted(silent, 'other')} would say is unknown."
