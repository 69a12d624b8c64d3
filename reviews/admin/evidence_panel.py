"""What the sources say of a solution, for the forms beside which somebody judges it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviews.models import Solution
from reviews.queries.evidence import (
    ChangeRow,
    Disagreement,
    SourceRow,
    evidence_of,
)
from reviews.queries.facts import FactRow
from reviews.rules.evidence.notes import Note

LINES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class EvidencePanel:
    """
    A solution's evidence; `changed` says what there is to compare it with.

    What is left out of `facts` and `changes` stands on the list at `all_signals`.
    """

    of: str
    is_known: bool
    changed: str
    changes: tuple[ChangeRow, ...]
    notes: tuple[Note, ...]
    disagreements: tuple[Disagreement, ...]
    facts: tuple[FactRow, ...]
    is_cut: bool
    sources: tuple[SourceRow, ...]
    all_signals: str


def evidence_panel(solution: Solution) -> EvidencePanel:
    """Return what is known of a solution from outside."""
    evidence = evidence_of(solution, today=timezone.localdate())
    count = max(len(evidence.facts) + evidence.left_out, len(evidence.changes))
    listed = reverse("admin:reviews_signal_changelist")
    return EvidencePanel(
        of=solution.name,
        is_known=evidence.is_known,
        changed=_changed(solution, evidence.since, len(evidence.changes)),
        changes=evidence.changes[:LINES_SHOWN],
        notes=evidence.notes,
        disagreements=evidence.disagreements,
        facts=evidence.facts[:LINES_SHOWN],
        is_cut=count > LINES_SHOWN,
        sources=evidence.sources,
        all_signals=f"{listed}?solution={solution.pk}",
    )


def _changed(solution: Solution, since: int | None, changes: int) -> str:
    if since is None:
        return "It was never evaluated, so there is nothing to compare with."
    evaluation = f"the evaluation of {solution.last_evaluated_on}"
    if not changes:
        return f"Nothing that anybody said has changed since {evaluation}."
    return f"Compared with what {evaluation} rested on:"


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
        '<a href="{}">{}</a> {}: {} ({}, {}, fetched {})',
        page,
        row.kind_name,
        said(row.subject),
        said(row.value or "no value"),
        source_link(row),
        row.certainty,
        row.fetched_at.strftime("%Y-%m-%d %H:%M %Z"),
    )
