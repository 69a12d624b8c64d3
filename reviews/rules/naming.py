"""What a solution is called in an address, and under what name it is known."""

import re
import unicodedata

from reviews.rules.text import comparable
from reviews.rules.vocabulary import Kind, Scheme

SLUG_LIMIT = 110
KEY_LIMIT = 500

_OTHER = re.compile(r"[^a-z0-9_]+")


def slug_stem(name: str) -> str:
    """
    Return a name as it may stand in an address: `@angular/core` is `angular-core`.

    Letters lose their accents; a name without any Latin letter or digit is `solution`.
    """
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name)
        name = name.encode("ascii", "ignore").decode("ascii")
    return _OTHER.sub("-", name.lower()).strip("-")[:SLUG_LIMIT] or "solution"


def name_key(kind: Kind, name: str) -> str:
    """
    Return the identifier of what has no other: two that compare equal are one.

    At most 500 characters: some characters stand for many when they are compared, and
    what two names share in their first 500 is more than any two names do.
    """
    return f"{kind}:{comparable(name)}"[:KEY_LIMIT]


def scheme_of(key: str) -> Scheme:
    """Return the naming scheme of what a solution is known by: its purl, or its name."""
    return Scheme.PURL if key.startswith("pkg:") else Scheme.NAME
