"""The import itself: read, plan, write, report."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from reviews.formats import detection, spreadsheet
from reviews.formats.records import NOTE_LIMIT, Inventory, Note
from reviews.models import Solution
from reviews.rules.access import Actor, Permission, require
from reviews.rules.naming import slug_stem
from reviews.rules.vocabulary import Kind
from reviews.services import leases
from reviews.services.clock import policy_scopes
from reviews.services.errors import InvalidError
from reviews.services.imports.apply import (
    Import,
    add_solutions,
    change_solutions,
    record_uses,
)
from reviews.services.imports.plan import (
    Found,
    Names,
    Wanted,
    check_names,
    checked,
    find_changes,
    known_names,
    wanted_of,
)
from reviews.services.imports.report import ImportReport, RowOutcome

BATCH = 10_000

Progress = Callable[[int, int], None]
"""Called with how many rows are done, and of how many."""


def import_inventory(
    *,
    content: bytes,
    filename: str,
    actor: Actor,
    today: date,
    now: datetime,
    component: str = "",
    team: str = "",
    dry_run: bool = False,
    progress: Progress = lambda done, total: None,
) -> ImportReport:
    """
    Register everything that a file lists, and return what became of each row.

    What is registered is known by its purl, or else by its kind and name; it takes the
    file's version and whatever else the file says of it. `component` is the slug of the
    built component that uses it all, `team` the name of the team that new solutions
    belong to: by default the component's. The same file again changes nothing. With
    `dry_run` nothing is kept.

    :raises FormatError: if the file cannot be read as an inventory.
    :raises ImportRefusedError: if rows of it contradict the register.
    :raises InvalidError: if the component or the team is unknown.
    :raises NotAllowedError: without the right to import for a team.
    :raises BusyError: while another import runs, if it lasts.
    """
    inventory = detection.read(content, filename=filename)

    def attempt() -> ImportReport:
        with transaction.atomic():
            leases.take_lease(leases.IMPORT, wait=True)
            report = _import(inventory, dry_run=dry_run, progress=progress, job=job())
            if dry_run:
                transaction.set_rollback(True)
            return report

    def job() -> Import:
        names = known_names(inventory.components)
        user = _component(component) if component else None
        if user is not None:
            require(actor, Permission.IMPORT, user.team_id)
        default = user.team_id if user else None
        return Import(
            actor=actor,
            today=today,
            now=now,
            filename=filename,
            names=names,
            scopes=policy_scopes(),
            default_team_id=names.team_id(team) if team else default,
            component=user,
        )

    try:
        return attempt()
    except IntegrityError:
        # Somebody registered one of these by hand in the meantime: look again.
        return attempt()


def _import(
    inventory: Inventory, *, dry_run: bool, progress: Progress, job: Import
) -> ImportReport:
    notes = list(inventory.notes)
    only_versions = inventory.format != spreadsheet.FORMAT
    rows = inventory.components if only_versions else checked(inventory.components)
    wanted = wanted_of(rows, notes)
    found = find_changes(wanted, only_versions=only_versions)
    check_names(found, job.names)
    new = [one for one in found if one.solution_id is None]
    known = [one for one in found if one.solution_id is not None]
    outcomes: dict[str, RowOutcome] = {}
    done = len(wanted) - len(found)
    progress(done, len(wanted))
    for start in range(0, len(new), BATCH):
        some = new[start : start + BATCH]
        for one, slug in zip(some, add_solutions(some, job), strict=True):
            outcomes[one.wanted.identity] = _added(one, slug)
            _note_namesake(one.wanted, slug, notes)
        done += len(some)
        progress(done, len(wanted))
    for start in range(0, len(known), BATCH):
        some = known[start : start + BATCH]
        for one, change in zip(some, change_solutions(some, job), strict=True):
            if change:
                outcomes[one.wanted.identity] = _changed(
                    one, _worded(change, job.names)
                )
        done += len(some)
        progress(done, len(wanted))
    uses = record_uses(wanted, job)
    if job.component is not None and uses:
        notes.append(Note("", f"{job.component.slug} uses {uses} of these from today."))
    return ImportReport(
        filename=job.filename,
        format=inventory.format,
        rows=[outcomes.get(one.identity) or _unchanged(one) for one in wanted],
        notes=notes,
        dry_run=dry_run,
        teamless=sum(job.team_id(one.wanted) is None for one in new),
        ownerless=sum(job.owner_id(one.wanted) is None for one in new),
    )


def _note_namesake(wanted: Wanted, slug: str, notes: list[Note]) -> None:
    """Note that another solution has the name, which the slug shows by its number."""
    name = wanted.component.name
    if len(notes) < NOTE_LIMIT and slug != slug_stem(name):
        message = f"Another solution is called {name} too; this one is now {slug}."
        notes.append(Note(wanted.component.place, message))


def _component(slug: str) -> Solution:
    solution = Solution.objects.filter(slug=slug).first()
    if solution is None:
        raise InvalidError(
            f"There is no solution {slug!r}: register the built component first.",
            field="component",
        )
    if solution.kind != Kind.BUILT:
        raise InvalidError(
            f"{slug} is no built component ({solution.get_kind_display()}): only those "
            "use what an inventory lists.",
            field="component",
        )
    return solution


def _added(found: Found, slug: str) -> RowOutcome:
    row, version = found.wanted.component, found.wanted.version
    details = f"{row.kind.value}, version {version}" if version else row.kind.value
    return RowOutcome(row.place, row.name, "added", details, slug)


def _changed(found: Found, details: str) -> RowOutcome:
    row = found.wanted.component
    return RowOutcome(row.place, row.name, "changed", details)


def _unchanged(wanted: Wanted) -> RowOutcome:
    return RowOutcome(wanted.component.place, wanted.component.name, "unchanged")


def _worded(change: dict[str, list[Any]], names: Names) -> str:
    """Return what changed in words: people and teams by name, lists with commas."""
    by_id = {"team_id": names.teams, "owner_id": names.users}

    def shown(field: str, value: Any) -> str:
        if field in by_id:
            value = next((n for n, id in by_id[field].items() if id == value), value)
        return ", ".join(value) if isinstance(value, list) else str(value or "nothing")

    return "; ".join(
        f"{field.removesuffix('_id')} {shown(field, old) or 'nothing'} -> "
        f"{shown(field, new)}"
        for field, (old, new) in change.items()
    )
