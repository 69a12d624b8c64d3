"""
The nightly scan against the bare statement that inserts its flags.

Both open the flags of days that nobody has scanned yet, in turns, on one register. The
scan is the Celery task itself, called on that day; the bare statement has nothing but
the flags, no outbox, no link to an earlier flag, and a commit.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import time_machine
from django.db import connection, transaction

from benchmarks import report
from benchmarks.registers import Register
from reviews.models import Flag, Notice
from reviews.tasks import scan

_BARE = """
    INSERT INTO reviews_flag
        (solution_id, cause, action, due_on, vouched_on, pulled_by, opened_at)
    SELECT id, 'review_due', 'review', next_review_on, last_evaluated_on, pulled_by,
           now()
    FROM reviews_solution
    WHERE next_review_on > %(yesterday)s AND next_review_on <= %(day)s
    ON CONFLICT (solution_id, cause) WHERE closed_at IS NULL DO NOTHING
"""

TARGETS = {100_000: (3, 1.25), 10_000: (9, 1.25), 1_000: (12, 1.5)}
QUIET_ROUNDS = 60


def measure(registers: dict[str, Register]) -> None:
    """Print what the scan costs beside the bare statement, and what it depends on."""
    large, small = registers["large"], registers["small"]
    print("\nScan of 1,000,000 solutions, against the bare INSERT of its flags")
    _quiet(large)
    for due, (rounds, at_most) in TARGETS.items():
        scans, bare = [], []
        for _ in range(rounds):
            bare.append(_bare_statement(large, large.next_day(due), due))
            _empty()
            scans.append(_scan(large, large.next_day(due), due))
            _empty()
        report.ratio(f"{due:,} due", scans, bare, at_most=at_most)
    print("\nThe same number due, 1,000,000 solutions against 100,000")
    for due, rounds in ((10_000, 4), (1_000, 8)):
        on_large: list[float] = []
        on_small: list[float] = []
        for _ in range(rounds):
            for register, samples in ((small, on_small), (large, on_large)):
                samples.append(_scan(register, register.next_day(due), due))
                _empty()
        report.ratio(f"{due:,} due", on_large, on_small, at_most=1.2)
    print("\n1,000 due, with 50,000 flags open against none")
    alone = []
    for _ in range(4):
        alone.append(_scan(large, large.next_day(1_000), 1_000))
        _empty()
    _scan(large, large.next_day(50_000), 50_000)
    beside = [_scan(large, large.next_day(1_000), 1_000) for _ in range(4)]
    report.ratio("1,000 due", beside, alone, at_most=2)
    _empty()


def _quiet(register: Register) -> None:
    scans, bare = [], []
    register.use()
    day = register.quiet_from
    for _ in range(QUIET_ROUNDS):
        day += timedelta(days=1)
        bare.append(_timed_bare(day))
        scans.append(_timed_scan(day))
    report.ratio("nothing due", scans, bare, at_most=5)


def _bare_statement(register: Register, day: date, due: int) -> float:
    register.use()
    taken = _timed_bare(day)
    _expect(Flag.objects.count(), due)
    return taken


def _scan(register: Register, day: date, due: int) -> float:
    if register.use():
        # A new connection has everything to look up; a worker's has not.
        for _ in range(3):
            _timed_scan(register.quiet_from)
    before = Notice.objects.count()
    taken = _timed_scan(day)
    _expect(Notice.objects.count() - before, due)
    return taken


def _timed_bare(day: date) -> float:
    def insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_BARE, {"day": day, "yesterday": day - timedelta(days=1)})

    return report.seconds(insert)


def _timed_scan(day: date) -> float:
    # As if every earlier day had been scanned on its day.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reviews_scan SET through = %s "
            "WHERE id = (SELECT max(id) FROM reviews_scan)",
            [day - timedelta(days=1)],
        )
    with time_machine.travel(datetime.combine(day, time(0, 5), UTC), tick=True):
        task: Callable[[], None] = scan
        return report.seconds(task)


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE reviews_flag, reviews_notice CASCADE")
        cursor.execute("CHECKPOINT")


def _expect(found: int, due: int) -> None:
    if found != due:
        raise SystemExit(f"{due} flags were due and {found} were opened.")
