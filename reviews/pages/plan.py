"""The plan: how many reviews the coming weeks hold, how many fit, and levelling them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from reviews.pages import errors
from reviews.pages.beginning import staff_links, ways_in
from reviews.pages.charts import Chart, Column, columns
from reviews.pages.filters import narrowed_words, owner_choices, team_choices
from reviews.pages.parameters import (
    NOBODY,
    ParameterError,
    owner_of,
    refuse_unknown,
    team_of,
    text_of,
)
from reviews.pages.shell import frame, link, visitor
from reviews.pages.wording import counted
from reviews.queries.home import (
    Filter,
    OwnerName,
    TeamName,
    all_teams,
    is_anything_registered,
)
from reviews.queries.plan import WEEKS, Load, Outlook, Owned, Week, outlook
from reviews.rules.access import Actor, NotAllowedError, Permission, may
from reviews.services.errors import DomainError, StaleError
from reviews.services.levelling import (
    Levelling,
    LevelMove,
    StillOverfull,
    level_reviews,
)

PARAMETERS = frozenset({"team", "owner"})
LEVELLING = PARAMETERS | {"seen", "take", "csrfmiddlewaretoken"}
LONGEST_TABLE = 80
LONGEST_PREVIEW = 200
MOST_NAMED = 4
MOST_WEEKS = 26
"""From how many on weeks, or whatever has them, are counted and no longer named."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table by team or by owner; `fullest` is the week that holds most."""

    name: str
    url: str
    backlog: int
    coming: int
    fits: str
    fullest: str
    over: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Whose reviews the visitor may level, as the form sends it."""

    team: str
    owner: str
    words: str


@dataclass(frozen=True, slots=True)
class Moving:
    """A move with the words that belong to it."""

    move: LevelMove
    url: str
    factor: int
    before_week: int
    after_week: int


@login_required
@never_cache
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    ahead = outlook(timezone.localdate())
    try:
        refuse_unknown(request.GET, PARAMETERS)
        narrowed = Filter(team_of(request.GET, ahead.teams), owner_of(request.GET))
    except ParameterError as error:
        return errors.refused(request, str(error))
    actor = visitor(request)
    weeks, load = ahead.weeks(narrowed), ahead.load(narrowed)
    cliffs = [week for week in weeks if week.over]
    teams = [] if narrowed.team or narrowed.owner else _by_team(ahead)
    owners, left_out = _by_owner(ahead, narrowed)
    too_full = [] if cliffs else [line.name for line in [*teams, *owners] if line.over]
    context = {
        "here": "plan",
        "sentence": sentence(weeks),
        "load": load,
        "weeks": weeks,
        "weeks_ahead": WEEKS,
        "fits": ahead.capacity(narrowed),
        "chart": _chart(weeks),
        "cliffs": cliffs[:MOST_NAMED],
        "more_cliffs": len(cliffs[MOST_NAMED:]),
        "too_full": too_full[:MOST_NAMED],
        "more_too_full": len(too_full[MOST_NAMED:]),
        "teams": teams,
        "owners": owners,
        "owners_left_out": left_out,
        "filters": _filters(ahead, narrowed),
        "said": narrowed_words(narrowed),
        "offer": _offer(ahead, narrowed, actor),
        "may_level": bool(_plannable(ahead, actor)),
        "queue_url": link("queue"),
    }
    if not ahead.owned and not is_anything_registered():
        context |= {"is_empty": True, "ways_in": ways_in(actor)}
    elif unmanned := _unmanned(ahead, narrowed):
        context |= {"unmanned": unmanned, "staff": staff_links(actor)}
    return render(request, "plan.html", frame(actor) | context)


@login_required
@never_cache
@require_POST
def level(request: HttpRequest) -> HttpResponse:
    """Show what levelling would move, and move it once that has been seen."""
    try:
        refuse_unknown(request.POST, LEVELLING)
        narrowed = Filter(team_of(request.POST, all_teams()), owner_of(request.POST))
        seen = text_of(request.POST, "seen", limit=64)
    except ParameterError as error:
        return errors.refused(request, str(error))
    actor = visitor(request)
    now = timezone.now()

    def levelled(*, take: bool) -> Levelling:
        owner = narrowed.owner
        return level_reviews(
            team_id=narrowed.team.id if narrowed.team and not owner else None,
            owner_id=owner.id if owner else None,
            actor=actor,
            today=timezone.localdate(now),
            now=now,
            take=take,
            seen=seen if take else None,
        )

    back = HttpResponseRedirect(reverse("plan") + _parameters(narrowed))
    try:
        if "take" in request.POST:
            _tell(request, levelled(take=True))
            return back
        return _preview(request, levelled(take=False), narrowed, actor)
    except NotAllowedError as error:
        return errors.forbidden(request, error)
    except StaleError as error:
        messages.warning(request, str(error))
        return _preview(request, levelled(take=False), narrowed, actor)
    except DomainError as error:
        messages.error(request, str(error))
        return back


def _unmanned(ahead: Outlook, narrowed: Filter) -> str:
    """Return in words that nobody reviews in the team, or in any; else nothing."""
    team = narrowed.team
    is_team = team is None or team.id is not None
    if narrowed.owner or not is_team or ahead.capacity(narrowed) is not None:
        return ""
    return f"Nobody is there to review{f' for {team.name}' if team else ''} yet"


def sentence(weeks: list[Week]) -> str:
    """Return what is ahead: how many reviews, and the weeks that hold too many."""
    due, fits = sum(week.due for week in weeks), weeks[0].fits
    if not due:
        return f"Nothing is due in the coming {len(weeks)} weeks."
    ahead = f"{counted(due, 'review')} in {len(weeks)} weeks"
    if fits is None:
        return f"{ahead}, with nobody to say how many a week fit."
    cliffs = [week for week in weeks if week.over]
    if not cliffs:
        return f"{ahead}, and no week has more than the {fits:,} that fit."
    named = [f"week {week.number} has {week.due:,}" for week in cliffs[:MOST_NAMED]]
    if more := len(cliffs) - len(named):
        named.append(f"{counted(more, 'more week')} too many as well")
    return f"{ahead}, at most {fits:,} a week fit: {', '.join(named)}."


def _chart(weeks: list[Week]) -> Chart:
    fits = weeks[0].fits
    return columns(
        "ahead",
        f"Reviews due in the coming {len(weeks)} weeks",
        sentence(weeks) + " The table of the weeks has every figure.",
        [
            # Where it is small, every fourth week is named.
            Column(str(week.number), week.due, is_minor=place % 4 != 0)
            for place, week in enumerate(weeks)
        ],
        limit=fits,
        within="reviews due, by the number of the week",
        beyond="more than fit the week",
    )


def _by_team(ahead: Outlook) -> list[Line]:
    loads = _summed(ahead.owned, lambda owned: owned.team)
    return _worst_first(
        _line(team.name, {"team": team.slug or NOBODY}, load, ahead, Filter(team=team))
        for team, load in loads.items()
    )


def _by_owner(ahead: Outlook, narrowed: Filter) -> tuple[list[Line], int]:
    """Return the owners within a team or all, and how many are too many to show."""
    if narrowed.owner is not None:
        return [], 0
    within = (each for each in ahead.owned if narrowed.team in (None, each.team))
    loads = _summed(within, lambda owned: owned.owner)
    team = {"team": narrowed.team.slug or NOBODY} if narrowed.team else {}
    lines = _worst_first(
        _line(
            owner.name,
            team | {"owner": owner.username or NOBODY},
            load,
            ahead,
            Filter(narrowed.team, owner),
        )
        for owner, load in loads.items()
    )
    return lines[:LONGEST_TABLE], len(lines[LONGEST_TABLE:])


def _summed(owned: Iterable[Owned], whose: Callable[[Owned], Any]) -> dict[Any, Load]:
    loads: dict[Any, Load] = {}
    for each in owned:
        loads[whose(each)] = loads.get(whose(each), Load()) + each.load
    return loads


def _line(
    name: str, asked: dict[str, str], load: Load, ahead: Outlook, narrowed: Filter
) -> Line:
    fits = ahead.capacity(narrowed)
    weeks = [
        Week(monday, due, fits)
        for monday, due in zip(ahead.mondays, load.weeks, strict=True)
    ]
    fullest = max(weeks, key=lambda week: week.due)
    return Line(
        name=name,
        url=f"{reverse('plan')}?{urlencode(asked)}",
        backlog=load.backlog,
        coming=load.coming,
        fits="unknown" if fits is None else f"{fits:,}",
        fullest=f"{fullest.due:,} in week {fullest.number}" if fullest.due else "none",
        over=sum(1 for week in weeks if week.over),
    )


def _worst_first(lines: Iterable[Line]) -> list[Line]:
    return sorted(
        lines, key=lambda line: (-line.over, -line.coming, line.name.casefold())
    )


def _filters(ahead: Outlook, narrowed: Filter) -> dict[str, Any]:
    owners = {each.owner for each in ahead.owned}
    if narrowed.owner is not None:
        owners.add(narrowed.owner)
    return {
        "teams": team_choices(ahead.teams, narrowed.team),
        "owners": owner_choices(owners, narrowed.owner),
        # So many choices would outweigh the rest of the page.
        "is_typed": len(owners) > LONGEST_TABLE,
        "owner": _owner_word(narrowed.owner) if narrowed.owner else "",
        "is_set": narrowed != Filter(),
    }


def _offer(ahead: Outlook, narrowed: Filter, actor: Actor) -> Offer | None:
    """Return what the visitor may have levelled on this page: an owner, or a team."""
    team, owner = narrowed.team, narrowed.owner
    if owner is not None:
        teams = {each.team for each in ahead.owned if each.owner == owner}
        if (
            owner.id
            and ahead.capacities.get(owner.id)
            and teams & _plannable(ahead, actor)
        ):
            return Offer("", owner.username, f"what {owner.name} owns")
        return None
    if team is None or ahead.capacity(narrowed) is None:
        return None
    if may(actor, Permission.PLAN, team.id):
        return Offer(team.slug, "", f"team {team.name}")
    return None


def _plannable(ahead: Outlook, actor: Actor) -> set[TeamName]:
    teams = [*ahead.teams, TeamName()]
    return {team for team in teams if may(actor, Permission.PLAN, team.id)}


def _preview(
    request: HttpRequest, levelling: Levelling, narrowed: Filter, actor: Actor
) -> HttpResponse:
    owner, team = narrowed.owner, narrowed.team
    context = {
        "here": "plan",
        "whose": f"what {owner.name} owns" if owner else f"team {team and team.name}",
        "moves": [_moving(move) for move in levelling.moves[:LONGEST_PREVIEW]],
        "count": len(levelling.moves),
        "count_words": counted(len(levelling.moves), "review"),
        "more": len(levelling.moves[LONGEST_PREVIEW:]),
        "overfull": [_why_left(week) for week in levelling.overfull[:MOST_WEEKS]],
        "more_overfull": len(levelling.overfull[MOST_WEEKS:]),
        "seen": levelling.mark,
        "team": team.slug if team else "",
        "owner": _owner_word(owner) if owner else "",
        "back_url": reverse("plan") + _parameters(narrowed),
    }
    return render(request, "plan-level.html", frame(actor) | context)


def _moving(move: LevelMove) -> Moving:
    return Moving(
        move=move,
        url=reverse("solution", args=[move.slug]),
        factor=1 << move.risk_class,
        before_week=_number(move.before),
        after_week=_number(move.after),
    )


def _why_left(left: StillOverfull) -> str:
    """Return why a week stays too full."""
    week = left.week
    return (
        f"{left.whose}: week {_number(week.monday)}, from {week.monday}, keeps "
        f"{week.holds:,}, and {week.fits:,} fit. No week before it has room, and nothing "
        "in it may wait for one after it."
    )


def _tell(request: HttpRequest, levelling: Levelling) -> None:
    moved = len(levelling.moves) - len(levelling.refused)
    if moved:
        messages.success(request, f"{counted(moved, 'review')} moved.")
    else:
        messages.info(request, "Nothing had to move.")
    if levelling.overfull:
        weeks = counted(len(levelling.overfull), "week")
        messages.warning(request, f"Too full all the same: {weeks}.")
    for refused in levelling.refused[:MOST_NAMED]:
        messages.error(request, f"{refused.slug} stays: {refused.why}")


def _parameters(narrowed: Filter) -> str:
    """Return a filter as the end of an address."""
    asked = {}
    if narrowed.team is not None:
        asked["team"] = narrowed.team.slug or NOBODY
    if narrowed.owner is not None:
        asked["owner"] = _owner_word(narrowed.owner)
    return f"?{urlencode(asked)}" if asked else ""


def _owner_word(owner: OwnerName) -> str:
    return owner.username or NOBODY


def _number(day: date) -> int:
    return day.isocalendar().week
