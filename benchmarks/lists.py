"""
Every page with a list, at 100,000 solutions against 1,000: its time and its queries.

Both databases are measured, each in a process of its own, which asks the product's own
pages without a network in between. What is assumed of the register stands in `_Shape`;
who looks is a lead of two teams, who owns about a hundred solutions.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from benchmarks import report

SIZES = {"small": 1_000, "large": 100_000}
ROUNDS = 11
AT_MOST = 1.5
MOST_QUERIES = 12

_QUEUE = ("due", "overdue", "due_soon", "pulled", "proposals", "waivers", "orphans")
_WHOSE = ("mine", "team", "all")
PATHS = (
    *(f"/queue/?show={show}&whose={whose}" for show in _QUEUE for whose in _WHOSE),
    "/queue/?whose=all&kind=model",
    "/queue/?whose=all&criticality=critical",
    "/queue/?whose=all&cause=end_of_life",
    "/solutions/",
    "/solutions/?search=library+77",
    "/solutions/?search=pkg%3Apypi%2Flibrary-500",
    "/solutions/?search=no+such+thing",
    "/solutions/?kind=model&state=hold",
    "/solutions/?freshness=overdue&team=team-3",
    "/waivers/",
    "/?list=overdue",
    "/?list=due_soon",
    "/?list=never_reviewed",
    "/?list=to_deprecate",
    "/?list=overdue&team=team-3",
    "/admin/reviews/solution/",
    "/admin/reviews/solution/?q=library+77",
    "/admin/reviews/flag/",
    "/admin/reviews/evaluation/",
    "/admin/reviews/cover/",
)


class _Shape:
    """
    What a register of a size is assumed to look like; its numbers are drawn, with a seed.

    Eight teams in the small register and forty in the large; a person for every hundred
    solutions, of whom one in fifty has left. 8 % was never reviewed, 2 % is retired, 3 %
    is overdue by up to 120 days, a sixth is due within thirty days, the rest later. 1 %
    belongs to nobody, 2 % has a flag of evidence, which pulls the review forward, 1 % a
    waiver, one due in ten a snooze, until some day of the next three weeks, 1 % was proposed
    for deprecation, half of which awaits a decision; each reviewed one has two
    evaluations besides. Of each of these there are at least a hundred and twenty, so that
    the small register fills its pages too, and like is held against like. Whoever looks
    leads two teams, with 250 solutions in the small register and 5,000 in the large, and
    owns about a hundred.
    """

    SOLUTIONS_OF_PERSON = 100
    LEAST = 120

    def __init__(self, size: int, today: date, now: datetime) -> None:
        self.size = size
        self.today = today
        self.now = now
        self.chance = random.Random(size)
        self.people = size // self.SOLUTIONS_OF_PERSON
        self.teams = 8 if size < 10_000 else 40

    def happens(self, rate: float) -> bool:
        """Return whether something is so that is at this rate, but often enough."""
        return self.chance.random() < max(rate, self.LEAST / self.size)

    def away(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def solutions(self) -> dict[str, list[Any]]:
        """Return the columns that differ from solution to solution."""
        rows = [self._solution(number) for number in range(1, self.size + 1)]
        return {name: [row[name] for row in rows] for name in rows[0]}

    def _solution(self, number: int) -> dict[str, Any]:
        chance = self.chance
        drawn = chance.random()
        state = chance.choices(
            ("adopt", "trial", "assess", "hold", "deprecate"), (60, 12, 8, 12, 8)
        )[0]
        due = chance.randint(31, 184)
        if drawn < 0.02:
            state = "retire"
        elif drawn < 0.10:
            state = "unreviewed"
            due = chance.randint(-20, 60)
        elif drawn < 0.10 + max(0.03, self.LEAST / self.size):
            due = -chance.randint(1, 120)
        elif drawn < 0.39:
            due = chance.randint(0, 30)
        is_pulled = state != "retire" and self.happens(0.02)
        if is_pulled:
            due = chance.randint(-10, 14)
        reviewed = None if state == "unreviewed" else self.away(due - 184)
        return {
            "slug": f"library-{number}",
            "key": f"pkg:pypi/library-{number}",
            "name": f"Library {number}",
            "kind": chance.choices(
                ("package", "built", "vendor", "model"), (70, 10, 12, 8)
            )[0],
            "criticality": chance.choices(
                ("low", "medium", "high", "critical"), (30, 45, 20, 5)
            )[0],
            "team_id": chance.randint(1, self.teams),
            "owner_id": None if self.happens(0.01) else chance.randint(1, self.people),
            "state": state,
            "last_evaluated_on": min(reviewed, self.today) if reviewed else None,
            "next_review_on": None if state == "retire" else self.away(due),
            "pulled_by": "an advisory is open" if is_pulled else "",
        }


def measure() -> None:
    """Print what each list costs on each database, large against small."""
    with tempfile.TemporaryDirectory(prefix="best-before-lists-") as folder:
        postgres = os.environ["DATABASE_URL"]
        for name, url in (("PostgreSQL", postgres), ("SQLite", f"sqlite:///{folder}")):
            print(f"{name}; registers of {SIZES}")
            for line in _run(url):
                _report(name, line)


def _run(url: str) -> Iterator[dict[str, Any]]:
    environment = os.environ | {"LISTS_URL": url}
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.lists"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout or ():
            yield json.loads(line)
    if process.returncode:
        raise SystemExit(f"The pages could not be measured: {process.returncode}.")


def _report(database: str, line: dict[str, Any]) -> None:
    what = f"{database} {line['path']}"
    if line["status"] != 200:
        print(f"absent {what}: it answers {line['status']}")
        return
    report.ratio(what, line["large"], line["small"], at_most=AT_MOST)
    report.count(f"queries of {what}", line["queries"], at_most=MOST_QUERIES)


def main() -> None:
    """Measure the lists on the database that LISTS_URL names, a line of JSON for each."""
    url = os.environ["LISTS_URL"]
    first = _address(url, "small")
    os.environ["DATABASE_URL"] = url if url.startswith("postgres") else first
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

    import django

    django.setup()

    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    with _databases(url) as use:
        clients = {}
        for name, size in SIZES.items():
            use(name)
            clients[name] = Client(headers={"host": "127.0.0.1"})
            clients[name].force_login(_fill(size))
        for path in PATHS:
            samples: dict[str, list[float]] = {name: [] for name in SIZES}
            status = 200
            for number in range(ROUNDS + 1):
                for name, client in clients.items():
                    use(name)
                    began = time.perf_counter()
                    status = client.get(path).status_code
                    # The first round fills caches, and connects.
                    if number:
                        samples[name].append(time.perf_counter() - began)
                if status != 200:
                    break
            with CaptureQueriesContext(connection) as queries:
                clients["large"].get(path)
            line = {"path": path, "status": status, "queries": len(queries)}
            print(json.dumps(line | samples), flush=True)


@contextmanager
def _databases(url: str) -> Iterator[Callable[[str], None]]:
    """Return what makes one of the databases the one that all talk to; drop them then."""
    from django.core.management import call_command
    from django.db import connection

    admin = connection.settings_dict["NAME"]
    names = {size: urlsplit(_address(url, size)).path for size in SIZES}
    is_postgres = connection.vendor == "postgresql"
    if is_postgres:
        names = {size: name.lstrip("/") for size, name in names.items()}
        with connection.cursor() as cursor:
            for name in names.values():
                cursor.execute(f"CREATE DATABASE {name}")

    def use(size: str) -> None:
        if connection.settings_dict["NAME"] != names[size]:
            connection.close()
            connection.settings_dict["NAME"] = names[size]
            connection.ensure_connection()

    try:
        for size in SIZES:
            use(size)
            call_command("migrate", verbosity=0, interactive=False)
        yield use
    finally:
        connection.close()
        if is_postgres:
            connection.settings_dict["NAME"] = admin
            with connection.cursor() as cursor:
                for name in names.values():
                    cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _address(url: str, size: str) -> str:
    if not url.startswith("postgres"):
        return f"{url}/{size}.sqlite3"
    path = f"/best_before_lists_{os.getpid()}_{size}"
    return urlunsplit(urlsplit(url)._replace(path=path))


def _fill(size: int) -> Any:
    """Fill the database in use, let it settle, and return the lead who looks at it."""
    from django.db import connection
    from django.utils import timezone

    from reviews.models import Membership, Team, User
    from reviews.services.weighing import weigh_register

    now = timezone.now()
    shape = _Shape(size, timezone.localdate(now), now)
    User.objects.bulk_create(
        User(
            pk=number,
            username=f"person-{number}",
            first_name=f"Person {number}",
            is_active=number == 1 or number % 50 != 0,
        )
        for number in range(1, shape.people + 1)
    )
    Team.objects.bulk_create(
        Team(pk=number, name=f"Team {number}", slug=f"team-{number}")
        for number in range(1, shape.teams + 1)
    )
    Membership.objects.bulk_create(
        Membership(
            user_id=number,
            team_id=1 + (number + step) % shape.teams,
            role="lead" if number <= shape.teams else "engineer",
        )
        for number in range(1, shape.people + 1)
        for step in (1, 2)
    )
    _fill_register(shape)
    weigh_register(today=shape.today)
    with connection.cursor() as cursor:
        cursor.execute(
            "VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE"
        )
    return User.objects.get(pk=1)


def _fill_register(shape: _Shape) -> None:
    from django.db import transaction

    from reviews.models import Cover, Decision, Evaluation, Flag, Solution
    from reviews.services.bulk import add_rows

    with transaction.atomic():
        columns = shape.solutions()
        add_rows(
            Solution,
            shape.size,
            columns
            | {
                "version": "1.0",
                "registered_on": shape.away(-400),
                "first_review_on": shape.away(-390),
                "created_at": shape.now,
                "updated_at": shape.now,
            },
        )
        rows = list(Solution.objects.order_by("pk"))
        Evaluation.objects.bulk_create(_evaluations(shape, rows), batch_size=2_000)
        proposed = Evaluation.objects.filter(is_proposal=True).order_by("pk")
        Decision.objects.bulk_create(
            Decision(
                evaluation=evaluation,
                approved=False,
                reason="Not yet.",
                decided_by_name="Person 2",
                decided_at=shape.now,
            )
            for number, evaluation in enumerate(proposed)
            if number % 2
        )
        Flag.objects.bulk_create(_flags(shape, rows), batch_size=2_000)
        waived = Flag.objects.exclude(covered_by="").select_related("solution")
        Cover.objects.bulk_create(_covers(shape, waived), batch_size=2_000)


def _evaluations(shape: _Shape, rows: list[Any]) -> Iterator[Any]:
    from reviews.models import Evaluation

    for row in rows:
        if row.last_evaluated_on is None:
            continue
        is_proposed = shape.happens(0.01)
        for days, verdict in ((184, "trial"), (0, row.state)):
            yield Evaluation(
                solution=row,
                author_id=row.owner_id,
                author_name=f"Person {row.owner_id or 2}",
                evaluated_on=row.last_evaluated_on - timedelta(days=days),
                recorded_on=shape.today,
                recorded_at=shape.now,
                verdict=verdict,
                summary="It does what it should, and nothing better is in sight.",
            )
        if is_proposed:
            yield Evaluation(
                solution=row,
                author_id=2,
                author_name="Person 2",
                evaluated_on=row.last_evaluated_on,
                recorded_on=shape.today,
                recorded_at=shape.now,
                verdict="deprecate",
                summary="Something better is in sight.",
                is_proposal=True,
            )


def _flags(shape: _Shape, rows: list[Any]) -> Iterator[Any]:
    from reviews.models import Flag

    chance = shape.chance
    for row in rows:
        due_on = row.next_review_on
        if due_on is None:
            continue
        given = {"solution": row, "opened_at": shape.now, "due_on": due_on}
        told = {"severity": chance.choice(("medium", "high", "critical"))} | {
            "reason": "An advisory is open against the version in use.",
            "action": "review",
        }
        if row.pulled_by:
            yield Flag(cause="vulnerability", **given | told)
        elif due_on <= shape.today:
            is_snoozed = chance.random() < 0.1
            covered = _covered(shape, "snooze") if is_snoozed else {}
            yield Flag(cause="review_due", action="review", **given | covered)
        if shape.happens(0.01):
            covered = _covered(shape, "waiver")
            yield Flag(cause="end_of_life", **given | told | covered)


def _covered(shape: _Shape, kind: str) -> dict[str, Any]:
    until = shape.away(shape.chance.randint(1, 21))
    return {"covered_by": kind, "covered_until": until}


def _covers(shape: _Shape, flags: Any) -> Iterator[Any]:
    from reviews.models import Cover

    for flag in flags:
        yield Cover(
            kind=flag.covered_by,
            flag=flag,
            reason="The migration is under way.",
            until=flag.covered_until,
            owner_id=flag.solution.owner_id,
            owner_name=f"Person {flag.solution.owner_id}",
            approver_id=2,
            approver_name="Person 2",
            made_by_id=2,
            made_by_name="Person 2",
            made_at=shape.now,
            action=flag.action,
            severity=flag.severity,
        )


if __name__ == "__main__":
    main()
