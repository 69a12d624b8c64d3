"""
Texts for ticket systems: harmless when they are written, and as they were when read.

Pure. The marker in an HTML comment is for the systems that keep one.
"""

import re

TITLE_LIMIT = 255
"""How many characters a title may have: the fewest of the four systems."""

_SPACE = "\u200b"
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# An address such as a@b.example is no mention, on any of the four.
_MENTION = re.compile(f"(?<![A-Za-z0-9])@(?=[{_SPACE}\\w{{])")
_QUIET_MENTION = re.compile(f"(?<![A-Za-z0-9])@{_SPACE}(?=[{_SPACE}\\w{{])")
_COMMAND = re.compile(f"^(?=[ \t]*{_SPACE}*/)", re.MULTILINE)
_QUIET_COMMAND = re.compile(f"^{_SPACE}(?=[ \t]*{_SPACE}*/)", re.MULTILINE)
_BEGINNING = "<!-- best-before: "
_BROKEN = f"<!-- best-before{_SPACE}: "
_MARKER = re.compile(r"\s*<!-- best-before: [A-Za-z0-9-]+ -->")


def quiet(text: str) -> str:
    """
    Return a text of many lines that calls nobody and starts nothing.

    A zero-width space goes after each @ that would mention somebody, and before each /
    that begins a line, which robots and GitLab take for a command. Line feeds and tabs
    stay, other control characters and half characters go. `as_written` takes it back.
    """
    kept = _without_controls(text.replace("\r\n", "\n").replace("\r", "\n"))
    return _COMMAND.sub(_SPACE, _MENTION.sub(f"@{_SPACE}", kept))


def quiet_line(text: str, *, limit: int = TITLE_LIMIT) -> str:
    """Return a text as one quiet line of at most so many characters, perhaps cut."""
    line = " ".join(quiet(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def as_written(text: str) -> str:
    """Return a text as it was before `quiet`, with line feeds as line ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _QUIET_COMMAND.sub("", _QUIET_MENTION.sub("@", lines))


def marked(text: str, marker: str) -> str:
    """
    Return a quiet text with a marker in an HTML comment as its last line.

    Whatever else in it looks like a marker is none any more.
    """
    said = quiet(text).rstrip().replace(_BEGINNING, _BROKEN)
    return f"{said}\n\n{_comment_of(marker)}"


def has_marker(text: str, marker: str) -> bool:
    """Return whether a text has this very marker in an HTML comment."""
    return _comment_of(marker) in text


def without_marker(text: str) -> str:
    """Return a text as it was before `marked`, whatever the marker was."""
    return as_written(_MARKER.sub("", text).replace(_BROKEN, _BEGINNING)).rstrip()


def _without_controls(text: str) -> str:
    whole = text.encode("utf-8", "ignore").decode()
    return _CONTROLS.sub("", whole)


def _comment_of(marker: str) -> str:
    return f"{_BEGINNING}{marker} -->"
