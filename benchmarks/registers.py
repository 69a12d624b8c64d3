"""Registers of several sizes, each in a database of its own."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from urllib.parse import urlsplit, urlunsplit

from django.core.management import call_command
from django.db import connection

TODAY = date(2026, 11, 22)
FIRST_DUE = TODAY + timedelta(days=1)

# How many solutions fall due on how many days of their own, for one size of scan each.
STAGES = {100_000: 6, 50_000: 1, 10_000: 24, 1_000: 40}
STAGES_OF_SMALL = {10_000: 4, 1_000: 20}

_SEED = """
    INSERT INTO reviews_solution
        (slug, key, name, kind, version, criticality, team_id, registered_on, created_at,
         updated_at, first_review_on, state, last_evaluated_on, clock_due_on,
         next_review_on, trust_ends_on)
    SELECT 'solution-' || lpad(n::text, 7, '0'), 'package:' || n,
           'Solution ' || n, 'package', '1.0',
           'medium', 1 + n %% 20, %(today)s, now(), now(), %(today)s, 'adopt',
           %(today)s, due.due_on, due.due_on, due.due_on + 1000
    FROM (
        SELECT n, CASE WHEN n > %(staged)s THEN %(far)s::date + n %% 180
                       ELSE (SELECT due_on FROM stage WHERE n BETWEEN low AND high) END
               AS due_on
        FROM generate_series(1, %(size)s) AS n
    ) AS due
"""


class Register:
    """A database with a register of a size, and the days on which parts fall due."""

    def __init__(self, url: str, size: int, stages: Mapping[int, int]) -> None:
        self.name = urlsplit(url).path.lstrip("/")
        self.url = url
        self.size = size
        self._days: dict[int, list[date]] = {}
        day = FIRST_DUE
        for due, days in stages.items():
            self._days[due] = [day + timedelta(days=n) for n in range(days)]
            day += timedelta(days=days)
        self.quiet_from = day
        self._stages = stages

    def use(self) -> bool:
        """Make this the database that all talk to; return whether it was not before."""
        if connection.settings_dict["NAME"] == self.name and connection.connection:
            return False
        connection.close()
        connection.settings_dict["NAME"] = self.name
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True

    def next_day(self, due: int) -> date:
        """Return a day on which so many fall due and that nobody has scanned yet."""
        return self._days[due].pop(0)

    def seed(self) -> None:
        """Fill the register, have everything seen by a scan, and let it settle."""
        from reviews.models import Team
        from reviews.services.scanning import scan

        self.use()
        call_command("migrate", verbosity=0, interactive=False)
        Team.objects.bulk_create(
            [Team(name=f"Team {n}", slug=f"team-{n}") for n in range(1, 21)]
        )
        low = 1
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE stage (low int, high int, due_on date)")
            for due, days in self._days.items():
                for day in days:
                    row: list[int | date] = [low, low + due - 1, day]
                    cursor.execute("INSERT INTO stage VALUES (%s, %s, %s)", row)
                    low += due
            cursor.execute("CREATE INDEX ON stage (low, high)")
            cursor.execute(
                _SEED,
                {
                    "today": TODAY,
                    "staged": low - 1,
                    "far": self.quiet_from + timedelta(days=400),
                    "size": self.size,
                },
            )
            # What the triggers left for the first scan is what it has to do anyway.
            cursor.execute("TRUNCATE reviews_recheck")
        from django.utils import timezone

        scan(on=TODAY, today=TODAY, now=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")


@contextmanager
def made(url: str, sizes: Mapping[str, int]) -> Iterator[dict[str, Register]]:
    """Return registers by the names of their sizes, and drop them at the end."""
    parts = urlsplit(url)
    admin = connection.settings_dict["NAME"]
    registers = {}
    for name, size in sizes.items():
        database = f"best_before_bench_{os.getpid()}_{name}"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {database}")
        address = urlunsplit(parts._replace(path=f"/{database}"))
        stages = STAGES if size >= 1_000_000 else STAGES_OF_SMALL
        registers[name] = Register(address, size, stages)
    try:
        for register in registers.values():
            register.seed()
        yield registers
    finally:
        connection.close()
        connection.settings_dict["NAME"] = admin
        with connection.cursor() as cursor:
            for register in registers.values():
                cursor.execute(f"DROP DATABASE {register.name} WITH (FORCE)")


def server_version() -> str:
    """Return what the database says that it is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        return str(cursor.fetchone()[0]).split(" on ")[0]
