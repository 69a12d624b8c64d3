"""Writing what an import has found out, set by set."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from reviews.models import Change, Solution, Tag
from reviews.rules.access import Actor, Permission, require
from reviews.rules.levelling import first_review_days
from reviews.rules.risk import risk_class
from reviews.rules.staleness import (
    Clock,
    Policy,
    PolicyScope,
    clock,
    contract_pull,
    policy_for,
)
from reviews.rules.vocabulary import Criticality, Kind
from reviews.services.audit import differences, kind_of
from reviews.services.bulk import add_rows, next_ids
from reviews.services.clock import CLOCK_FIELDS, set_dates
from reviews.services.evidence.watching import ask_soon
from reviews.services.flags import settle_flags
from reviews.services.imports.plan import Found, Names, Wanted, wanted_table
from reviews.services.slugs import free_slugs
from reviews.services.weighing import weigh_solutions

CHUNK = 1_000

_USES = """
    INSERT INTO reviews_dependency
        (component_id, solution_id, version, first_seen_on, last_seen_on)
    SELECT DISTINCT %(component)s, used.solution_id, wanted.version, {today}, {today}
    FROM {wanted} JOIN (
        SELECT id AS solution_id, key AS value FROM reviews_solution
        UNION ALL
        SELECT solution_id, value FROM reviews_identifier WHERE scheme = 'purl'
    ) AS used ON used.value = wanted.value
    WHERE used.solution_id <> %(component)s
    ON CONFLICT (component_id, solution_id, version)
    DO UPDATE SET last_seen_on = excluded.last_seen_on
    WHERE reviews_dependency.last_seen_on < excluded.last_seen_on
