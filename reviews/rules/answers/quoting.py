"""
Cutting what strangers wrote down to what may be kept and shown.

Unlike `rules.text`, nothing is refused here: a source's words are evidence, so what
cannot be kept of them is left out. Escaping is the business of whoever writes a page.
"""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
# What Markdown underlines, rules off and fences with.
_RUNS = re.compile(r"([-=*#~])\1{2,}")
_SENTENCE_ENDS = (".", "!", "?", "…")
_QUOTES = "”\u2019»\"'`"
_ALIKE = '"`'
_CLOSED_BY = {"“": "”", "„": "“”", "«": "»", "\u2018": "\u2019"}
_OPENED_BY = {"”": "“„", "“": "„", "»": "«", "\u2019": "\u2018"}
# An apostrophe within a word is neither.
_CLOSING_APOSTROPHE = re.compile(r"(?<=\S)'(?!\w)")
_OPENING_APOSTROPHE = re.compile(r"(?<!\w)'(?=\S)")
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


def plain(text: str) -> str:
    """
    Return a quotation without Markdown's lines, and without loose quotes at its ends.

    Spaces are single then. A quote is loose where its other one was cut off.
    """
    line = _SPACES.sub(" ", _RUNS.sub(" ", text)).strip()
    while line:
        if _begins_loosely(line):
            line = line[1:].strip()
        elif _ends_loosely(line):
            line = line[:-1].strip()
        else:
            break
    return line


def sentence(text: str) -> str:
    """Return a text with a full stop, unless it ends in a quotation that has its own."""
    return text if text.rstrip(_QUOTES).endswith(_SENTENCE_ENDS) else f"{text}."


def _begins_loosely(line: str) -> bool:
    mark, rest = line[0], line[1:]
    if mark in _ALIKE:
        return line.count(mark) % 2 == 1 and not _next_closes(mark, rest)
    if mark == "'":
        return _CLOSING_APOSTROPHE.search(rest) is None
    return mark in _CLOSED_BY and not any(other in rest for other in _CLOSED_BY[mark])


def _next_closes(mark: str, rest: str) -> bool:
    before, found, after = rest.partition(mark)
    return bool(found) and before[-1:].strip() != "" and not after[:1].isalnum()


def _ends_loosely(line: str) -> bool:
    mark, rest = line[-1], line[:-1]
    if mark in _ALIKE:
        return line.count(mark) % 2 == 1
    if mark == "'":
        return _OPENING_APOSTROPHE.search(rest) is None
    return mark in _OPENED_BY and not any(other in rest for other in _OPENED_BY[mark])


def _is_seen(character: str) -> bool:
    if character in _JOINERS:
        return True
    return (
        unicodedata.category(character) not in _UNSEEN
        and character not in _FILLERS
        and ord(character) not in _SELECTORS
    )
