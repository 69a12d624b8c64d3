"""
What the databases themselves hold to, as SQL: for the migrations and for the tests.

Three things. Evaluations, decisions, the audit trail and what an evaluation rested on
are only ever added; so is what an evaluation was logged with. Of a signal, nothing changes but that it ended. And whoever changes
a date that the scan goes by leaves a row for the scan, whatever the way.
"""

from collections.abc import Iterable, Iterator

FINAL_TABLES = ("reviews_evaluation", "reviews_decision", "reviews_change")
REFUSAL = "rows of this table are written once and never changed or deleted"

Dates = tuple[str, ...]
DATES: Dates = ("next_review_on", "trust_ends_on", "unpulled_on")

# Since migration 0003, with the evidence.
EVIDENCE_FINAL = ("reviews_ground",)
SIGNALS = "reviews_signal"
SIGNAL_REFUSAL = "a signal never changes, except to say once that it ended"
_SIGNAL_CONTENT = (
    "id", "solution_id", "source", "kind", "key", "subject", "value", "effective_on",
    "published_on", "confidence", "severity", "replacement", "aliases", "fixed_in",
    "quote", "source_url", "verified", "fetched_at", "raw_hash", "supersedes_id",
)  # fmt: skip

# Since migration 0004, with the review itself.
REVIEW_FINAL = (
    "reviews_alternative",
    "reviews_assumption",
    "reviews_attachment",
    "reviews_attachedfile",
    "reviews_evaluationtemplate",
    "reviews_criterion",
)


def install(vendor: str, dates: Dates = DATES) -> list[str]:
    """Return the statements that create the register's triggers."""
    if vendor == "postgresql":
        return [
            *_postgresql_refusal(),
            *_postgresql_final(FINAL_TABLES),
            *_postgresql_recheck(dates),
        ]
    return [*_sqlite_final(FINAL_TABLES), *_sqlite_recheck(dates)]


def install_for_evidence(vendor: str) -> list[str]:
    """Return the statements that create the triggers of signals and grounds."""
    if vendor == "postgresql":
        return [*_postgresql_final(EVIDENCE_FINAL), *_postgresql_signals()]
    return [*_sqlite_final(EVIDENCE_FINAL), *_sqlite_signals()]


def remove_for_evidence(vendor: str) -> list[str]:
    """Return the statements that take those of signals and grounds away again."""
    if vendor == "postgresql":
        return [
            *(f"DROP TRIGGER {t}_row ON {t}" for t in EVIDENCE_FINAL),
            *(f"DROP TRIGGER {t}_truncate ON {t}" for t in EVIDENCE_FINAL),
            f"DROP TRIGGER {SIGNALS}_row ON {SIGNALS}",
            f"DROP TRIGGER {SIGNALS}_removed ON {SIGNALS}",
            f"DROP TRIGGER {SIGNALS}_truncate ON {SIGNALS}",
            "DROP FUNCTION reviews_signal_changes()",
            "DROP FUNCTION reviews_signal_goes()",
        ]
    return [
        *(
            f"DROP TRIGGER {t}_{verb}"
            for t in (*EVIDENCE_FINAL, SIGNALS)
            for verb in _SQLITE_REFUSED
        ),
    ]


def install_for_reviews(vendor: str) -> list[str]:
    """Return the statements that create the triggers of what belongs to a review."""
    final = _postgresql_final if vendor == "postgresql" else _sqlite_final
    return list(final(REVIEW_FINAL))


def remove_for_reviews(vendor: str) -> list[str]:
    """Return the statements that take those away again."""
    if vendor == "postgresql":
        return [
            *(f"DROP TRIGGER {t}_row ON {t}" for t in REVIEW_FINAL),
            *(f"DROP TRIGGER {t}_truncate ON {t}" for t in REVIEW_FINAL),
        ]
    return [
        f"DROP TRIGGER {t}_{verb}" for t in REVIEW_FINAL for verb in _SQLITE_REFUSED
    ]


def install_recheck(vendor: str, dates: Dates = DATES) -> list[str]:
    """Return the statements that have a change of a date leave a row for the scan."""
    if vendor == "postgresql":
        return list(_postgresql_recheck(dates))
    return list(_sqlite_recheck(dates))


def remove_recheck(vendor: str) -> list[str]:
    """Return the statements that take those away again."""
    if vendor == "postgresql":
        return [
            "DROP TRIGGER reviews_solution_added ON reviews_solution",
            "DROP TRIGGER reviews_solution_changed ON reviews_solution",
            "DROP FUNCTION reviews_solution_added()",
            "DROP FUNCTION reviews_solution_changed()",
        ]
    return [
        "DROP TRIGGER reviews_solution_added",
        "DROP TRIGGER reviews_solution_changed",
    ]


