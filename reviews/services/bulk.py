"""
Thousands of rows at once, in each database's own way.

COPY and arrays on PostgreSQL; a prepared insert and JSON arrays on SQLite, which has
neither.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, models

Scalar = str | int | date | datetime | None

_COPY_SPECIAL = re.compile(r"[\\\b\f\n\r\t\v]")
_COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def next_ids(model: type[models.Model], count: int) -> Sequence[int]:
    """
    Return identifiers for new rows, for use in the same transaction.

    On SQLite they are free because nobody else can write meanwhile.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(sequence.name) FROM generate_series(1, %s), "
                "(SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name OFFSET 0) "
                "AS sequence",
                [count, table],
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
    model: type[models.Model], count: int, columns: Mapping[str, list[Any] | Scalar]
) -> None:
    """
    Add rows to a model's table, given by column: a list, or one value for all rows.

    Columns that are not named take their defaults. A column at a time is several times
    as fast as a row at a time, and an import has little more to do.

    :raises IntegrityError: if a row contradicts a constraint; none is added then.
    """
    same, varying = _told_apart(columns, count)
    if connection.vendor == "postgresql":
        _copy(model._meta.db_table, count, same, varying)
    else:
        _insert_from_json(model._meta.db_table, same, varying)


def one_of(name: str, values: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """Return the condition that a column is among many numbers, with its parameter."""
    if connection.vendor == "postgresql":
        return f"= ANY(%({name})s)", {name: list(values)}
    listed = json.dumps(list(values))
    return f"IN (SELECT value FROM json_each(%({name})s))", {name: listed}


def lines_table(name: str, lines: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Return a table of lines of text with one column, `value`, and its parameter."""
    if connection.vendor == "postgresql":
        return f"unnest({array(name)}) AS {name} (value)", {name: joined(lines)}
    table = f"(SELECT value FROM json_each(%({name})s)) AS {name}"
    return table, {name: json.dumps(list(lines))}


def array(name: str) -> str:
    """Return PostgreSQL's expression for an array of lines handed over as one text."""
    return f"string_to_array(%({name})s, E'\\n')"


def joined(lines: Sequence[str]) -> str:
    """
    Return lines as one text, for `array`.

    Ten thousand of them travel ten times as fast as one text as they do as an array.
    """
    return "\n".join(lines)


def _told_apart(
    columns: Mapping[str, list[Any] | Scalar], count: int
) -> tuple[dict[str, Scalar], dict[str, list[Any]]]:
    """Return the columns with one value for all rows, and those with several."""
    same: dict[str, Scalar] = {}
    varying: dict[str, list[Any]] = {}
    for name, column in columns.items():
        if not isinstance(column, list):
            same[name] = column
        elif count > 1 and column.count(column[0]) == count:
            same[name] = column[0]
        else:
            varying[name] = column
    return same, varying


def _copy(
    table: str, count: int, same: dict[str, Scalar], varying: dict[str, list[Any]]
) -> None:
    tail = "".join(f"\t{_copy_text(value)}" for value in same.values())
    lines = map(
        "\t".join, zip(*(map(_copy_text, c) for c in varying.values()), strict=True)
    )
    listed = ", ".join([*varying, *same])
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy,
    ):
        if count:
            copy.write(f"{tail}\n".join(lines) + tail)


def _insert_from_json(
    table: str, same: dict[str, Scalar], varying: dict[str, list[Any]]
) -> None:
    parameters: dict[str, Any] = {
        name: _sqlite_value(value) for name, value in same.items()
    }
    rows = zip(*(map(_sqlite_value, c) for c in varying.values()), strict=True)
    parameters["rows"] = json.dumps(list(rows))
    values = [f"value ->> {place}" for place in range(len(varying))]
    values += [f"%({name})s" for name in same]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join([*varying, *same])}) "
            f"SELECT {', '.join(values)} FROM json_each(%(rows)s)",
            parameters,
        )


def _copy_text(value: Scalar) -> str:
    """
    Return a value as COPY reads it.

    Source: PostgreSQL's manual, COPY, "Text Format".
    """
    if isinstance(value, str):
        return value.translate(_COPY_ESCAPES) if _COPY_SPECIAL.search(value) else value
    return "\\N" if value is None else str(value)


def _sqlite_value(value: Scalar) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value.isoformat() if isinstance(value, date) else value
