"""
One entry of the queue at a time: what changed on one side, the decision on the other.

What the forms are sent to is in `pages.decisions`, which comes back here with a refusal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reviews.pages import errors, wording
from reviews.pages.decision_forms import Desk, Refusal, beyond_rights, forms
from reviews.pages.evidence import evidence_section
from reviews.pages.parameters import ParameterError, refuse_unknown
from reviews.pages.queue_asked import PARAMETERS, Asked, asked_of
from reviews.pages.shell import evaluation_url, frame, visitor
from reviews.pages.solution import judgement_line, question_line
from reviews.pages.still_true import reaffirmation
from reviews.pages.ticket_lines import TicketLine, ticket_line
from reviews.queries.choosing import members_of, offered_instead
from reviews.queries.queue_neighbours import FARTHEST, Neighbours, neighbours
from reviews.queries.reaffirming import streaks
from reviews.queries.solution_page import SolutionPage, solution_page
from reviews.rules.access import Permission, may
from reviews.rules.staleness import freshness


@dataclass(frozen=True, slots=True)
class Way:
    """The addresses around an entry, empty where there is none, and its place in words."""

    queue: str
    previous: str
    next: str
    place: str

    @property
    def onward(self) -> str:
        """Where a decision leads to: the next entry, or else the list."""
        return self.next or self.queue


@login_required
@never_cache
@require_safe
def focus(request: HttpRequest, slug: str) -> HttpResponse:
    return shown(request, slug)


def shown(
    request: HttpRequest,
    slug: str,
    *,
    refusal: Refusal | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """
    Answer with a solution in focus, and with what was refused, if anything was.

    :raises Http404: if the register has no such solution.
    """
    now = timezone.now()
    today = timezone.localdate(now)
    actor = visitor(request)
    try:
        refuse_unknown(request.GET, PARAMETERS)
        asked = asked_of(request.GET, actor)
    except ParameterError as error:
        return errors.refused(request, str(error))
    page = solution_page(slug, today=today)
    if page is None:
        raise Http404
    desk = Desk(
        page=page,
        actor=actor,
        today=today,
        covers=tuple(flag.cover for flag in page.flags if flag.cover),
        people=tuple(members_of(page.team.id)) if page.team.id else (),
        username=request.user.get_username(),
        others=tuple(offered_instead(page.id))
        if may(actor, Permission.EVALUATE, page.team.id)
        else (),
    )
    way = _way(neighbours(asked.show, asked.wanted, page.id, today=today), asked)
    context = (
        frame(actor)
        | _evidence_side(page, _tickets(desk, asked), now=now, today=today)
        | _decision_side(desk, refusal, asked, way, now)
        | {
            "here": "queue",
            "page": page,
            "way": way,
            "refusal": refusal,
        }
    )
    return render(request, "focus.html", context, status=status)


def focus_url(slug: str, asked: Asked) -> str:
    """Return where an entry of a queue is in focus."""
    return reverse("focus", args=[slug]) + f"?{asked.parameters()}"


def _way(beside: Neighbours, asked: Asked) -> Way:
    count = f"{beside.count:,}"
    if beside.count == FARTHEST:
        count = f"the first {count}"
    return Way(
        queue=reverse("queue") + f"?{asked.parameters()}",
        previous=focus_url(beside.previous, asked) if beside.previous else "",
        next=focus_url(beside.next, asked) if beside.next else "",
        place=f"Entry {beside.position:,} of {count}"
        if beside.position
        else "Not in this queue",
    )


def _tickets(desk: Desk, asked: Asked) -> dict[int, TicketLine | None]:
    """Return the tickets of what is open, by the flag; what is done leads back here."""
    return {
        flag.id: ticket_line(
            flag,
            team_id=desk.page.team.id,
            actor=desk.actor,
            back=focus_url(desk.page.slug, asked),
            today=desk.today,
        )
        for flag in desk.page.flags
    }


def _evidence_side(
    page: SolutionPage,
    tickets: Mapping[int, TicketLine | None],
    *,
    now: datetime,
    today: date,
) -> dict[str, Any]:
    standing = freshness(
        verdict=page.verdict, next_review_on=page.next_review_on, today=today
    )
    last = next((row for row in page.evaluations.rows if row.is_standing), None)
    return {
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
        "questions": [
            question_line(flag, today, now, ticket=tickets[flag.id])
            for flag in page.flags
            if flag.is_asked(today)
        ],
        "covered": [
            question_line(flag, today, now, ticket=tickets[flag.id])
            for flag in page.flags
            if not flag.is_asked(today)
        ],
        "pending": [judgement_line(row, today) for row in page.pending],
        "evidence": evidence_section(
            page.evidence,
            evaluated_on=page.last_evaluated_on,
            all_signals="",
            now=now,
        ),
        "judgement": judgement_line(last, today) if last else None,
        "reaffirmed": _reaffirmed(page),
    }


def _reaffirmed(page: SolutionPage) -> str:
    times = streaks([page.id]).get(page.id, 0)
    return f"Re-affirmed {wording.counted(times, 'time')} in a row." if times else ""


def _decision_side(
    desk: Desk, refusal: Refusal | None, asked: Asked, way: Way, now: datetime
) -> dict[str, Any]:
    offered = desk.may(Permission.EVALUATE)
    return {
        "reaffirmation": reaffirmation(
            desk.page, desk.actor, query=asked.parameters(), today=desk.today, now=now
        ),
        # Back in the queue afterwards, as after any other decision.
        "log_url": evaluation_url(desk.page.id, way.onward) if offered else "",
        "forms": forms(desk, refusal, asked.parameters()),
        "beyond_rights": beyond_rights(desk),
        "nothing_asked": desk.may(Permission.COVER) and not desk.asked,
    }
