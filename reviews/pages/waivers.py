"""Snoozes, waivers and overrides: what is not asked about for a while, and until when."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reviews.models.cover import ENDINGS
from reviews.pages import errors
from reviews.pages.evidence import SEVERITY_TONES
from reviews.pages.parameters import (
    LARGEST_ID,
    ParameterError,
    choice_of,
    refuse_unknown,
    word_of,
)
from reviews.pages.shell import frame, link, visitor
from reviews.pages.wording import counted
from reviews.queries.covers import CoverRow
from reviews.queries.home import all_teams
from reviews.queries.queue_order import Whose
from reviews.queries.waivers import Asked, Place, listed_covers
from reviews.rules.access import Actor, Permission, may
from reviews.rules.covers import LONGEST_SNOOZE_DAYS, LONGEST_WAIVER_DAYS
from reviews.rules.vocabulary import CoverKind

PAGE = 50
SOON_DAYS = 14
ACTIVE, ENDED = "active", "ended"
PARAMETERS = frozenset({"show", "kind", "whose", "after"})
TITLES = {
    None: "All",
    CoverKind.SNOOZE: "Snoozes",
    CoverKind.WAIVER: "Waivers",
    CoverKind.OVERRIDE: "Overrides",
}
WHOSE = {
    Whose.ALL: "Everyone's",
    Whose.TEAM: "My teams'",
    Whose.MINE: "Mine",
}
MEANINGS = (
    (
        "Snooze",
        "“ask me later”: accepts no risk. For when you cannot look at it this week. It "
        f"lasts {counted(LONGEST_SNOOZE_DAYS, 'day')} at most.",
    ),
    (
        "Waiver",
        "“we accept this until a day”: has an owner, a reason, an approver and that day, "
        "always. For a risk that you know and mean to live with. It lasts "
        f"{counted(LONGEST_WAIVER_DAYS, 'day')} at most.",
    ),
    (
        "Override",
        "“the signal is wrong”: for evidence that does not fit. It ends when the facts "
        "behind the flag change.",
    ),
)
_ENDINGS = dict(ENDINGS)
_PLACE = re.compile(r"(\d{4}-\d\d-\d\d)?~(\d{1,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tab:
    """A link to another part of the list."""

    label: str
    url: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A cover with the words that belong to it; `revoke_url` is for who may end it."""

    row: CoverRow
    url: str
    severity_tone: str
    ends: str
    ends_tone: str
    revoke_url: str


@login_required
@never_cache
@require_safe
def waivers(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    actor = visitor(request)
    try:
        refuse_unknown(request.GET, PARAMETERS)
        asked = _asked(request.GET, actor)
        after = _after(request.GET)
    except ParameterError as error:
        return errors.refused(request, str(error))
    # One row more than is shown tells whether there is a next page.
    rows = listed_covers(asked, today=today, limit=PAGE + 1, after=after)
    teams = {team.slug: team.id for team in all_teams()}
    context = {
        "here": "waivers",
        "lines": [_line(row, asked, actor, teams, today) for row in rows[:PAGE]],
        "is_active": asked.is_active,
        "shows": _tabs(
            request.GET, "show", {ACTIVE: "Active", ENDED: "Ended"}, first=ACTIVE
        ),
        "kinds": _tabs(
            request.GET,
            "kind",
            {kind.value if kind else "": title for kind, title in TITLES.items()},
            first="",
        ),
        "whose": _tabs(
            request.GET,
            "whose",
            {whose.value: title for whose, title in WHOSE.items()},
            first=Whose.ALL.value,
        ),
        "is_narrowed": any(name in request.GET for name in ("kind", "whose", "show")),
        "meanings": MEANINGS,
        "first_url": _url(request.GET) if after else "",
        "next_url": _next_url(request.GET, rows),
        "queue_url": link("queue"),
        "this_page": request.get_full_path(),
    }
    return render(request, "waivers.html", frame(actor) | context)


def _asked(query: QueryDict, actor: Actor) -> Asked:
    whose = word_of(query, "whose", Whose) or Whose.ALL
    return Asked(
        is_active=choice_of(query, "show", (ACTIVE, ENDED)) != ENDED,
        kind=word_of(query, "kind", CoverKind),
        # Nobody has the number 0.
        user_id=(actor.user_id or 0) if whose is Whose.MINE else None,
        team_ids=sorted(actor.roles) if whose is Whose.TEAM else None,
    )


def _after(query: QueryDict) -> Place | None:
    text = query.get("after", "")
    if not text:
        return None
    found = _PLACE.fullmatch(text)
    try:
        if found is None or int(found[2]) > LARGEST_ID:
            raise ValueError("no place that a page writes")
        return Place(date.fromisoformat(found[1]) if found[1] else None, int(found[2]))
    except ValueError as error:
        raise ParameterError(
            "The address of this page is damaged: begin again at the first page."
        ) from error


def _next_url(query: QueryDict, rows: list[CoverRow]) -> str:
    if len(rows) <= PAGE:
        return ""
    last = rows[PAGE - 1]
    return _url(query, after=f"{last.until or ''}~{last.id}")


def _url(query: QueryDict, **more: str) -> str:
    """Return this page with other words in its address; it begins anew without `after`."""
    words = {name: query.get(name, "") for name in ("show", "kind", "whose")} | more
    said = {name: word for name, word in words.items() if word}
    return reverse("waivers") + (f"?{urlencode(said)}" if said else "")


def _tabs(
    query: QueryDict, name: str, titles: Mapping[str, str], *, first: str
) -> list[Tab]:
    here = query.get(name, "") or first
    return [
        Tab(title, _url(query, **{name: "" if word == first else word}), word == here)
        for word, title in titles.items()
    ]


def _line(
    row: CoverRow,
    asked: Asked,
    actor: Actor,
    teams: Mapping[str, int | None],
    today: date,
) -> Line:
    ends, tone = _ends(row, today)
    team_id = teams.get(row.team) if row.team else None
    may_end = asked.is_active and may(actor, Permission.COVER, team_id)
    return Line(
        row=row,
        url=reverse("solution", args=[row.solution]),
        severity_tone=SEVERITY_TONES[row.severity],
        ends=ends,
        ends_tone=tone,
        revoke_url=link("decide-revoke", row.id) if may_end else "",
    )


def _ends(row: CoverRow, today: date) -> tuple[str, str]:
    """Return when a cover ends, or how it has ended, in words, and their tone."""
    if row.ended_at is not None:
        by = f", {row.ended_by}" if row.ended_by else ""
        return f"{_ENDINGS[row.ended_because]}{by}", "calm"
    if row.until is None:
        return "when its facts change", "calm"
    days = (row.until - today).days
    if days <= 0:
        return _ENDINGS["expired"], "calm"
    words = "tomorrow" if days == 1 else f"in {counted(days, 'day')}"
    return words, "warn" if days <= SOON_DAYS else "calm"
