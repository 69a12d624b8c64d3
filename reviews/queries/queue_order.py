"""
The queue's order and its figures, at the same cost however large the register is.

Risk changes with every day, so no index can hold its order. But within one class of risk
the due day alone decides (`rules.risk`): the first rows of each class come off the end of
an index, and only those are sorted. The same holds for each team, and for each owner.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, assert_never

from django.db import connection

from reviews.rules.risk import CLASSES, OF_CRITICALITY, OF_DEPENDENTS, OF_SEVERITY, risk
from reviews.rules.staleness import due_soon_until
from reviews.rules.vocabulary import Cause, CoverKind, Criticality, Kind

MOST_COUNTED = 100
"""A figure beyond it reads "100+": to count on would cost more the larger it is."""

WAIVERS_END_WITHIN = timedelta(days=14)

_TO_DEPENDENTS = max(power for _, power in OF_DEPENDENTS)
_TO_SEVERITY = max(OF_SEVERITY.values())


class Show(StrEnum):
    """The lists of the queue, each of them a tab."""

    DUE = "due"
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    PULLED = "pulled"
    PROPOSALS = "proposals"
    WAIVERS = "waivers"
    ORPHANS = "orphans"


class Whose(StrEnum):
    """Whose part of the register the queue is for."""

    MINE = "mine"
    TEAM = "team"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What part of the queue is wanted; None leaves a property open.

    `user_id` says who "mine" is, `team_ids` which teams are those of "team".
    """

    whose: Whose = Whose.ALL
    user_id: int | None = None
    team_ids: tuple[int, ...] = ()
    kind: Kind | None = None
    criticality: Criticality | None = None
    cause: Cause | None = None


class Place(NamedTuple):
    """A solution's place: its risk, and what decides between equals."""

    id: int
    risk_class: int
    next_review_on: date

    def risk_on(self, today: date) -> int:
        return risk(self.next_review_on, today, self.risk_class)


class _Part(NamedTuple):
    """
    A part of the register that an index holds in order within a class.

    It is told by a column and its values, one after the other; where those are none, the
    part is what has nothing in that column, and without a column it is everything.
    `values` is a query of them.
    """

    column: str = ""
    values: str = ""
    also: str = ""

    def together(self) -> str:
        """Return the condition for all of it."""
        if not self.column:
            return "true"
        told = f"IN ({self.values})" if self.values else "IS NULL"
        return f"solution.{self.column} {told}{self.also}"

    def one(self) -> str:
        """Return the condition for one of the values, where `one` names it."""
        if not self.values:
            return self.together()
        return f"solution.{self.column} = one.value{self.also}"

    def first(self) -> str:
        """Return what has to head the order for PostgreSQL to see the index's own."""
        # Nothing is no value, which would be the same in all rows.
        return f"solution.{self.column}, " if self.column and not self.values else ""


@dataclass(slots=True)
class _Statement:
    """A statement in the making: conditions join it together with their parameters."""

    today: date
    parameters: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.day("today", self.today)
        self.day("soon", due_soon_until(self.today))

    def day(self, name: str, day: date) -> None:
        self.parameters[name] = connection.ops.adapt_datefield_value(day)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self.parameters)
            return list(cursor.fetchall())


# What is retired has no next review, and so is in none of these ranges: the database
# holds to that. A review that is still to come has no flag yet that anything could
# cover, and so what is quiet is in the queue until its day, and again after it.
_ASKED = """(solution.next_review_on > %(today)s OR solution.quiet_until IS NULL
             OR solution.quiet_until <= %(today)s)"""
