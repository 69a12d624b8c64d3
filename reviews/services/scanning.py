"""
The nightly scan: flags for all that has become due since the last one.

Its cost follows what is due and not the size of the register. It may run twice, or twice
at once, or after weeks of outage, and the flags are the same.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import Exists, Subquery

from reviews.models import Recheck, Scan, Solution
from reviews.services import leases
from reviews.services.evidence.nightly import judge_again
from reviews.services.expiring import (
    end_covers,
    first_due,
    last_scanned_on,
    to_end_or_reinstate,
)
from reviews.services.flags import (
    Settlement,
    due_solution_ids,
    early_solution_ids,
    open_flags_between,
    settle_flags,
)
from reviews.services.weighing import quiet_ids, weigh_quiet, weigh_solutions

logger = logging.getLogger(__name__)

BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Problem:
    """A solution that the scan could not deal with, and what the database said."""

    solution: str
    message: str


@dataclass(slots=True)
class ScanOutcome:
    """
    What a scan opened and closed, and the solutions that it had to leave out.

    The settlement counts the snoozes and waivers too that it found to have ended.
    """

    settlement: Settlement = field(default_factory=Settlement)
    problems: list[Problem] = field(default_factory=list)
    uncovered: list[int] = field(default_factory=list)


def scan(*, on: date, today: date, now: datetime, wait: bool = False) -> ScanOutcome:
    """
    Open a flag for everything due on a day, and close what is no longer in question.

    `today` is the team's day, `on` usually the same; a later `on` opens what will be due
    then. A solution that the database refuses to deal with is left out, reported, and
    tried again by the next scan. All of it is one transaction; behind it, the evidence
    that a waiver had accepted until today pulls its review again.

    :raises BusyError: while another scan runs; with `wait`, only if it lasts.
    """
    try:
        outcome = _scan_once(on=on, today=today, now=now, wait=wait, careful=False)
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError:
        # One row is enough to refuse a statement: find it, and do the rest.
        outcome = _scan_once(on=on, today=today, now=now, wait=wait, careful=True)
    judge_again(solution_ids=outcome.uncovered, today=today, now=now)
    for problem in outcome.problems:
        logger.error("scan left out %s: %s", problem.solution, problem.message)
    return outcome


def _scan_once(
    *, on: date, today: date, now: datetime, wait: bool, careful: bool
) -> ScanOutcome:
    """Scan in one transaction; a careful one is slower and leaves out what is refused."""
    began = time.monotonic()
    outcome = ScanOutcome()
    with transaction.atomic():
        # Where the last one ended, and the newest change since. An older answer than
        # the latest only has this scan look at more.
        through, newest, last_on, ending, quiet = leases.take_lease(
            leases.SCAN,
            wait=wait,
            through=Subquery(Scan.objects.order_by("-pk").values("through")[:1]),
            newest_change=Subquery(Recheck.objects.order_by("-pk").values("pk")[:1]),
            last_on=last_scanned_on(),
            ending=first_due(on),
            quiet=Exists(Solution.objects.filter(quiet_until__isnull=False)),
        )
        if careful:
            _refuse_at_once()
        if newest is not None:
            _recheck(outcome, newest, on=on, now=now, careful=careful)
        # What a scan for a later day opened is not in question on this one.
        _settle(outcome, early_solution_ids(on), on=on, now=now, careful=careful)
        if careful:
            due = due_solution_ids(after=through, today=on)
            for start in range(0, len(due), BATCH):
                _settle_carefully(outcome, due[start : start + BATCH], on=on, now=now)
        else:
            opened = open_flags_between(after=through, today=on, now=now)
            outcome.settlement += Settlement(opened=opened)
        # Only after a scan for a later day may anything have ended too early.
        if ending is not None or (last_on is not None and last_on > on):
            _end_covers(outcome, on=on, today=today, now=now, careful=careful)
        if quiet:
            _weigh_quiet(outcome, today=today, careful=careful)
        Scan.objects.create(
            on=on,
            through=_seen_then(through, on=on, today=today),
            complete=on >= today,
            started_at=now,
            finished_at=now + timedelta(seconds=time.monotonic() - began),
            opened=outcome.settlement.opened,
            closed=outcome.settlement.closed,
            problems=[
                {"solution": problem.solution, "message": problem.message}
                for problem in outcome.problems
            ],
        )
    return outcome


def _seen_then(through: date | None, *, on: date, today: date) -> date:
    """
    Return the day up to which the next scan may take the register as seen.

    Never later than today: what a scan for a later day saw may yet change, and a scan
    for an earlier day takes nothing back.
    """
    seen = min(on, today)
    return seen if through is None else max(seen, min(through, today))


def _refuse_at_once() -> None:
    """Have a row refused with its own statement, where it can be left out."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _recheck(
    outcome: ScanOutcome, newest: int, *, on: date, now: datetime, careful: bool
) -> None:
    """Settle the flags of every solution whose dates changed since the last scan."""
    table = Recheck._meta.db_table
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} "
                "WHERE id <= %s ORDER BY id LIMIT %s) RETURNING solution_id",
                [newest, BATCH],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        changed = sorted({solution_id for (solution_id,) in rows})
        _settle(outcome, changed, on=on, now=now, careful=careful)


