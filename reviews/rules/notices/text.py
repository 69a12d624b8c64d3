"""
A registry's text made ready to be read, and cut into clauses.

Nothing here knows what a notice is. The text was written by strangers: it is capped,
stripped of what cannot be seen, and never interpreted.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LINE_LIMIT = 2_000
"""How many characters of a one-line text are read."""

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2212"), "-") | dict.fromkeys(
    map(ord, "\u2013\u2014\u2015\u2e3a\u2192\u21d2\u27a1\u2022\u00b7"), " - "
)
_QUOTES = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u00b4`"), "'") | (
    dict.fromkeys(map(ord, '\u201c\u201d\u201e\u201f\u00ab\u00bb"'), "'")
)
_PLAIN = _DASHES | _QUOTES | {0x3002: ". ", 0xFF0C: ", ", 0x3001: ", "}

_SPACES = re.compile(r"\s+")
_LINK = re.compile(r"!?\[([^\[\]]{1,200})\]\((?:[^()\s]{0,300})(?: '[^']{0,100}')?\)")
_EMPHASIS = re.compile(r"\*{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)|={3,}|#{2,}")
_STRUCK = re.compile(r"~~")
_TAG = re.compile(
    r"</?(?:[abiups]|h[1-6r]|em|br|strong|code|div|span|img|del|font|center|su[bp]|pre|li|ul)"
    r"(?: [^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_URL = re.compile(
    r"(?:https?://|git\+|www\.)[^\s<>'\"()\[\],;]{1,300}(?<![.:!?])", re.IGNORECASE
)

# Where a clause ends: at punctuation that a space follows, at brackets, at dashes.
_BREAK = re.compile(
    r"(?P<stop>[.!?]+(?=[\s)\]]|$))|(?P<colon>:+(?=\s|$))|(?P<semicolon>;)"
    r"|(?P<dash>(?<=\s)-{1,3}(?=\s|$)|^-+(?=\s)|\s?--+\s?|(?<=\s)#(?=[A-Za-z])|\||(?<=\s)/{1,2}(?=\s))"
    r"|(?P<open>[(\[{\u3010]+)|(?P<close>[)\]}\u3011]+)|(?P<comma>,(?=\s))"
)


_PADDING = " '<>=!*#~:."


@dataclass(frozen=True, slots=True)
class Clause:
    """
    A stretch of text between two breaks.

    `before` and `after` name the breaks: start, stop, colon, semicolon, dash, open,
    close, comma, end. `start` is its place in the text, `sentence` that of its sentence;
    it `leads` when nothing stands before it but what is in brackets.
    """

    text: str
    before: str
    after: str
    start: int
    sentence: int
    leads: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A text as it is shown, and of the same length, as it is matched."""

    shown: str
    matched: str

    def clauses(self) -> Iterator[Clause]:
        """Yield the clauses, in order; those without any letter are left out."""
        start, sentence, before, leads = 0, 0, "start", True
        for found in _BREAK.finditer(self.matched):
            after = found.lastgroup or "stop"
            clause = self._clause(start, found.start(), sentence, before, after, leads)
            if clause is not None:
                yield clause
                leads = leads and (before == "open" or after == "close")
            elif before in ("start", "stop", "open"):
                # An opening bracket, warning sign or dash does not end the beginning.
                after = "open" if after == "open" else before
            start, before = found.end(), after
            if before == "stop":
                sentence = start
        last = self._clause(start, len(self.matched), sentence, before, "end", leads)
        if last is not None:
            yield last

    def _clause(
        self, start: int, end: int, sentence: int, before: str, after: str, leads: bool
    ) -> Clause | None:
        text = self.matched[start:end]
        stripped = text.lstrip(_PADDING)
        start += len(text) - len(stripped)
        stripped = stripped.rstrip()
        if not any(map(str.isalnum, stripped)):
            return None
        return Clause(stripped, before, after, start, sentence, leads)


def tidied(text: str, *, limit: int = LINE_LIMIT) -> Line:
    """
    Return the start of a text as a plain line: at most `limit` characters are read.

    Compatibility forms, quotes and dashes are made plain; pictures, invisible characters,
    markup and emphasis go. Addresses stay to be shown but are blotted out to be matched:
    their words say nothing.
    """
    plain = unicodedata.normalize("NFKC", text[:limit])[:limit]
    visible = "".join(map(_visible, plain.translate(_PLAIN)))
    unlinked = _STRUCK.sub(" - ", _LINK.sub(r"\1", visible))
    flat = _EMPHASIS.sub("", _TAG.sub(" ", unlinked))
    shown = _SPACES.sub(" ", flat).strip()
    return Line(shown, _URL.sub(lambda found: "u" * len(found.group()), shown))


def _visible(character: str) -> str:
    if character < "\x7f":
        return character if character.isprintable() else " "
    category = unicodedata.category(character)
    if category == "Cf" or category == "Mn":
        # Joiners, marks of direction and variation selectors would cut words apart.
        return "" if category == "Cf" or character >= "\ufe00" else character
    return " " if category[0] in "CZ" or category in ("So", "Sk") else character
