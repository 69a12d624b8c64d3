"""Triggers, and two indexes that Django makes and nothing uses."""

from typing import Any

from django.db import migrations

from reviews.migrations import _triggers

# Django gives every unique text column of PostgreSQL a second index for LIKE. Nothing
# asks these two by prefix, and each costs a write for every row of a scan or an import.
_UNUSED = """
    SELECT indexname FROM pg_indexes
    WHERE schemaname = current_schema() AND indexname LIKE '%%_like'
    AND tablename IN ('reviews_notice', 'reviews_solution')
"""

# Keys are compared for identity, as SQLite does it: a language's order of letters costs
# time in every index and would page names differently from one server to the next.
_COMPARED_AS_BYTES = (
    ("reviews_notice", "key", 100),
    ("reviews_identifier", "value", 500),
    ("reviews_solution", "slug", 120),
    ("reviews_solution", "key", 500),
    ("reviews_solution", "name", 200),
)

# The dates that the scan went by then; migration 0003 puts others in their place.
FIRST_DATES = ("next_review_on", "trust_ends_on")


def install(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for statement in _triggers.install(connection.vendor, FIRST_DATES):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            for table, column, length in _COMPARED_AS_BYTES:
                cursor.execute(
                    f"ALTER TABLE {table} ALTER COLUMN {column} "
                    f'TYPE varchar({length}) COLLATE "C"'
                )
            cursor.execute(_UNUSED, [])
            for (index,) in cursor.fetchall():
                cursor.execute(f'DROP INDEX "{index}"')


def remove(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for statement in _triggers.remove(connection.vendor):
            cursor.execute(statement)


def add_leases(apps: Any, schema_editor: Any) -> None:
    lease = apps.get_model("reviews", "Lease")
    lease.objects.bulk_create([lease(name="scan"), lease(name="import")])


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_the_register")]

    operations = [
        migrations.RunPython(install, remove),
        migrations.RunPython(add_leases, migrations.RunPython.noop),
    ]
