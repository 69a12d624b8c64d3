"""
One canonical form for the text that people and files bring in.

What may stand in a name or a description, and when two names count as the same. Where
the text goes afterwards (HTML, CSV, a log) is the business of whoever writes it there.
"""

import re
import unicodedata

ECHO_LIMIT = 40
"""How many characters of a refused text a message repeats."""

_CONTROLS = "\x00-\x1f\x7f-\x9f"
_SURROGATES = "\ud800-\udfff"
_DIRECTIONS = "\u202a-\u202e\u2066-\u2069"
_ZERO_WIDTHS = "\u200b\u2060-\u2064\u206a-\u206f\ufeff"
_JOINERS = "\u200c\u200d"
# Characters that count as letters or symbols, yet leave nothing on the page.
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"

_REFUSED_ANYWHERE = re.compile(f"[{_CONTROLS}{_SURROGATES}{_DIRECTIONS}{_ZERO_WIDTHS}]")
_SPACES = re.compile(r"\s+")
_LINE_BREAK = re.compile(r"\r\n?")
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]")
_GREEK_OR_CYRILLIC = re.compile(
    "[\u0370-\u03ff\u1f00-\u1fff\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f]"
)


class TextError(ValueError):
    """A text that cannot be kept; its message says why and may be shown to a user."""


def shown(text: str) -> str:
    """
    Return the start of a text, quoted, such that it is harmless in a message.

    What is invisible, turns the direction of writing, or is no character at all is
    escaped. At most 40 characters of the text are repeated.
    """
    if len(text) <= ECHO_LIMIT:
        return repr(text)
    return f"{text[:ECHO_LIMIT]!r}…"


def clean_line(text: str, *, limit: int) -> str:
    """
    Return a text of one line in its canonical form.

    That is Unicode's composed form (NFC), without white space at the ends, and with one
    plain space wherever white space stands within, no-break spaces included. Joiners
    (U+200C, U+200D), which Persian and emoji need, may stand within, not at the ends.

    :raises TextError: when nothing visible is left, when more than `limit` characters
        are, or when the text holds a control character other than a line's white space
        at its ends, a lone surrogate, a zero-width character or one that turns the
        direction of writing.
    """
    # Files bring tens of thousands of plain names: they leave here.
    if (
        text.isascii()
        and text.isprintable()
        and 0 < len(text) <= limit
        and text[0] != " " != text[-1]
        and "  " not in text
    ):
        return text
    stripped = text.strip()
    _refuse(stripped, _REFUSED_ANYWHERE)
    line = unicodedata.normalize("NFC", _SPACES.sub(" ", stripped))
    if line.strip(_JOINERS) != line:
        raise TextError(f"{shown(text)} has an invisible joiner at its end; remove it.")
    if not any(map(_is_visible, line)):
        raise TextError("It is blank: write at least one visible character.")
    return _within(line, limit)


def clean_text(text: str, *, limit: int) -> str:
    """
    Return a text of many lines, such as Markdown, in its canonical form.

    That is Unicode's composed form (NFC) with line feeds as line ends. Spaces, tabs and
    blank lines mean something there and stay. The text may be blank.

    :raises TextError: as `clean_line`, except for blank texts, line ends and tabs.
    """
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return text
    lines = unicodedata.normalize("NFC", _LINE_BREAK.sub("\n", text))
    _refuse(lines.replace("\n", " ").replace("\t", " "), _REFUSED_ANYWHERE)
    return _within(lines, limit)


def holds_refused(text: str) -> bool:
    """Return whether a text holds a character that no line may hold."""
    return _REFUSED_ANYWHERE.search(text) is not None


def comparable(text: str) -> str:
    """
    Return the key under which two names count as the same.

    Case, composition, compatibility forms such as full width, and the amount of white
    space make no difference. Look-alikes of other alphabets do: see `mixes_alphabets`.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def mixes_alphabets(text: str) -> bool:
    """
    Return whether a word holds Latin letters beside Greek or Cyrillic ones.

    Such a word usually pretends to be another one: the Cyrillic U+0430 looks like an a.
    """
    if text.isascii():
        return False
    return any(
        _LATIN.search(word) and _GREEK_OR_CYRILLIC.search(word)
        for word in _NOT_LETTERS.split(text)
    )


def _is_visible(character: str) -> bool:
    if character in _FILLERS:
        return False
    return unicodedata.category(character)[0] in "LNPS" or character > "\ue000"


def _within(text: str, limit: int) -> str:
    if len(text) > limit:
        raise TextError(
            f"{shown(text)} has {len(text):,} characters; at most {limit:,} may be."
        )
    return text


def _refuse(text: str, refused: re.Pattern[str]) -> None:
    found = refused.search(text)
    if found is None:
        return
    character = found.group()
    if "\ud800" <= character <= "\udfff":
        what = "half a character (a lone surrogate)"
    elif unicodedata.category(character) == "Cc":
        what = "a control character"
    elif re.match(f"[{_DIRECTIONS}]", character):
        what = "a character that turns the direction of writing"
    else:
        what = "a zero-width character"
    raise TextError(
        f"{shown(text)} holds {what}, U+{ord(character):04X}, "
        f"at position {found.start() + 1}; remove it."
    )
