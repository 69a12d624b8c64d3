"""What needs the visitor of the home page: the head of the queue, and its figures."""

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict

from reviews.pages import wording
from reviews.pages.queue_asked import asked_of
from reviews.pages.queue_words import count_words
from reviews.pages.shell import link
from reviews.queries.needs import Needed, first_needed
from reviews.queries.queue_order import Show, Wanted, Whose, figures
from reviews.rules.access import Actor, Role

ENTRIES = 5

_TITLES = {
    Whose.MINE: "What needs me",
    Whose.TEAM: "What needs my teams",
    Whose.ALL: "What needs somebody",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the queue with the words that belong to it."""

    row: Needed
    url: str
    tone: str
    due: str
    due_tone: str
    why: str


@dataclass(frozen=True, slots=True)
class Figure:
    """How much of one sort waits, and the list of the queue that has it."""

    label: str
    value: str
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class Needs:
    """What waits for a visitor; `url` is the queue that the entries are the head of."""

    title: str
    entries: list[Entry]
    figures: list[Figure]
    url: str


def needs_of(actor: Actor, today: date) -> Needs | None:
    """Return what waits for a visitor; None where there is no queue to lead to."""
    queue_url = link("queue")
    if not queue_url:
        return None
    wanted = asked_of(QueryDict(), actor).wanted
    rows = first_needed(wanted, today=today, limit=ENTRIES)
    return Needs(
        title=_TITLES[wanted.whose],
        entries=[_entry(row, wanted.whose, today) for row in rows],
        figures=_figures(actor, wanted, queue_url, today),
        url=f"{queue_url}?{urlencode({'whose': wanted.whose.value})}",
    )


def _entry(row: Needed, whose: Whose, today: date) -> Entry:
    focus = link("focus", row.slug)
    return Entry(
        row=row,
        url=focus and f"{focus}?{urlencode({'whose': whose.value})}",
        tone=wording.TONES[row.state],
        due=wording.due_words(row.next_review_on, today),
        due_tone="bad" if row.next_review_on < today else "calm",
        why=f"pulled forward: {row.pulled_by}" if row.pulled_by else "",
    )


def _figures(actor: Actor, wanted: Wanted, queue_url: str, today: date) -> list[Figure]:
    mine = replace(wanted, whose=Whose.MINE)
    # Who administers cares for what no team owns, and decides for every team.
    others = Whose.ALL if actor.is_administrator else Whose.TEAM
    shared = replace(wanted, whose=others)
    asked = [
        ("Mine, overdue", Show.OVERDUE, mine),
        ("My waivers that end soon", Show.WAIVERS, mine),
    ]
    if actor.is_administrator or Role.LEAD in actor.roles.values():
        asked.append(("Proposals to decide on", Show.PROPOSALS, shared))
    if actor.is_administrator or wanted.team_ids:
        asked.append(("Without an owner", Show.ORPHANS, shared))
    counts = {
        whose: figures(each, today=today)
        for whose, each in {each.whose: each for _, _, each in asked}.items()
    }
    return [
        Figure(
            label=label,
            value=count_words(count := counts[each.whose][show]),
            tone=_TONES[show] if count else "good",
            url=f"{queue_url}?"
            + urlencode({"show": show.value, "whose": each.whose.value}),
        )
        for label, show, each in asked
    ]


_TONES = {
    Show.OVERDUE: "bad",
    Show.WAIVERS: "warn",
    Show.PROPOSALS: "warn",
    Show.ORPHANS: "warn",
}
