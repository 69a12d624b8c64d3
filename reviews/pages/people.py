"""People: who owns and reviews what, who left, and handing over what somebody owns."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from reviews.pages import errors, wording
from reviews.pages.parameters import NOBODY, ParameterError, refuse_unknown, text_of
from reviews.pages.shell import admin_link, frame, link, visitor
from reviews.pages.wording import counted
from reviews.queries.covers import CoverRow
from reviews.queries.home import TeamName
from reviews.queries.people import (
    WEEKS_AHEAD,
    Owned,
    PersonRow,
    find_person,
    people_listed,
    unowned,
)
from reviews.queries.selected import active_person
from reviews.queries.waivers import waivers_owned_by
from reviews.rules.access import Actor, Permission, may
from reviews.rules.text import TextError, clean_line, shown
from reviews.services.errors import DomainError, InvalidError
from reviews.services.succession import (
    HandedOver,
    Passing,
    check_hand_over,
    hand_over,
)

PAGE = 50
LONGEST_PREVIEW = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A person with the words that belong to their figures."""

    row: PersonRow
    url: str
    owns_url: str
    overdue_url: str
    soon_url: str
    load: str
    load_tone: str


@dataclass(frozen=True, slots=True)
class Share:
    """What somebody owns within one team, with where to read it."""

    team: TeamName
    owned: Owned
    url: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why some of it stays, and how much that is."""

    why: str
    count: str


@login_required
@never_cache
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    actor = visitor(request)
    try:
        refuse_unknown(request.GET, frozenset({"after"}))
        after = text_of(request.GET, "after", limit=150)
    except ParameterError as error:
        return errors.refused(request, str(error))
    # One more than is shown tells whether there is a next page.
    listed = people_listed(today=today, limit=PAGE + 1, after=after)
    rows, left = listed.active, listed.left
    more = rows[PAGE - 1].username if len(rows) > PAGE else ""
    context = {
        "here": "people",
        "lines": [_line(row) for row in rows[:PAGE]],
        "left": [_line(row) for row in left[:PAGE]],
        "more_left": len(left) > PAGE,
        "unowned": [] if after else [_unowned(*each, actor) for each in unowned()],
        "may_hand_over": may_hand_over(actor),
        "weeks": WEEKS_AHEAD,
        "first_url": reverse("people") if after else "",
        "next_url": f"{reverse('people')}?{urlencode({'after': more})}" if more else "",
        "queue_url": f"{reverse('queue')}?show=orphans&whose=all",
        "add_url": link("admin:reviews_user_add") if actor.is_administrator else "",
    }
    return render(request, "people.html", frame(actor) | context)


@login_required
@never_cache
@require_safe
def person(request: HttpRequest, username: str) -> HttpResponse:
    try:
        refuse_unknown(request.GET, frozenset())
    except ParameterError as error:
        return errors.refused(request, str(error))
    return _shown(request, username)


@login_required
@never_cache
@require_POST
def hand_over_from(request: HttpRequest, username: str) -> HttpResponse:
    """Show what would pass to whom, or with `take` let it pass."""
    now = timezone.now()
    today = timezone.localdate(now)
    actor = visitor(request)
    found = find_person(username, today=today)
    if found is None:
        raise Http404
    typed = request.POST.get("to", "")
    try:
        to_id = _recipient(typed)
        outlook = check_hand_over(
            from_id=found.row.id, to_id=to_id, actor=actor, today=today
        )
        seen = _seen(outlook)
        if "take" in request.POST and request.POST.get("seen") == seen:
            done = hand_over(
                from_id=found.row.id, to_id=to_id, actor=actor, today=today, now=now
            )
            _tell(request, found.row, done)
            return HttpResponseRedirect(reverse("person", args=[username]))
    except DomainError as error:
        return _shown(request, username, refusal=str(error), typed=typed)
    context = {
        "here": "people",
        "row": found.row,
        "to": typed,
        "seen": seen,
        # What was to be confirmed is not what is there any more.
        "has_changed": "take" in request.POST,
        "count": passed_words(outlook),
        "moved": outlook.moved[:LONGEST_PREVIEW],
        "more_moved": len(outlook.moved[LONGEST_PREVIEW:]),
        "refused": _refused(outlook.refused),
        "back_url": reverse("person", args=[username]),
    }
    return render(request, "hand-over.html", frame(actor) | context)


def may_hand_over(actor: Actor) -> bool:
    """Return whether somebody may reassign solutions of any team at all."""
    return any(may(actor, Permission.REASSIGN, id) for id in (None, *actor.roles))


def passed_words(outcome: HandedOver) -> str:
    """Return how much passes: 12 solutions and 1 waiver."""
    solutions = counted(outcome.solutions, "solution")
    if not outcome.waivers:
        return solutions
    return f"{solutions} and {counted(outcome.waivers, 'waiver')}"


def load_words(row: PersonRow) -> tuple[str, str]:
    """Return how what is due within four weeks stands to the time for it; its tone."""
    coming, fits = row.owned.coming, row.fits
    if not coming:
        return "nothing due", "calm"
    if not row.is_active:
        return f"{coming:,} due, nobody to review it", "bad"
    if coming > fits:
        return f"{coming:,} due, {fits:,} fit: {coming - fits:,} too many", "bad"
    return f"{coming:,} due, {fits:,} fit", "good"


def _shown(
    request: HttpRequest, username: str, *, refusal: str = "", typed: str = ""
) -> HttpResponse:
    """Answer with a person's page, and with why a hand-over was refused."""
    today = timezone.localdate()
    found = find_person(username, today=today)
    if found is None:
        raise Http404
    actor = visitor(request)
    row = found.row
    may_pass = bool(found.by_team) and any(
        may(actor, Permission.REASSIGN, team.id) for team, _ in found.by_team
    )
    waivers = waivers_owned_by(row.id, today=today, limit=PAGE + 1)
    context = {
        "here": "people",
        "line": _line(row),
        "row": row,
        "weeks": WEEKS_AHEAD,
        "shares": [_share(row, team, owned) for team, owned in found.by_team],
        "waivers": [(each, _until(each, today)) for each in waivers[:PAGE]],
        "more_waivers": len(waivers) > PAGE,
        "reviews": [(each, wording.TONES[each.verdict]) for each in found.reviews],
        "colleagues": found.colleagues,
        "may_hand_over": may_pass,
        "owns_anything": bool(found.by_team),
        "edit_url": admin_link("user", row.id) if actor.is_administrator else "",
        "refusal": refusal,
        "typed": typed,
    }
    status = 400 if refusal else 200
    return render(request, "person.html", frame(actor) | context, status=status)


