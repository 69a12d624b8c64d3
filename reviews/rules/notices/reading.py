"""
Whether a registry's text says that its package is dying, or stands for another one.

One-line texts: summaries, and the messages of deprecated releases. The words are in
`notice_phrases`, the grammar in `notice_grammar`, other languages in
`notice_languages`; long descriptions are read, far more strictly, in
`notice_description`. The text is the author's own: it is read, never obeyed.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from reviews.rules.notices import clauses, grammar
from reviews.rules.notices.languages import foreign_notice
from reviews.rules.notices.names import own_name, replacement_in, squashed
from reviews.rules.notices.text import Clause, Line, tidied

PHRASE_LIMIT = 160
"""How many characters of a text are quoted as what a notice rests on."""


class Says(StrEnum):
    """What a text says of its package."""

    DYING = "dying"
    ALIAS = "alias"
    ALIVE = "alive"


@dataclass(frozen=True, slots=True)
class Notice:
    """
    What a text says, the words it rests on, and the name it points to.

    Phrase and replacement are a stranger's words, quoted for a reader: whoever shows
    them escapes them. Both are empty for what is alive.
    """

    what: Says
    phrase: str = ""
    replacement: str = ""


_SENTENCE_LIMIT = 300

ALIVE = Notice(Says.ALIVE)


@dataclass(frozen=True, slots=True)
class _Found:
    """Where in a line something is said."""

    start: int
    end: int
    what: Says = Says.DYING


def read_notice(text: str, *, name: str = "") -> Notice:
    """
    Return what a one-line text says of its package, whose name helps if it is known.

    The first words that say so are quoted. Where a text both calls itself an alias and
    sends its readers away, it is dying; a mere reservation of a name is an alias. At
    most 2,000 characters are read.
    """
    line = tidied(text)
    found = list(_findings(line, name))
    if not found:
        return ALIVE
    dying = [finding for finding in found if finding.what is Says.DYING]
    chosen = min(dying or found, key=lambda finding: finding.start)
    return Notice(
        chosen.what,
        line.shown[chosen.start : chosen.end][:PHRASE_LIMIT].strip(" '.:;,-"),
        replacement_in(line, name, after=chosen.start),
    )


def _findings(line: Line, name: str) -> Iterator[_Found]:
    if clauses.RESERVED.match(line.matched) is not None:
        yield _Found(0, len(line.shown), Says.ALIAS)
        return
    foreign = foreign_notice(line.matched)
    if foreign is not None:
        yield _Found(*foreign)
    own = own_name(name)
    yield from _sentences(line, own)
    yield from _wherever(line)
    yield from _former(line, name)
    for clause in line.clauses():
        if clause.before == "start" and squashed(clause.text) == squashed(name):
            # "Deprecated: mark your functions" is the title of a package so named.
            continue
        yield from _clause_says(line, clause, own)


def _sentences(line: Line, own: re.Pattern[str] | None) -> Iterator[_Found]:
    """Yield what sentences with the package for their subject say."""
    for found in grammar.SUBJECT_THIS.finditer(line.matched):
        before = line.matched[: found.start()]
        if clauses.CONDITION.search(before[-20:]) is None:
            yield _Found(*found.span())
    if own is None:
        return
    for found in own.finditer(line.matched):
        end = grammar.after(
            grammar.IS_DYING, line.matched, found.end()
        ) or grammar.after(grammar.IS_NOW, line.matched, found.end())
        before = line.matched[: found.start()].rpartition(". ")[2]
        if end and clauses.OTHERS.search(before[-40:]) is None:
            yield _Found(found.start(), end)


def _wherever(line: Line) -> Iterator[_Found]:
    """Yield what leaves no doubt in whatever place it stands."""
    found = clauses.OLD_DEPRECATED.match(line.matched)
    if found is not None and clauses.OLD_WORD.search(found.group()) is not None:
        yield _Found(*found.span())
    for pattern in (clauses.POINTER, clauses.RELATIVE):
        if (found := pattern.match(line.matched)) is not None:
            yield _Found(*found.span())
    for pattern in (clauses.INSTEAD_COMMA, clauses.KEEPS_OLD, clauses.THIS_REPLACED):
        if (found := pattern.search(line.matched)) is not None:
            yield _Found(*found.span())
    if (found := clauses.ALIAS_WITHIN.search(line.matched)) is not None:
        yield _Found(*found.span(), Says.ALIAS)
    if (found := clauses.LOUD_END.search(line.matched)) is not None:
        yield _Found(*found.span())


def _former(line: Line, name: str) -> Iterator[_Found]:
    """Yield where a shim names its own name as a former one, or says what to use."""
    for found in _before_own(clauses.KEEPS, line, name):
        working = line.matched.find("working", found.end, found.end + 60)
        if working > 0:
            yield _Found(found.start, working + len("working"))
    yield from _before_own(clauses.NEW_NAME_OF, line, name)
    if clauses.COMPATIBLE.match(line.matched) is None:
        return
    yield from _before_own(clauses.FORMERLY, line, name)
    for clause in line.clauses():
        pointer = clauses.POINTER.match(clause.text)
        if pointer is not None:
            yield _Found(clause.start, clause.start + pointer.end())


def _before_own(cue: re.Pattern[str], line: Line, name: str) -> Iterator[_Found]:
    """Yield where a cue stands before the package's own name."""
    own = squashed(name)
    for found in cue.finditer(line.matched):
        following = line.matched[found.end() : found.end() + 2 * len(own)]
        if own and squashed(following).startswith(own):
            yield _Found(found.start(), found.end() + len(own))


