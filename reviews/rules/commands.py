"""
How people decide in a ticket: a command in a comment, or the way in which it was closed.

A command is a line that begins with `/verdict` or `/waive`, at its very start, so that
neither a quotation nor a sentence about commands is one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reviews.rules.vocabulary import Verdict

LINE_LIMIT = 2000
FENCES = ("```", "~~~", "{code", "{noformat", "<pre", "</pre")

_COMMAND = re.compile(r"/(verdict|waive)(?=\s|$)[ \t]*(.*)", re.IGNORECASE)
_BECAUSE = re.compile(r"^because\b[\s:,]*", re.IGNORECASE)
_LABEL = "verdict:"
_WAIVE = "waive"


@dataclass(frozen=True, slots=True)
class Command:
    """
    A decision as somebody wrote it: a verdict, or None for a waiver.

    `text` is the line, or what else said it. `problem` says why it cannot be obeyed, in
    words that its author may read; it is empty where it can.
    """

    text: str
    verdict: Verdict | None = None
    reason: str = ""
    problem: str = ""


def command_in(comment: str) -> Command | None:
    """Return the first command in a comment, None where there is none."""
    for line in _lines(comment):
        found = _COMMAND.match(line)
        if found is not None:
            word, rest = found[1].lower(), found[2].strip()
            return _verdict(line, rest) if word == "verdict" else _waiver(line, rest)
    return None


def command_of_close(
    *, labels: Sequence[str], words: Sequence[str], decisions: Mapping[str, str]
) -> Command | None:
    """
    Return the decision that a closed ticket bears, None where it bears none.

    A label `verdict:hold` or `waive` comes before `decisions`, which translates labels
    and other words, whatever their case, into a verdict or into "waive".
    """
    meanings = {word.casefold(): said for word, said in decisions.items()}
    for label in labels:
        name = label.strip().casefold()
        if name == _WAIVE or name.startswith(_LABEL):
            return _meant(label, name.removeprefix(_LABEL).strip())
    for word in (*labels, *words):
        if word and word.strip().casefold() in meanings:
            return _meant(word, str(meanings[word.strip().casefold()]))
    return None


def _lines(comment: str) -> Iterator[str]:
    """Give the lines of a comment that are no example of code."""
    is_code = False
    for line in comment.splitlines():
        if line.lstrip().startswith(FENCES):
            is_code = not is_code
        elif not is_code:
            yield line[:LINE_LIMIT].rstrip()


def _verdict(line: str, rest: str) -> Command:
    word, _, reason = rest.partition(" ")
    try:
        verdict = Verdict(word.strip().lower())
    except ValueError:
        return Command(line, problem="It names none of the verdicts.")
    return Command(line, verdict, _BECAUSE.sub("", reason.strip(), count=1))


def _waiver(line: str, rest: str) -> Command:
    return Command(line, None, _BECAUSE.sub("", rest, count=1))


def _meant(said: str, word: str) -> Command:
    if word.casefold() == _WAIVE:
        return Command(said)
    try:
        return Command(said, Verdict(word.casefold()))
    except ValueError:
        return Command(said, problem="It names none of the verdicts.")