_STANDING = {
    Show.DUE: f"solution.next_review_on <= %(soon)s AND {_ASKED}",
    Show.OVERDUE: f"solution.next_review_on < %(today)s AND {_ASKED}",
    Show.DUE_SOON: "solution.next_review_on >= %(today)s"
    f" AND solution.next_review_on <= %(soon)s AND {_ASKED}",
    # Written as the condition of its index is, or SQLite does not take that.
    Show.PULLED: "NOT (solution.pulled_by = '')"
    f" AND solution.next_review_on <= %(soon)s AND {_ASKED}",
    Show.ORPHANS: "solution.next_review_on IS NOT NULL",
}
_BRANCH = """
    SELECT solution.id, solution.risk_class, solution.next_review_on
    FROM reviews_solution AS solution
    WHERE {belongs} AND solution.risk_class = of_class.value AND {standing}
    ORDER BY {first}solution.next_review_on, solution.id LIMIT {limit}
"""
# For each class, and each value, the first rows of a range of the index. A branch is
# planned once, however many there are. SQLite knows no LATERAL, but this comes to the
# same there, and is as bad on PostgreSQL as the other is good.
_EACH_BRANCH = {
    "postgresql": """
        SELECT branch.* FROM ({classes}) AS of_class {ones}
        CROSS JOIN LATERAL ({branch}) AS branch
    """,
    "sqlite": """
        SELECT listed.id, listed.risk_class, listed.next_review_on
        FROM ({classes}) AS of_class {ones} CROSS JOIN reviews_solution AS listed
        WHERE listed.id IN (SELECT id FROM ({branch}))
    """,
}
_PROPOSALS = """
    FROM reviews_evaluation AS proposal
    JOIN reviews_solution AS solution ON solution.id = proposal.solution_id
    WHERE proposal.is_proposal AND solution.state <> 'retire' AND NOT EXISTS (
        SELECT 1 FROM reviews_decision AS decision
        WHERE decision.evaluation_id = proposal.id
    ) AND {belongs} {narrowed}
"""
_WAIVERS = f"""
    FROM reviews_cover AS cover
    JOIN reviews_flag AS flag ON flag.id = cover.flag_id
    JOIN reviews_solution AS solution ON solution.id = flag.solution_id
    WHERE cover.ended_at IS NULL AND cover.kind = '{CoverKind.WAIVER}'
      AND cover.until > %(today)s AND cover.until <= %(until)s
      AND {{belongs}} {{narrowed}}
"""
_CAUSE = """
    AND EXISTS (
        SELECT 1 FROM reviews_flag AS asked
        WHERE asked.solution_id = solution.id AND asked.cause = %(cause)s
          AND asked.closed_at IS NULL
          AND (asked.covered_until IS NULL OR asked.covered_until <= %(today)s)
    )
"""
_LEFT = "SELECT id AS value FROM reviews_user WHERE NOT is_active"


def places(
    show: Show, wanted: Wanted, *, today: date, limit: int, offset: int = 0
) -> list[Place]:
    """
    Return a part of a list of solutions, the highest risk first.

    Of equal risk, the one due earlier comes first. Orphans come by their class of risk
    and their due day, since most of them are not due.
    """
    statement = _Statement(today)
    standing = _STANDING[show] + _narrowed(wanted, statement)
    branches = [
        _branch(part, standing, _classes(wanted), offset + limit)
        for part in _parts(show, wanted)
    ]
    if not branches:
        return []
    rows = statement.rows(" UNION ALL ".join(branches))
    found = [Place(id, of_class, _date(day)) for id, of_class, day in rows]
    if show is Show.ORPHANS:
        found.sort(key=lambda row: (-row.risk_class, row.next_review_on, row.id))
    else:
        found.sort(key=lambda row: (-row.risk_on(today), row.next_review_on, row.id))
    return found[offset : offset + limit]


def _branch(part: _Part, standing: str, classes: Sequence[int], limit: int) -> str:
    """Return the statement that hands out the first rows of each class of a part."""
    branch = _BRANCH.format(
        belongs=part.one(), standing=standing, first=part.first(), limit=limit
    )
    return _EACH_BRANCH[connection.vendor].format(
        classes=_values(classes),
        ones=f"CROSS JOIN ({part.values}) AS one" if part.values else "",
        branch=branch,
    )


def proposal_ids(
    wanted: Wanted, *, today: date, limit: int, offset: int = 0
) -> list[int]:
    """Return the proposals that await a decision, the oldest first."""
    statement = _Statement(today)
    sql = _PROPOSALS.format(
        belongs=_belongs(wanted),
        narrowed=_narrowed(wanted, statement),
    )
    rows = statement.rows(
        f"SELECT proposal.id {sql} ORDER BY proposal.id LIMIT {limit} OFFSET {offset}"
    )
    return [id for (id,) in rows]


def waiver_ids(
    wanted: Wanted, *, today: date, limit: int, offset: int = 0
) -> list[int]:
    """Return the waivers that end within fourteen days, what ends next first."""
    statement = _Statement(today)
    sql = _waivers(wanted, statement)
    rows = statement.rows(
        f"SELECT cover.id {sql} ORDER BY cover.until, cover.id"
        f" LIMIT {limit} OFFSET {offset}"
    )
    return [id for (id,) in rows]


