"""
Reading bodies: JSON of the strict sort (RFC 7493), or a refusal that names the place.

What the fields mean is for the serializers; here is only what no body may hold.
"""

import json
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import IO, Any, NoReturn

from django.utils.http import parse_header_parameters
from rest_framework.parsers import BaseParser

from reviews.api.problems import Fault, RequestError, pointer_to, refuse
from reviews.rules.text import shown

NESTING_LIMIT = 64
ABSENT = re.compile("[\x00\ud800-\udfff]")
"""What no text may hold: NUL, which no database keeps, and half characters."""

Path = tuple[str | int, ...]


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        request = (parser_context or {})["request"]
        _check_type(request.META)
        # Not the stream: only the body counts what it reads against the limit.
        return read_object(request.body)


def read_object(body: bytes) -> dict[str, Any]:
    """
    Return the object that a body holds.

    :raises RequestError: for anything that is not exactly one JSON object in UTF-8.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(f"The body is not UTF-8, at byte {error.start:,}.") from error
    content = _read_json(text)
    if not isinstance(content, dict):
        raise refuse(f"The body has to be a JSON object, not {kind_of(content)}.")
    for path, kept in _texts(content):
        if ABSENT.search(kept):
            raise RequestError(HTTPStatus.BAD_REQUEST, _bad_text(kept, path))
    return content


def kind_of(value: Any) -> str:
    """Return what sort of JSON value something is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"


def _check_type(meta: Mapping[str, Any]) -> None:
    encoding = meta.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding not in ("", "identity"):
        raise _unsupported("Send the body as it is: no Content-Encoding is understood.")
    try:
        name, parameters = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
    except (LookupError, ValueError):
        name, parameters = "", {}
    if name != StrictJSONParser.media_type:
        raise _unsupported("Send the body as Content-Type: application/json.")
    charset = parameters.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8"):
        raise _unsupported("JSON is sent in UTF-8: leave the charset out.")


def _unsupported(message: str) -> RequestError:
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    return RequestError(status, Fault(message, "unsupported_media_type"))


def _read_json(text: str) -> object:
    try:
        content: object = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except json.JSONDecodeError as error:
        raise refuse(
            f"The body is not JSON: {error.msg}, "
            f"at line {error.lineno}, column {error.colno}."
        ) from error
    except RecursionError as error:
        raise _nested_too_deeply() from error
    except ValueError as error:
        # Python reads integers of 4,300 digits at most.
        raise refuse("The body holds a number too large to read.") from error
    return content


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) == len(pairs):
        return content
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise refuse(
                f"{shown(name)} stands twice in one object.", field=name, code="twice"
            )
        seen.add(name)
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise refuse(f"The body holds {name}, which is no number of JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise refuse(f"The body holds {shown(text)}, a number too large to read.")
    return number


def _nested_too_deeply() -> RequestError:
    return refuse(f"The body is nested too deeply: {NESTING_LIMIT} levels at most.")


def _texts(content: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield every key and every text with its place, and refuse what lies too deep."""
    within: list[tuple[Path, Any]] = [((), content)]
    while within:
        path, container = within.pop()
        if len(path) >= NESTING_LIMIT:
            raise _nested_too_deeply()
        keyed = isinstance(container, dict)
        for step, value in container.items() if keyed else enumerate(container):
            if isinstance(step, str):
                yield (*path, step), step
            if isinstance(value, str):
                yield (*path, step), value
            elif isinstance(value, dict | list):
                within.append(((*path, step), value))


def _bad_text(text: str, path: Path) -> Fault:
    return Fault(
        f"{shown(text)} holds NUL or half a character (a lone surrogate).",
        "bad_character",
        field=str(path[0]),
        pointer=pointer_to(path) if len(path) > 1 else "",
    )