def _recipient(typed: str) -> int | None:
    """
    Return the number of the person whose username was typed, None for the teams' leads.

    :raises InvalidError: if nobody who may sign in has it.
    """
    if not typed.strip():
        return None
    try:
        username = clean_line(typed, limit=150)
    except TextError as error:
        raise InvalidError(f"The username cannot be used: {error}") from error
    found = active_person(username)
    if found is None:
        raise InvalidError(
            f"Nobody who may sign in has the username {shown(username)}."
        )
    return found.id


def _seen(outlook: HandedOver) -> str:
    return f"{outlook.solutions}-{outlook.waivers}-{len(outlook.refused)}"


def _tell(request: HttpRequest, row: PersonRow, done: HandedOver) -> None:
    if done.moved:
        messages.success(request, f"Handed over from {row.name}: {passed_words(done)}.")
    for refused in _refused(done.refused):
        messages.warning(request, f"Not handed over, {refused.count}: {refused.why}")


def _refused(refused: Iterable[Passing]) -> list[Refused]:
    """Return the reasons, each with how much it keeps where it is."""
    found: dict[str, list[Passing]] = {}
    for each in refused:
        found.setdefault(each.refusal, []).append(each)
    return [
        Refused(why, passed_words(HandedOver(tuple(kept), ())))
        for why, kept in found.items()
    ]


def _line(row: PersonRow) -> Line:
    load, tone = load_words(row)
    return Line(
        row=row,
        url=reverse("person", args=[row.username]),
        owns_url=_register(owner=row.username),
        overdue_url=_listed("overdue", row.username),
        soon_url=_listed("due_soon", row.username),
        load=load,
        load_tone=tone,
    )


def _share(row: PersonRow, team: TeamName, owned: Owned) -> Share:
    return Share(team, owned, _register(owner=row.username, team=team.slug or NOBODY))


def _unowned(team: TeamName, count: int, actor: Actor) -> tuple[str, str, str]:
    """Return a team, how much of it nobody owns, and where that is to be read."""
    return (
        team.name,
        counted(count, "solution"),
        _register(owner=NOBODY, team=team.slug or NOBODY),
    )


def _register(**parameters: str) -> str:
    return f"{reverse('solutions')}?{urlencode(parameters)}"


def _listed(listing: str, username: str) -> str:
    return f"{reverse('home')}?{urlencode({'list': listing, 'owner': username})}"


def _until(row: CoverRow, today: date) -> str:
    days = (row.until - today).days if row.until else 0
    return f"ends in {counted(days, 'day')}"
