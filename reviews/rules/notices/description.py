"""
Whether a long description (Markdown or reStructuredText) says its package is dying.

Far stricter than the reading of one line in `notice`, because descriptions speak of
deprecated functions, of dead Python versions and of other packages all the time: only
badges, the title, a heading for the notice, and sentences about the package count, and
only before the change log.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviews.rules.notices import clauses as patterns
from reviews.rules.notices import grammar
from reviews.rules.notices.names import own_name, replacement_in, squashed
from reviews.rules.notices.reading import ALIVE, PHRASE_LIMIT, Notice, Says
from reviews.rules.notices.text import Line, tidied

DESCRIPTION_LIMIT = 40_000
"""How many characters of a description are looked at."""
HEAD_LIMIT = 6_000
"""How many of them, after which a sentence is no longer taken for a notice."""
_LINE_LIMIT = 1_000
_TITLE_LINES = 6
_PARAGRAPH_LINES = 12

_BADGE = re.compile(
    r"repostatus\.org/badges/[\w.-]{1,20}/(?:abandoned|unsupported|moved)\b"
    r"|unmaintained\.tech/badge|/badge/[\w%.]{0,30}(?:status|maint\w{1,10}|lifecycle"
    r"|stability"
    r"|support)[\w%.]{0,20}[-/](?:deprecated|abandoned|unmaintained|archived|retired"
    r"|obsolete"
    r"|superseded|defunct|end--of--life|eol|discontinued|not%20maintained|inactive|no)\b"
    r"|/badge/(?:deprecated|unmaintained|archived|abandoned|obsolete|discontinued)\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"(?:change ?-?logs?|changes|release notes|(?:release |version )?history|news"
    r"|what'?s new|releases|v?\d+\.\d+\S*|\[?unreleased\]?)\b",
    re.IGNORECASE,
)
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+(?P<title>[^#]{1,200})")
_RULE = re.compile(r"([=\-~^\"'*+#])\1{2,}\s*$")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_DIRECTIVE = re.compile(
    r"\s*(?:\.\. (?P<kind>\w[\w-]*)::|>\s*\[!(?P<call>\w+)\]|[-*>|]\s+|\d+[.)]\s+"
    r"|:::\s*\w*)\s*"
)
_SILENT = frozenset(
    {"image", "figure", "code", "code-block", "contents", "raw", "include"}
)

_PROJECT = (
    r"(?:package|project|library|repo(?:sitory)?|plug-?in|extension|distribution"
    r"|software|sdk"
    r"|pypi package|python package|npm package|app|application|tool)"
)
_DEAD = (
    rf"(?:(?:is|are|was|has|have|has been|will|will be|is being)(?: now| officially"
    rf"| currently"
    rf"| hereby| considered| fully| been| be| also| already"
    rf"| soon){{0,4}} (?:{grammar.STATE})"
    rf"|(?:is |has |will )?(?:now |currently )?{grammar.NOT_KEPT}"
    r"|(?:has been|was|is now|is|have been) (?:now |since )?(?:renamed (?:to|as)"
    r"|superseded by"
    r"|replaced (?:by|with)|merged (?:in)?to|now called|now known as|subsumed by)"
    rf"|(?:has been |was |has )?moved to {grammar.ODD_NAME}|(?:has )?reached (?:its "
    rf"|the )?"
    r"(?:end[- ]of[- ](?:life|support)|eol))"
)
_THIS = re.compile(
    rf"(?:^|[.!:;>,-] ?|\b(?:that|note|as|so|and|but|because|since|,) )"
    rf"(?:this (?:[\w.'/@+-]{{1,40}} ){{0,2}}?|the ){_PROJECT}(?: \([^()]{{0,60}}\))? {_DEAD}",
    re.IGNORECASE,
)
_OWN = re.compile(rf"(?: (?:pypi |python )?{_PROJECT})? {_DEAD}", re.IGNORECASE)
_OF_A_PART = re.compile(
    r"\b(?:in|of|for|from|with|when|if|until|unless|using|like) $", re.IGNORECASE
)
_NOTICE_TITLE = re.compile(
    r"(?:[\w.-]{1,40} )?(?:project |package |library |important )?(?:deprecat(?:ed"
    r"|ion)(?: notice|"
    r" warning)?|end[- ]of[- ]life|eol|retirement|sunset(?:ting)?|discontinu\w{2,6}"
    r"|unmaintained|no longer maintained|not maintained|archived|abandoned)"
    r"(?: notice| announcement| status)?\W*",
    re.IGNORECASE,
)
_ABOUT_THIS = re.compile(
    rf"(?:please )?(?:use|switch|migrate|install|move) .{{1,100}}\binstead\b|(?:this"
    rf"|the) "
    rf"(?:[\w.-]{{1,40}} ){{0,2}}?{_PROJECT} (?:is|has|will|was|reached)\b"
    r"|(?:it|this) (?:is|has been) (?:deprecated|recommended)|(?:it|this) is no longer",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A heading or a paragraph, and where in the description it starts."""

    text: str
    heading: bool
    start: int


