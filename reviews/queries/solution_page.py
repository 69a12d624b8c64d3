"""All that a solution's own page tells, read in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Exists, OuterRef

from reviews.models import Connection, Dependency, Flag, Solution, Ticket
from reviews.models.choices import SCHEMES
from reviews.queries.connections import Taking, taking
from reviews.queries.covers import CoverRow, covers_of_flags
from reviews.queries.escalation import Climb, climbs
from reviews.queries.evaluation_parts import (
    NamedSolution,
)
from reviews.queries.evidence import Evidence, evidence_of
from reviews.queries.facts import (
    FactRow,
    facts_numbered,
    flagged_ids,
)
from reviews.queries.history import history_of
from reviews.queries.home import (
    OpenQuestion,
    OwnerName,
    TeamName,
    all_teams,
    open_question,
    owner_name,
    owner_names,
    team_name,
)
from reviews.queries.identifiers import identifiers_of
from reviews.queries.solution_log import (
    EvaluationRow,
    evaluation_log,
    in_order,
    with_parts,
)
from reviews.queries.tickets import TicketRow, tickets_of
from reviews.rules.staleness import contract_notice_day
from reviews.rules.vocabulary import Verdict

Item = TypeVar("Item")

LONGEST = 100
"""How many evaluations, dependencies and changes a page shows of each."""


@dataclass(frozen=True, slots=True)
class OpenFlag:
    """
    An open flag, the facts that it rests on, and what covers it until when.

    `climb` says who is asked, None while nobody is. `taken_by` names the connection
    that would make a ticket for it, empty where it has one, or none would.
    """

    id: int
    question: OpenQuestion
    facts: tuple[FactRow, ...]
    covered_until: date | None
    cover: CoverRow | None = None
    climb: Climb | None = None
    ticket: TicketRow | None = None
    taken_by: str = ""

    def is_asked(self, today: date) -> bool:
        """Return whether nothing covers it on a day."""
        return self.covered_until is None or self.covered_until <= today


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A solution at the other end of a dependency."""

    slug: str
    name: str
    state: str
    version: str
    last_seen_on: date


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One line of the audit trail."""

    at: datetime
    actor: str
    door: str
    what: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Excerpt(Generic[Item]):
    """The first of many, and whether there are more."""

    rows: tuple[Item, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class SolutionPage:
    """A solution with all that belongs to it."""

    id: int
    slug: str
    name: str
    kind: str
    description: str
    homepage: str
    version: str
    criticality: str
    team: TeamName
    owner: OwnerName
    tags: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]
    registered_on: date
    contract_ends_on: date | None
    notice_period_days: int | None
    notice_on: date | None
    verdict: Verdict | None
    state: str
    last_evaluated_on: date | None
    clock_due_on: date | None
    next_review_on: date | None
    trust_ends_on: date | None
    pulled_by: str
    flags: tuple[OpenFlag, ...]
    evidence: Evidence
    instead: NamedSolution | None
    evaluations: Excerpt[EvaluationRow]
    pending: tuple[EvaluationRow, ...]
    used_by: Excerpt[LinkRow]
    uses: Excerpt[LinkRow]
    history: Excerpt[ChangeRow]


def solution_page(slug: str, *, today: date) -> SolutionPage | None:
    """Return a solution's page on a day, None if the register has no such solution."""
    solution = (
        Solution.objects.select_related("team", "owner").filter(slug=slug).first()
    )
    if solution is None:
        return None
    ends_on = solution.contract_ends_on
    log = evaluation_log(solution)
    told = with_parts(log[: LONGEST + 1])
    return SolutionPage(
        id=solution.pk,
        slug=solution.slug,
        name=solution.name,
        kind=solution.get_kind_display(),
        description=solution.description,
        homepage=solution.homepage,
        version=solution.version,
        criticality=solution.criticality,
        team=team_name(solution.team),
        owner=owner_name(solution.owner),
        tags=tuple(solution.tags.order_by("name").values_list("name", flat=True)),
        identifiers=tuple(
            (dict(SCHEMES)[scheme], value) for scheme, value in identifiers_of(solution)
        ),
        registered_on=solution.registered_on,
        contract_ends_on=ends_on,
        notice_period_days=solution.notice_period_days,
        notice_on=ends_on
        and contract_notice_day(ends_on, solution.notice_period_days or 0),
        verdict=solution.verdict(),
        state=solution.state,
        last_evaluated_on=solution.last_evaluated_on,
        clock_due_on=solution.clock_due_on,
        next_review_on=solution.next_review_on,
        trust_ends_on=solution.trust_ends_on,
        pulled_by=solution.pulled_by,
        flags=_flags(solution, today),
        evidence=evidence_of(solution, today=today),
        # Only what is on hold or ends has a replacement; a later verdict takes it back.
        instead=next((row.replacement for row in log if row.is_standing), None),
        evaluations=_excerpt(told),
        pending=tuple(row for row in (*told, *log[LONGEST + 1 :]) if row.is_pending),
        used_by=_links(solution, "component"),
        uses=_links(solution, "solution"),
        history=_history(solution),
    )


