"""
Release cycles by name: which of a product's cycles a version belongs to.

Names in, a name out. What the cycle's days mean is the business of `rules.endoflife.lifecycle`.
"""

import re
from collections.abc import Iterable

_NUMBERED = re.compile(r"[vV=]*(?=\d)")
_EPOCH = re.compile(r"\d+[!:]")
# What follows the numbers of a version: a local label, a build, a word of its own.
_LABEL = re.compile(r"[+\s~(].*", re.DOTALL)
# "3_2_0" is a tag of 3.2 and no version of 3: numbers that go on so are not read.
_LEADING_NUMBERS = re.compile(r"\d++(?:\.\d++)*+(?!_\d)")

# "anthropic/", "us.anthropic.", "models/": who offers the model, not which one it is.
# A label holds letters alone, so that the dot of "claude-2.1" is none of its ends.
_OFFERED_BY = re.compile(r"(?:[^/]*/)*(?:[a-z]+\.)*")
# How two of those who offer models write a revision of theirs: "-v1:0" at the end, and
# "-v2" before an "@". A "-v2" elsewhere is part of the name.
_REVISION = re.compile(r"-v\d+(?=@)|-v\d+:\d+\w*$")
_DAY = re.compile(r"[-@](\d{4})-?(\d{2})-?(\d{2})(?!\d)")
_MOVING = re.compile(r"[-@]latest$")


def cycle_of(version: str, names: Iterable[str]) -> str:
    """
    Return the name of the cycle that a version or a model id belongs to, or nothing.

    The cycle named the same comes first; then the longest that the version begins with,
    by whole numbers: 4.2.11 is of "4.2" before "4", and 3.11.4 never of "3.1". A model
    id may say who offers it, and may have a day that the cycle lacks or lack one that
    it has, where no other cycle fits as well. Nothing is guessed: where two fit alike,
    or none does, the answer is empty.
    """
    asked = version.strip()
    if not asked:
        return ""
    offered = {name.casefold(): name for name in names}
    same = offered.get(asked.casefold())
    if same is not None:
        return same
    numbered = _NUMBERED.match(asked)
    if numbered is not None:
        return _of_version(asked[numbered.end() :], offered)
    return _of_model(asked.casefold(), offered)


def _of_version(version: str, offered: dict[str, str]) -> str:
    bare = _LABEL.sub("", _EPOCH.sub("", version, count=1)).casefold()
    if bare in offered:
        return offered[bare]
    leading = _LEADING_NUMBERS.match(bare)
    parts = leading[0].split(".") if leading else []
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        if prefix in offered:
            return offered[prefix]
    return ""


def _of_model(asked: str, offered: dict[str, str]) -> str:
    bare = asked[_prefix_length(asked) :]
    if bare in offered:
        return offered[bare]
    stem, day = _stem_and_day(_REVISION.sub("", bare))
    fitting = {
        name for key, name in offered.items() if _fits(stem, day, *_stem_and_day(key))
    }
    return fitting.pop() if len(fitting) == 1 else ""


def _prefix_length(asked: str) -> int:
    offered_by = _OFFERED_BY.match(asked)
    return offered_by.end() if offered_by else 0


def _fits(stem: str, day: str, cycle_stem: str, cycle_day: str) -> bool:
    """Return whether both name one model; two different days name two models."""
    return stem == cycle_stem and (not day or not cycle_day or day == cycle_day)


def _stem_and_day(id: str) -> tuple[str, str]:
    bare = _MOVING.sub("", id)
    day = _DAY.search(bare)
    if day is None:
        return bare, ""
    return bare[: day.start()] + bare[day.end() :], "".join(day.groups())
