"""
Licences: one name for each, and what kind of terms it sets.

Names are SPDX expressions; what SPDX has no name for is a LicenseRef of ours. Whether a
change of licence asks for anything is decided elsewhere. Nothing here is legal advice.

Source: https://spdx.dev/ids/ through `packaging.licenses`, which carries the list.
"""

import re
from collections.abc import Iterable
from enum import IntEnum

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from reviews.rules.answers.licence_names import (
    CLASSIFIERS,
    NAMES,
    PREFIXES,
    RENAMED,
    TEXTS,
    WEAKENED_BY,
)

EXPRESSION_LIMIT = 500
"""How many characters an expression may have."""

_TEXT_READ = 6_000
_FAMILIES = frozenset(
    f"LicenseRef-{family}" for family in ("AGPL", "BSD", "GPL", "LGPL", "MPL")
)
_FREE_CHARACTERS = re.compile(r"[^a-z0-9.+]+")
_TOKEN = re.compile(r"[()]|[A-Za-z0-9.+:-]+")


class LicenceClass(IntEnum):
    """What kind of terms a licence sets, the least demanding first."""

    PERMISSIVE = 1
    WEAK_COPYLEFT = 2
    COPYLEFT = 3
    SOURCE_AVAILABLE = 4
    UNKNOWN = 5


def spdx(text: str) -> str:
    """
    Return the SPDX expression that a text names, or nothing where it is not clear.

    Expressions come back in their canonical case, without the names that SPDX has
    retired. Common ways to write a licence ("Apache License 2.0") and whole licence
    texts are known; a family without its version ("BSD", "GPL") is a LicenseRef.
    """
    text = text.strip()
    if not text:
        return ""
    short = text if len(text) <= EXPRESSION_LIMIT else ""
    return _named(short) or _expression(short) or _from_whole_text(text)


def from_classifiers(classifiers: Iterable[str]) -> str:
    """
    Return the SPDX expression that trove classifiers name, or nothing.

    How several relate is not said. They are joined by AND, so that the strictest of
    them counts; one that says nothing ("OSI Approved") is passed over.
    """
    found = {
        spdx_name
        for classifier in classifiers
        if (spdx_name := CLASSIFIERS.get(_last_part(classifier), ""))
    }
    return joined(found)


def clearest(*expressions: str) -> str:
    """
    Return the first of several expressions for one licence, or nothing.

    A family without its version gives way to a later one that names the licence, if
    both set terms of the same kind: "BSD" and then "BSD-3-Clause".
    """
    first = next(filter(None, expressions), "")
    if first not in _FAMILIES:
        return first
    exact = (
        other
        for other in expressions
        if other and other not in _FAMILIES and class_of(other) is class_of(first)
    )
    return next(exact, first)


def joined(expressions: Iterable[str]) -> str:
    """Return one expression for licences that all count, or nothing for none."""
    parts = sorted(set(filter(None, expressions)))
    if len(parts) == 1:
        return parts[0]
    return " AND ".join(f"({part})" if " OR " in part else part for part in parts)


def class_of(expression: str) -> LicenceClass:
    """
    Return what kind of terms an SPDX expression sets.

    Of alternatives (OR) the least demanding counts, of what holds together (AND) the
    most demanding. What is not known is unknown, also beside what is known, unless an
    alternative to it is.
    """
    tokens = _TOKEN.findall(expression[:EXPRESSION_LIMIT])
    if not tokens:
        return LicenceClass.UNKNOWN
    try:
        found, rest = _alternatives(tokens)
    except (IndexError, RecursionError):
        return LicenceClass.UNKNOWN
    return LicenceClass.UNKNOWN if rest else found


def is_stricter(after: str, before: str) -> bool:
    """
    Return whether a licence takes away what the one before it gave.

    Only from permissive, or weak copyleft, to something that demands more; with an
    unknown on either side there is no telling, so the answer is no.
    """
    then, now = class_of(before), class_of(after)
    return then < now and LicenceClass.UNKNOWN not in (then, now)


def _named(text: str) -> str:
    return NAMES.get(_FREE_CHARACTERS.sub(" ", text.lower()).strip(), "")


def _expression(text: str) -> str:
    if not text:
        return ""
    try:
        canonical = str(canonicalize_license_expression(text))
    except (InvalidLicenseExpression, RecursionError):
        return ""
    modern = " ".join(RENAMED.get(part, part) for part in canonical.split(" "))
    if modern.startswith("(") and modern.endswith(")") and modern.count("(") == 1:
        modern = modern[1:-1]
    return modern


def _from_whole_text(text: str) -> str:
    """Return which licence a text is, by words that stand in no other one."""
    start = " ".join(text[:_TEXT_READ].lower().split())
    for words, name in TEXTS:
        if all(word in start for word in words):
            return name
    return ""


def _last_part(classifier: str) -> str:
    prefix, _, rest = classifier.partition("::")
    return rest.split("::")[-1].strip() if prefix.strip() == "License" else ""


def _alternatives(tokens: list[str]) -> tuple[LicenceClass, list[str]]:
    found, rest = _together(tokens)
    while rest and rest[0].upper() == "OR":
        other, rest = _together(rest[1:])
        found = min(found, other)
    return found, rest


def _together(tokens: list[str]) -> tuple[LicenceClass, list[str]]:
    found, rest = _one(tokens)
    while rest and rest[0].upper() == "AND":
        other, rest = _one(rest[1:])
        found = max(found, other)
    return found, rest


def _one(tokens: list[str]) -> tuple[LicenceClass, list[str]]:
    if tokens[0] == "(":
        found, rest = _alternatives(tokens[1:])
        if rest[0] != ")":
            raise IndexError
        return found, rest[1:]
    found, rest = _class_of_name(tokens[0]), tokens[1:]
    if rest and rest[0].upper() == "WITH":
        if rest[1] in WEAKENED_BY and found is LicenceClass.COPYLEFT:
            found = LicenceClass.WEAK_COPYLEFT
        rest = rest[2:]
    return found, rest


def _class_of_name(name: str) -> LicenceClass:
    for kind, prefixes in PREFIXES.items():
        if any(_fits(name, prefix) for prefix in prefixes):
            return LicenceClass[kind]
    return LicenceClass.UNKNOWN


def _fits(name: str, prefix: str) -> bool:
    """Return whether a name is that of a family, with or without a version after it."""
    if prefix.endswith("-"):
        return name.startswith(prefix)
    return name.rstrip("+") == prefix
