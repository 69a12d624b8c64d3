"""
Known flaws: one of each, however many databases list it, and the version that mends it.

How severe a flaw is comes from `rules.answers.cvss`; what follows from one, elsewhere.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cmp_to_key
from itertools import pairwise

from reviews.rules.signals import Severity, flaw_name
from reviews.rules.versions import newest

FLAW_LIMIT = 200
"""How many flaws of one package are kept; the most severe are."""

_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_RULE = re.compile(r"\s*(?:=+|-+)\s*")

_WEIGHTS = {severity: weight for weight, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Flaw:
    """
    What a database says of a flaw; `fixed` are the versions that mend it.

    `severity` is None where the database does not rate it. `listed_as` is the name of
    a record of it, which a database has under that name and perhaps under no other.
    """

    id: str
    aliases: tuple[str, ...] = ()
    summary: str = ""
    fixed: tuple[str, ...] = ()
    severity: Severity | None = None
    listed_as: str = ""


def joined(flaws: Iterable[Flaw]) -> list[Flaw]:
    """
    Return each flaw once: those that share a name, directly or through others, are one.

    It bears its CVE's name if it has one, all the others as aliases, the first summary,
    and the highest severity. The most severe come first.
    """
    # Each name points to another name of the same flaw, and in the end to one of them.
    leads_to: dict[str, str] = {}
    listed = list(flaws)
    for flaw in listed:
        first = _end(leads_to, flaw.id)
        for alias in flaw.aliases:
            leads_to[_end(leads_to, alias)] = first
    groups: dict[str, list[Flaw]] = {}
    for flaw in listed:
        groups.setdefault(_end(leads_to, flaw.id), []).append(flaw)
    ones = map(_one, groups.values())
    return sorted(ones, key=lambda flaw: (-_weight(flaw.severity), flaw.id))


def first_fix(fixed: Iterable[str], version: str) -> str:
    """
    Return the lowest version that mends a flaw of the one in use, or nothing.

    Only a later version than the one in use can: fixes of older lines are passed over.
    """
    later = {fix for fix in fixed if fix != version and newest((fix, version)) == fix}
    return min(later, key=cmp_to_key(_by_age), default="")


def first_line(details: str) -> str:
    """
    Return the first line of a Markdown text that says something, or nothing.

    A heading says nothing of the flaw: most are the same for all of them.
    """
    for line, below in pairwise([*details.splitlines(), ""]):
        is_heading = _HEADING.match(line) or _RULE.fullmatch(below)
        if not is_heading and any(map(str.isalnum, line)):
            return line.strip()
    return ""


def _by_age(one: str, other: str) -> int:
    if one == other:
        return 0
    return 1 if newest((one, other)) == one else -1


def _end(leads_to: dict[str, str], name: str) -> str:
    while (following := leads_to.setdefault(name, name)) != name:
        # Skipping a step keeps the way short for the next.
        leads_to[name] = leads_to[following]
        name = following
    return name


def _one(group: list[Flaw]) -> Flaw:
    names = {name for flaw in group for name in (flaw.id, *flaw.aliases)}
    id = flaw_name(group[0].id, tuple(names))
    rated = [flaw.severity for flaw in group if flaw.severity is not None]
    return Flaw(
        id=id,
        aliases=tuple(sorted(names - {id})),
        summary=next((flaw.summary for flaw in group if flaw.summary), ""),
        fixed=tuple(dict.fromkeys(fix for flaw in group for fix in flaw.fixed)),
        severity=max(rated, key=_weight, default=None),
        listed_as=group[0].id,
    )


def _weight(severity: Severity | None) -> int:
    return -1 if severity is None else _WEIGHTS[severity]
