"""
Thousands of rows at once, in each database's own way.

COPY and arrays on PostgreSQL; a prepared insert and JSON arrays on SQLite, which has
neither.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, models


def next_ids(model: type[models.Model], count: int) -> Sequence[int]:
    """
    Return identifiers for new rows, for use in the same transaction.

    On SQLite they are free because nobody else can write meanwhile.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) "
                "FROM generate_series(1, %s)",
                [table, count],
            )
            return [id for (id,) in cursor.fetchall()]
        cursor.execute(
            "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = %s), 0),"
            f" coalesce((SELECT max(id) FROM {table}), 0))",
            [table],
        )
        newest = cursor.fetchone()[0]
        return range(newest + 1, newest + 1 + count)


def add_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """
    Add rows to a model's table; columns that are not named take their defaults.

    :raises IntegrityError: if one of them contradicts a constraint; none is added then.
    """
    table = model._meta.db_table
    listed = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(columns))
        cursor.executemany(
            f"INSERT INTO {table} ({listed}) VALUES ({places})",
            [tuple(map(_for_sqlite, row)) for row in rows],
        )


def one_of(name: str, values: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    """Return the condition that a column is among many values, with its parameter."""
    if connection.vendor == "postgresql":
        return f"= ANY(%({name})s)", {name: list(values)}
    listed = json.dumps(list(values))
    return f"IN (SELECT value FROM json_each(%({name})s))", {name: listed}


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