def _settle(
    outcome: ScanOutcome,
    solution_ids: Sequence[int],
    *,
    on: date,
    now: datetime,
    careful: bool,
) -> None:
    if careful:
        _settle_carefully(outcome, solution_ids, on=on, now=now)
    else:
        outcome.settlement += settle_flags(solution_ids=solution_ids, today=on, now=now)


def _end_covers(
    outcome: ScanOutcome, *, on: date, today: date, now: datetime, careful: bool
) -> None:
    """End the snoozes and waivers whose day has come, and ask their flags again."""

    def end(part: Sequence[int]) -> Settlement:
        ended = end_covers(solution_ids=part, on=on, today=today, now=now)
        return Settlement(asked_again=ended)

    solution_ids = to_end_or_reinstate(on=on, today=today)
    outcome.uncovered += solution_ids
    for start in range(0, len(solution_ids), BATCH):
        batch = solution_ids[start : start + BATCH]
        if careful:
            _carefully(outcome, batch, end)
        else:
            outcome.settlement += end(batch)


def _weigh_quiet(outcome: ScanOutcome, *, today: date, careful: bool) -> None:
    """Bring back into the queue what was quiet and is asked about now."""

    def weigh(part: Sequence[int]) -> Settlement:
        weigh_solutions(solution_ids=part, today=today)
        return Settlement()

    if careful:
        _carefully(outcome, quiet_ids(), weigh)
    else:
        weigh_quiet(today=today)


def _settle_carefully(
    outcome: ScanOutcome, solution_ids: Sequence[int], *, on: date, now: datetime
) -> None:
    def settle(part: Sequence[int]) -> Settlement:
        return settle_flags(solution_ids=part, today=on, now=now)

    _carefully(outcome, solution_ids, settle)


def _carefully(
    outcome: ScanOutcome,
    solution_ids: Sequence[int],
    settle: Callable[[Sequence[int]], Settlement],
) -> None:
    """Do something to many solutions, and leave out those that the database refuses."""

    def leave_out(solution_id: int, error: DatabaseError) -> None:
        slug = Solution.objects.filter(pk=solution_id).values_list("slug", flat=True)
        problem = Problem(
            solution=slug.first() or f"number {solution_id}",
            message=str(error).partition("\n")[0][:200],
        )
        if problem not in outcome.problems:
            outcome.problems.append(problem)
            # The next scan begins behind this day: what was left out is not lost.
            Recheck.objects.create(solution_id=solution_id)

    outcome.settlement += halve_around_refusals(solution_ids, settle, leave_out)


def halve_around_refusals(
    solution_ids: Sequence[int],
    settle: Callable[[Sequence[int]], Settlement],
    leave_out: Callable[[int, DatabaseError], None],
) -> Settlement:
    """
    Settle as many as the database takes at once, and halve where it refuses.

    :raises OperationalError: if the database itself failed, and not one of its rows.
    """
    if not solution_ids:
        return Settlement()
    try:
        with transaction.atomic():
            return settle(solution_ids)
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError as error:
        if len(solution_ids) == 1:
            leave_out(solution_ids[0], error)
            return Settlement()
    middle = len(solution_ids) // 2
    return halve_around_refusals(
        solution_ids[:middle], settle, leave_out
    ) + halve_around_refusals(solution_ids[middle:], settle, leave_out)
