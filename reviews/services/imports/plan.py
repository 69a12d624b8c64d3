"""What a file would change: each of its rows held against the register."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import msgspec
from django.db import connection

from reviews.formats.records import Component, Note, Problem
from reviews.models import Team, User
from reviews.rules.naming import name_key
from reviews.rules.text import mixes_alphabets
from reviews.rules.versions import newest
from reviews.services.bulk import array, joined
from reviews.services.drafts import clean_tags
from reviews.services.errors import InvalidError
from reviews.services.imports.report import ImportRefusedError

# Each row asks an index by itself, so that the cost follows the file and not the
# register: a join would have PostgreSQL read all of a large register instead.
_FIND = """
    SELECT wanted.place, coalesce(
        (SELECT id FROM reviews_solution WHERE key = wanted.value),
        (SELECT solution_id FROM reviews_identifier
         WHERE scheme = 'purl' AND value = wanted.value)
    )
    FROM {wanted}
    WHERE wanted.told OR NOT coalesce((
        SELECT wanted.version = '' OR version = wanted.version
        FROM reviews_solution WHERE key = wanted.value
    ), false)
    ORDER BY wanted.place
"""
_WANTED = {
    "postgresql": f"""
        unnest({array("values")}, {array("versions")}, {array("told")}::boolean[])
        WITH ORDINALITY AS wanted (value, version, told, place)
    """,
    "sqlite": """
        (SELECT value ->> 0 AS value, value ->> 1 AS version, value ->> 2 AS told,
                key + 1 AS place
         FROM json_each(%(rows)s)) AS wanted
    """,
}


class Wanted(msgspec.Struct, frozen=True, gc=False):
    """One solution as a file has it: all rows with its identity, as one."""

    identity: str
    component: Component
    version: str
    versions: tuple[str, ...]

    def tells_more(self) -> bool:
        """Return whether the file says more of it than its version."""
        row = self.component
        return bool(
            row.owner
            or row.team
            or row.tags
            or row.criticality
            or row.contract_ends_on
            or row.notice_period_days is not None
            or row.description
            or row.homepage
        )


class Found(msgspec.Struct, frozen=True, gc=False):
    """Something that the import has to write: what is wanted, and where it stands."""

    wanted: Wanted
    solution_id: int | None


@dataclass(frozen=True, slots=True)
class Names:
    """The people and teams that a file names, by the names that it may use."""

    teams: dict[str, int]
    users: dict[str, int]

    def team_id(self, name: str) -> int:
        """
        Return a team by its name or slug, whatever the case.

        :raises InvalidError: if there is none, naming those like it.
        """
        return _known(self.teams, name, "team", "make it in the admin first")

    def user_id(self, name: str) -> int:
        """
        Return an active user by the name that signs in.

        :raises InvalidError: if there is none, naming those like it.
        """
        return _known(self.users, name, "owner", "write the name that signs in")


def known_names(components: Iterable[Component]) -> Names:
    """Return the people and teams that a file could mean."""
    teams: dict[str, int] = {}
    for id, name, slug in Team.objects.values_list("id", "name", "slug"):
        teams |= {name.casefold(): id, slug.casefold(): id}
    if not any(component.owner for component in components):
        return Names(teams, {})
    users = User.objects.filter(is_active=True).values_list("username", "id")
    return Names(teams, {name.casefold(): id for name, id in users})


def checked(components: Sequence[Component]) -> list[Component]:
    """
    Return the components with their tags in the register's form.

    :raises ImportRefusedError: with each row whose tags or notice period break a rule.
    """
    problems = []
    rows = []
    for row in components:
        if row.tags:
            try:
                row = msgspec.structs.replace(row, tags=tuple(clean_tags(row.tags)))
            except InvalidError as error:
                problems.append(Problem(row.place, f"tags: {error.message}"))
        if row.notice_period_days is not None and row.contract_ends_on is None:
            message = "notice_period_days: say contract_ends_on in the same row."
            problems.append(Problem(row.place, message))
        rows.append(row)
    if problems:
        raise ImportRefusedError(problems)
    return rows


def wanted_of(components: Sequence[Component], notes: list[Note]) -> list[Wanted]:
    """Return what a file wants registered, one for each identity, in its order."""
    first: dict[str, Component] = {}
    repeated: dict[str, list[Component]] = {}
    for component in components:
        identity = component.key or name_key(component.kind, component.name)
        if first.setdefault(identity, component) is not component:
            repeated.setdefault(identity, [first[identity]]).append(component)
        if not component.name.isascii() and mixes_alphabets(component.name):
            notes.append(
                Note(
                    component.place,
                    f"{component.name} mixes alphabets in one word: is it what it "
                    "looks like?",
                )
            )
    return [
        _merged(identity, repeated[identity], notes)
        if identity in repeated
        else Wanted(identity, component, component.version, (component.version,))
        for identity, component in first.items()
    ]


def find_changes(wanted: Sequence[Wanted], *, only_versions: bool) -> list[Found]:
    """
    Return what is not in the register yet, or not as the file has it.

    `only_versions` says that the format tells nothing but names and versions.

    What the file only repeats is not asked for, so that an import of an unchanged file
    of ten thousand rows reads as little as it writes.
    """
    table, parameters = wanted_table(
        [one.identity for one in wanted],
        [one.version for one in wanted],
        None if only_versions else [one.tells_more() for one in wanted],
    )
    with connection.cursor() as cursor:
        cursor.execute(_FIND.format(wanted=table), parameters)
        return [
            Found(wanted[place - 1], solution_id)
            for place, solution_id in cursor.fetchall()
        ]


def wanted_table(
    values: list[str], versions: list[str], told: list[bool] | None = None
) -> tuple[str, dict[str, Any]]:
    """Return a table `wanted (value, version, told, place)` for a query to join."""
    told = told or [False] * len(values)
    if connection.vendor == "postgresql":
        columns = {"values": values, "versions": versions}
        marks = ["t" if mark else "f" for mark in told]
        return _WANTED["postgresql"], {
            name: joined(column) for name, column in (columns | {"told": marks}).items()
        }
    rows = json.dumps(list(zip(values, versions, told, strict=True)))
    return _WANTED["sqlite"], {"rows": rows}


def check_names(found: Sequence[Found], names: Names) -> None:
    """
    Return if every person and team that the rows name is known.

    :raises ImportRefusedError: otherwise, with each row that names somebody unknown.
    """
    problems = []
    for one in found:
        row = one.wanted.component
        for name, look_up in ((row.team, names.team_id), (row.owner, names.user_id)):
            try:
                if name:
                    look_up(name)
            except InvalidError as error:
                problems.append(Problem(row.place, error.message))
    if problems:
        raise ImportRefusedError(problems)


def _merged(identity: str, same: list[Component], notes: list[Note]) -> Wanted:
    first = same[0]
    versions = tuple(component.version for component in same)
    version = (
        newest(version for version in versions if version) if any(versions) else ""
    )
    notes.append(
        Note(
            first.place,
            f"{first.name} stands in the file in {len(set(versions))} versions: "
            f"{version} is taken as the one in use.",
        )
    )
    return Wanted(identity, first, version, versions)


def _known(ids: dict[str, int], name: str, what: str, remedy: str) -> int:
    id = ids.get(name.casefold())
    if id is not None:
        return id
    like = get_close_matches(name.casefold(), ids, n=1)
    hint = f"did you mean {like[0]}?" if like else f"{remedy}."
    raise InvalidError(f"There is no {what} {name[:80]!r}: {hint}", field=what)