def figures(wanted: Wanted, *, today: date) -> dict[Show, int]:
    """
    Return how long each list is, counted up to one beyond MOST_COUNTED.

    All of them come in one statement.
    """
    statement = _Statement(today)
    narrowed = _narrowed(wanted, statement)
    counted = [_count(show, wanted, statement, narrowed) for show in Show]
    [row] = statement.rows("SELECT " + ", ".join(counted))
    return dict(zip(Show, row, strict=True))


def _count(show: Show, wanted: Wanted, statement: _Statement, narrowed: str) -> str:
    if show is Show.PROPOSALS:
        belongs = _belongs(wanted)
        sources = [_PROPOSALS.format(belongs=belongs, narrowed=narrowed)]
    elif show is Show.WAIVERS:
        sources = [_waivers(wanted, statement)]
    else:
        standing = _STANDING[show] + narrowed
        # With every class named, an index that begins with an owner or a team, or that
        # holds only what is pulled, reaches as far as to the day.
        if wanted.whose is not Whose.ALL or show in (Show.PULLED, Show.ORPHANS):
            classes = ", ".join(map(str, _classes(wanted)))
            standing += f" AND solution.risk_class IN ({classes})"
        sources = [
            f"FROM reviews_solution AS solution WHERE {part.together()} AND {standing}"
            for part in _parts(show, wanted)
        ]
    if not sources:
        return "0"
    rows = " UNION ALL ".join(f"SELECT 1 {source}" for source in sources)
    limit = MOST_COUNTED + 1
    return f"(SELECT count(*) FROM ({rows} LIMIT {limit}) AS counted_{show})"


def _waivers(wanted: Wanted, statement: _Statement) -> str:
    statement.day("until", statement.today + WAIVERS_END_WITHIN)
    narrowed = _narrowed(wanted, statement, cause=" AND flag.cause = %(cause)s")
    belongs = _belongs(wanted, "cover.owner_id")
    return _WAIVERS.format(belongs=belongs, narrowed=narrowed)


def _classes(wanted: Wanted) -> Sequence[int]:
    """Return the classes in which anything wanted can be, the highest first."""
    if wanted.criticality is None:
        return CLASSES[::-1]
    least = OF_CRITICALITY[wanted.criticality]
    return range(least, least + _TO_SEVERITY + _TO_DEPENDENTS + 1)[::-1]


def _narrowed(wanted: Wanted, statement: _Statement, *, cause: str = _CAUSE) -> str:
    narrowed = ""
    for column, word in (("kind", wanted.kind), ("criticality", wanted.criticality)):
        if word is not None:
            statement.parameters[column] = word.value
            narrowed += f" AND solution.{column} = %({column})s"
    if wanted.cause is not None:
        statement.parameters["cause"] = wanted.cause.value
        narrowed += cause
    return narrowed


def _parts(show: Show, wanted: Wanted) -> list[_Part]:
    """
    Return the parts of the register that a list is made of.

    None has a row of another's, and there are none where nothing can be in the list.
    """
    if show is Show.ORPHANS:
        also = ""
        if wanted.whose is not Whose.ALL:
            # Nobody owns an orphan: mine among them are those that my teams have.
            also = f" AND {_among('team_id', wanted.team_ids)}"
        return [_Part("owner_id", also=also), _Part("owner_id", _LEFT, also)]
    match wanted.whose:
        case Whose.ALL:
            return [_Part()]
        case Whose.TEAM:
            teams = wanted.team_ids
            return [_Part("team_id", _values(teams))] if teams else []
        case Whose.MINE:
            mine = wanted.user_id
            return [] if mine is None else [_Part("owner_id", _values([mine]))]
        case _:
            assert_never(wanted.whose)


def _values(numbers: Collection[int]) -> str:
    return " UNION ALL ".join(f"SELECT {int(number)} AS value" for number in numbers)


def _among(column: str, ids: Collection[int]) -> str:
    listed = ", ".join(str(int(id)) for id in ids)
    return f"solution.{column} IN ({listed})" if listed else "false"


def _belongs(wanted: Wanted, also: str = "") -> str:
    """Return the condition that a row is of the part; `also` may name who it is."""
    match wanted.whose:
        case Whose.ALL:
            return "true"
        case Whose.TEAM:
            return _among("team_id", wanted.team_ids)
        case Whose.MINE:
            mine = _among(
                "owner_id", [] if wanted.user_id is None else [wanted.user_id]
            )
            return f"({mine} OR {also} = {wanted.user_id or 0})" if also else mine
        case _:
            assert_never(wanted.whose)


def _date(day: date | str) -> date:
    # SQLite hands out what it keeps: text.
    return day if isinstance(day, date) else date.fromisoformat(day)