def _clause_says(
    line: Line, clause: Clause, own: re.Pattern[str] | None
) -> Iterator[_Found]:
    """Yield the first thing that a clause says, if it says any."""
    for pattern, what, fits in _TABLE:
        found = pattern.match(clause.text)
        if found is not None and fits(line, clause):
            yield _Found(clause.start, clause.start + found.end(), what)
            return
    # "Use X (or Y) instead": beyond the clause, but not beyond its sentence.
    whole = line.matched[clause.start : clause.start + _SENTENCE_LIMIT]
    if clause.before != "comma" and (found := clauses.INSTEAD.match(whole)) is not None:
        yield _Found(clause.start, clause.start + found.end())
        return
    found = clauses.INSTEAD_OF.match(clause.text)
    if found is not None and (
        grammar.after(clauses.INSTEAD_OF_THIS, clause.text, found.end())
        or (own is not None and grammar.after(own, clause.text, found.end()))
    ):
        yield _Found(clause.start, clause.start + len(clause.text))


# Where a pattern counts. Each takes the line and the clause the pattern began.


def _first(line: Line, clause: Clause) -> bool:
    return clause.before in ("start", "stop")


def _later(line: Line, clause: Clause) -> bool:
    return clause.before not in ("start", "comma")


def _apart(line: Line, clause: Clause) -> bool:
    """Return whether more than a comma or a closing bracket stands before."""
    return clause.before not in ("comma", "close")


def _advice(line: Line, clause: Clause) -> bool:
    """Return whether no condition stands before: "if you need more, use X instead"."""
    before = line.matched[clause.sentence : clause.start]
    return clause.before != "comma" or clauses.CONDITIONAL.search(before) is None


def _of_own(line: Line, clause: Clause) -> bool:
    """Return whether the sentence so far does not speak of another package."""
    before = line.matched[clause.sentence : clause.start]
    return clauses.OTHERS.search(before) is None


def _headline(line: Line, clause: Clause) -> bool:
    return _first(line, clause) or (clause.before != "comma" and _of_own(line, clause))


def _mark(line: Line, clause: Clause) -> bool:
    """Return whether a state stands by itself, not before or after another's name."""
    following = line.matched[clause.start + len(clause.text) :][:200]
    if clause.before == "open":
        own = _bracket_ends(following) and _of_own(line, clause)
        return clause.leads or own
    if clauses.LISTED.match(following) is not None:
        return False
    if clause.before == "start":
        return True
    alone = clause.before != "comma" or clause.after != "comma"
    if clause.before == "comma" and clause.after == "close":
        alone = _bracket_ends(following)
    return alone and _of_own(line, clause)


def _bracket_ends(following: str) -> bool:
    """Return whether nothing of the same sentence comes after the closing bracket."""
    closing = clauses.CLOSING.search(following)
    rest = following if closing is None else following[closing.end() :]
    return not rest or rest[0] in "-.:;|!"


def _elided(line: Line, clause: Clause) -> bool:
    """Return whether a predicate without a subject speaks of the package."""
    if clause.before == "open" and not clause.leads and clause.after == "close":
        return _mark(line, clause)
    following = line.matched[clause.start + len(clause.text) :][:30]
    return _of_own(line, clause) and clauses.LISTED.match(following) is None


# In this order, the first that fits a clause counts.
_TABLE: tuple[tuple[re.Pattern[str], Says, Callable[[Line, Clause], bool]], ...] = (
    (clauses.LOUD, Says.DYING, _first),
    (clauses.MARK_ALONE, Says.DYING, _mark),
    (clauses.MARK, Says.DYING, _mark),
    (clauses.DO_NOT_USE, Says.DYING, _apart),
    (grammar.SUBJECT_START, Says.DYING, _apart),
    (clauses.HEADLINE, Says.DYING, _headline),
    (clauses.HEADLINE_PACKAGE, Says.DYING, _headline),
    (clauses.HEADLINE_LEGACY, Says.DYING, _headline),
    (clauses.OLD_NAME, Says.DYING, _headline),
    (grammar.ELIDED, Says.DYING, _elided),
    (grammar.WORK_ENDED, Says.DYING, _apart),
    (clauses.SUCCESSOR, Says.DYING, _of_own),
    (clauses.NEW_WORK, Says.DYING, _advice),
    (clauses.INSTEAD, Says.DYING, _advice),
    (clauses.BARE_CHANGE, Says.DYING, _later),
    (clauses.INSTEAD_FIRST, Says.DYING, _advice),
    (clauses.PLEASE_CHANGE, Says.DYING, _advice),
    (clauses.PLEASE_USE, Says.DYING, _advice),
    (clauses.ALIAS, Says.ALIAS, _first),
)
