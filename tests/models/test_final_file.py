"""
The log in a SQLite file, opened by a program that knows nothing of the tracker.

Without the tracker's PRAGMAs, recursive triggers and foreign keys are off there, and
INSERT OR REPLACE takes a row away without asking its delete trigger. PostgreSQL has no
such door; `test_final` holds it to the same promise.
"""

import sqlite3
from collections.abc import Iterator

import pytest
from django.db import connection

from reviews.rules.vocabulary import Verdict
from reviews.services.evaluations import decide_proposal
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import evaluated, judged, registered

TABLES = ["reviews_evaluation", "reviews_decision", "reviews_change"]
STATEMENTS = [
    "UPDATE {table} SET id = id + 1000",
    "DELETE FROM {table}",
    "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "REPLACE INTO {table} SELECT * FROM {table}",
    "UPDATE OR REPLACE {table} SET id = 1",
    "INSERT INTO {table} SELECT * FROM {table} WHERE true "
    "ON CONFLICT DO UPDATE SET id = excluded.id",
]
AS_TEXT = ["CAST({key} AS TEXT)", "CAST({key} AS REAL)"]


@pytest.fixture
def file(transactional_db: None, cast: Cast) -> Iterator[sqlite3.Connection]:
    """The register's file, opened plainly; its log must be the same afterwards."""
    proposal = evaluated(
        registered(team=cast.platform),
        judged(Verdict.RETIRE),
        actor=cast.actor(cast.bob),
    )
    decide_proposal(
        evaluation_id=proposal.pk,
        approve=True,
        reason="",
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )
    opened = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    try:
        before = _log(opened)
        yield opened
        assert _log(opened) == before
    finally:
        opened.close()


def _log(opened: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    found = [
        opened.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()
        for table in TABLES
    ]
    assert all(found)
    return found


if connection.vendor == "sqlite":

    @pytest.mark.parametrize("table", TABLES)
    @pytest.mark.parametrize("statement", STATEMENTS)
    def test_a_plain_connection_changes_nothing(
        file: sqlite3.Connection, table: str, statement: str
    ) -> None:
        assert file.execute("PRAGMA recursive_triggers").fetchone() == (0,)

        with pytest.raises(sqlite3.IntegrityError, match="written once"):
            file.execute(statement.format(table=table))

    @pytest.mark.parametrize("table", TABLES)
    @pytest.mark.parametrize("form", AS_TEXT)
    @pytest.mark.parametrize("name", ["id", "rowid", "_rowid_"])
    def test_a_number_in_another_form_replaces_nothing(
        file: sqlite3.Connection, table: str, form: str, name: str
    ) -> None:
        names = [row[1] for row in file.execute(f"PRAGMA table_info({table})")]
        others = ", ".join(column for column in names if column != "id")

        with pytest.raises(sqlite3.IntegrityError, match="written once"):
            file.execute(
                f"REPLACE INTO {table} ({name}, {others}) "
                f"SELECT {form.format(key='id')}, {others} FROM {table}"
            )

    def test_a_second_decision_replaces_nothing(file: sqlite3.Connection) -> None:
        with pytest.raises(sqlite3.IntegrityError, match="written once"):
            file.execute(
                "REPLACE INTO reviews_decision (evaluation_id, approved, reason, "
                "decided_by_name, decided_at) SELECT CAST(evaluation_id AS TEXT), 0, "
                "'No.', 'Mallory', decided_at FROM reviews_decision"
            )

    def test_a_solution_deleted_without_foreign_keys_leaves_its_log(
        file: sqlite3.Connection,
    ) -> None:
        assert file.execute("PRAGMA foreign_keys").fetchone() == (0,)
        file.execute("BEGIN")

        file.execute("DELETE FROM reviews_solution")

        found = file.execute("SELECT count(*) FROM reviews_evaluation").fetchone()
        file.execute("ROLLBACK")
        assert found == (1,)
