"""A solution's own page: what it is, how it stands, and all that was said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reviews.pages import wording
from reviews.pages.decision_forms import proposal_forms
from reviews.pages.evidence import (
    SEVERITY_TONES,
    FactLine,
    evidence_section,
    fact_line,
)
from reviews.pages.shell import admin_link, evaluation_url, frame, link, visitor
from reviews.pages.still_true import reaffirmation
from reviews.pages.ticket_lines import TicketLine, ticket_line
from reviews.queries.assumptions import AssumptionRow
from reviews.queries.covers import CoverRow
from reviews.queries.evaluation_parts import AttachmentRow
from reviews.queries.facts import followable, host_of
from reviews.queries.queue_order import Show, Whose
from reviews.queries.solution_log import EvaluationRow
from reviews.queries.solution_page import (
    ChangeRow,
    OpenFlag,
    SolutionPage,
    solution_page,
)
from reviews.rules import markdown
from reviews.rules.access import Actor, Permission, may, may_enter_admin
from reviews.rules.staleness import freshness
from reviews.rules.vocabulary import Freshness

_IN_QUEUE = urlencode({"whose": Whose.ALL.value})


@dataclass(frozen=True, slots=True)
class Question:
    """
    An open flag in words, with the facts that it rests on, and what covers it.

    `end_at` is where that is ended early, empty where nothing is to be ended.
    """

    action: str
    due_on: date
    due: str
    tone: str
    reason: str
    severity: str
    severity_tone: str
    link: str
    host: str
    facts: list[FactLine]
    cover: CoverRow | None
    climb: str = ""
    end_at: str = ""
    ticket: TicketLine | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """Where a decision that is taken on this page leads to."""

    onward: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A line of the log, its rationale as safe HTML."""

    row: EvaluationRow
    tone: str
    standing: str
    standing_tone: str
    rationale: SafeString
    alternatives: str
    assumptions: list[tuple[AssumptionRow, date | None]]
    attachments: list[tuple[AttachmentRow, str]]


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the history, its details in words."""

    row: ChangeRow
    details: list[tuple[str, str]]


@login_required
@never_cache
@require_safe
def solution(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    page = solution_page(slug, today=today)
    if page is None:
        raise Http404
    actor = visitor(request)
    standing = freshness(
        verdict=page.verdict, next_review_on=page.next_review_on, today=today
    )
    context = {
        "page": page,
        "pending": [judgement_line(row, today) for row in page.pending],
        "forms": proposal_forms(page, actor),
        "way": Way(onward=reverse("solution", args=[page.slug])),
        "is_waiting": _waits(page, standing, today),
        "reaffirmation": reaffirmation(
            page, actor, query=_IN_QUEUE, today=today, now=now
        ),
        "tone": wording.TONES[page.state],
        "freshness": wording.freshness_words(standing),
        "freshness_tone": wording.freshness_tone(standing),
        "clock": wording.clock_sentence(
            verdict=page.verdict,
            last_evaluated_on=page.last_evaluated_on,
            next_review_on=page.next_review_on,
            pulled_by=page.pulled_by,
            today=today,
        ),
        "homepage": followable(page.homepage),
        "questions": _questions(page, actor, now),
        "evidence": evidence_section(
            page.evidence,
            evaluated_on=page.last_evaluated_on,
            all_signals=_all_signals(page, actor),
            now=now,
        ),
        "signals_of_api": _signals_of_api(page),
        "identifiers": [
            (wording.titled(scheme), value) for scheme, value in page.identifiers
        ],
    }
    context |= _past(page, today) | _doors(page, actor)
    return render(request, "solution.html", frame(actor) | context)


def _past(page: SolutionPage, today: date) -> dict[str, Any]:
    """Return the log and the history; what awaits a decision is shown whole above."""
    return {
        "judgements": [
            judgement_line(row, today)
            for row in page.evaluations.rows
            if not row.is_pending
        ],
        "events": [Event(row, _details(row.details)) for row in page.history.rows],
    }


def _questions(page: SolutionPage, actor: Actor, now: datetime) -> list[Question]:
    today = timezone.localdate(now)
    back = reverse("solution", args=[page.slug])
    return [
        question_line(
            flag,
            today,
            now,
            end_at=_end_at(page, flag, actor),
            ticket=ticket_line(
                flag, team_id=page.team.id, actor=actor, back=back, today=today
            ),
        )
        for flag in page.flags
    ]


def _doors(page: SolutionPage, actor: Actor) -> dict[str, str]:
    """Return the addresses of what this visitor may do here, and of whose it is."""
    here = reverse("solution", args=[page.slug])
    doors = {"queue_url": _queue_url(page)}
    if may(actor, Permission.EVALUATE, page.team.id):
        doors["log_url"] = evaluation_url(page.id, here)
        doors["edit_url"] = admin_link("solution", page.id)
    if page.team.slug:
        narrowed = urlencode({"team": page.team.slug})
        doors["team_url"] = f"{reverse('solutions')}?{narrowed}"
    if page.owner.username:
        doors["owner_url"] = link("person", page.owner.username)
    return doors


def _queue_url(page: SolutionPage) -> str:
    """Return where the solution is in focus, within the list that it is in."""
    show = Show.PROPOSALS if page.pending else Show.DUE
    query = urlencode({"show": show.value, "whose": Whose.ALL.value})
    return f"{reverse('focus', args=[page.slug])}?{query}"


def _waits(page: SolutionPage, standing: Freshness | None, today: date) -> bool:
    """Return whether a list of the queue holds it, or a flag asks about it."""
    return (
        standing in (Freshness.DUE_SOON, Freshness.OVERDUE)
        or bool(page.pending)
        or any(flag.is_asked(today) for flag in page.flags)
    )


def _all_signals(page: SolutionPage, actor: Actor) -> str:
    """Return where staff read all signals, earlier ones too, empty for others."""
    listed = link("admin:reviews_signal_changelist") if may_enter_admin(actor) else ""
    return listed and f"{listed}?solution={page.id}"


def _signals_of_api(page: SolutionPage) -> str:
    """Return where the API lists them; it takes a token, so that no link leads there."""
    address = link("api-solution", page.slug)
    return address and f"{address}signals/"


def _end_at(page: SolutionPage, flag: OpenFlag, actor: Actor) -> str:
    """Return where what covers a flag is ended early, empty for who may not."""
    if flag.cover is None or not may(actor, Permission.COVER, page.team.id):
        return ""
    # A field within the form: a browser opens what is folded up around it.
    return f"{_queue_url(page)}#revoke-{flag.cover.id}-reason"


def question_line(
    flag: OpenFlag,
    today: date,
    now: datetime,
    *,
    end_at: str = "",
    ticket: TicketLine | None = None,
) -> Question:
    """Return an open flag with the words that belong to it."""
    asked = flag.question
    return Question(
        action=asked.action.value,
        due_on=asked.due_on,
        due=wording.due_words(asked.due_on, today),
        tone=_question_tone(flag, today),
        reason=wording.reason(asked),
        severity=asked.severity,
        severity_tone=SEVERITY_TONES[asked.severity],
        link=followable(asked.source_url),
        host=host_of(asked.source_url),
        facts=[fact_line(row, now) for row in flag.facts],
        cover=flag.cover,
        climb=flag.climb.words if flag.climb else "",
        end_at=end_at,
        ticket=ticket,
    )


def _question_tone(flag: OpenFlag, today: date) -> str:
    if not flag.is_asked(today):
        return "calm"
    return "bad" if flag.question.due_on < today else "warn"


def judgement_line(row: EvaluationRow, today: date) -> Judgement:
    """Return a line of the log with the words that belong to it."""
    words, tone = _standing(row)
    return Judgement(
        row=row,
        tone=wording.TONES[row.verdict],
        standing=words,
        standing_tone=tone,
        # `render` answers for its output: a browser test throws at it what it can.
        rationale=mark_safe(markdown.render(row.rationale)),  # noqa: S308
        alternatives=", ".join(row.alternatives),
        assumptions=[(each, each.broken_since(today)) for each in row.assumptions],
        attachments=[
            (each, each.address or followable(each.url)) for each in row.attachments
        ],
    )


def _standing(row: EvaluationRow) -> tuple[str, str]:
    """Return whether a line of the log speaks for the solution, and the tone of that."""
    if row.is_pending:
        return "proposal, awaiting a lead's decision", "warn"
    if row.decision is not None and not row.decision.approved:
        return "proposal, declined", "calm"
    if row.superseded_by is not None:
        return f"superseded by number {row.superseded_by}", "calm"
    return ("in effect", "good") if row.is_standing else ("earlier", "calm")


def _details(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name.replace("_", " "), _change(value))
        for name, value in details.items()
        if value not in (None, "", [])
    ]


def _change(value: Any) -> str:
    """Return a detail in words; a pair of values is what was and what came."""
    if isinstance(value, list) and len(value) == 2:
        before, after = (_plain(part) for part in value)
        return after if value[0] in (None, "", []) else f"{before} → {after}"
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return "nothing" if value in (None, "") else str(value)
