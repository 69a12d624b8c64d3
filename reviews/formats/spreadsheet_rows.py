"""
One row of a spreadsheet: what its cells mean, and what may stand in them.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from reviews.formats.records import (
    NAME_LIMIT,
    VERSION_LIMIT,
    Component,
    Gathering,
)
from reviews.rules.days import parse_day
from reviews.rules.purl import Purl, canonical
from reviews.rules.text import TextError, clean_line, clean_text, shown
from reviews.rules.vocabulary import Criticality, Kind

TAG_LIMIT = 50
TAGS_LIMIT = 50
PERSON_LIMIT = 200
HOMEPAGE_LIMIT = 500
DESCRIPTION_LIMIT = 10_000
NOTICE_LIMIT_DAYS = 3_650

_TAG_SEPARATORS = re.compile(r"[;\s]+")
_DAYS = re.compile(r"[0-9]{1,4}", re.ASCII)
_Word = TypeVar("_Word", bound=StrEnum)
_Value = TypeVar("_Value")


class _Cells:
    """The cells of a row by column; gathers what is wrong with them."""

    def __init__(
        self, gathering: Gathering, place: str, row: Mapping[str, str]
    ) -> None:
        self._gathering = gathering
        self._place = place
        self._row = row
        self.refused = False

    def refuse(self, message: str) -> None:
        self.refused = True
        self._gathering.problem(self._place, message)

    def value(
        self, column: str, read: Callable[[str], _Value], default: _Value
    ) -> _Value:
        """Return what `read` makes of a cell; the default for one empty or refused."""
        cell = self._row.get(column, "")
        if not cell.strip():
            return default
        try:
            return read(cell)
        except ValueError as error:
            self.refuse(f"{column}: {error}")
            return default

    def line(self, column: str, *, limit: int) -> str:
        return self.value(column, lambda cell: clean_line(cell, limit=limit), "")


def component(
    gathering: Gathering, place: str, row: Mapping[str, str]
) -> Component | None:
    """Return the solution of a row, or nothing after a problem was gathered."""
    cells = _Cells(gathering, place, row)
    purl = cells.value("purl", lambda cell: canonical(cell.strip()), _NO_PURL)
    name = cells.line("name", limit=NAME_LIMIT)
    if not name and purl.key:
        name = gathering.line(place, "name", purl.name, limit=NAME_LIMIT)
        cells.refused = cells.refused or not name
    kind = cells.value("kind", _word(Kind), Kind.PACKAGE)
    if not cells.refused:
        _require_identity(cells, name, purl, row.get("kind", ""))
    read = Component(
        place=place,
        name=name,
        version=_version(cells, purl),
        key=purl.key,
        kind=kind,
        owner=cells.line("owner", limit=PERSON_LIMIT),
        team=cells.line("team", limit=PERSON_LIMIT),
        criticality=cells.value("criticality", _word(Criticality), None),
        tags=cells.value("tags", _tags, ()),
        contract_ends_on=cells.value(
            "contract_ends_on", lambda cell: parse_day(cell.strip()), None
        ),
        notice_period_days=cells.value("notice_period_days", _notice_period, None),
        description=cells.value("description", _description, ""),
        homepage=cells.value("homepage", _homepage, ""),
    )
    return None if cells.refused else read


def differ(one: Component, other: Component) -> bool:
    """Return whether two rows of the same solution say different things of it."""
    return msgspec.structs.replace(other, place=one.place) != one


_NO_PURL = Purl("", "", "", "")


def _require_identity(cells: _Cells, name: str, purl: Purl, kind: str) -> None:
    if not name:
        cells.refuse("The row has neither a name nor a purl. Fill one of them in.")
    elif not purl.key and not kind.strip():
        cells.refuse(f"kind: It is empty. Write {_either(Kind)}, or give a purl.")


def _version(cells: _Cells, purl: Purl) -> str:
    version = cells.line("version", limit=VERSION_LIMIT)
    if not purl.version or version == purl.version:
        return version
    if version:
        cells.refuse(
            f"version: {shown(version)} is not the version of the purl, "
            f"{shown(purl.version)}. Remove one of them."
        )
        return version
    try:
        return clean_line(purl.version, limit=VERSION_LIMIT)
    except TextError as error:
        cells.refuse(f"purl: Its version: {error}")
        return ""


def _word(words: type[_Word]) -> Callable[[str], _Word]:
    def read(cell: str) -> _Word:
        text = cell.strip().casefold()
        values = [word.value for word in words]
        if text in values:
            return words(text)
        near = difflib.get_close_matches(text[:40], values, n=1)
        hint = f"did you mean {near[0]}?" if near else f"write {_either(words)}."
        raise ValueError(f"{shown(cell.strip())} is unknown; {hint}")

    return read


def _either(words: Iterable[StrEnum]) -> str:
    *others, last = [word.value for word in words]
    return f"{', '.join(others)} or {last}"


def _tags(cell: str) -> tuple[str, ...]:
    tags = dict.fromkeys(
        clean_line(tag, limit=TAG_LIMIT) for tag in _TAG_SEPARATORS.split(cell) if tag
    )
    if len(tags) > TAGS_LIMIT:
        raise ValueError(f"There are {len(tags):,} tags; at most {TAGS_LIMIT} may be.")
    return tuple(tags)


def _notice_period(cell: str) -> int:
    text = cell.strip()
    if not _DAYS.fullmatch(text) or int(text) > NOTICE_LIMIT_DAYS:
        raise ValueError(
            f"{shown(text)} is not a whole number of days from 0 to "
            f"{NOTICE_LIMIT_DAYS:,}."
        )
    return int(text)


def _description(cell: str) -> str:
    return clean_text(cell, limit=DESCRIPTION_LIMIT)


def _homepage(cell: str) -> str:
    address = clean_line(cell, limit=HOMEPAGE_LIMIT)
    # Any parser may fail on an address; a ValueError is told like the others.
    if urlsplit(address).scheme not in {"http", "https"} or " " in address:
        raise ValueError(
            f"{shown(address)} is not an address; start it with https:// or http://."
        )
    if not urlsplit(address).hostname:
        raise ValueError(f"{shown(address)} names no host. Correct it.")
    return address
