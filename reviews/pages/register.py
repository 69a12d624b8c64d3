"""The register: every solution by name, to be searched and narrowed."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reviews.models.choices import KINDS, STATES, values_of
from reviews.pages import errors, wording
from reviews.pages.beginning import add_url, import_url, ways_in
from reviews.pages.filters import Choice, team_choices
from reviews.pages.parameters import (
    ParameterError,
    choice_of,
    owner_of,
    place_of,
    refuse_unknown,
    team_of,
    text_of,
    word_of,
    written,
)
from reviews.pages.shell import frame, visitor
from reviews.queries.home import TeamName, all_teams
from reviews.queries.register_page import Entry, Search, register
from reviews.rules.vocabulary import Freshness, Kind

PAGE = 50
FILTERS = ("search", "kind", "state", "freshness", "team", "owner")
PARAMETERS = frozenset({*FILTERS, "after"})


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with the words that belong to it."""

    entry: Entry
    url: str
    tone: str
    freshness: str
    freshness_tone: str


@login_required
@never_cache
@require_safe
def solutions(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    teams = all_teams()
    try:
        refuse_unknown(request.GET, PARAMETERS)
        search = _search(request.GET, teams)
        after = place_of(request.GET)
    except ParameterError as error:
        return errors.refused(request, str(error))
    actor = visitor(request)
    entries = register(search, today=today, limit=PAGE + 1, after=after)
    context = {
        "here": "solutions",
        "owner_value": request.GET.get("owner", ""),
        "lines": [_line(entry) for entry in entries[:PAGE]],
        "next_url": _next_url(request.GET, entries),
        "first_url": reverse("solutions") + _filter(request.GET) if after else "",
        "search": search,
        "is_narrowed": search != Search(),
        "choices": _choices(search, teams),
        "add_url": add_url(actor),
        "import_url": import_url(actor),
    }
    if not entries and search == Search() and after is None:
        context |= {"is_empty": True, "ways_in": ways_in(actor)}
    return render(request, "solutions.html", frame(actor) | context)


def _search(query: QueryDict, teams: list[TeamName]) -> Search:
    return Search(
        text=text_of(query, "search", limit=200),
        kind=word_of(query, "kind", Kind),
        state=choice_of(query, "state", values_of(STATES)),
        freshness=word_of(query, "freshness", Freshness),
        team=team_of(query, teams),
        owner=owner_of(query),
    )


def _line(entry: Entry) -> Line:
    return Line(
        entry=entry,
        url=reverse("solution", args=[entry.slug]),
        tone=wording.TONES[entry.state],
        freshness=wording.freshness_words(entry.freshness),
        freshness_tone=wording.freshness_tone(entry.freshness),
    )


def _next_url(query: QueryDict, entries: list[Entry]) -> str:
    if len(entries) <= PAGE:
        return ""
    return reverse("solutions") + _filter(query, after=written(entries[PAGE - 1].place))


def _filter(query: QueryDict, **more: str) -> str:
    kept = {name: query[name] for name in FILTERS if query.get(name)}
    return f"?{urlencode(kept | more)}" if kept or more else ""


def _choices(search: Search, teams: list[TeamName]) -> dict[str, list[Choice]]:
    return {
        "kinds": _chosen(KINDS, search.kind),
        "states": _chosen(STATES, search.state),
        "freshness": _chosen(
            [(word.value, wording.freshness_words(word)) for word in Freshness],
            search.freshness,
        ),
        "teams": team_choices(teams, search.team),
    }


def _chosen(choices: list[tuple[str, str]], chosen: Any) -> list[Choice]:
    return [(value, label, value == chosen) for value, label in choices]
