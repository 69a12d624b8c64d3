"""The home page's figures: the tiles at its head, and the table by team and owner."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from reviews.pages.charts import Chart, Segment, Stack, stacks, told
from reviews.pages.parameters import NOBODY
from reviews.queries.evidence import Coverage
from reviews.queries.home import Figures, Group, Listing, OwnerName, TeamName, total

LONGEST_TABLE = 80
"""From how many lines on the owners show only once a team is chosen."""


CHARTED = 12
"""How many teams the picture shows."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure at the head of the page; `note` qualifies it."""

    label: str
    value: str
    note: str
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of the table, with the list behind it."""

    label: str
    value: int
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: a team, or an owner within the team above."""

    name: str
    url: str
    is_team: bool
    registered: int
    cells: list[Cell]
    share: str


@dataclass(frozen=True, slots=True)
class Table:
    """The table's lines, and whether it would be too long with its owners."""

    lines: list[Line]
    owners_left_out: bool


@dataclass(frozen=True, slots=True)
class CoverageFigure:
    """How much of the register a source answers for, in total and by kind."""

    value: str
    note: str
    kinds: list[str]


LABELS = {
    Listing.OVERDUE: ("Overdue", "bad"),
    Listing.DUE_SOON: ("Due soon", "warn"),
    Listing.NEVER_REVIEWED: ("Never reviewed", "warn"),
    Listing.TO_DEPRECATE: ("To be deprecated", "bad"),
}


def share_words(figures: Figures) -> str:
    """Return the share reviewed within six months, unknown where nothing is there."""
    percent = figures.reviewed_percent()
    return "unknown" if percent is None else f"{percent} %"


def tiles(figures: Figures, parameters: Callable[..., str]) -> list[Tile]:
    """Return the figures at the head of the page, for the filter that is set."""
    notes = {
        Listing.OVERDUE: _of_them(figures.overdue_never),
        Listing.DUE_SOON: f"within 30 days{_also(figures.due_soon_never)}",
        Listing.NEVER_REVIEWED: "no evaluation in effect",
        Listing.TO_DEPRECATE: "by a flag or by verdict",
    }
    return [
        Tile(
            "Registered",
            f"{figures.registered:,}",
            "retired left out",
            "calm",
            reverse("solutions") + parameters(),
        ),
        Tile(
            "Reviewed within six months",
            share_words(figures),
            f"{figures.reviewed:,} of {figures.registered:,}",
            "calm",
            "",
        ),
        *(
            _tile(listing, figures.count(listing), notes[listing], parameters)
            for listing in LABELS
        ),
    ]


def coverage_figure(kinds: Iterable[Coverage]) -> CoverageFigure:
    """Return the share of solutions that at least one source answers for."""
    kinds = list(kinds)
    covered = sum(each.covered for each in kinds)
    all_of_them = sum(each.total for each in kinds)
    return CoverageFigure(
        # Rounded down: 999 of 1,000 are not all of them.
        value=f"{100 * covered // all_of_them} %" if all_of_them else "unknown",
        note=f"{covered:,} of {all_of_them:,} have a source that answers; "
        "of the rest nothing is known from outside",
        kinds=[
            f"{each.kind_name} {each.covered:,} of {each.total:,}" for each in kinds
        ],
    )


def freshness_chart(groups: Iterable[Group]) -> Chart | None:
    """
    Return how each team's solutions stand to their clock, the most overdue first.

    None where there is nothing to draw. Beyond CHARTED teams the table alone has them.
    """
    teams: dict[TeamName, Figures] = {}
    for group in groups:
        teams[group.team] = teams.get(group.team, Figures()) + group.figures
    ranked = sorted(teams.items(), key=lambda one: _worst_first(*one))
    bars = [_stack(team, figures) for team, figures in ranked[:CHARTED]]
    if not bars:
        return None
    title = "Freshness by team"
    if len(ranked) > CHARTED:
        title += f": the {CHARTED} with the most overdue, of {len(ranked)}"
    return stacks("freshness", title, told(bars), bars)


def _stack(team: TeamName, figures: Figures) -> Stack:
    # What was never reviewed is told apart, whether or not its first review is late.
    overdue = figures.overdue - figures.overdue_never
    due_soon = figures.due_soon - figures.due_soon_never
    fresh = figures.registered - figures.never_reviewed - overdue - due_soon
    return Stack(
        team.name,
        (
            Segment("fresh", fresh, "good"),
            Segment("due soon", due_soon, "warn"),
            Segment("overdue", overdue, "bad"),
            Segment("never reviewed", figures.never_reviewed, "calm"),
        ),
    )


def by_team(groups: Iterable[Group], *, one_team: bool) -> Table:
    """
    Return the table: teams, the most overdue first, each with its owners.

    Where that would be too long, owners are left out until a team is chosen.
    """
    teams: dict[TeamName, list[Group]] = {}
    for group in groups:
        teams.setdefault(group.team, []).append(group)
    long = len(teams) + sum(map(len, teams.values())) > LONGEST_TABLE and not one_team
    lines = []
    whole = [(team, total(owned)) for team, owned in teams.items()]
    for team, figures in sorted(whole, key=lambda one: _worst_first(*one)):
        lines.append(_line(team, None, figures))
        if not long:
            owned = sorted(
                teams[team], key=lambda each: _worst_first(each.owner, each.figures)
            )
            lines += [_line(team, each.owner, each.figures) for each in owned]
    return Table(lines, owners_left_out=long)


def _worst_first(named: TeamName | OwnerName, figures: Figures) -> tuple[int, int, str]:
    return -figures.overdue, -figures.to_deprecate, named.name.casefold()


def _line(team: TeamName, owner: OwnerName | None, figures: Figures) -> Line:
    narrowed = {"team": team.slug or NOBODY}
    if owner is not None:
        narrowed["owner"] = owner.username or NOBODY
    return Line(
        name=team.name if owner is None else owner.name,
        url=f"{reverse('home')}?{urlencode(narrowed)}",
        is_team=owner is None,
        registered=figures.registered,
        cells=[
            Cell(label, figures.count(listing), tone, _list_url(listing, narrowed))
            for listing, (label, tone) in LABELS.items()
        ],
        share=share_words(figures),
    )


def _tile(
    listing: Listing, count: int, note: str, parameters: Callable[..., str]
) -> Tile:
    label, tone = LABELS[listing]
    url = f"{reverse('home')}{parameters(list=listing.value)}"
    return Tile(label, f"{count:,}", note, tone if count else "good", url)


def _list_url(listing: Listing, narrowed: dict[str, str]) -> str:
    return f"{reverse('home')}?{urlencode({'list': listing.value} | narrowed)}"


def _of_them(never: int) -> str:
    return f"{never:,} of them never reviewed" if never else "past their day"


def _also(never: int) -> str:
    return f", {never:,} of them never reviewed" if never else ""
