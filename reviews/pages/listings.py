"""
The lists behind the home page's figures: overdue, due soon, never reviewed, to deprecate.

A list is read page by page and counted to a limit, so that it costs no more in a large
register than in a small one.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from reviews.pages import errors, wording
from reviews.pages.evidence import SEVERITY_TONES
from reviews.pages.filters import narrowed_words, team_choices
from reviews.pages.parameters import (
    NOBODY,
    ParameterError,
    owner_of,
    position_of,
    refuse_unknown,
    team_of,
    word_of,
    written,
)
from reviews.pages.shell import evaluation_url, frame, visitor
from reviews.queries.choosing import members_of
from reviews.queries.facts import followable, host_of
from reviews.queries.home import (
    COUNTED,
    Filter,
    Listing,
    OpenQuestion,
    Position,
    Row,
    TeamName,
    all_teams,
    listed,
    number_listed,
)
from reviews.rules.access import Actor, Permission, may
from reviews.rules.signals import Severity

PAGE = 50
PARAMETERS = frozenset({"list", "team", "owner", "after"})
TITLES = {
    Listing.OVERDUE: "Overdue",
    Listing.DUE_SOON: "Due soon",
    Listing.NEVER_REVIEWED: "Never reviewed",
    Listing.TO_DEPRECATE: "To be deprecated",
}
NOTES = {
    Listing.OVERDUE: "Their day has passed; never reviewed counts once its first "
    "review was due. Most days overdue first, then the most critical, then by name.",
    Listing.DUE_SOON: "A review is owed within thirty days, today included. "
    "Soonest first, then the most critical, then by name.",
    Listing.NEVER_REVIEWED: "Nobody has evaluated them yet. "
    "Earliest first review first, then the most critical, then by name.",
    Listing.TO_DEPRECATE: "A flag asks for it, or the verdict is deprecate. "
    "Most days overdue first, then the most critical, then by name.",
}
EMPTY = {
    Listing.OVERDUE: "Nothing is overdue.",
    Listing.DUE_SOON: "Nothing is due within thirty days.",
    Listing.NEVER_REVIEWED: "Everything has been reviewed at least once.",
    Listing.TO_DEPRECATE: "Nothing is to be deprecated.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the page asks for."""

    listing: Listing | None
    narrowed: Filter
    after: Position | None

    def parameters(self, **more: str) -> str:
        """Return this filter, and more, as the end of an address."""
        team, owner = self.narrowed.team, self.narrowed.owner
        if owner is not None:
            more = {"owner": owner.username or NOBODY} | more
        if team is not None:
            more = {"team": team.slug or NOBODY} | more
        return f"?{urlencode(more)}" if more else ""


@dataclass(frozen=True, slots=True)
class Told:
    """Why evidence opened a flag; `severity` is empty unless it is a grave one."""

    reason: str
    severity: str
    tone: str
    link: str
    host: str


@dataclass(frozen=True, slots=True)
class Item:
    """A row of a list with the words that belong to it."""

    row: Row
    url: str
    tone: str
    due: str
    due_tone: str
    why: str
    told: list[Told]
    log_url: str


@dataclass(frozen=True, slots=True)
class Section:
    """A list, or the part of it that is shown; `more` says how many are not."""

    id: str
    title: str
    note: str
    empty: str
    count: str
    items: list[Item]
    more: str
    more_url: str


def asked_for(query: QueryDict, teams: list[TeamName]) -> Asked:
    """
    Return what the address of the home page or of a list asks for.

    :raises ParameterError: for what neither of them knows.
    """
    refuse_unknown(query, PARAMETERS)
    narrowed = Filter(team_of(query, teams), owner_of(query))
    asked = Asked(word_of(query, "list", Listing), narrowed, position_of(query))
    if asked.after is not None and asked.listing is None:
        raise ParameterError("To go on after a row, say in which list.")
    return asked


