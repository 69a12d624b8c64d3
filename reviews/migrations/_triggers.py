"""
What the databases themselves hold to, as SQL: for migration 0002 and for the tests.

Two things. Evaluations, decisions and the audit trail are only ever added. And whoever
changes a date that the scan goes by leaves a row for the scan, whatever the way.
"""

from collections.abc import Iterator

FINAL_TABLES = ("reviews_evaluation", "reviews_decision", "reviews_change")
REFUSAL = "rows of this table are written once and never changed or deleted"

_DATES = "next_review_on", "trust_ends_on"


def install(vendor: str) -> list[str]:
    """Return the statements that create every trigger in a kind of database."""
    if vendor == "postgresql":
        return [*_postgresql_final(), *_postgresql_recheck()]
    return [*_sqlite_final(), *_sqlite_recheck()]


def remove(vendor: str) -> list[str]:
    """Return the statements that take every trigger away again."""
    if vendor == "postgresql":
        return [
            *(f"DROP TRIGGER {t}_row ON {t}" for t in FINAL_TABLES),
            *(f"DROP TRIGGER {t}_truncate ON {t}" for t in FINAL_TABLES),
            "DROP FUNCTION reviews_refuse()",
            "DROP TRIGGER reviews_solution_added ON reviews_solution",
            "DROP TRIGGER reviews_solution_changed ON reviews_solution",
            "DROP FUNCTION reviews_solution_added()",
            "DROP FUNCTION reviews_solution_changed()",
        ]
    return [
        *(f"DROP TRIGGER {t}_{verb}" for t in FINAL_TABLES for verb in _SQLITE_REFUSED),
        "DROP TRIGGER reviews_solution_added",
        "DROP TRIGGER reviews_solution_changed",
    ]


def _postgresql_final() -> Iterator[str]:
    yield f"""
        CREATE FUNCTION reviews_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '%: {REFUSAL}', TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
    """
    for table in FINAL_TABLES:
        yield f"""
            CREATE TRIGGER {table}_row BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION reviews_refuse()
        """
        # Row triggers do not see TRUNCATE.
        yield f"""
            CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION reviews_refuse()
        """
        # Nor does a session that takes itself for a replica get past them.
        for trigger in ("row", "truncate"):
            yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{trigger}"


def _postgresql_recheck() -> Iterator[str]:
    """Once a statement and not once a row: an import adds ten thousand at a time."""
    yield """
        CREATE FUNCTION reviews_solution_added() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO reviews_recheck (solution_id) SELECT id FROM added;
            RETURN NULL;
        END $$
    """
    yield """
        CREATE TRIGGER reviews_solution_added AFTER INSERT ON reviews_solution
        REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION reviews_solution_added()
    """
    old = ", ".join(f"old_row.{column}" for column in _DATES)
    new = ", ".join(f"new_row.{column}" for column in _DATES)
    yield f"""
        CREATE FUNCTION reviews_solution_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO reviews_recheck (solution_id)
            SELECT new_row.id FROM new_row JOIN old_row ON old_row.id = new_row.id
            WHERE ({old}) IS DISTINCT FROM ({new});
            RETURN NULL;
        END $$
    """
    yield """
        CREATE TRIGGER reviews_solution_changed AFTER UPDATE ON reviews_solution
        REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row
        FOR EACH STATEMENT EXECUTE FUNCTION reviews_solution_changed()
    """


_SQLITE_REFUSED = {
    "update": "BEFORE UPDATE ON {table}",
    "delete": "BEFORE DELETE ON {table}",
    # INSERT OR REPLACE deletes the old row without firing its delete trigger.
    "replace": (
        "BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same_row})"
    ),
}
_SAME_ROW = {
    "reviews_decision": "id = NEW.id OR evaluation_id = NEW.evaluation_id",
}


def _sqlite_final() -> Iterator[str]:
    for table in FINAL_TABLES:
        same_row = _SAME_ROW.get(table, "id = NEW.id")
        for verb, event in _SQLITE_REFUSED.items():
            yield f"""
                CREATE TRIGGER {table}_{verb}
                {event.format(table=table, same_row=same_row)}
                BEGIN SELECT RAISE(ABORT, '{table}: {REFUSAL}'); END
            """


def _sqlite_recheck() -> Iterator[str]:
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in _DATES)
    yield """
        CREATE TRIGGER reviews_solution_added AFTER INSERT ON reviews_solution
        BEGIN INSERT INTO reviews_recheck (solution_id) VALUES (NEW.id); END
    """
    yield f"""
        CREATE TRIGGER reviews_solution_changed AFTER UPDATE ON reviews_solution
        WHEN {changed}
        BEGIN INSERT INTO reviews_recheck (solution_id) VALUES (NEW.id); END
    """
