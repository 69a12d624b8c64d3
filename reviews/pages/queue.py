"""The queue: what is due, riskiest first, and what else waits for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reviews.models.choices import CAUSES, CRITICALITIES, KINDS
from reviews.pages import errors, wording
from reviews.pages.beginning import staff_links, ways_in
from reviews.pages.bulk import bulk_offer
from reviews.pages.evidence import SEVERITY_TONES
from reviews.pages.filters import Choice
from reviews.pages.focus import focus_url
from reviews.pages.parameters import ParameterError, refuse_unknown
from reviews.pages.queue_asked import MOST_PAGES, PARAMETERS, Asked, asked_of
from reviews.pages.queue_words import (
    EMPTY,
    NOTES,
    TITLES,
    WHOSE,
    climb_words,
    count_words,
    empty_remedy,
    has_no_team,
    weight_words,
)
from reviews.pages.shell import evaluation_url, frame, visitor
from reviews.pages.troubles import troubles_of
from reviews.queries.covers import CoverRow
from reviews.queries.facts import followable, host_of
from reviews.queries.home import is_anything_registered
from reviews.queries.queue import (
    AskedFlag,
    Entry,
    Proposal,
    ending_waivers,
    entries,
    proposals,
)
from reviews.queries.queue_order import Show, Whose, figures
from reviews.rules.access import Actor, Permission, may
from reviews.rules.risk import FORMULA
from reviews.rules.verdicts import needs_approval
from reviews.rules.vocabulary import Verdict

PAGE = 50


@dataclass(frozen=True, slots=True)
class Tab:
    """A link to another list; `count` is empty where there is nothing to count."""

    label: str
    url: str
    is_here: bool
    count: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """
    A flag that is asked, in the words of the pages; `climb` says who it is asked.

    `ticket_link` is empty where its ticket has no address to follow.
    """

    cause: str
    action: str
    severity: str
    tone: str
    reason: str
    link: str
    host: str
    climb: str
    ticket: str
    ticket_link: str


@dataclass(frozen=True, slots=True)
class Line:
    """
    An entry with the words that belong to it, and what this visitor may do about it.

    `reaffirm_url` is empty where it cannot be re-affirmed; then `obstacle` says why, for
    somebody who could otherwise.
    """

    entry: Entry
    url: str
    tone: str
    due: str
    due_tone: str
    why: str
    last: str
    weight: str
    questions: list[Question]
    reaffirm_url: str
    obstacle: str
    evaluate_url: str


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A proposal, and where this visitor decides on it, empty for who may not."""

    row: Proposal
    url: str
    tone: str
    waits_for: str
    age: str
    decide_url: str


@dataclass(frozen=True, slots=True)
class WaiverLine:
    """A waiver about to end."""

    row: CoverRow
    url: str
    ends: str
    severity_tone: str


@dataclass(frozen=True, slots=True)
class _Listed:
    """The list that is asked for: what its template needs, and how long it is."""

    content: dict[str, Any]
    is_empty: bool
    has_more: bool


@login_required
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    actor = visitor(request)
    try:
        refuse_unknown(request.GET, PARAMETERS)
        asked = asked_of(request.GET, actor)
    except ParameterError as error:
        return errors.refused(request, str(error))
    counts = figures(asked.wanted, today=today)
    listed = _listed(asked, actor, now=now, this_page=request.get_full_path())
    context = {
        "here": "queue",
        "today": today,
        "asked": asked,
        "title": TITLES[asked.show],
        "note": NOTES[asked.show],
        "formula": FORMULA,
        "tabs": _tabs(asked, counts),
        "whose": _whose(asked),
        "choices": _choices(asked),
        "is_narrowed": _is_narrowed(asked),
        "unnarrowed_url": _url(asked, kind="", criticality="", cause="", page=""),
        "empty": EMPTY[asked.show],
        "remedy": empty_remedy(asked, actor),
        "everyone_url": _url(asked, whose=Whose.ALL.value, page=""),
        "everything_url": _url(asked, show=Show.DUE.value, page=""),
        "pages": _pages(asked, has_more=listed.has_more),
        "this_page": request.get_full_path(),
        "troubles": troubles_of(actor),
    }
    if listed.is_empty:
        context |= _ways_on(asked, actor)
    return render(request, "queue.html", frame(actor) | context | listed.content)


def _listed(asked: Asked, actor: Actor, *, now: datetime, this_page: str) -> _Listed:
    today = timezone.localdate(now)
    # One row more than is shown tells whether there is a next page.
    part = {"limit": PAGE + 1, "offset": (asked.page - 1) * PAGE}
    rows: Sequence[Any]
    content: dict[str, Any]
    match asked.show:
        case Show.PROPOSALS:
            rows = proposals(asked.wanted, today=today, **part)
            lines = [_proposal(row, actor, asked, today) for row in rows[:PAGE]]
            content = {"proposals": lines}
        case Show.WAIVERS:
            rows = ending_waivers(asked.wanted, today=today, **part)
            content = {"waivers": [_waiver(row, asked, today) for row in rows[:PAGE]]}
        case _:
            rows = entries(
                asked.show,
                asked.wanted,
                today=today,
                now=now,
                may_reaffirm=_evaluates_anywhere(actor),
                **part,
            )
            content = {
                "lines": [
                    _line(row, actor, asked, today, this_page) for row in rows[:PAGE]
                ],
                "bulk": bulk_offer(actor, today) if rows else None,
            }
    return _Listed(content, is_empty=not rows, has_more=len(rows) > PAGE)


