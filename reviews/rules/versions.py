"""Which of several versions is the newest, and whether one reaches another."""

import re
from collections.abc import Iterable

from packaging.version import InvalidVersion, Version

_NUMBERS = re.compile(r"(\d+)")
_SEMANTIC = re.compile(
    r"v?(?P<numbers>\d{1,9}(?:\.\d{1,9}){0,3})(?P<before>-[0-9a-z.-]+)?(?:\+.*)?",
    re.ASCII | re.IGNORECASE,
)
_LONGEST = 100


def newest(versions: Iterable[str]) -> str:
    """
    Return the newest of some versions.

    By PEP 440 where all of them follow it, otherwise by the numbers in them as numbers
    and the rest as text.
    """
    candidates = sorted(set(versions))
    try:
        return max(candidates, key=Version)
    except InvalidVersion:
        return max(candidates, key=_natural)


def reaches(version: str, wanted: str) -> bool | None:
    """
    Return whether a version is as new as another, None where that cannot be told.

    By PEP 440 where both follow it, otherwise by the numbers of a semantic version. A
    version before a release, such as 3.0rc1, has not reached it.
    """
    if max(len(version), len(wanted)) > _LONGEST:
        return None
    try:
        return Version(version) >= Version(wanted)
    except InvalidVersion:
        pass
    one, other = _SEMANTIC.fullmatch(version), _SEMANTIC.fullmatch(wanted)
    if one is None or other is None:
        return None
    numbers, least = _parts(one["numbers"]), _parts(other["numbers"])
    if numbers != least:
        return numbers > least
    if other["before"]:
        # Which of two words for "not yet" comes first is anybody's guess.
        return True if one["before"] in (None, other["before"]) else None
    return one["before"] is None


def major(version: str) -> int | None:
    """Return the first number of a version, None where it has none to begin with."""
    found = _SEMANTIC.match(version)
    return _parts(found["numbers"])[0] if found else None


def _parts(numbers: str) -> tuple[int, ...]:
    parts = [int(part) for part in numbers.split(".")]
    return tuple([*parts, 0, 0, 0][:4])


def _natural(version: str) -> list[tuple[int, int, str]]:
    return [
        (1, int(part), "") if part.isdecimal() and part.isascii() else (0, 0, part)
        for part in _NUMBERS.split(version)
    ]
