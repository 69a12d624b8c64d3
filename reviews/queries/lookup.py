"""
Looking one thing up: is it registered, what was decided, and what should be used instead.

What a text names exactly is found by identifiers, what is merely called alike by the
start of its slug: both off an index, in a fixed number of queries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from reviews.models import Cover, Evaluation, Flag, Identifier, Signal, Solution
from reviews.models.solution import SolutionQuerySet
from reviews.queries.covers import CoverRow, read_covers
from reviews.queries.home import (
    OpenQuestion,
    OwnerName,
    TeamName,
    open_question,
    owner_name,
    team_name,
)
from reviews.queries.log import evaluations_in_effect
from reviews.rules.recognising import Form, Recognised, recognised
from reviews.rules.signals import SOURCE_NAMES, Source
from reviews.rules.staleness import freshness
from reviews.rules.text import comparable
from reviews.rules.vocabulary import CoverKind, Freshness

ALIKE = 5
"""How many solutions are named that are only called alike."""

# Behind every slug that begins with a stem, in every order of text.
_BEHIND = "zzzz"


@dataclass(frozen=True, slots=True)
class Instead:
    """
    What to use in its place: a registered solution, or what a source names.

    `slug` is empty for what is not registered. `said_by` is a person or a source.
    """

    name: str
    slug: str
    said_by: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered solution, and what its next user has to know."""

    id: int
    slug: str
    name: str
    kind: str
    state: str
    version: str
    team: TeamName
    owner: OwnerName
    last_evaluated_on: date | None
    next_review_on: date | None
    freshness: Freshness | None
    flags: tuple[OpenQuestion, ...]
    waiver: CoverRow | None
    instead: Instead | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the register has on a text: exactly that, and what is called alike."""

    asked: Recognised
    exact: tuple[Registered, ...]
    alike: tuple[Registered, ...]


def look_up(text: str, *, today: date) -> Answer:
    """
    Return what the register has on a purl, an address, a model id or a name.

    At most eight queries, none of which reads the whole register.

    :raises PurlError: for what starts as a purl and is none.
    :raises TextError: for what is blank, too long, or holds what no line may hold.
    """
    asked = recognised(text)
    known_as = Identifier.objects.filter(value__in=asked.identifiers)
    # Asked for by itself: within one condition, a database would read every solution.
    ids = list(known_as.values_list("solution_id", flat=True)[:ALIKE])
    named = Q(key__in=asked.keys) | Q(pk__in=ids)
    exact = list(_solutions().filter(named).order_by("slug")[:ALIKE])
    others = [each for each in _alike(asked.stem) if each not in exact]
    if asked.form is not Form.PURL:
        # Who types a name means what has that name, purl or not.
        called = [each for each in others if _is_called(each, asked)]
        exact += called
        others = [each for each in others if each not in called]
    alike = others[:ALIKE]
    read = _read([*exact, *alike], today)
    return Answer(
        asked,
        tuple(read[each.pk] for each in exact),
        tuple(read[each.pk] for each in alike),
    )


def _solutions() -> SolutionQuerySet:
    return Solution.objects.select_related("team", "owner")


def _alike(stem: str) -> list[Solution]:
    # A range and not LIKE, which SQLite would read the whole table for.
    rows = _solutions().filter(slug__gte=stem, slug__lte=stem + _BEHIND)
    return [
        row for row in rows.order_by("slug")[: 4 * ALIKE] if row.slug.startswith(stem)
    ]


def _is_called(solution: Solution, asked: Recognised) -> bool:
    return comparable(solution.name) in (
        comparable(asked.value),
        comparable(asked.text),
    )


def _read(solutions: Sequence[Solution], today: date) -> dict[int, Registered]:
    ids = [solution.pk for solution in solutions]
    if not ids:
        return {}
    flags = _flags(ids)
    waivers = _waivers(ids, today)
    instead = _instead(ids)
    return {
        row.pk: Registered(
            id=row.pk,
            slug=row.slug,
            name=row.name,
            kind=row.kind,
            state=row.state,
            version=row.version,
            team=team_name(row.team),
            owner=owner_name(row.owner),
            last_evaluated_on=row.last_evaluated_on,
            next_review_on=row.next_review_on,
            freshness=freshness(
                verdict=row.verdict(), next_review_on=row.next_review_on, today=today
            ),
            flags=tuple(flags.get(row.pk, ())),
            waiver=waivers.get(row.pk),
            instead=instead.get(row.pk),
        )
        for row in solutions
    }


def _flags(ids: Sequence[int]) -> dict[int, list[OpenQuestion]]:
    found: dict[int, list[OpenQuestion]] = {}
    rows = Flag.objects.open().filter(solution__in=ids)
    for flag in rows.order_by("due_on", "pk"):
        found.setdefault(flag.solution_id, []).append(open_question(flag))
    return found


def _waivers(ids: Sequence[int], today: date) -> dict[int, CoverRow]:
    """Return of each solution the waiver that lasts longest."""
    active = Cover.objects.active_on(today).filter(
        kind=CoverKind.WAIVER.value, flag__solution__in=ids
    )
    return {row.solution_id: row for row in read_covers(active.order_by("until", "pk"))}


def _instead(ids: Sequence[int]) -> dict[int, Instead]:
    """Return what a source names in its place, or rather what its evaluation does."""
    signals = Signal.objects.standing().filter(solution__in=ids).exclude(replacement="")
    found = {
        row.solution_id: Instead(row.replacement, "", SOURCE_NAMES[Source(row.source)])
        for row in signals.order_by("published_on", "pk")
    }
    standing = evaluations_in_effect(ids).values()
    judged = Evaluation.objects.filter(
        pk__in=standing, replacement__isnull=False
    ).select_related("replacement")
    for row in judged:
        if row.replacement is not None:
            found[row.solution_id] = Instead(
                row.replacement.name, row.replacement.slug, row.author_name
            )
    return found