def read_description(text: str, *, name: str = "") -> Notice:
    """
    Return what a long description says of its package, whose name helps if it is known.

    Never alias: a description that long belongs to something. Only the first 40,000
    characters are looked at, and nothing after a heading that begins a change log.
    """
    head = text[:DESCRIPTION_LIMIT]
    badge = _BADGE.search(head[:HEAD_LIMIT])
    if badge is not None:
        return Notice(Says.DYING, badge.group()[:PHRASE_LIMIT])
    own = own_name(name)
    titles = {squashed(name), f"the{squashed(name)}package"}
    parts = list(_parts(head))
    for place, part in enumerate(parts):
        if part.heading and place and _CHANGES.match(part.text):
            break
        line = tidied(part.text)
        if squashed(part.text) in titles:
            continue
        following = parts[place + 1].text if place + 1 < len(parts) else ""
        span = _says(part, line, place, following, own)
        if span is not None:
            phrase = line.shown[slice(*span)][:PHRASE_LIMIT].strip(" '.:;,>-")
            rest = tidied(f"{part.text[:800]} {following[:800]}")
            return Notice(Says.DYING, phrase, replacement_in(rest, name))
    return ALIVE


def _says(
    part: _Part, line: Line, place: int, following: str, own: re.Pattern[str] | None
) -> tuple[int, int] | None:
    """Return which characters of a part are a notice."""
    if place < _TITLE_LINES:
        found = _marked(line, title=place == 0, heading=part.heading)
        if found is not None:
            return found
    if part.heading:
        if _NOTICE_TITLE.fullmatch(line.matched) and _is_about(following, own):
            return 0, len(line.shown)
        return None
    if part.start > HEAD_LIMIT:
        return None
    return _stated(line, own)


def _marked(line: Line, *, title: bool, heading: bool) -> tuple[int, int] | None:
    """Return where one of the first lines bears a mark: loud, alone, or in brackets."""
    loud = patterns.LOUD.match(line.matched)
    if loud is not None:
        return loud.span()
    if heading and not title:
        return None
    clauses = list(line.clauses())
    for clause in clauses:
        in_brackets = title and clause.before == "open" and clause.after == "close"
        alone = len(clauses) == 1 or (
            clause.leads and clause.after in ("colon", "stop")
        )
        titled = len(line.matched) < 80 and clause.after == "end"
        if (in_brackets and len(line.matched) < 120) or alone or titled:
            found = patterns.MARK_ALONE.match(clause.text)
            if found is not None and patterns.STATE_WORD.search(clause.text):
                return clause.start, clause.start + found.end()
    return None


def _stated(line: Line, own: re.Pattern[str] | None) -> tuple[int, int] | None:
    """Return where a sentence has the package for its subject and says that it ends."""
    found = _THIS.search(line.matched)
    if found is not None:
        return found.span()
    if own is None:
        return None
    for subject in own.finditer(line.matched):
        end = grammar.after(_OWN, line.matched, subject.end())
        before = line.matched[: subject.start()]
        if (
            end
            and not _OF_A_PART.search(before[-12:])
            and not patterns.OTHERS.search(before[-60:])
        ):
            return subject.start(), end
    return None


def _is_about(following: str, own: re.Pattern[str] | None) -> bool:
    """Return whether the words under a heading for a notice are about the package."""
    line = tidied(following[:_LINE_LIMIT])
    if _stated(line, own) is not None or _ABOUT_THIS.match(line.matched):
        return True
    return own is not None and own.match(line.matched) is not None


def _parts(text: str) -> Iterator[_Part]:
    """Yield headings and paragraphs, without code, pictures and what only links."""
    paragraph: list[str] = []
    began = 0
    for start, raw in _unfenced(text):
        line, silent = _plain(raw)
        heading = _MARKDOWN_HEADING.match(line)
        underlined = bool(_RULE.match(line))
        if underlined and len(paragraph) == 1:
            yield _Part(paragraph.pop(), heading=True, start=began)
        elif paragraph and (not line or heading or underlined):
            yield _Part(" ".join(paragraph), heading=False, start=began)
            paragraph = []
        if silent or underlined or not line:
            continue
        if heading:
            yield _Part(heading["title"], heading=True, start=start)
            continue
        began = began if paragraph else start
        if len(paragraph) < _PARAGRAPH_LINES:
            paragraph.append(line)
    if paragraph:
        yield _Part(" ".join(paragraph), heading=False, start=began)


def _unfenced(text: str) -> Iterator[tuple[int, str]]:
    """Yield where each line starts, and the line; what is fenced as code is blank."""
    place = 0
    fenced = False
    for line in text.split("\n"):
        fence = _FENCE.match(line) is not None
        fenced = fenced != fence
        yield place, "" if fenced or fence else line
        place += len(line) + 1


def _plain(raw: str) -> tuple[str, bool]:
    """Return a line without what leads it, and whether it is nothing to be read."""
    if raw.startswith(("    ", "\t")) and not raw.strip().startswith(("*", "-", ">")):
        # Indented text is code in Markdown, and the inside of a directive elsewhere.
        return raw.strip()[:_LINE_LIMIT], False
    line = raw[:_LINE_LIMIT].strip()
    directive = _DIRECTIVE.match(line)
    if directive is None:
        return line, line.startswith(
            ("[![", "![", "<img", "<a href", ":target:", ":alt:", ".. ")
        )
    if (directive["kind"] or "").lower() in _SILENT:
        return line, True
    return line[directive.end() :], False
