"""
Reading what strangers sent, field by field, each as the type it must have.

A field that is absent, or null, is unknown and reads as empty. One of another type
means that the answer is not what it was taken for: a sign-in page's JSON, a mirror of
another kind, a new schema. What the fields mean is the connectors' business.
"""

from collections.abc import Mapping
from typing import TypeAlias

from reviews.ports.outside import OutsideError

Fields: TypeAlias = Mapping[str, object]


def document(answer: object) -> Fields:
    """
    Return an answer as the object that it must be.

    :raises OutsideError: if it is a list, a text or anything else.
    """
    return _as_mapping(answer, "the answer")


def text(fields: Fields, *path: str) -> str:
    """
    Return a text, empty if the field or one on the way to it is absent.

    :raises OutsideError: if it is there and no text.
    """
    value = _at(fields, path)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _unusable(path, "a text", value)
    return value


def required_text(fields: Fields, *path: str) -> str:
    """
    Return a text without which an answer makes no sense.

    :raises OutsideError: if it is absent, empty or no text.
    """
    found = text(fields, *path)
    if not found.strip():
        raise OutsideError(f"unusable answer: {'.'.join(path)} is missing")
    return found


def required_number(fields: Fields, *path: str) -> int:
    """
    Return a whole number without which an answer makes no sense.

    :raises OutsideError: if it is absent or no whole number.
    """
    value = _at(fields, path)
    if value is None:
        raise OutsideError(f"unusable answer: {'.'.join(path)} is missing")
    # True is an int as well.
    if not isinstance(value, int) or isinstance(value, bool):
        raise _unusable(path, "a whole number", value)
    return value


def loose_text(fields: Fields, *path: str) -> str:
    """
    Return a text, empty if there is none or something else.

    For fields that the authors of packages fill in as they like.
    """
    value = _at(fields, path)
    return value if isinstance(value, str) else ""


def mapping(fields: Fields, *path: str) -> Fields:
    """
    Return an object, empty if it is absent.

    :raises OutsideError: if it is there and no object.
    """
    value = _at(fields, path)
    return {} if value is None else _as_mapping(value, ".".join(path))


def sequence(fields: Fields, *path: str) -> list[object]:
    """
    Return a list, empty if it is absent.

    :raises OutsideError: if it is there and no list.
    """
    value = _at(fields, path)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _unusable(path, "a list", value)
    return value


def mappings(fields: Fields, *path: str) -> list[Fields]:
    """
    Return a list of objects, empty if it is absent.

    :raises OutsideError: if it is no list, or holds something else.
    """
    return [_as_mapping(value, ".".join(path)) for value in sequence(fields, *path)]


def texts(fields: Fields, *path: str) -> list[str]:
    """
    Return a list of texts, empty if it is absent.

    :raises OutsideError: if it is no list, or holds something else.
    """
    found = sequence(fields, *path)
    for value in found:
        if not isinstance(value, str):
            raise _unusable(path, "a list of texts", value)
    return [str(value) for value in found]


def is_set(fields: Fields, *path: str) -> bool:
    """
    Return whether a field is true; absent is not.

    :raises OutsideError: if it is there and neither true nor false.
    """
    value = _at(fields, path)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise _unusable(path, "true or false", value)
    return value


def holds(fields: Fields, name: str) -> bool:
    """Return whether a field is there and not null."""
    return fields.get(name) is not None


def _at(fields: Fields, path: tuple[str, ...]) -> object:
    value: object = fields
    for depth, name in enumerate(path):
        if value is None:
            return None
        value = _as_mapping(value, ".".join(path[:depth])).get(name)
    return value


def _as_mapping(value: object, place: str) -> Fields:
    if not isinstance(value, dict):
        raise OutsideError(
            f"unusable answer: {place} is {_kind(value)} where an object belongs"
        )
    return value


def _unusable(path: tuple[str, ...], wanted: str, value: object) -> OutsideError:
    return OutsideError(
        f"unusable answer: {'.'.join(path)} is {_kind(value)} where {wanted} belongs"
    )


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"
