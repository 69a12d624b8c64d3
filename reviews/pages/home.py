"""The home page: the state of the register at a glance, and what needs its visitor."""

from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reviews.models import Scan
from reviews.pages import errors
from reviews.pages.beginning import ways_in
from reviews.pages.figures import by_team, coverage_figure, freshness_chart, tiles
from reviews.pages.filters import narrowed_words, owner_choices, team_choices
from reviews.pages.listings import Asked, asked_for, head_of, listing_page
from reviews.pages.needs import needs_of
from reviews.pages.parameters import ParameterError
from reviews.pages.scans import scan_report
from reviews.pages.shell import frame, visitor
from reviews.pages.troubles import troubles_of
from reviews.queries.evidence import coverage
from reviews.queries.home import (
    Census,
    Filter,
    Group,
    Listing,
    census,
    first_of_each,
    is_anything_registered,
    total,
)
from reviews.queries.reviewing import reviewers_since, teams_since
from reviews.rules.staleness import reviewed_since

HEAD = 10
"""How much of each list stands on the home page itself."""

SHOWN = (Listing.OVERDUE, Listing.DUE_SOON, Listing.TO_DEPRECATE)


@login_required
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.GET.get("list"):
        return listing_page(request)
    now = timezone.now()
    today = timezone.localdate(now)
    register = census(today)
    try:
        asked = asked_for(request.GET, list(register.teams))
    except ParameterError as error:
        return errors.refused(request, str(error))
    actor = visitor(request)
    content: dict[str, Any] = {"here": "home", "today": today, "asked": asked}
    if not register.groups and not is_anything_registered():
        content |= {
            "is_empty": True,
            "figures": total(()),
            "scan": scan_report(Scan.objects.last_complete(now), now),
            "ways_in": ways_in(actor),
        }
        return render(request, "home.html", frame(actor) | content)
    groups = [group for group in register.groups if asked.narrowed.covers(group)]
    rows = first_of_each(SHOWN, asked.narrowed, today=today, limit=HEAD)
    figures = total(groups)
    content |= {
        "filters": _filters(asked, register),
        "figures": figures,
        "needs": needs_of(actor, today),
        "troubles": troubles_of(actor),
        "sections": [
            head_of(each, rows[each], figures.count(each), asked, actor, today)
            for each in SHOWN
        ],
    }
    content |= _overview(asked, groups, now)
    return render(request, "home.html", frame(actor) | content)


def _overview(asked: Asked, groups: list[Group], now: datetime) -> dict[str, Any]:
    last = Scan.objects.last_complete(now)
    table = by_team(groups, one_team=asked.narrowed.team is not None)
    return {
        "scan": scan_report(last, now),
        "tiles": tiles(total(groups), asked.parameters),
        "coverage": coverage_figure(coverage(asked.narrowed, now=now)),
        "reviews": _reviews(asked.narrowed, timezone.localdate(now)),
        "chart": freshness_chart(groups),
        "lines": table.lines,
        "owners_left_out": table.owners_left_out,
    }


def _reviews(narrowed: Filter, today: date) -> tuple[int, int]:
    """Return how many full reviews there were in six months, and re-affirmations."""
    since = reviewed_since(today)
    if narrowed.owner is not None and narrowed.owner.id is not None:
        done = reviewers_since(since, of=[narrowed.owner.id])
    else:
        team = narrowed.team
        done = tuple(
            each for each in teams_since(since) if team is None or each.id == team.id
        )
    return sum(each.full for each in done), sum(each.reaffirmed for each in done)


def _filters(asked: Asked, register: Census) -> dict[str, Any]:
    owners = {group.owner for group in register.groups}
    if asked.narrowed.owner is not None:
        owners.add(asked.narrowed.owner)
    return {
        "teams": team_choices(register.teams, asked.narrowed.team),
        "owners": owner_choices(owners, asked.narrowed.owner),
        "is_set": asked.narrowed != Filter(),
        "said": narrowed_words(asked.narrowed),
        "clear_url": reverse("home"),
    }
