"""
Names within a notice: the package's own, and the one that it points to.

What the sentence around a name means is decided in `notice`.
"""

import re

from reviews.rules.notices.text import Line

NAME_LIMIT = 214
"""The longest name that a registry knows."""

_PARTS = re.compile(r"[^\W_]+")
# What a distribution adds to the name by which it speaks of itself.
_AFFIXES = frozenset(
    {
        "py",
        "python",
        "python3",
        "js",
        "node",
        "sdk",
        "client",
        "cli",
        "lib",
        "get",
        "api",
    }
    | {"core", "tool", "mcp", "pkg", "package", "app", "plugin", "server", "ai", "io"}
)
_GLUED = re.compile(r"(?:get|py|use|the)(?=\w{4})", re.IGNORECASE)


def own_name(name: str) -> re.Pattern[str] | None:
    """
    Return the pattern of the name by which a package speaks of itself, if it has one.

    Hyphens, dots, underscores, spaces and capitals make no difference, and a word that
    only says what it is (`py`, `sdk`, `cli`) may be missing.
    """
    parts = _PARTS.findall(name[:NAME_LIMIT])
    if not parts or len("".join(parts)) < 3:
        return None
    forms = [parts]
    if len(parts) == 1 and (glued := _GLUED.match(parts[0])) is not None:
        forms.append([parts[0][glued.end() :]])
    shorter = [part for part in parts if part.lower() not in _AFFIXES]
    if shorter and shorter != parts and len("".join(shorter)) >= 3:
        forms.append(shorter)
    names = "|".join(
        r"[-_. /]?".join(re.escape(letters) for letters in form) for form in forms
    )
    return re.compile(
        rf"(?<![\w.-])@?'?(?:{names})(?![\w-])'?",
        re.IGNORECASE,
    )


def squashed(name: str) -> str:
    """Return the letters and digits of a name or text, small, without what parts them."""
    return "".join(_PARTS.findall(name)).lower()


# After these, a plain word is a name as well; after the others only an odd one is.
_STRONG = (
    r"re-?named(?: to| as)?|re-?branded(?: to| as)?|(?:moved|merged|migrated|folded"
    r"|integrated"
    r"|consolidated) (?:in)?to|(?:migrat|switch|mov|transition)(?:e|ing)? to"
    r"|fav(?:ou?)r of"
    r"|(?:super[sc]eded|succeeded|replaced|obsoleted) (?:by|with)|now (?:called|known as"
    r"|part of)"
    r"|continue[sd]? (?:in|as|at)|successor(?: is)?:?|(?:alias|shim"
    r"|stub)(?: package)? (?:for|of|to)"
    r"|(?:dummy|redirect|transitional|alias) package for|name (?:of|for)|published as"
    r"|new name:?"
    r"|(?:pip3?|npm|uv(?: pip)?) (?:install|i|add)|install|moved:?"
)
_WEAK = r"use|using|try|see|import|now|is now|upgrad(?:e|ing) to|lives (?:in|at)|available (?:under|as|in|at)|at"
_CUE = re.compile(
    rf"\b(?:(?P<strong>{_STRONG})|(?:{_WEAK})) "
    r"(?:(?:the|our|new|official|package|library|project|module|pip|npm|pypi|install|to"
    r"|a|-\w) )"
    r"{0,4}(?:'(?:pip3? install |npm i(?:nstall)? )?(?P<quoted>[@\w][\w./@-]{1,80})"
    r"|(?P<address>https?://[^\s'<>()]{1,200})"
    r"|(?P<bare>@?\w[\w./@-]{1,80}))(?P<ends>(?: (?:package|library|module|sdk|from|for"
    r"|and))?"
    r" instead\b| (?:package|library|module)\b|'?[)\].,;:]?(?: |$))",
    re.IGNORECASE,
)
_ODD = re.compile(r"[-_/@\d]|\w\.\w")
_ADDRESS = re.compile(r"/(?:project|packages?|p)/(?P<name>@?[\w.-]+(?:/[\w.-]+)?)")
_NOT_NAMES = re.compile(
    r"it|this|that|these|them|those|an|and|any|all|at|by|for|from|here|in|into|instead"
    r"|is|its"
    r"|more|new|newer|no|not|of|on|only|or|other|our|out|please|same|some|the|their|then"
    r"|to"
    r"|upstream|we|with|you|your|package|library|project|module|version|latest|python3?"
    r"|api"
    r"|sdk|as|also|be|one|native|built|stdlib|under|deprecated|obsolete|unmaintained"
    r"|maintained|now|archived|called|known|part|available|future|official|github|readme"
    r"|renamed|legacy|old|homepage|docs|documentation|issue|standard|native|platform",
    re.IGNORECASE,
)


def replacement_in(line: Line, name: str, *, after: int = 0) -> str:
    """Return the name of the package that a notice points to, or nothing."""
    for start in (after, 0):
        for found in _CUE.finditer(line.shown, start):
            candidate = found["quoted"] or found["bare"] or _named(found["address"])
            candidate = candidate.rstrip("./-")
            sure = (
                found["quoted"] or _ODD.search(candidate) or "instead" in found["ends"]
            )
            if (sure or found["strong"]) and _is_name(candidate, name):
                return candidate
    return ""


def _named(address: str) -> str:
    """Return the package that an address of a registry is about, or nothing."""
    found = _ADDRESS.search(address)
    return "" if found is None else found["name"]


def _is_name(candidate: str, own: str) -> bool:
    key = squashed(candidate)
    return len(key) > 1 and key != squashed(own) and not _NOT_NAMES.fullmatch(candidate)
