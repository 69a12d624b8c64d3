"""
Pages by position: each begins behind the row on which the last one ended.

Every ordering ends with a column that no two rows share, and an index serves it, so page
20,000 costs what page one does, and no row comes twice or is skipped because others came
or went. REST framework's own cursor counts rows with equal values from the start.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from django.db.models import F, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleLessThan,
)
from django.http import HttpRequest
from rest_framework.pagination import BasePagination

from reviews.api.filters import Parameter, word
from reviews.api.parsers import ABSENT
from reviews.api.problems import refuse

Row = TypeVar("Row")
Stored = TypeVar("Stored", bound=Model)

PAGE_SIZE = 50
LARGEST_PAGE = 200
CURSOR_LIMIT = 2_000
_LARGEST_ID = 2**63 - 1


class Direction(StrEnum):
    """Which way a page lies from the position of its cursor."""

    NEXT = "next"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class Column:
    """
    A column of an ordering, which the rows have as an attribute of the same name.

    `read` returns the value that a cursor holds; it raises a ValueError for others.
    """

    name: str
    read: Callable[[object], Any]


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """A position, and whose it is: no other endpoint or ordering understands it."""

    endpoint: str
    ordering: str
    direction: Direction
    position: list[Any]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the cursors of what lies before and behind them."""

    rows: Sequence[Row]
    next: str | None
    previous: str | None


def read_text(value: object) -> str:
    """Return a text that a database can compare with."""
    if not isinstance(value, str) or ABSENT.search(value):
        raise ValueError("not a text")
    return value


def read_day(value: object) -> date:
    """Return a day, of which 9999-12-31 may be one."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9-]{5}", value):
        raise ValueError("not a day")
    return date.fromisoformat(value)


def read_id(value: object) -> int:
    """Return a number that a row may have."""
    if type(value) is not int or not 0 <= value <= _LARGEST_ID:
        raise ValueError("not an id")
    return value


ID = Column("id", read_id)


class KeysetPagination(BasePagination):
    """
    Pages of one endpoint, which subclasses describe.

    The first of the orderings is the default; each is offered in both directions.
    """

    endpoint: ClassVar[str]
    orderings: ClassVar[Mapping[str, tuple[Column, ...]]]
    default: ClassVar[str]

    @classmethod
    def parameters(cls) -> list[Parameter]:
        """Return the parameters that the pages understand, `ordering` included."""
        names = [sign + name for name in cls.orderings for sign in ("", "-")]
        return [
            word(
                "ordering",
                names,
                "The order of the results; a minus turns it round.",
                cls.default,
            ),
            Parameter("page_size", "", _page_size),
            Parameter("cursor", "", cls._cursor),
        ]

    def page(
        self,
        found: QuerySet[Stored, Any],
        query: Mapping[str, Any],
        read: Callable[[Any], list[Row]],
    ) -> Page[Row]:
        """
        Return the page of a query that its parameters ask for; `read` returns its rows.

        :raises RequestError: if the cursor belongs to another ordering.
        """
        ordering = query.get("ordering", self.default)
        size = query.get("page_size", PAGE_SIZE)
        cursor: Cursor | None = query.get("cursor")
        columns = self.orderings[ordering.removeprefix("-")]
        backwards = cursor is not None and cursor.direction is Direction.PREVIOUS
        descending = ordering.startswith("-") is not backwards
        if cursor is not None:
            if cursor.ordering != ordering:
                raise refuse(f"cursor: {_FOREIGN}", field="cursor")
            found = found.filter(_beyond(columns, cursor.position, descending))
        sign = "-" if descending else ""
        found = found.order_by(*(sign + column.name for column in columns))
        rows = read(found[: size + 1])
        is_more = len(rows) > size
        rows = rows[:size]
        if backwards:
            rows.reverse()

        def cursor_at(row: Row, direction: Direction) -> str:
            position = [getattr(row, column.name) for column in columns]
            return encoded(Cursor(self.endpoint, ordering, direction, position))

        has_next = backwards or is_more
        has_previous = is_more if backwards else cursor is not None
        return Page(
            rows,
            cursor_at(rows[-1], Direction.NEXT) if rows and has_next else None,
            cursor_at(rows[0], Direction.PREVIOUS) if rows and has_previous else None,
        )

    @classmethod
    def _cursor(cls, text: str) -> Cursor:
        """Return what a cursor says; its ordering is checked against the request's."""
        try:
            cursor = _decoded(text)
            columns = cls.orderings[cursor.ordering.removeprefix("-")]
            read = [
                column.read(value)
                for column, value in zip(columns, cursor.position, strict=True)
            ]
        except (ValueError, KeyError) as error:
            raise ValueError(_GARBLED) from error
        if cursor.endpoint != cls.endpoint:
            raise ValueError(_FOREIGN)
        return Cursor(cursor.endpoint, cursor.ordering, cursor.direction, read)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "page_size",
                "in": "query",
                "description": "How many results a page has.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": LARGEST_PAGE,
                    "default": PAGE_SIZE,
                },
            },
            {
                "name": "cursor",
                "in": "query",
                "description": (
                    "Where the page begins, as `next` or `previous` of another page "
                    "has it; good for the same endpoint and ordering."
                ),
                "schema": {"type": "string"},
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }


def link_to(
    request: HttpRequest, pairs: Sequence[tuple[str, str]], cursor: str | None
) -> str | None:
    """Return the address of another page of the same query."""
    if cursor is None:
        return None
    others = [(name, value) for name, value in pairs if name != "cursor"]
    query = urlencode([*others, ("cursor", cursor)])
    return request.build_absolute_uri(f"{request.path}?{query}")


_GARBLED = "This is no cursor: take it from `next` or `previous` of a page."
_FOREIGN = "This cursor belongs to another endpoint or ordering."


def _beyond(
    columns: Sequence[Column], position: Sequence[Any], descending: bool
) -> Q | TupleGreaterThan | TupleLessThan:
    if len(columns) == 1:
        lookup = "lt" if descending else "gt"
        return Q((f"{columns[0].name}__{lookup}", position[0]))
    # A comparison of whole rows: with anything else the index ends at the first column.
    compare = TupleLessThan if descending else TupleGreaterThan
    return compare(Tuple(*(F(column.name) for column in columns)), tuple(position))


def encoded(cursor: Cursor) -> str:
    """Return a cursor as it stands in an address."""
    return urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def _decoded(text: str) -> Cursor:
    if len(text) > CURSOR_LIMIT or not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise ValueError(_GARBLED)
    padding = "=" * (-len(text) % 4)
    try:
        return msgspec.json.decode(urlsafe_b64decode(text + padding), type=Cursor)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(_GARBLED) from error


def _page_size(text: str) -> int:
    if re.fullmatch(r"[0-9]{1,3}", text) and 1 <= int(text) <= LARGEST_PAGE:
        return int(text)
    raise ValueError(f"A page has 1 to {LARGEST_PAGE} results.")