def _ways_on(asked: Asked, actor: Actor) -> dict[str, Any]:
    """Return what leads on from an empty list: into the register, or into a team."""
    if not is_anything_registered():
        return {"is_empty": True, "ways_in": ways_in(actor)}
    return {"staff": staff_links(actor) if has_no_team(asked) else []}


def _url(asked: Asked, **more: str) -> str:
    return f"{reverse('queue')}?{asked.parameters(**more)}"


def _tabs(asked: Asked, counts: dict[Show, int]) -> list[Tab]:
    return [
        Tab(
            TITLES[show],
            _url(asked, show=show.value, page=""),
            show is asked.show,
            count_words(counts[show]),
        )
        for show in Show
    ]


def _whose(asked: Asked) -> list[Tab]:
    return [
        Tab(
            WHOSE[whose],
            _url(asked, whose=whose.value, page=""),
            whose is asked.wanted.whose,
        )
        for whose in Whose
    ]


def _choices(asked: Asked) -> dict[str, list[Choice]]:
    wanted = asked.wanted
    return {
        name: [(value, label, value == chosen) for value, label in choices]
        for name, choices, chosen in (
            ("kinds", KINDS, wanted.kind),
            ("criticalities", CRITICALITIES, wanted.criticality),
            ("causes", CAUSES, wanted.cause),
        )
    }


def _is_narrowed(asked: Asked) -> bool:
    wanted = asked.wanted
    return (wanted.kind, wanted.criticality, wanted.cause) != (None, None, None)


def _pages(asked: Asked, *, has_more: bool) -> dict[str, Any]:
    is_last = asked.page >= MOST_PAGES
    before, after = str(asked.page - 1), str(asked.page + 1)
    return {
        "number": asked.page,
        "previous_url": _url(asked, page=before) if asked.page > 1 else "",
        "next_url": _url(asked, page=after) if has_more and not is_last else "",
        "is_cut": has_more and is_last,
    }


def _line(
    entry: Entry, actor: Actor, asked: Asked, today: date, this_page: str
) -> Line:
    may_evaluate = may(actor, Permission.EVALUATE, entry.team.id)
    obstacle = _obstacle(entry, actor) if may_evaluate else ""
    is_open = may_evaluate and not obstacle
    return Line(
        entry=entry,
        url=focus_url(entry.slug, asked),
        tone=wording.TONES[entry.state],
        due=wording.due_words(entry.next_review_on, today),
        due_tone="bad" if entry.next_review_on < today else "calm",
        why=_pulled(entry),
        last=_last(entry),
        weight=weight_words(entry.weight),
        questions=[_question(flag) for flag in entry.flags],
        reaffirm_url=reverse("decide-reaffirm", args=[entry.slug]) if is_open else "",
        obstacle=obstacle,
        evaluate_url=evaluation_url(entry.id, this_page) if may_evaluate else "",
    )


def _evaluates_anywhere(actor: Actor) -> bool:
    return any(may(actor, Permission.EVALUATE, team) for team in (None, *actor.roles))


def _obstacle(entry: Entry, actor: Actor) -> str:
    if entry.obstacle or entry.last is None:
        return entry.obstacle
    may_end = may(actor, Permission.END, entry.team.id)
    if needs_approval(Verdict(entry.state), may_end=may_end):
        return f"To re-affirm {entry.state} takes a lead of the owning team."
    return ""


def _pulled(entry: Entry) -> str:
    """Return why the review is due before its time, unless a flag tells it below."""
    if not entry.pulled_by:
        return ""
    # A long reason is cut; the flag that it comes from tells all of it.
    cut = entry.pulled_by.removesuffix("…")
    told = (wording.reason(flag.question) for flag in entry.flags)
    if any(reason.startswith(cut) for reason in told):
        return "Pulled forward:"
    return f"Pulled forward: {entry.pulled_by}."


def _last(entry: Entry) -> str:
    if entry.last is None:
        return "Never reviewed"
    said = f"Last reviewed {entry.last.on} by {entry.last.author}"
    if entry.last.reaffirmed:
        times = wording.counted(entry.last.reaffirmed, "time")
        said += f", re-affirmed {times} in a row"
    return said


_CAUSES = dict(CAUSES)


def _question(asked: AskedFlag) -> Question:
    flag = asked.question
    return Question(
        cause=_CAUSES[flag.cause],
        action=flag.action,
        severity=flag.severity,
        tone=SEVERITY_TONES[flag.severity],
        reason=wording.reason(flag),
        link=followable(flag.source_url),
        host=host_of(flag.source_url),
        climb=climb_words(asked.rung) if asked.rung else "",
        ticket=asked.ticket,
        ticket_link=followable(asked.ticket_address),
    )


def _proposal(row: Proposal, actor: Actor, asked: Asked, today: date) -> ProposalLine:
    may_decide = (
        may(actor, Permission.DECIDE, row.team.id) and row.author_id != actor.user_id
    )
    return ProposalLine(
        row=row,
        url=focus_url(row.slug, asked),
        tone=wording.TONES[row.verdict],
        waits_for=" or ".join(row.leads) or "an administrator: no other lead is there",
        age=wording.ago(timedelta(days=(today - row.proposed_on).days))
        if row.proposed_on < today
        else "today",
        decide_url=f"{focus_url(row.slug, asked)}#decision-title" if may_decide else "",
    )


def _waiver(row: CoverRow, asked: Asked, today: date) -> WaiverLine:
    until = row.until or today
    days = (until - today).days
    return WaiverLine(
        row=row,
        url=focus_url(row.solution, asked),
        ends=f"ends in {wording.counted(days, 'day')}",
        severity_tone=SEVERITY_TONES[row.severity],
    )
