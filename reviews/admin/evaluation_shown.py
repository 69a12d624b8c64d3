"""What an evaluation's own page shows of its parts, each as a list."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviews.admin.evidence_panel import said
from reviews.models import Evaluation
from reviews.queries.assumptions import AssumptionRow, assumptions_of
from reviews.queries.evaluation_parts import (
    AnswerRow,
    AttachmentRow,
    NamedSolution,
    alternatives_of,
    answer_rows,
    attachments_of,
)
from reviews.queries.facts import followable


def answers_shown(evaluation: Evaluation) -> SafeString:
    """Return the questions of the template with what was answered."""
    rows = answer_rows(evaluation)
    if not rows:
        return format_html("{}", "No template was filled in.")
    items = (_answer(row) for row in rows)
    return format_html("<p>Template {}</p>{}", evaluation.template, _listed(items))


def alternatives_shown(evaluation: Evaluation) -> SafeString:
    """Return the registered solutions that were looked at, and the names of others."""
    compared = alternatives_of([evaluation.pk]).get(evaluation.pk, ())
    named = (format_html("{}", name) for name in map(str, evaluation.alternatives))
    return _listed([*(solution_link(each) for each in compared), *named])


def assumptions_shown(evaluation: Evaluation) -> SafeString:
    """Return what would reopen the evaluation, and what of it has come true."""
    rows = assumptions_of([evaluation.pk]).get(evaluation.pk, ())
    return _listed(_assumption(row) for row in rows)


def attachments_shown(evaluation: Evaluation) -> SafeString:
    """Return the documents, each with the day it speaks of and that of the upload."""
    rows = attachments_of([evaluation.pk]).get(evaluation.pk, ())
    return _listed(_attachment(row) for row in rows)


def reaffirms_shown(evaluation: Evaluation) -> SafeString:
    """Return what the evaluation repeats, if it repeats one."""
    if evaluation.reaffirms_id is None:
        return format_html("{}", "Nothing: it is a review of its own.")
    return format_html(
        '<a href="{}">Evaluation {}</a>, because nothing material had changed since.',
        reverse("admin:reviews_evaluation_change", args=[evaluation.reaffirms_id]),
        evaluation.reaffirms_id,
    )


def solution_link(named: NamedSolution) -> SafeString:
    """Return a solution as a link to its page, with its state."""
    return format_html(
        '<a href="{}">{}</a> ({})',
        reverse("solution", args=[named.slug]),
        named.name,
        named.state,
    )


def _answer(row: AnswerRow) -> SafeString:
    note = format_html(": {}", said(row.note)) if row.note else ""
    return format_html("{} <strong>{}</strong>{}", row.question, row.answer, note)


def _assumption(row: AssumptionRow) -> SafeString:
    today = timezone.localdate()
    note = format_html(" ({})", said(row.note)) if row.note else ""
    since = row.broken_since(today)
    broken = (
        format_html(' <span class="badge is-overdue">came true on {}</span>', since)
        if since
        else ""
    )
    return format_html("{}{}{}", said(row.sentence), note, broken)


def _attachment(row: AttachmentRow) -> SafeString:
    address = followable(row.url) if row.url else row.address
    title = (
        format_html('<a href="{}" rel="noopener noreferrer">{}</a>', address, row.title)
        if address
        else format_html("{}", row.title)
    )
    file = (
        format_html(" ({}, {} bytes)", said(row.file_name), f"{row.size:,}")
        if row.file_name
        else ""
    )
    return format_html(
        "{}{}, speaks of {}, added on {}",
        title,
        file,
        row.effective_on,
        timezone.localdate(row.added_at),
    )


def _listed(items: Iterable[SafeString]) -> SafeString:
    lines = format_html_join("", "<li>{}</li>", ((item,) for item in items))
    if not lines:
        return format_html("{}", "none")
    return format_html('<ul class="plain">{}</ul>', lines)
