"""The home page: what is overdue, due soon and to be deprecated, by team and owner."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reviews.models import Scan
from reviews.pages import errors, wording
from reviews.pages.evidence import SEVERITY_TONES
from reviews.pages.figures import by_team, coverage_figure, tiles
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
from reviews.pages.scans import scan_report
from reviews.pages.shell import frame, link, visitor
from reviews.queries.evidence import coverage
from reviews.queries.facts import followable, host_of
from reviews.queries.home import (
    Census,
    Figures,
    Filter,
    Group,
    Listing,
    OpenQuestion,
    OwnerName,
    Position,
    Row,
    TeamName,
    census,
    listed,
    total,
)
from reviews.rules.access import Actor, Permission, may
from reviews.rules.signals import Severity

PAGE = 50
PARAMETERS = frozenset({"list", "team", "owner", "after"})
SHOWN = (Listing.OVERDUE, Listing.DUE_SOON, Listing.TO_DEPRECATE)
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
    """A list, or the page of it that is shown."""

    id: str
    title: str
    note: str
    empty: str
    count: int
    items: list[Item]
    more: int
    more_url: str


@login_required
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    register = census(today)
    try:
        asked = _asked(request.GET, register)
    except ParameterError as error:
        return errors.refused(request, str(error))
    actor = visitor(request)
    groups = [group for group in register.groups if asked.narrowed.covers(group)]
    figures = total(groups)
    if asked.listing is None:
        content = _overview(asked, groups, now)
    else:
        content = {
            "first_url": reverse("home") + asked.parameters(list=asked.listing.value),
            "back_url": reverse("home") + asked.parameters(),
        }
    shown = SHOWN if asked.listing is None else (asked.listing,)
    sections = [_section(asked, each, figures, actor, today) for each in shown]
    context = {
        "today": today,
        "figures": figures,
        "sections": sections,
        "asked": asked,
        "filters": _filters(asked, register),
        "is_empty": not total(register.groups).registered,
        "add_url": link("admin:reviews_solution_add"),
    }
    template = "home.html" if asked.listing is None else "listing.html"
    return render(request, template, frame(actor) | context | content)


def _asked(query: QueryDict, register: Census) -> Asked:
    refuse_unknown(query, PARAMETERS)
    narrowed = Filter(team_of(query, register.teams), owner_of(query))
    asked = Asked(word_of(query, "list", Listing), narrowed, position_of(query))
    if asked.after is not None and asked.listing is None:
        raise ParameterError("To go on after a row, say in which list.")
    return asked


def _overview(asked: Asked, groups: list[Group], now: datetime) -> dict[str, Any]:
    last = Scan.objects.last_complete(now)
    table = by_team(groups, one_team=asked.narrowed.team is not None)
    return {
        "here": "home",
        "scan": scan_report(last, now),
        "tiles": tiles(total(groups), asked.parameters),
        "coverage": coverage_figure(coverage(asked.narrowed, now=now)),
        "lines": table.lines,
        "owners_left_out": table.owners_left_out,
    }


def _section(
    asked: Asked, listing: Listing, figures: Figures, actor: Actor, today: date
) -> Section:
    # One row more than is shown tells whether there is a next page.
    rows = listed(
        listing, asked.narrowed, today=today, limit=PAGE + 1, after=asked.after
    )
    count = figures.count(listing)
    more_url = ""
    if len(rows) > PAGE:
        place = written(rows[PAGE - 1].position)
        more_url = reverse("home") + asked.parameters(list=listing.value, after=place)
    return Section(
        id=listing.value,
        title=TITLES[listing],
        note=NOTES[listing],
        empty=EMPTY[listing],
        count=count,
        items=[_item(listing, row, actor, today) for row in rows[:PAGE]],
        more=count - PAGE,
        more_url=more_url,
    )


def _item(listing: Listing, row: Row, actor: Actor, today: date) -> Item:
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


def evaluation_url(solution_id: int) -> str:
    """Return where an evaluation of a solution is logged, empty without staff pages."""
    form = link("admin:reviews_evaluation_add")
    return form and f"{form}?{urlencode({'solution': solution_id})}"


def _filters(asked: Asked, register: Census) -> dict[str, Any]:
    owners = {group.owner for group in register.groups}
    if asked.narrowed.owner is not None:
        owners.add(asked.narrowed.owner)
    team, owner = asked.narrowed.team, asked.narrowed.owner
    return {
        "teams": team_choices(register.teams, team),
        "owners": _owner_choices(owners, owner),
        "is_set": asked.narrowed != Filter(),
        "said": ", ".join(
            [
                *([f"team {team.name}" if team.id else team.name] if team else []),
                *([f"owner {owner.name}" if owner.id else owner.name] if owner else []),
            ]
        ),
        "clear_url": reverse("home") + (_only_list(asked)),
    }


def _only_list(asked: Asked) -> str:
    return f"?{urlencode({'list': asked.listing.value})}" if asked.listing else ""


Choice = tuple[str, str, bool]
"""A filter's value, its words, and whether it is chosen."""


def team_choices(teams: Iterable[TeamName], chosen: TeamName | None) -> list[Choice]:
    """Return the teams to filter by, and that of what no team owns."""
    none = TeamName()
    return [
        *((team.slug, team.name, team == chosen) for team in teams),
        (NOBODY, none.name, none == chosen),
    ]


def _owner_choices(
    owners: Iterable[OwnerName], chosen: OwnerName | None
) -> list[Choice]:
    people = sorted(
        (owner for owner in owners if owner.id), key=lambda o: o.name.casefold()
    )
    none = OwnerName()
    return [
        *((owner.username, owner.name, owner == chosen) for owner in people),
        (NOBODY, none.name, none == chosen),
    ]