def listing_page(request: HttpRequest) -> HttpResponse:
    """Answer with one list, whole, page by page."""
    today = timezone.localdate()
    teams = all_teams()
    try:
        asked = asked_for(request.GET, teams)
    except ParameterError as error:
        return errors.refused(request, str(error))
    listing = asked.listing or Listing.OVERDUE
    actor = visitor(request)
    # One row more than is shown tells whether there is a next page.
    rows = listed(
        listing, asked.narrowed, today=today, limit=PAGE + 1, after=asked.after
    )
    next_url = ""
    if len(rows) > PAGE:
        place = written(rows[PAGE - 1].position)
        next_url = reverse("home") + asked.parameters(list=listing.value, after=place)
    count = number_listed(listing, asked.narrowed, today=today)
    context = {
        "today": today,
        "asked": asked,
        "section": Section(
            id=listing.value,
            title=TITLES[listing],
            note=NOTES[listing],
            empty=EMPTY[listing],
            count=f"{count:,}" if count <= COUNTED else f"{COUNTED:,}+",
            items=[item_of(listing, row, actor, today) for row in rows[:PAGE]],
            more="",
            more_url=next_url,
        ),
        "filters": _filters(asked, teams, listing),
        "first_url": reverse("home") + asked.parameters(list=listing.value),
        "back_url": reverse("home") + asked.parameters(),
    }
    return render(request, "listing.html", frame(actor) | context)


def head_of(
    listing: Listing,
    rows: list[Row],
    count: int,
    asked: Asked,
    actor: Actor,
    today: date,
) -> Section:
    """Return the first rows of a list, with the way to all of it."""
    url = reverse("home") + asked.parameters(list=listing.value)
    more = count - len(rows)
    return Section(
        id=listing.value,
        title=TITLES[listing],
        note=NOTES[listing],
        empty=EMPTY[listing],
        count=f"{count:,}",
        items=[item_of(listing, row, actor, today) for row in rows],
        more=f"{more:,}" if more > 0 else "",
        more_url=url if more > 0 else "",
    )


def item_of(listing: Listing, row: Row, actor: Actor, today: date) -> Item:
    """Return a row of a list in words, with what its reader may do about it."""
    log_url = ""
    if may(actor, Permission.EVALUATE, row.team.id):
        log_url = evaluation_url(row.id)
    if listing is Listing.TO_DEPRECATE:
        why = wording.why_deprecate(row.state, row.last_evaluated_on, row.flags)
    else:
        why = wording.why_due(row.last_evaluated_on, row.pulled_by, row.flags)
    return Item(
        row=row,
        url=reverse("solution", args=[row.slug]),
        tone=wording.TONES[row.state],
        due=wording.due_words(row.next_review_on, today),
        due_tone="bad" if row.next_review_on < today else "calm",
        why=why,
        told=[_told(flag) for flag in row.flags if not flag.is_by_the_clock],
        log_url=log_url,
    )


_GRAVE = frozenset({Severity.HIGH.value, Severity.CRITICAL.value})


def _told(flag: OpenQuestion) -> Told:
    return Told(
        reason=wording.reason(flag),
        severity=flag.severity if flag.severity in _GRAVE else "",
        tone=SEVERITY_TONES[flag.severity],
        link=followable(flag.source_url),
        host=host_of(flag.source_url),
    )


def _filters(asked: Asked, teams: list[TeamName], listing: Listing) -> dict[str, Any]:
    team, owner = asked.narrowed.team, asked.narrowed.owner
    return {
        "teams": team_choices(teams, team),
        # Who owns anything at all would take the whole register to say: the owner is
        # typed, and a team's members are offered.
        "is_typed": True,
        "owner": (owner.username or NOBODY) if owner else "",
        "members": members_of(team.id) if team and team.id else [],
        "is_set": asked.narrowed != Filter(),
        "said": narrowed_words(asked.narrowed),
        "clear_url": f"{reverse('home')}?{urlencode({'list': listing.value})}",
    }
