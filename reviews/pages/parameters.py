"""
Reading what stands behind the question mark of a page's address.

Anyone can write anything there. What a page does not know it refuses, and says so: a
misspelt filter that is ignored shows the whole register as if it were the answer.
"""

import base64
import json
from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from django.http import QueryDict

from reviews.queries.home import OwnerName, Position, TeamName, owner_named
from reviews.queries.register_page import Place
from reviews.rules.text import TextError, clean_line, shown

NOBODY = "~none"
"""Asks for what no team, or nobody, owns; no slug and no username can be this."""

LONGEST_PLACE = 2_000
LARGEST_ID = 2**63 - 1

Word = TypeVar("Word", bound=StrEnum)
Read = TypeVar("Read")


class ParameterError(Exception):
    """A parameter that a page cannot follow; the text may be shown."""


def refuse_unknown(query: QueryDict, known: frozenset[str]) -> None:
    """
    Return if a page knows every parameter.

    :raises ParameterError: naming the one that it does not know.
    """
    for name in query:
        if name not in known:
            names = ", ".join(sorted(known))
            raise ParameterError(
                f"This page has no filter {shown(name)}. It has: {names}."
            )


def choice_of(query: QueryDict, name: str, values: Iterable[str]) -> str:
    """
    Return a parameter that has to be one of some values, empty if it is not given.

    :raises ParameterError: for any other value.
    """
    value = query.get(name, "")
    known = list(values)
    if value and value not in known:
        listed = ", ".join(known)
        raise ParameterError(f"There is no {name} {shown(value)}. There are: {listed}.")
    return value


def word_of(query: QueryDict, name: str, words: type[Word]) -> Word | None:
    """
    Return a parameter that has to be a word of a closed set, None if it is not given.

    :raises ParameterError: for any other word.
    """
    value = choice_of(query, name, (word.value for word in words))
    return words(value) if value else None


def text_of(query: QueryDict, name: str, *, limit: int) -> str:
    """
    Return a parameter that is a line of text, empty if it is not given.

    :raises ParameterError: for what no line of the register can hold.
    """
    value = query.get(name, "")
    if not value.strip():
        return ""
    try:
        return clean_line(value, limit=limit)
    except TextError as error:
        raise ParameterError(f"The {name} cannot be used: {error}") from error


def team_of(query: QueryDict, teams: Iterable[TeamName]) -> TeamName | None:
    """
    Return the team that is asked for, None for every team.

    :raises ParameterError: if there is no such team.
    """
    value = query.get("team", "")
    if not value:
        return None
    if value == NOBODY:
        return TeamName()
    found = next((team for team in teams if team.slug == value), None)
    if found is None:
        raise ParameterError(f"There is no team {shown(value)}.")
    return found


def owner_of(query: QueryDict) -> OwnerName | None:
    """
    Return the owner who is asked for, None for every owner.

    :raises ParameterError: if nobody has that username.
    """
    value = text_of(query, "owner", limit=150)
    if not value:
        return None
    found = OwnerName() if value == NOBODY else owner_named(value)
    if found is None:
        raise ParameterError(f"Nobody here has the username {shown(value)}.")
    return found


def written(place: Iterable[Any]) -> str:
    """Return a row's place in an order as it may stand in an address."""
    text = json.dumps([str(part) for part in place], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position_of(query: QueryDict) -> Position | None:
    """
    Return the place in a list after which to go on, None for its start.

    :raises ParameterError: if it is none that a page has written.
    """
    return _read(query, _position)


def place_of(query: QueryDict) -> Place | None:
    """
    Return the place in the register after which to go on, None for its start.

    :raises ParameterError: if it is none that a page has written.
    """
    return _read(query, _place)


def _read(query: QueryDict, read: Callable[..., Read]) -> Read | None:
    value = query.get("after", "")
    if not value:
        return None
    try:
        if len(value) > LONGEST_PLACE:
            raise ValueError("longer than any place that a page writes")
        padded = value + "=" * (-len(value) % 4)
        parts = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if not isinstance(parts, list) or not all(isinstance(p, str) for p in parts):
            raise ValueError("no list of texts")
        return read(*parts)
    except (ValueError, TypeError, RecursionError) as error:
        raise ParameterError(
            "The address of this page is damaged: begin again at the first page."
        ) from error


def _position(day: str, rank: str, name: str, id: str) -> Position:
    return Position(
        date.fromisoformat(day), _number(rank, most=9), _name(name), _id(id)
    )


def _place(name: str, id: str) -> Place:
    return Place(_name(name), _id(id))


def _name(text: str) -> str:
    if "\x00" in text or len(text) > 200:
        raise ValueError("no name of the register")
    # What cannot be encoded, the database could not be asked for.
    text.encode()
    return text


def _id(text: str) -> int:
    return _number(text, most=LARGEST_ID)


def _number(text: str, *, most: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > most:
        raise ValueError("no number that a page writes")
    return int(text)
