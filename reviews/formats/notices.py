"""
Registry texts as tab-separated lines, and what was read in them as lines again.

The columns `ecosystem`, `name` and `text` are found by the names in the first line, in
any order; whatever else a file holds (labels, ranks) is left unread. Cells are plain:
quotes mean nothing, and a tab or a line feed cannot stand within one. What a text says
is for `rules.notices.reading`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reviews.formats.encoding import text_of
from reviews.formats.records import (
    PROBLEM_LIMIT,
    FormatError,
    Problem,
    refusal,
    require_size,
)
from reviews.rules.notices.reading import Says
from reviews.rules.text import shown

COLUMNS = ("ecosystem", "name", "text")
ROW_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class RegistryText:
    """What a registry says of one package, and the line of the file it stands in."""

    ecosystem: str
    name: str
    text: str
    line: int


def read(content: bytes) -> list[RegistryText]:
    """
    Return the texts of a file in UTF-8, in its order; a package may stand there twice.

    Blank lines are passed over. A text may be empty, an ecosystem or a name may not.

    :raises FormatError: with every line that is wrong, and what to do about it.
    """
    require_size(content)
    lines = text_of(content).split("\n")
    if len(lines) > ROW_LIMIT:
        raise refusal(f"The file has more than {ROW_LIMIT:,} lines. Split it.")
    header = lines[0].removesuffix("\r").split("\t")
    places = _places(header)
    texts: list[RegistryText] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines[1:], start=2):
        line = line.removesuffix("\r")
        if not line.strip():
            continue
        cells = line.split("\t")
        problem = _problem(cells, header, places)
        if problem:
            problems.append(Problem(f"line {number}", problem))
            if len(problems) == PROBLEM_LIMIT:
                break
            continue
        ecosystem, name, text = (cells[place] for place in places)
        texts.append(RegistryText(ecosystem, name, text, number))
    if problems:
        raise FormatError(*problems)
    if not texts:
        raise refusal("The file has a header and no rows. Export it again.")
    return texts


def written(readings: Iterable[tuple[RegistryText, Says]]) -> str:
    """Return one line for each text: ecosystem, name and what it says, without header."""
    return "".join(
        f"{text.ecosystem}\t{text.name}\t{says}\n" for text, says in readings
    )


def _places(header: list[str]) -> list[int]:
    """Return where in a row the columns stand."""
    names = [name.strip().lower() for name in header]
    for column in COLUMNS:
        if column not in names:
            raise refusal(
                f"The first line names no column {column!r}, it begins "
                f"{shown(' '.join(header))}. Name the columns there, separated by tabs: "
                f"{', '.join(COLUMNS)}.",
                place="line 1",
            )
        if names.count(column) > 1:
            raise refusal(
                f"The column {column!r} is there twice; remove one.", place="line 1"
            )
    return [names.index(column) for column in COLUMNS]


def _problem(cells: list[str], header: list[str], places: list[int]) -> str:
    """Return what is wrong with a row and what to do about it, or nothing."""
    if len(cells) != len(header):
        return (
            f"{len(cells)} cells, and the header has {len(header)}. Put one tab between "
            "two cells, and none into a text."
        )
    for column, place in zip(COLUMNS[:2], places[:2], strict=True):
        if not cells[place].strip():
            return f"The {column} is empty; fill it in or remove the line."
    return ""
