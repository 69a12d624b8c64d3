"""
Evaluations, decisions and the audit trail are only ever added to.

By Django's own ways, and by SQL that goes past them.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import serializers
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import ProtectedError

from reviews.models import Change, Decision, Evaluation, Solution
from reviews.models.final import FinalError
from reviews.rules.vocabulary import Verdict
from reviews.services.evaluations import decide_proposal
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import evaluated, judged, registered

FINAL: list[type[models.Model]] = [Evaluation, Decision, Change]
TABLES = [model._meta.db_table for model in FINAL]


@pytest.fixture
def log(cast: Cast) -> Iterator[dict[str, list[Any]]]:
    """A register with rows of all three kinds, which must be the same afterwards."""
    solution = registered(team=cast.platform)
    evaluated(solution, actor=cast.actor(cast.alice))
    proposal = evaluated(
        solution, judged(Verdict.DEPRECATE), actor=cast.actor(cast.bob)
    )
    decide_proposal(
        evaluation_id=proposal.pk,
        approve=False,
        reason="Still in use.",
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )
    # PostgreSQL truncates nothing that still has constraints to check.
    connection.check_constraints()
    before = rows()
    assert all(before.values())

    yield before

    assert rows() == before


def rows() -> dict[str, list[Any]]:
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            found[table] = cursor.fetchall()
    return found


def a_field(model: type[models.Model]) -> str:
    """Return the name of a field that is neither the number nor a relation."""
    plain = (field for field in model._meta.fields if not field.is_relation)
    return next(field.name for field in plain if field.name != "id")


def sql(statement: str, *parameters: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)


@pytest.mark.parametrize("model", FINAL)
@pytest.mark.usefixtures("log")
class TestDjangosOwnWays:
    def test_a_row_is_not_saved_again(self, model: type[models.Model]) -> None:
        row = model._default_manager.first()
        assert row is not None

        for more in ({}, {"update_fields": ["id"]}, {"force_update": True}):
            with pytest.raises(FinalError, match="never changed or deleted"):
                row.save(**more)

    def test_a_row_is_not_deleted(self, model: type[models.Model]) -> None:
        row = model._default_manager.first()
        assert row is not None

        with pytest.raises(FinalError):
            row.delete()

    def test_rows_are_not_updated_together(self, model: type[models.Model]) -> None:
        with pytest.raises(FinalError):
            model._default_manager.filter(pk__gt=0).update(id=1)

    def test_rows_are_not_deleted_together(self, model: type[models.Model]) -> None:
        with pytest.raises(FinalError):
            model._default_manager.all().delete()

    def test_rows_are_not_updated_in_bulk(self, model: type[models.Model]) -> None:
        row = model._default_manager.all()

        with pytest.raises(FinalError), transaction.atomic():
            model._default_manager.bulk_update(row, [a_field(model)])

    def test_rows_are_not_replaced_in_bulk(self, model: type[models.Model]) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            model._default_manager.bulk_create(
                model._default_manager.all(),
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=[a_field(model)],
            )

    def test_rows_are_not_updated_past_the_manager(
        self, model: type[models.Model]
    ) -> None:
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            model._base_manager.update(id=models.F("id") + 1000)

    def test_rows_are_not_deleted_past_the_manager(
        self, model: type[models.Model]
    ) -> None:
        query = model._base_manager.all()

        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            query._raw_delete(query.db)

    def test_a_row_is_not_made_anew_under_an_old_number(
        self, model: type[models.Model]
    ) -> None:
        old = model._default_manager.first()
        assert old is not None
        values = {f.attname: getattr(old, f.attname) for f in model._meta.fields}

        with pytest.raises(DatabaseError), transaction.atomic():
            model(**values).save()

    def test_a_row_is_not_loaded_over_an_old_one(
        self, model: type[models.Model]
    ) -> None:
        text = serializers.serialize("json", model._default_manager.all()[:1])

        with pytest.raises(DatabaseError), transaction.atomic():
            for row in serializers.deserialize("json", text):
                row.save()


@pytest.mark.usefixtures("log")
class TestCascades:
    def test_a_solution_with_a_log_is_not_deleted(self) -> None:
        with pytest.raises(ProtectedError):
            Solution.objects.all().delete()

    def test_a_team_with_solutions_is_not_deleted(self, cast: Cast) -> None:
        with pytest.raises(ProtectedError):
            cast.platform.delete()

    @pytest.mark.parametrize("who", ["alice", "bob", "dora"])
    def test_a_user_who_goes_takes_nothing_along(self, cast: Cast, who: str) -> None:
        getattr(cast, who).delete()

    def test_a_solution_is_not_deleted_by_sql_under_its_log(self) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            sql("DELETE FROM reviews_solution")
            connection.check_constraints()


UPDATES = [
    "UPDATE {table} SET id = id + 1000",
    "UPDATE {table} SET id = id",
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE id IN (SELECT max(id) FROM {table})",
    "INSERT INTO {table} SELECT * FROM {table} WHERE true "
    "ON CONFLICT (id) DO UPDATE SET id = excluded.id",
]
OWN_TO = {
    "postgresql": [
        "TRUNCATE {table} CASCADE",
        "TRUNCATE {table} RESTART IDENTITY CASCADE",
        "TRUNCATE reviews_solution, {table} CASCADE",
        "MERGE INTO {table} AS old USING (SELECT id FROM {table}) AS new "
        "ON old.id = new.id WHEN MATCHED THEN DELETE",
        "WITH gone AS (DELETE FROM {table} RETURNING *) SELECT * FROM gone",
    ],
    "sqlite": [
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "REPLACE INTO {table} SELECT * FROM {table}",
        "UPDATE OR REPLACE {table} SET id = 1",
        "UPDATE OR IGNORE {table} SET id = id + 1000",
    ],
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", UPDATES + OWN_TO[connection.vendor])
@pytest.mark.usefixtures("log")
def test_sql_changes_nothing(table: str, statement: str) -> None:
    with pytest.raises(IntegrityError, match="written once and never changed"):
        sql(statement.format(table=table))


@pytest.mark.usefixtures("log")
def test_a_second_decision_does_not_replace_the_first() -> None:
    verb = "REPLACE" if connection.vendor == "sqlite" else "INSERT"
    statement = (
        f"{verb} INTO reviews_decision (evaluation_id, approved, reason, "
        "decided_by_name, decided_at) "
        "SELECT evaluation_id, true, '', 'Mallory', decided_at FROM reviews_decision"
    )

    with pytest.raises(IntegrityError):
        sql(statement)


@pytest.mark.usefixtures("log")
def test_a_truncated_register_is_refused_with_its_log() -> None:
    """Whatever empties the solutions must not take the log along."""
    statement = (
        "DELETE FROM reviews_solution"
        if connection.vendor == "sqlite"
        else "TRUNCATE reviews_solution CASCADE"
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        sql(statement)
        connection.check_constraints()


@pytest.mark.parametrize("model", FINAL)
def test_a_row_is_added_as_often_as_wanted(
    cast: Cast, model: type[models.Model]
) -> None:
    add: dict[type[models.Model], Callable[[], object]] = {
        Change: lambda: registered("Other"),
        Evaluation: lambda: evaluated(registered("Another")),
        Decision: lambda: decide_proposal(
            evaluation_id=evaluated(
                registered("Third", team=cast.platform),
                judged(Verdict.RETIRE),
                actor=cast.actor(cast.bob),
            ).pk,
            approve=True,
            reason="",
            actor=cast.actor(cast.alice),
            today=TODAY,
            now=NOW,
        ),
    }

    add[model]()

    assert model._default_manager.exists()
