"""
A register to look at: this project's own dependencies, and what a small company has.

Everything goes through the same services as in real life, on the days on which it would
have happened, so that the first scan finds what such a register holds: fresh, due soon,
overdue, never reviewed, and to be deprecated.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from reviews.models import Membership, Solution, Team, User
from reviews.rules.access import Actor, Permission, Role, operator, require
from reviews.rules.naming import slug_stem
from reviews.rules.vocabulary import Criticality, Kind, Scheme, Verdict
from reviews.services import leases
from reviews.services.access import actor_of
from reviews.services.drafts import Draft
from reviews.services.errors import ConflictError
from reviews.services.evaluations import Judgement, record_evaluation
from reviews.services.imports import import_inventory
from reviews.services.solutions import register_solution

ACTOR = operator("load_demonstration")


@dataclass(frozen=True, slots=True)
class Demonstration:
    """
    What is to be loaded, as demonstration.toml has it.

    `lock` is a lock file of the component named `lock_component`.
    """

    plan: Mapping[str, Any]
    lock: bytes
    lock_name: str

    @property
    def someone(self) -> str:
        """The username of one of its people."""
        return str(self.plan["people"][0]["username"])


def read_demonstration(*, plan: Path, lock: Path) -> Demonstration:
    """Return what two files of this project say is to be loaded."""
    return Demonstration(
        plan=tomllib.loads(plan.read_text()),
        lock=lock.read_bytes(),
        lock_name=lock.name,
    )


def load_demonstration(
    *, demonstration: Demonstration, actor: Actor, today: date, now: datetime
) -> int:
    """
    Fill an empty register; return how many solutions it then holds.

    :raises NotAllowedError: for who is no administrator.
    :raises ConflictError: if anything is registered already.
    :raises BusyError: while an import runs, if it lasts.
    """
    require(actor, Permission.ADMINISTER, None)
    plan = demonstration.plan
    with transaction.atomic():
        # Two who ask at once: the second finds what the first has loaded.
        leases.take_lease(leases.IMPORT, wait=True)
        if Solution.objects.exists():
            raise ConflictError(
                "The register is not empty: a demonstration does not belong in it. "
                "Set TRACKER_DATA_DIR to another folder to start another register."
            )
        teams = {name: _team(name) for name in plan["teams"]}
        people = {
            person["username"]: _person(person, teams) for person in plan["people"]
        }
        for entry in plan["solutions"]:
            _register(entry, teams, people, today, now)
        days_ago = plan["lock"]["registered_days_ago"]
        import_inventory(
            content=demonstration.lock,
            filename=demonstration.lock_name,
            actor=ACTOR,
            today=today - timedelta(days=days_ago),
            now=now - timedelta(days=days_ago),
            component=plan["lock"]["component"],
        )
        for review in plan["reviews"]:
            _evaluate_package(review, people, today, now)
    return Solution.objects.count()


def _team(name: str) -> Team:
    return Team.objects.get_or_create(name=name, defaults={"slug": slug_stem(name)})[0]


def _person(person: Mapping[str, Any], teams: Mapping[str, Team]) -> User:
    # Without a password nobody signs in as somebody who does not exist.
    user = User.objects.filter(username=person["username"]).first()
    user = user or User.objects.create_user(
        person["username"],
        first_name=person["first_name"],
        last_name=person["last_name"],
    )
    Membership.objects.get_or_create(
        user=user,
        team=teams[person["team"]],
        defaults={"role": Role(person["role"]).value},
    )
    return user


def _register(
    entry: Mapping[str, Any],
    teams: Mapping[str, Team],
    people: Mapping[str, User],
    today: date,
    now: datetime,
) -> None:
    ends_in = entry.get("contract_ends_in_days")
    owner = people.get(entry.get("owner", ""))
    draft = Draft(
        name=entry["name"],
        kind=Kind(entry["kind"]),
        description=entry.get("description", ""),
        homepage=entry.get("homepage", ""),
        version=entry.get("version", ""),
        criticality=Criticality(entry.get("criticality", "medium")),
        team_id=teams[entry["team"]].pk,
        owner_id=owner.pk if owner else None,
        tags=entry.get("tags", ()),
        identifiers=[
            (Scheme(scheme), value)
            for scheme, value in entry.get("identifiers", {}).items()
        ],
        contract_ends_on=None if ends_in is None else today + timedelta(days=ends_in),
        notice_period_days=entry.get("notice_period_days"),
    )
    days_ago = timedelta(days=entry["registered_days_ago"])
    solution = register_solution(
        draft=draft, actor=ACTOR, today=today - days_ago, now=now - days_ago
    )
    _evaluate(solution, entry.get("evaluations", ()), people, today, now)


def _evaluate_package(
    review: Mapping[str, Any],
    people: Mapping[str, User],
    today: date,
    now: datetime,
) -> None:
    # A dependency that is no longer one has nothing to show.
    for solution in Solution.objects.filter(key=review["purl"]):
        _evaluate(solution, [review], people, today, now)


def _evaluate(
    solution: Solution,
    evaluations: Sequence[Mapping[str, Any]],
    people: Mapping[str, User],
    today: date,
    now: datetime,
) -> None:
    for entry in evaluations:
        days_ago = timedelta(days=entry["days_ago"])
        record_evaluation(
            solution_id=solution.pk,
            judgement=Judgement(
                verdict=Verdict(entry["verdict"]),
                evaluated_on=today - days_ago,
                summary=entry["summary"],
                rationale=entry.get("rationale", ""),
                version=entry.get("version", solution.version),
                alternatives=entry.get("alternatives", ()),
            ),
            actor=actor_of(people[entry["by"]], door="demonstration"),
            today=today - days_ago,
            now=now - days_ago,
        )