def _flags(solution: Solution, today: date) -> tuple[OpenFlag, ...]:
    rows = Flag.objects.open().filter(solution=solution).order_by("due_on", "pk")
    flags = list(
        rows.annotate(
            has_ticket=Exists(Ticket.objects.filter(flag=OuterRef("pk"))),
            # Who has no ticket system is not to pay for a look at it.
            is_any_live=Exists(Connection.objects.live()),
        )
    )
    covered = [flag.pk for flag in flags if flag.covered_by]
    covers = covers_of_flags(covered, today=today)
    asked = climbs(rows.order_by(), today=today) if flags else {}
    ids = flagged_ids([flag.pk for flag in flags])
    facts = facts_numbered(id for behind in ids.values() for id in behind)
    tickets = tickets_of([flag.pk for flag in flags if _is(flag, "has_ticket")])
    is_any_live = any(_is(flag, "is_any_live") for flag in flags)
    untaken = [flag for flag in flags if is_any_live and flag.pk not in tickets]
    takers = _takers(untaken, solution)
    return tuple(
        OpenFlag(
            flag.pk,
            open_question(flag),
            in_order(ids.get(flag.pk, ()), facts),
            flag.covered_until,
            covers.get(flag.pk),
            asked.get(flag.pk),
            tickets.get(flag.pk),
            takers.get(flag.pk, ""),
        )
        for flag in flags
    )


def _is(flag: Flag, annotation: str) -> bool:
    return bool(getattr(flag, annotation))


def _takers(flags: Sequence[Flag], solution: Solution) -> dict[int, str]:
    """Return which live connection would make a ticket for each of some flags."""
    live = taking() if flags else []
    found = {}
    for flag in flags:
        takers = (each.name for each in live if _takes(each, flag, solution))
        if taker := next(takers, ""):
            found[flag.pk] = taker
    return found


def _takes(connection: Taking, flag: Flag, solution: Solution) -> bool:
    return connection.takes(
        cause=flag.cause,
        action=flag.action,
        severity=flag.severity,
        team_id=solution.team_id,
    )


def _links(solution: Solution, far_end: str) -> Excerpt[LinkRow]:
    near_end = "solution" if far_end == "component" else "component"
    rows = (
        Dependency.objects.filter(**{near_end: solution})
        .order_by(f"{far_end}__name", "version", "pk")
        .values_list(
            f"{far_end}__slug",
            f"{far_end}__name",
            f"{far_end}__state",
            "version",
            "last_seen_on",
        )
    )
    return _excerpt(LinkRow(*row) for row in rows[: LONGEST + 1])


def _history(solution: Solution) -> Excerpt[ChangeRow]:
    rows = (
        history_of(solution.pk)
        .order_by("-pk")
        .values_list("at", "actor", "door", "what", "details")
    )
    changes = [ChangeRow(*row) for row in rows[: LONGEST + 1]]
    names = {
        "team_id": {team.id: team.name for team in all_teams()},
        "owner_id": owner_names(_ids(changes, "owner_id")),
    }
    return _excerpt(
        replace(change, details=_named(change.details, names)) for change in changes
    )


def _ids(changes: Iterable[ChangeRow], field: str) -> set[Any]:
    told = (change.details.get(field, ()) for change in changes)
    return {id for ids in told if isinstance(ids, list) for id in ids if id is not None}


def _named(
    details: dict[str, Any], names: dict[str, dict[int | None, str]]
) -> dict[str, Any]:
    """Return the details with names in the place of the numbers that stand for them."""
    told = {}
    for field, value in details.items():
        if field in names and isinstance(value, list):
            known = names[field]
            value = [known.get(id, f"number {id}") if id else id for id in value]
            field = field.removesuffix("_id")
        told[field] = value
    return told


def _excerpt(rows: Iterable[Item]) -> Excerpt[Item]:
    rows = tuple(rows)
    return Excerpt(rows[:LONGEST], len(rows) > LONGEST)
