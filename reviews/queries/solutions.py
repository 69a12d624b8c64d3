"""Solutions as frozen rows: one query for the rows, one for their tags and names."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Exists, OuterRef, Q

from reviews.models import Identifier, Solution
from reviews.models.solution import NEVER, SolutionQuerySet
from reviews.queries.identifiers import ids_known_as
from reviews.rules.naming import scheme_of
from reviews.rules.staleness import freshness
from reviews.rules.vocabulary import UNREVIEWED, Freshness, Kind, Scheme, Verdict

NONE = "none"
"""Stands, in place of a name, for what no team or nobody owns."""

_TAG = ""
"""Stands where an identifier has its scheme; no scheme is empty."""

_TAGS_AND_IDENTIFIERS = f"""
    SELECT tagged.solution_id, '{_TAG}', tag.name
    FROM reviews_solution_tags tagged JOIN reviews_tag tag ON tag.id = tagged.tag_id
    WHERE tagged.solution_id {{among}}
    UNION ALL
    SELECT solution_id, scheme, value FROM reviews_identifier
    WHERE solution_id {{among}}
"""


class IdentifierRow(msgspec.Struct, frozen=True, gc=False, order=True):
    """How a source knows a solution."""

    scheme: str
    value: str


class SolutionRow(msgspec.Struct, frozen=True):
    """A solution, with the slug of its team and the username of its owner."""

    id: int
    slug: str
    name: str
    kind: str
    state: str
    criticality: str
    team: str | None
    owner: str | None
    version: str
    description: str
    homepage: str
    contract_ends_on: date | None
    notice_period_days: int | None
    registered_on: date
    last_evaluated_on: date | None
    next_review_on: date | None
    pulled_by: str
    trust_ends_on: date | None
    created_at: datetime
    updated_at: datetime
    tags: Sequence[str]
    identifiers: Sequence[IdentifierRow]

    @property
    def review_order(self) -> date:
        """The next review, or NEVER, as `with_review_order` has it."""
        return self.next_review_on or NEVER

    @property
    def purl(self) -> str | None:
        """The first purl by which the solution is known."""
        purls = (row.value for row in self.identifiers if row.scheme == Scheme.PURL)
        return next(purls, None)

    def freshness_on(self, today: date) -> Freshness | None:
        """Return how the solution stands to its clock."""
        return freshness(
            verdict=None if self.state == UNREVIEWED else Verdict(self.state),
            next_review_on=self.next_review_on,
            today=today,
        )


_COLUMNS = (
    "id",
    "slug",
    "name",
    "kind",
    "state",
    "criticality",
    "team__slug",
    "owner__username",
    "version",
    "description",
    "homepage",
    "contract_ends_on",
    "notice_period_days",
    "registered_on",
    "last_evaluated_on",
    "next_review_on",
    "pulled_by",
    "trust_ends_on",
    "created_at",
    "updated_at",
    "key",
)


@dataclass(frozen=True, slots=True)
class SolutionFilter:
    """
    Which solutions are wanted; None leaves a property open.

    `purl` is a canonical key, `due_before` excludes the day itself, and `search` is a
    part of the name, the slug or an identifier, in any case.
    """

    kind: Kind | None = None
    state: str | None = None
    owner: str | None = None
    team: str | None = None
    tag: str | None = None
    purl: str | None = None
    freshness: Freshness | None = None
    due_before: date | None = None
    search: str | None = None


def solutions_matching(wanted: SolutionFilter, *, today: date) -> SolutionQuerySet:
    """Return the solutions that meet all of a filter, in no order."""
    exact = {
        "kind": wanted.kind,
        "state": wanted.state,
        "tags__name": wanted.tag,
        "next_review_on__lt": wanted.due_before,
    }
    found = Solution.objects.with_review_order().filter(
        owned_by(team=wanted.team, owner=wanted.owner),
        **{path: value for path, value in exact.items() if value is not None},
    )
    if wanted.purl is not None:
        found = found.filter(pk__in=ids_known_as(Scheme.PURL, wanted.purl))
    if wanted.freshness is not None:
        found = found.of_freshness(wanted.freshness, today)
    if wanted.search is not None:
        found = found.filter(_mentions(wanted.search))
    return found


def owned_by(*, team: str | None, owner: str | None, through: str = "") -> Q:
    """
    Return the condition that a solution belongs to a team and a person.

    They are named by slug and by username; `through` is the path to the solution. An
    unknown name is nobody's, so nothing meets the condition.
    """
    condition = Q()
    for path, name in (("team__slug", team), ("owner__username", owner)):
        if name == NONE:
            condition &= Q((f"{through}{path.partition('__')[0]}__isnull", True))
        elif name is not None:
            condition &= Q((f"{through}{path}", name))
    return condition


def read_solutions(solutions: SolutionQuerySet) -> list[SolutionRow]:
    """Return the rows of a query, in two queries however many they are."""
    rows: list[tuple[Any, ...]] = list(solutions.values_list(*_COLUMNS))
    tags, identifiers = _tags_and_identifiers([row[0] for row in rows])
    return [
        SolutionRow(
            *[
                *columns,
                sorted(tags[columns[0]]),
                [IdentifierRow(scheme_of(key), key), *sorted(identifiers[columns[0]])],
            ]
        )
        for *columns, key in rows
    ]


def find_solution(slug: str) -> SolutionRow | None:
    """Return the solution with a slug, if there is one."""
    return next(iter(read_solutions(Solution.objects.filter(slug=slug))), None)


def _mentions(text: str) -> Q:
    named = Identifier.objects.filter(solution=OuterRef("pk"), value__icontains=text)
    return (
        Q(name__icontains=text)
        | Q(slug__icontains=text)
        | Q(key__icontains=text)
        | Q(Exists(named))
    )


def _tags_and_identifiers(
    ids: Sequence[int],
) -> tuple[dict[int, list[str]], dict[int, list[IdentifierRow]]]:
    tags: dict[int, list[str]] = defaultdict(list)
    identifiers: dict[int, list[IdentifierRow]] = defaultdict(list)
    if not ids:
        return tags, identifiers
    # By hand: a hundred parameters take Django longer to write than all else together.
    if connection.vendor == "postgresql":
        listed: str | list[int] = list(ids)
        among = "= ANY(%s)"
    else:
        listed = json.dumps(ids)
        among = "IN (SELECT value FROM json_each(%s))"
    with connection.cursor() as cursor:
        cursor.execute(_TAGS_AND_IDENTIFIERS.format(among=among), [listed, listed])
        for id, scheme, value in cursor.fetchall():
            if scheme == _TAG:
                tags[id].append(value)
            else:
                identifiers[id].append(IdentifierRow(scheme, value))
    return tags, identifiers
