"""
What evidence costs: applying the rules to a day's facts, and asking the sources.

The rules against the bare reading of the same facts from the database; the asking
against bare requests for the same documents, from a local server that answers at once.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from django.db import connection

from benchmarks import report
from benchmarks.registers import TODAY, Register

NIGHT = datetime.combine(TODAY, datetime.min.time(), UTC) + timedelta(days=1, hours=1)
ASKED = 300

_SIGNALS = """
    INSERT INTO reviews_signal
        (solution_id, source, kind, key, subject, value, effective_on, published_on,
         confidence, severity, replacement, aliases, fixed_in, quote, source_url,
         verified, fetched_at, raw_hash, ended_because)
    SELECT solution.id, fact.source, fact.kind, fact.kind || ':' || fact.subject,
           fact.subject, fact.value, fact.effective_on, %(today)s, 'stated', '', '', '[]',
           '', '', 'https://source.example/page', true, now(), repeat('0', 64), ''
    FROM reviews_solution AS solution, LATERAL (VALUES
        ('pypi', 'latest_release', '', '2.0', %(today)s::date - (solution.id %% 900)::int),
        ('pypi', 'adopted_release', '', '1.0', %(today)s::date - 400),
        ('pypi', 'licence', '2.0', 'MIT', NULL),
        ('pypi', 'repository', '', 'https://code.example/' || solution.id, NULL),
        ('pypi', 'maintainers', '', '2', NULL),
        ('scorecard', 'scorecard_maintained', '', '7', NULL),
        ('endoflife', 'end_of_life', '1', '', %(today)s::date
            + CASE WHEN solution.id %% 100 = 0 THEN 211 ELSE 400 END)
    ) AS fact (source, kind, subject, value, effective_on)
    WHERE fact.source <> 'endoflife' OR solution.id %% 10 = 0
"""
_WATCH = """
    INSERT INTO reviews_watch (solution_id, ask_at, judged_on)
    SELECT id, %(later)s, NULL FROM reviews_solution
"""


def measure(registers: dict[str, Register]) -> None:
    """Print what judging a day's facts and collecting cost."""
    _judging(registers["small"])
    _collecting(registers["small"])


def _judging(register: Register) -> None:
    from reviews.models import Flag, Signal, Solution, Watch
    from reviews.services.evidence.nightly import judge_register

    register.use()
    with connection.cursor() as cursor:
        cursor.execute(_SIGNALS, {"today": TODAY})
        cursor.execute(_WATCH, {"later": NIGHT + timedelta(days=400)})
        cursor.execute("ANALYZE reviews_signal")
        cursor.execute("ANALYZE reviews_watch")
    solutions, facts = Solution.objects.count(), Signal.objects.count()
    print(f"\nThe rules on {facts:,} facts of {solutions:,} solutions")

    def read() -> None:
        last = 0
        while list(
            Signal.objects.standing()
            .filter(solution_id__gt=last, solution_id__lte=last + 500)
            .order_by("pk")
        ):
            last += 500

    nights: list[float] = []
    quiet: list[float] = []
    bare: list[float] = []
    before = _peak_megabytes()
    for day in range(4):
        on, now = TODAY + timedelta(days=day), NIGHT + timedelta(days=day)
        bare.append(report.seconds(read))
        taken = report.seconds(partial(judge_register, today=on, now=now))
        (nights if day == 1 else quiet).append(taken)
    opened = Flag.objects.exclude(reason="").count()
    print(f"  opened on the second night: {opened:,}")
    report.ratio("a quiet night", quiet, bare, at_most=3)
    report.ratio(f"a night that opens {opened:,} flags", nights, bare, at_most=4)
    grown = _peak_megabytes() - before
    print(f"  memory: the process grew by {grown:.0f} MB at most")
    print(f"  solutions a second, one worker: {solutions / min(quiet):,.0f}")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE reviews_flag, reviews_notice CASCADE")
    Watch.objects.all().delete()


def _collecting(register: Register) -> None:
    import requests
    from django.conf import settings

    from reviews.models import Solution
    from reviews.services.evidence.collecting import collect_evidence
    from reviews.wiring import evidence_sources

    register.use()
    chosen = list(Solution.objects.order_by("pk").values_list("pk", flat=True)[:ASKED])
    for pk in chosen:
        Solution.objects.filter(pk=pk).update(key=f"pkg:pypi/package-{pk}")
    print(f"\nAsking about {ASKED} packages, two documents each, from a local server")
    with _server() as address:
        for name in dir(settings):
            if name.startswith("EVIDENCE_") and name.endswith("_URL"):
                setattr(settings, name, "")
        settings.EVIDENCE_PYPI_URL = address
        settings.EVIDENCE_REQUESTS_PER_SECOND = 100_000
        paths = [
            path
            for pk in chosen
            for path in (f"/pypi/package-{pk}/json", f"/simple/package-{pk}/")
        ]
        session = requests.Session()
        session.trust_env = False

        def ask_bare() -> None:
            for path in paths:
                session.get(address + path, timeout=5).json()

        sources = evidence_sources()

        def collect() -> None:
            for pk in chosen:
                collect_evidence(
                    solution_id=pk, sources=sources, today=TODAY, now=NIGHT, insist=True
                )

        bare = [report.seconds(ask_bare) for _ in range(3)]
        working = time.process_time()
        first = [report.seconds(collect)]
        again = [report.seconds(collect) for _ in range(3)]
        working = time.process_time() - working
    waited = sum(first) + sum(again)
    report.ratio("a first round", first, bare, at_most=35)
    report.ratio("a round without news", again, bare, at_most=25)
    print(f"  solutions a second, one worker: {ASKED / min(again):,.0f}")
    print(f"  share of the time that is not waiting: {working / waited:.0%}")


@contextmanager
def _server() -> Iterator[str]:
    """Run a server in a process of its own that answers every question at once."""
    program = Path(__file__).with_name("registry.py")
    with subprocess.Popen(
        [sys.executable, str(program)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["address"]
        finally:
            process.terminate()


def _peak_megabytes() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
