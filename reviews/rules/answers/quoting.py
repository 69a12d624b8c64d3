"""
Cutting what strangers wrote down to what may be kept and shown.

Unlike `rules.text`, nothing is refused here: a source's words are evidence, so what
cannot be kept of them is left out. Escaping is the business of whoever writes a page.
"""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
# Marks of direction, zero widths, tags and soft hyphens are all of the category Cf. The
# two joiners are too, and Persian and emoji need them.
_JOINERS = "\u200c\u200d"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Selectors beyond the sixteen common ones have carried hidden messages.
_SELECTORS = range(0xE0100, 0xE01F0)


def quoted(text: str, limit: int) -> str:
    """
    Return the start of a text as one visible line of at most `limit` characters.

    White space of any kind becomes single spaces. Control and invisible characters,
    lone surrogates and what is no character at all go. What is cut ends in an ellipsis.
    """
    # Composing may lengthen a text, so much more than is kept need not be looked at.
    start = text[: limit * 4]
    if not (start.isascii() and start.isprintable()):
        spaced = _SPACES.sub(" ", start)
        start = unicodedata.normalize("NFC", "".join(filter(_is_seen, spaced)))
    line = _SPACES.sub(" ", start).strip(f" {_JOINERS}")
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def _is_seen(character: str) -> bool:
    if character in _JOINERS:
        return True
    return (
        unicodedata.category(character) not in _UNSEEN
        and character not in _FILLERS
        and ord(character) not in _SELECTORS
    )
