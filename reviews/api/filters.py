"""
Query parameters: what each endpoint understands, and how it is read.

A parameter that is unknown, comes twice or cannot be read is refused by name. Nothing
is silently left out, because the answer would then be about something else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from unicodedata import normalize
from urllib.parse import parse_qsl

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from reviews.api.problems import Fault, RequestError, refuse
from reviews.rules import purl
from reviews.rules.days import parse_day
from reviews.rules.text import holds_refused, shown

PARAMETERS_LIMIT = 100
TEXT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    A query parameter.

    `read` returns what a text means, and raises a ValueError that says why it means
    nothing.
    """

    name: str
    description: str
    read: Callable[[str], Any]
    words: tuple[str, ...] = ()
    format: OpenApiTypes = OpenApiTypes.STR
    default: str | None = None

    def documented(self) -> OpenApiParameter:
        """Return the parameter as the schema shows it."""
        return OpenApiParameter(
            self.name,
            self.format,
            OpenApiParameter.QUERY,
            description=self.description,
            enum=self.words or None,
            default=self.default,
        )


def choice(name: str, words: type[StrEnum], description: str) -> Parameter:
    """Return a parameter that takes one member of a closed set."""

    def read(text: str) -> StrEnum:
        return words(one_of(text, [word.value for word in words]))

    return Parameter(name, description, read, tuple(word.value for word in words))


def word(
    name: str, words: Iterable[str], description: str, default: str | None = None
) -> Parameter:
    """Return a parameter that takes one of some words."""
    listed = tuple(words)
    return Parameter(
        name, description, lambda text: one_of(text, listed), listed, default=default
    )


def text(name: str, description: str) -> Parameter:
    """Return a parameter that takes up to 200 characters, literally."""

    def read(given: str) -> str:
        if not given.strip():
            raise ValueError("It is blank: leave it out, or write what to look for.")
        if len(given) > TEXT_LIMIT:
            raise ValueError(
                f"It has {len(given):,} characters; at most {TEXT_LIMIT} are allowed."
            )
        return normalize("NFC", given)

    return Parameter(name, description, read)


def day(name: str, description: str) -> Parameter:
    """Return a parameter that takes a day."""

    def read(given: str) -> date:
        return parse_day(given)

    return Parameter(name, description, read, format=OpenApiTypes.DATE)


def truth(name: str, description: str) -> Parameter:
    """Return a parameter that takes true or false."""

    def read(given: str) -> bool:
        return one_of(given, ("true", "false")) == "true"

    return Parameter(name, description, read, format=OpenApiTypes.BOOL)


def package(name: str, description: str) -> Parameter:
    """Return a parameter that takes a purl and means the package, in any version."""
    return Parameter(name, description, lambda given: purl.canonical(given).key)


def one_of(given: str, words: Sequence[str]) -> str:
    """
    Return a text that is one of some words.

    :raises ValueError: otherwise, with the words, and the nearest one.
    """
    if given in words:
        return given
    listed = ", ".join(words)
    raise ValueError(f"{shown(given)} is none of {listed}.{did_you_mean(given, words)}")


def did_you_mean(given: str, words: Iterable[str]) -> str:
    """Return the question that ends a message about an unknown word, or nothing."""
    near = get_close_matches(given[:80].lower(), list(words), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def query_pairs(meta: Mapping[str, Any]) -> list[tuple[str, str]]:
    """
    Return the names and values of a query string, in its own order.

    :raises RequestError: if it is not UTF-8, or has more than a hundred parameters.
    """
    # Read here and not by Django, which decodes it in a charset that the caller chooses.
    raw = str(meta.get("QUERY_STRING", ""))
    try:
        return parse_qsl(
            raw.encode("latin-1").decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=PARAMETERS_LIMIT,
        )
    except UnicodeError as error:
        raise refuse("The query string is not UTF-8.") from error
    except ValueError as error:
        raise refuse(
            f"The query string has more than {PARAMETERS_LIMIT} parameters."
        ) from error


def read_query(
    pairs: Sequence[tuple[str, str]], parameters: Sequence[Parameter]
) -> dict[str, Any]:
    """
    Return what the parameters of a request mean, by name, without those left out.

    :raises RequestError: naming every parameter that is at fault.
    """
    known = {parameter.name: parameter for parameter in parameters}
    meanings: dict[str, Any] = {}
    faults = []
    for name, given in pairs:
        if name not in known:
            faults.append(_unknown(name, known))
            continue
        try:
            if name in meanings:
                raise ValueError("It is given twice; it takes one value.")
            meanings[name] = _read(known[name], given)
        except ValueError as error:
            faults.append(Fault(f"{name}: {error}", "invalid", name))
    if faults:
        raise RequestError(HTTPStatus.BAD_REQUEST, *faults)
    return meanings


def _unknown(name: str, known: Iterable[str]) -> Fault:
    message = f"There is no parameter {shown(name)} here.{did_you_mean(name, known)}"
    return Fault(message, "unknown", name)


def _read(parameter: Parameter, given: str) -> Any:
    if holds_refused(given):
        raise ValueError(f"{shown(given)} holds a control or an invisible character.")
    return parameter.read(given)
