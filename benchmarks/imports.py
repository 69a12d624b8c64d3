"""
Importing a CycloneDX file of 10,000 components against its limit.

The limit decodes the same bytes into typed records, brings them into a temporary table
(COPY on PostgreSQL, one prepared insert on SQLite), and upserts them into the real
table of solutions with one statement: no identifiers, no audit, no clock, no report.
Every round has components of its own, so nothing has to be cleared away between.
"""

import json
import tempfile
from datetime import UTC, date, datetime
from itertools import count

import msgspec
from django.core.management import call_command
from django.db import connection, connections, transaction

from benchmarks import report
from benchmarks.registers import TODAY, Register
from reviews.models import Change, Identifier, Recheck, Solution
from reviews.rules.access import operator
from reviews.services.imports import import_inventory
from tracker import env

COMPONENTS = 10_000
ROUNDS = 7

_round = count()

_UPSERT = """
    INSERT INTO reviews_solution
        (slug, key, name, kind, version, criticality, registered_on, created_at,
         updated_at, first_review_on, clock_due_on, next_review_on, trust_ends_on)
    SELECT slug, purl, name, 'package', version, 'medium', %(today)s{day}, %(now)s{instant},
           %(now)s{instant}, %(today)s{day}, %(today)s{day}, %(today)s{day},
           %(today)s{day}
    FROM incoming WHERE true
    ON CONFLICT (slug) DO UPDATE SET version = excluded.version
    WHERE reviews_solution.version <> excluded.version
"""


class _Component(msgspec.Struct):
    type: str
    name: str
    version: str = ""
    purl: str = ""


class _Document(msgspec.Struct):
    bomFormat: str  # noqa: N815 - the format's own name
    components: list[_Component]


def measure(registers: dict[str, Register]) -> None:
    """Print what an import costs beside its limit, on both databases."""
    registers["small"].use()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print("\nCycloneDX, 10,000 components, on PostgreSQL with 100,000 solutions")
    firsts, agains, limits = _samples()
    report.ratio("first time, against the limit", firsts, limits, at_most=2)
    report.ratio("the same file again, against the first", agains, firsts, at_most=0.25)
    print("\nThe same on SQLite")
    with _sqlite():
        firsts, agains, limits = _samples()
    report.ratio("first time, against the limit", firsts, limits, at_most=5)
    print(f"    the same file again {report.milliseconds(agains)}")


def _samples() -> tuple[list[float], list[float], list[float]]:
    """Return the seconds of first imports, of second ones, and of the limit."""
    firsts, agains, limits = [], [], []
    for _ in range(ROUNDS):
        limits.append(_limit(_document()))
        content = _document()
        firsts.append(report.seconds(lambda: _import(content)))
        before = _rows()
        agains.append(report.seconds(lambda: _import(content)))
        if _rows() != before:
            raise SystemExit("The same file again wrote rows.")
    return firsts, agains, limits


def _import(content: bytes) -> None:
    import_inventory(
        content=content,
        filename="bom.json",
        actor=operator("benchmark"),
        today=TODAY,
        now=datetime(2026, 11, 22, 12, tzinfo=UTC),
    )


def _limit(content: bytes) -> float:
    decoder = msgspec.json.Decoder(_Document)

    def insert() -> None:
        rows = [
            (f"{one.type}-{one.name}", one.name, one.version, one.purl)
            for one in decoder.decode(content).components
        ]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE incoming "
                "(slug text, name text, version text, purl text)"
            )
            casts = {"day": "", "instant": ""}
            if connection.vendor == "postgresql":
                casts = {"day": "::date", "instant": "::timestamptz"}
                with cursor.copy("COPY incoming FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                cursor.executemany("INSERT INTO incoming VALUES (%s, %s, %s, %s)", rows)
            cursor.execute(
                _UPSERT.format(**casts),
                {"today": TODAY.isoformat(), "now": "2026-11-22 12:00:00"},
            )
            cursor.execute("DROP TABLE incoming")

    return report.seconds(insert)


def _document() -> bytes:
    """Return an SBOM with components that no earlier one had."""
    batch = next(_round)
    components = [
        {
            "type": "library",
            "bom-ref": f"pkg:pypi/package-{batch}-{n}@1.{n % 50}.{n % 7}",
            "name": f"package-{batch}-{n}",
            "version": f"1.{n % 50}.{n % 7}",
            "purl": f"pkg:pypi/package-{batch}-{n}@1.{n % 50}.{n % 7}",
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "hashes": [{"alg": "SHA-256", "content": f"{n:064x}"}],
        }
        for n in range(COMPONENTS)
    ]
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"timestamp": f"{date(2026, 11, 22)}T00:00:00Z"},
            "components": components,
        }
    ).encode()


def _rows() -> list[int]:
    tables = (Solution, Identifier, Change, Recheck)
    return [model._default_manager.count() for model in tables]


class _sqlite:  # noqa: N801 - used like a function
    """For a while, everything talks to a new SQLite file."""

    def __enter__(self) -> None:
        from pathlib import Path

        self._folder = tempfile.TemporaryDirectory()
        self._settings = connections.settings["default"]
        connection.close()
        file = Path(self._folder.name) / "bench.sqlite3"
        connections.settings["default"] = connections.configure_settings(
            {"default": env.sqlite(file)}
        )["default"]
        del connections["default"]
        call_command("migrate", verbosity=0, interactive=False)

    def __exit__(self, *_: object) -> None:
        connections["default"].close()
        connections.settings["default"] = self._settings
        del connections["default"]
        self._folder.cleanup()
