"""
Calendars: the door at which calendar programs read, and the page of one's addresses.

Who knows an address needs nothing else, so it is shown once, and no log repeats it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from reviews.formats.calendar import Calendar, digest_of, write_calendar
from reviews.models import Feed, Team, User
from reviews.pages.shell import frame, visitor
from reviews.queries.calendar import FeedRow, Whose, coming, feeds_of
from reviews.services.calendar import (
    bring_up_to_date,
    find_feed,
    make_feed,
    note_read,
    revoke_feed,
)

Door = Callable[[HttpRequest, str], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Line:
    """A calendar on the page; `team` is the slug of its team, empty for one's own."""

    team: str
    title: str
    id: int | None
    made_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Made:
    """A new address, shown this once; `subscribe_url` opens a calendar program."""

    title: str
    url: str
    subscribe_url: str


def secret(door: Door) -> Door:
    """Return a door whose address stays with who asked, whatever becomes of it."""

    @wraps(door)
    def guarded(request: HttpRequest, token: str) -> HttpResponseBase:
        response = door(request, token)
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return guarded


@secret
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponseBase:
    now = timezone.now()
    feed = find_feed(token)
    if feed is None:
        return _nothing()
    today = timezone.localdate(now)
    events = coming(
        Whose(team_id=feed.team_id) if feed.team_id else Whose(user_id=feed.user_id),
        today=today,
        site_url=settings.SITE_URL,
    )
    told = bring_up_to_date(feed_id=feed.pk, events=events, today=today, now=now)
    note_read(feed=feed, now=now)
    whole = Calendar(_name(feed), settings.TIME_ZONE, tuple(told))
    etag = f'"{digest_of(whole)}"'
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or HttpResponse(
        write_calendar(whole), content_type="text/calendar; charset=utf-8"
    )
    response.headers["ETag"] = etag
    response.headers["Content-Disposition"] = 'inline; filename="best-before.ics"'
    return response


@secret
def no_calendar(request: HttpRequest, token: str) -> HttpResponseBase:
    """Answer an address that was copied wrongly: it may be a good one all but a dot."""
    return _nothing()


def _nothing() -> HttpResponse:
    return HttpResponseNotFound(
        "There is nothing at this address.\n",
        content_type="text/plain; charset=utf-8",
    )


def _name(feed: Feed) -> str:
    whose = feed.team.name if feed.team else feed.user.label()
    return f"Best Before: {whose}"


@login_required
@never_cache
@require_safe
def calendars(request: HttpRequest) -> HttpResponse:
    return _page(request)


@login_required
@never_cache
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    row = _wanted(request)
    _, token = make_feed(
        user=_person(request),
        team=Team.objects.get(pk=row.team_id) if row.team_id else None,
        actor=visitor(request),
        now=timezone.now(),
    )
    path = reverse("calendar", args=[token])
    url = f"{settings.SITE_URL}{path}"
    # Shown on the answer itself: an address that went by way of the session or of a
    # redirect would be stored on the way.
    made = Made(_title(row), url, f"webcal:{url.partition(':')[2]}")
    return _page(request, made)


@login_required
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    row = _wanted(request)
    if row.id is not None:
        revoke_feed(feed_id=row.id, actor=visitor(request), now=timezone.now())
        messages.success(request, f"{_title(row)}: its address opens nothing any more.")
    return redirect("calendars")


def _page(request: HttpRequest, made: Made | None = None) -> HttpResponse:
    lines = [
        Line(row.team_slug, _title(row), row.id, row.made_at, row.read_at)
        for row in feeds_of(_person(request).pk)
    ]
    context = {"here": "calendars", "lines": lines, "made": made}
    return render(request, "calendars.html", frame(visitor(request)) | context)


def _wanted(request: HttpRequest) -> FeedRow:
    """
    Return the calendar that a form is about.

    :raises Http404: if it is of a team that the person is not in.
    """
    slug = request.POST.get("team", "")
    for row in feeds_of(_person(request).pk):
        if row.team_slug == slug:
            return row
    raise Http404


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("Calendars are for people who have signed in.")
    return request.user


def _title(row: FeedRow) -> str:
    return f"Team {row.team_name}" if row.team_id else "Your own"
