"""What a solution is called in an address, and under what names it is known."""

import re
import unicodedata
from urllib.parse import urlsplit

from reviews.rules.evidence.matching import github_name
from reviews.rules.text import comparable, shown
from reviews.rules.vocabulary import Kind, Scheme

SLUG_LIMIT = 110
KEY_LIMIT = 500

_OTHER = re.compile(r"[^a-z0-9_]+")
_PRODUCT = re.compile(r"[a-z0-9][a-z0-9.+_-]*(?:/\S.*)?")


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


def misfit(scheme: Scheme, value: str) -> str:
    """
    Return what an identifier should look like, if no source can ever know it, or nothing.

    The value is a line in its canonical form. Purls have rules of their own, in
    `rules.purl`.
    """
    match scheme:
        case Scheme.ENDOFLIFE:
            fits = _PRODUCT.fullmatch(value) is not None
            wanted = "an endoflife.date product such as django or django/5.2"
        case Scheme.REPOSITORY:
            fits = _is_repository(value) or bool(github_name(value))
            wanted = "the address of a repository such as https://github.com/owner/name"
        case Scheme.MODEL:
            fits = value.isprintable() and " " not in value
            wanted = "a model id without spaces such as owner/name"
        case _:
            return ""
    return "" if fits else f"{shown(value)} is not {wanted}."


def _is_repository(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    names = [name for name in parts.path.split("/") if name]
    is_web = parts.scheme in ("http", "https") and bool(host) and " " not in address
    return is_web and len(names) >= 2
