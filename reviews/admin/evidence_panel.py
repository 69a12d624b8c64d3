"""What the sources say of a solution, for the forms beside which somebody judges it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviews.admin.flag_lines import FlagLine, flag_lines
from reviews.models import Solution
from reviews.queries.evidence import (
    ChangeRow,
    Disagreement,
    SourceRow,
    evidence_of,
)
from reviews.queries.evidence_words import compared
from reviews.queries.facts import FactRow
from reviews.rules.evidence.notes import Note

LINES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class EvidencePanel:
    """
    A solution's evidence; `changed` says what there is to compare it with.

    What is left out of `facts` and `changes` stands on the list at `all_signals`.
    `changed_ids` are those of the facts that differ from what the last evaluation knew.
    """

    of: str
    flags: list[FlagLine]
    is_known: bool
    changed: str
    changes: tuple[ChangeRow, ...]
    notes: tuple[Note, ...]
    disagreements: tuple[Disagreement, ...]
    facts: tuple[FactRow, ...]
    changed_ids: frozenset[int]
    is_cut: bool
    sources: list[SourceRow]
    not_asked: list[SourceRow]
    all_signals: str


def evidence_panel(solution: Solution) -> EvidencePanel:
    """Return what is known of a solution from outside."""
    today = timezone.localdate()
    evidence = evidence_of(solution, today=today)
    comparison = compared(evidence, solution.last_evaluated_on)
    count = max(len(evidence.facts) + evidence.left_out, len(comparison.changes))
    listed = reverse("admin:reviews_signal_changelist")
    return EvidencePanel(
        of=solution.name,
        flags=flag_lines(solution, today),
        is_known=evidence.is_known,
        changed=comparison.said,
        changes=comparison.changes[:LINES_SHOWN],
        notes=evidence.notes,
        disagreements=evidence.disagreements,
        facts=evidence.facts[:LINES_SHOWN],
        changed_ids=frozenset(
            change.after.id for change in comparison.changes if change.after
        ),
        is_cut=count > LINES_SHOWN,
        sources=[row for row in evidence.sources if row.is_asked],
        not_asked=[row for row in evidence.sources if not row.is_asked],
        all_signals=f"{listed}?solution={solution.pk}",
    )


def said(text: str) -> SafeString:
    """Return a stranger's text as it stands, its direction of writing kept to itself."""
    return format_html('<bdi class="said">{}</bdi>', text)


def source_link(row: FactRow) -> SafeString:
    """Return the name of a fact's source, as a link where one may be followed."""
    if not row.link:
        return format_html("{}", row.source_name)
    return format_html(
        '<a href="{}" rel="noopener noreferrer">{}</a>', row.link, row.source_name
    )


def fact_lines(rows: list[FactRow]) -> SafeString:
    """Return facts as a list: each with its value, its source and when it was fetched."""
    if not rows:
        return format_html("{}", "none")
    items = format_html_join("", "<li>{}</li>", ((_fact_line(row),) for row in rows))
    return format_html('<ul class="plain">{}</ul>', items)


def _fact_line(row: FactRow) -> SafeString:
    page = reverse("admin:reviews_signal_change", args=[row.id])
    return format_html(
        '<a href="{}">{}</a>{}: {}{} ({}, {}, fetched {})',
        page,
        row.kind_name,
        format_html(" {}", said(row.subject)) if row.subject else "",
        said(row.value or "no value"),
        _more(row),
        source_link(row),
        row.certainty,
        row.fetched_at.strftime("%Y-%m-%d %H:%M %Z"),
    )


def _more(row: FactRow) -> SafeString:
    """Return what belongs to a value, without the day that the value already is."""
    day = row.effective_on.isoformat() if row.effective_on else ""
    parts = [
        ("from", "" if day == row.value else day),
        ("severity", row.severity),
        ("instead", row.replacement),
        ("fixed in", row.fixed_in),
    ]
    told = ((name, said(text)) for name, text in parts if text)
    return format_html_join("", ", {} {}", told)
