"""Which of several versions is the newest."""

import re
from collections.abc import Iterable

from packaging.version import InvalidVersion, Version

_NUMBERS = re.compile(r"(\d+)")


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


def _natural(version: str) -> list[tuple[int, int, str]]:
    return [
        (1, int(part), "") if part.isdecimal() and part.isascii() else (0, 0, part)
        for part in _NUMBERS.split(version)
    ]