"""


@dataclass(slots=True)
class Import:
    """One import under way: who does it, when, from which file and for whom."""

    actor: Actor
    today: date
    now: datetime
    filename: str
    names: Names
    scopes: Sequence[PolicyScope]
    default_team_id: int | None
    component: Solution | None
    _policies: dict[object, Policy] = field(default_factory=dict)
    _clocks: dict[object, Clock] = field(default_factory=dict)

    def team_id(self, wanted: Wanted) -> int | None:
        """Return the team that a new solution belongs to."""
        named = wanted.component.team
        return self.names.team_id(named) if named else self.default_team_id

    def owner_id(self, wanted: Wanted) -> int | None:
        """Return the owner that the file names."""
        named = wanted.component.owner
        return self.names.user_id(named) if named else None

    def registration(self, count: int) -> int:
        """Return the audit row that tells what the file brought into the register."""
        return Change.objects.create(
            at=self.now,
            actor=self.actor.name[:200],
            door=self.actor.door,
            object_kind="inventory",
            object_id=0,
            object_label=self.filename[:200],
            what="registered",
            details={"file": self.filename, "solutions": count},
        ).pk

    def policy(
        self, kind: Kind, criticality: Criticality, tags: Sequence[str]
    ) -> Policy:
        """Return how long a verdict on such a solution holds."""
        key = (kind, criticality, tuple(tags))
        if key not in self._policies:
            self._policies[key] = policy_for(
                kind, criticality, frozenset(tags), self.scopes
            )
        return self._policies[key]

    def first_clock(
        self,
        first_review_on: date,
        policy: Policy,
        ends_on: date | None,
        notice: int | None,
    ) -> Clock:
        """Return what the clock says of a solution that was never evaluated."""
        key = (first_review_on, policy.months, ends_on, notice)
        if key not in self._clocks:
            pull = contract_pull(ends_on, notice, None)
            self._clocks[key] = clock(
                verdict=None,
                last_evaluated_on=None,
                first_review_on=first_review_on,
                registered_on=self.today,
                policy=policy,
                pulls=[pull] if pull else [],
            )
        return self._clocks[key]


def add_solutions(new: Sequence[Found], job: Import) -> list[str]:
    """
    Register what is not registered yet; return the slugs in the same order.

    One row of the audit trail tells of all of them, and each points at it.
    """
    rows = [found.wanted.component for found in new]
    slugs = free_slugs([row.name for row in rows])
    ids = list(next_ids(Solution, len(new)))
    teams = [job.team_id(found.wanted) for found in new]
    for team_id in set(teams):
        require(job.actor, Permission.IMPORT, team_id)
    risks = [
        (
            criticality := row.criticality or Criticality.MEDIUM,
            job.policy(row.kind, criticality, row.tags),
        )
        for row in rows
    ]
    taken = _taken(set(teams), job.today)
    days = first_review_days(job.today, risks, taken)
    clocks = [
        job.first_clock(day, policy, row.contract_ends_on, row.notice_period_days)
        for row, day, (_, policy) in zip(rows, days, risks, strict=True)
    ]
    add_rows(
        Solution,
        len(new),
        {
            "id": ids,
            "slug": slugs,
            "key": [found.wanted.identity for found in new],
            "name": [row.name for row in rows],
            "kind": [row.kind.value for row in rows],
            "description": [row.description for row in rows],
            "homepage": [row.homepage for row in rows],
            "version": [found.wanted.version for found in new],
            "criticality": [criticality.value for criticality, _ in risks],
            "team_id": teams,
            "owner_id": [job.owner_id(found.wanted) for found in new],
            "contract_ends_on": [row.contract_ends_on for row in rows],
            "notice_period_days": [row.notice_period_days for row in rows],
            "registered_on": job.today,
            "registration_id": job.registration(len(new)),
            "created_at": job.now,
            "updated_at": job.now,
            "first_review_on": days,
            "clock_due_on": [dates.clock_due_on for dates in clocks],
            "next_review_on": [dates.next_review_on for dates in clocks],
            "pulled_by": [dates.pulled_by for dates in clocks],
            "trust_ends_on": [dates.trust_ends_on for dates in clocks],
            # Nothing else that weighs is known of what is new.
            "risk_class": [risk_class(criticality) for criticality, _ in risks],
        },
    )
    _add_tags({id: row.tags for id, row in zip(ids, rows, strict=True) if row.tags})
    due = [
        id
        for id, dates in zip(ids, clocks, strict=True)
        if dates.next_review_on is not None and dates.next_review_on <= job.today
    ]
    settle_flags(solution_ids=due, today=job.today, now=job.now)
    return slugs


def change_solutions(known: Sequence[Found], job: Import) -> list[dict[str, Any]]:
    """
    Bring registered solutions into line with the file.

    Returns what changed of each, in the same order; nothing where nothing did.
    """
    changes: list[dict[str, Any]] = []
    for start in range(0, len(known), CHUNK):
        changes += _change_some(known[start : start + CHUNK], job)
    return changes


def record_uses(wanted: Sequence[Wanted], job: Import) -> int:
    """Note that the component uses all of this today; return how many notes changed."""
    if job.component is None:
        return 0
    pairs = [(one.identity, version) for one in wanted for version in one.versions]
    table, parameters = wanted_table(
        [identity for identity, _ in pairs], [version for _, version in pairs]
    )
    today = "%(today)s::date" if connection.vendor == "postgresql" else "%(today)s"
    with connection.cursor() as cursor:
        cursor.execute(
            _USES.format(wanted=table, today=today),
            parameters
            | {"component": job.component.pk, "today": job.today.isoformat()},
        )
        return max(int(cursor.rowcount), 0)


def _change_some(known: Sequence[Found], job: Import) -> list[dict[str, Any]]:
    rows = {
        solution.pk: solution
        for solution in Solution.objects.select_for_update(of=("self",), no_key=True)
        .prefetch_related("tags")
        .filter(pk__in=[found.solution_id for found in known])
    }
    changes = []
    changed: list[Solution] = []
    for found in known:
        solution = rows[found.solution_id or 0]
        change = _change(solution, found.wanted, job)
        changes.append(change)
        if change:
            changed.append(solution)
    Solution.objects.bulk_update(
        changed,
        [
            "version",
            "criticality",
            "team",
            "owner",
            "contract_ends_on",
            "notice_period_days",
            "description",
            "homepage",
            "updated_at",
            *CLOCK_FIELDS,
        ],
        batch_size=200,
    )
    _add_history(
        [solution.pk for solution in changed],
        [solution.slug for solution in changed],
        "changed by an import",
        [json.dumps({"file": job.filename} | change) for change in changes if change],
        job,
    )
    changed_ids = [solution.pk for solution in changed]
    settle_flags(solution_ids=changed_ids, today=job.today, now=job.now)
    weigh_solutions(solution_ids=changed_ids, today=job.today)
    ask_soon(solution_ids=changed_ids, now=job.now)
    return changes


def _change(solution: Solution, wanted: Wanted, job: Import) -> dict[str, Any]:
    row = wanted.component
    before = _told(solution)
    tags = sorted(tag.name for tag in solution.tags.all())
    told: dict[str, Any] = {
        "version": wanted.version,
        "criticality": row.criticality.value if row.criticality else "",
        "team_id": job.names.team_id(row.team) if row.team else None,
        "owner_id": job.owner_id(wanted),
        "contract_ends_on": row.contract_ends_on,
        "notice_period_days": row.notice_period_days,
        "description": row.description,
        "homepage": row.homepage,
    }
    after = before | {
        name: value for name, value in told.items() if value not in (None, "")
    }
    change = differences(before, after)
    new_tags = sorted(row.tags) or tags
    if new_tags != tags:
        change["tags"] = [tags, new_tags]
    if not change:
        return {}
    require(job.actor, Permission.IMPORT, solution.team_id)
    if {"team_id", "owner_id"} & change.keys():
        require(job.actor, Permission.REASSIGN, solution.team_id)
    for name, value in after.items():
        setattr(solution, name, value)
    if new_tags != tags:
        solution.tags.clear()
        _add_tags({solution.pk: tuple(new_tags)})
    solution.updated_at = job.now
    policy = job.policy(
        Kind(solution.kind), Criticality(solution.criticality), new_tags
    )
    set_dates(solution, policy=policy)
    return change


def _taken(teams: set[int | None], today: date) -> dict[date, int]:
    """Return how many reviews the teams have on each of the coming days already."""
    of_teams = Q(team__in=[id for id in teams if id is not None])
    if None in teams:
        of_teams |= Q(team=None)
    # In the order of the queue's index of a team, which answers without reading a row.
    rows = Solution.objects.filter(of_teams)
    groups = rows.values_list("team_id", "risk_class", "next_review_on")
    taken: dict[date, int] = {}
    for *_, day, count in groups.annotate(Count("pk")).order_by():
        if day is not None and day > today:
            taken[day] = taken.get(day, 0) + count
    return taken


def _told(solution: Solution) -> dict[str, Any]:
    return {
        name: getattr(solution, name)
        for name in (
            "version",
            "criticality",
            "team_id",
            "owner_id",
            "contract_ends_on",
            "notice_period_days",
            "description",
            "homepage",
        )
    }


def _add_tags(tags: dict[int, tuple[str, ...]]) -> None:
    if not tags:
        return
    names = {name for some in tags.values() for name in some}
    Tag.objects.bulk_create([Tag(name=name) for name in names], ignore_conflicts=True)
    ids = dict(Tag.objects.filter(name__in=names).values_list("name", "id"))
    pairs = [(id, ids[name]) for id, some in tags.items() for name in set(some)]
    add_rows(
        Solution.tags.through,
        len(pairs),
        {
            "solution_id": [solution_id for solution_id, _ in pairs],
            "tag_id": [tag_id for _, tag_id in pairs],
        },
    )


def _add_history(
    ids: list[int], slugs: list[str], what: str, details: str | list[str], job: Import
) -> None:
    add_rows(
        Change,
        len(ids),
        {
            "at": job.now,
            "actor": job.actor.name[:200],
            "door": job.actor.door,
            "object_kind": kind_of(Solution),
            "object_id": ids,
            "object_label": slugs,
            "what": what,
            "details": details,
        },
    )