def remove(vendor: str) -> list[str]:
    """Return the statements that take every trigger away again."""
    if vendor == "postgresql":
        return [
            *(f"DROP TRIGGER {t}_row ON {t}" for t in FINAL_TABLES),
            *(f"DROP TRIGGER {t}_truncate ON {t}" for t in FINAL_TABLES),
            "DROP FUNCTION reviews_refuse()",
            *remove_recheck(vendor),
        ]
    return [
        *(f"DROP TRIGGER {t}_{verb}" for t in FINAL_TABLES for verb in _SQLITE_REFUSED),
        *remove_recheck(vendor),
    ]


def _postgresql_refusal() -> Iterator[str]:
    yield f"""
        CREATE FUNCTION reviews_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '%: {REFUSAL}', TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
    """


def _postgresql_final(tables: Iterable[str]) -> Iterator[str]:
    for table in tables:
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


def _postgresql_signals() -> Iterator[str]:
    old = ", ".join(f"OLD.{column}" for column in _SIGNAL_CONTENT)
    new = ", ".join(f"NEW.{column}" for column in _SIGNAL_CONTENT)
    yield f"""
        CREATE FUNCTION reviews_signal_changes() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
               OR ({old}) IS DISTINCT FROM ({new}) THEN
                RAISE EXCEPTION '%: {SIGNAL_REFUSAL}', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
    """
    yield f"""
        CREATE TRIGGER {SIGNALS}_row BEFORE UPDATE ON {SIGNALS}
        FOR EACH ROW EXECUTE FUNCTION reviews_signal_changes()
    """
    yield f"""
        CREATE FUNCTION reviews_signal_goes() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM reviews_solution WHERE id = OLD.solution_id) THEN
                RAISE EXCEPTION '%: {SIGNAL_REFUSAL}', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN OLD;
        END $$
    """
    yield f"""
        CREATE TRIGGER {SIGNALS}_removed BEFORE DELETE ON {SIGNALS}
        FOR EACH ROW EXECUTE FUNCTION reviews_signal_goes()
    """
    yield f"""
        CREATE TRIGGER {SIGNALS}_truncate BEFORE TRUNCATE ON {SIGNALS}
        FOR EACH STATEMENT EXECUTE FUNCTION reviews_refuse()
    """
    for trigger in ("row", "removed", "truncate"):
        yield f"ALTER TABLE {SIGNALS} ENABLE ALWAYS TRIGGER {SIGNALS}_{trigger}"


def _postgresql_recheck(dates: Dates) -> Iterator[str]:
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
    old = ", ".join(f"old_row.{column}" for column in dates)
    new = ", ".join(f"new_row.{column}" for column in dates)
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
    "reviews_ground": (
        "id = NEW.id OR (evaluation_id = NEW.evaluation_id"
        " AND signal_id = NEW.signal_id)"
    ),
    "reviews_alternative": (
        "id = NEW.id OR (evaluation_id = NEW.evaluation_id"
        " AND solution_id = NEW.solution_id)"
    ),
    "reviews_attachedfile": "attachment_id = NEW.attachment_id",
}


def _sqlite_final(tables: Iterable[str]) -> Iterator[str]:
    for table in tables:
        same_row = _SAME_ROW.get(table, "id = NEW.id")
        for verb, event in _SQLITE_REFUSED.items():
            yield f"""
                CREATE TRIGGER {table}_{verb}
                {event.format(table=table, same_row=same_row)}
                BEGIN SELECT RAISE(ABORT, '{table}: {REFUSAL}'); END
            """


def _sqlite_signals() -> Iterator[str]:
    changed = " OR ".join(
        f"OLD.{column} IS NOT NEW.{column}" for column in _SIGNAL_CONTENT
    )
    refused = f"OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR {changed}"
    same_row = (
        "id = NEW.id OR (ended_at IS NULL AND NEW.ended_at IS NULL AND "
        "solution_id = NEW.solution_id AND source = NEW.source AND key = NEW.key)"
    )
    # Signals go only with a solution that was registered by mistake, after it.
    registered = "EXISTS (SELECT 1 FROM reviews_solution WHERE id = OLD.solution_id)"
    conditions = {"update": f" WHEN {refused}", "delete": f" WHEN {registered}"}
    for verb, event in _SQLITE_REFUSED.items():
        when = conditions.get(verb, "")
        yield f"""
            CREATE TRIGGER {SIGNALS}_{verb}
            {event.format(table=SIGNALS, same_row=same_row)}{when}
            BEGIN SELECT RAISE(ABORT, '{SIGNALS}: {SIGNAL_REFUSAL}'); END
        """


def _sqlite_recheck(dates: Dates) -> Iterator[str]:
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in dates)
    yield """
        CREATE TRIGGER reviews_solution_added AFTER INSERT ON reviews_solution
        BEGIN INSERT INTO reviews_recheck (solution_id) VALUES (NEW.id); END
    """
    yield f"""
        CREATE TRIGGER reviews_solution_changed AFTER UPDATE ON reviews_solution
        WHEN {changed}
        BEGIN INSERT INTO reviews_recheck (solution_id) VALUES (NEW.id); END
    """
