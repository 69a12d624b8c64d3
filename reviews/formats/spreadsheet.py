"""
Spreadsheets as CSV: one solution a row, its columns named in the first.

The columns, of which only `name` or `purl` must be filled in a row, in any order:
`name`, `kind`, `purl`, `version`, `team`, `owner`, `criticality`, `tags` (separated by
semicolons or spaces), `contract_ends_on` (YYYY-MM-DD), `notice_period_days`,
`homepage`, `description`. The kind is `package` when a purl is given, and otherwise
required. Workbooks (XLSX) are not read; `detection` names them.
"""

import csv
import difflib
import re
from collections.abc import Iterator

from reviews.formats import spreadsheet_rows
from reviews.formats.encoding import other_encoding, text_of, utf_16_text_of
from reviews.formats.records import (
    Component,
    FormatError,
    Gathering,
    Inventory,
    refusal,
    require_size,
)
from reviews.rules.text import comparable, mixes_alphabets, shown

FORMAT = "CSV"

COLUMNS = (
    "name",
    "kind",
    "purl",
    "version",
    "team",
    "owner",
    "criticality",
    "tags",
    "contract_ends_on",
    "notice_period_days",
    "homepage",
    "description",
)

_DELIMITERS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[,;\t]*', re.IGNORECASE)
_HEADER_LIMIT = 10_000
_LINES_LIMIT = 1_000_000

# What a spreadsheet program takes for a formula: see `guarded`.
_FORMULA = re.compile(r"""['"\s]*[=+\-@＝＋－＠]|['"]*[\t\r\n]""")  # noqa: RUF001
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)


def read(content: bytes) -> Inventory:
    """
    Return the solutions of a CSV file, in UTF-8, or in UTF-16 as Excel may write it.

    Cells are separated by commas, semicolons or tabs, as the first line shows. Every
    cell is text: leading zeros stay, and what looks like a formula stays as it is, but
    for the apostrophe that an export put before it.

    :raises FormatError: with all rows that cannot be kept, by their lines.
    """
    require_size(content)
    gathering = Gathering(FORMAT)
    text = _text(gathering, content)
    first_line, delimiter, body = _cut(text)
    names: dict[str, Component] = {}
    header: list[str] = []
    for line, cells in _rows(body, delimiter, first_line):
        if not header:
            header = _header(cells, line)
        elif any(cell.strip() for cell in cells):
            _gather(gathering, f"line {line}", header, cells, names)
    if not header:
        raise _no_header()
    return gathering.inventory()


def guarded(cell: str) -> str:
    """
    Return a cell as an export writes it, so that no program takes it for a formula.

    That is with an apostrophe before it, unless it is a plain number. Reading takes the
    apostrophe away again.
    """
    return f"'{cell}" if _is_formula(cell) else cell


def unguarded(cell: str) -> str:
    """Return a cell without the apostrophe that `guarded` put before it."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell[1:]) else cell


def known_columns(line: str) -> int:
    """Return how many of the columns a line names: whether it is the first of a CSV."""
    return max(len(_named(line, delimiter) & set(COLUMNS)) for delimiter in _DELIMITERS)


def _is_formula(cell: str) -> bool:
    return bool(_FORMULA.match(cell)) and not _NUMBER.fullmatch(cell)


def _text(gathering: Gathering, content: bytes) -> str:
    if other_encoding(content) == "UTF-16" and content[:2] in {
        b"\xff\xfe",
        b"\xfe\xff",
    }:
        text = utf_16_text_of(content)
        gathering.note("", "The file is in UTF-16; it was read as such.")
    else:
        text = text_of(content)
    if text.count("\n") > _LINES_LIMIT:
        raise refusal(f"The file has more than {_LINES_LIMIT:,} lines. Split it.")
    if "\r" in text and "\n" not in text:
        raise refusal(
            "The lines end in CR only, as on old Macs. Save the file as CSV UTF-8."
        )
    return text


def _cut(text: str) -> tuple[int, str, str]:
    """Return the line of the header, the delimiter, and the text from there."""
    first, _, rest = text.partition("\n")
    separator = _SEPARATOR_LINE.fullmatch(first.rstrip("\r"))
    if separator is None:
        return 1, _delimiter(first), text
    if separator[1] not in _DELIMITERS:
        raise refusal(
            f"The first line names the separator {shown(separator[1])}; "
            "use a comma, a semicolon or a tab."
        )
    return 2, separator[1], rest


def _delimiter(first: str) -> str:
    start = first[:_HEADER_LIMIT]
    return max(
        _DELIMITERS,
        key=lambda each: (len(_named(start, each) & set(COLUMNS)), start.count(each)),
    )


def _named(line: str, delimiter: str) -> set[str]:
    return {_column(cell) for cell in line[:_HEADER_LIMIT].split(delimiter)}


def _column(cell: str) -> str:
    words = cell.strip().strip("\"'").strip().casefold().split()
    return "_".join(words).replace("-", "_")


def _rows(
    body: str, delimiter: str, first_line: int
) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line that it starts at."""
    rows = csv.reader(_lines(body), delimiter=delimiter, strict=True)
    while True:
        line = first_line + rows.line_num
        try:
            cells = next(rows, None)
        except csv.Error as error:
            raise _malformed(str(error), body, delimiter, line, first_line) from error
        if cells is None:
            return
        if cells:
            yield line, cells


def _lines(body: str) -> Iterator[str]:
    # Not io.StringIO, which takes four bytes for every character; not splitlines(),
    # which knows more line ends than files have.
    start = 0
    while end := body.find("\n", start) + 1:
        yield body[start:end]
        start = end
    yield body[start:]


def _malformed(
    reason: str, body: str, delimiter: str, line: int, first_line: int
) -> FormatError:
    if "unexpected end of data" in reason:
        line = _line_of_open_quote(body, delimiter, line, first_line)
        message = f"The quote opened at line {line} is never closed. Close it."
    elif "field larger" in reason:
        message = (
            f"A cell of the row at line {line} is longer than "
            f"{csv.field_size_limit():,} characters. Shorten it, or close its quote."
        )
    elif "new-line character" in reason:
        message = (
            f"The row at line {line} holds a bare CR line end. "
            "Save the file as CSV UTF-8."
        )
    else:
        message = (
            f"The row at line {line} has text after a closing quote. Double the quotes "
            "within a cell."
        )
    return refusal(message)


def _line_of_open_quote(body: str, delimiter: str, line: int, first_line: int) -> int:
    lines = body.split("\n")[line - first_line :]
    tail = "\n".join(lines)
    # A quoted cell starts after a delimiter or a line end, and doubles its own quotes.
    cell = re.compile(
        rf'(?:^|(?<=[{re.escape(delimiter)}\r\n]))"(?:[^"]|"")*+(?P<end>"|\Z)'
    )
    opened = [found.start() for found in cell.finditer(tail) if not found["end"]]
    return line + tail.count("\n", 0, opened[-1] if opened else 0)


def _no_header() -> FormatError:
    return refusal(
        "The first line names no columns. Start the file with a line such as "
        "name,kind,purl,version,owner."
    )


def _header(cells: list[str], line: int) -> list[str]:
    header = [_column(cell) for cell in cells]
    while header and not header[-1]:
        header.pop()
    if not set(header) & set(COLUMNS):
        raise _no_header()
    place = f"line {line}"
    for column in header:
        if column not in COLUMNS:
            near = difflib.get_close_matches(column[:100], COLUMNS, n=1)
            hint = f"did you mean {near[0]}?" if near else "remove or rename it."
            raise refusal(
                f"The column {shown(column)} is unknown; {hint} "
                f"Columns: {', '.join(COLUMNS)}.",
                place=place,
            )
        if header.count(column) > 1:
            raise refusal(
                f"The column {column} is there twice. Remove one of them.", place=place
            )
    if not {"name", "purl"} & set(header):
        raise refusal("There is no column name, and no column purl. Add one.")
    return header


def _gather(
    gathering: Gathering,
    place: str,
    header: list[str],
    cells: list[str],
    names: dict[str, Component],
) -> None:
    surplus = cells[len(header) :]
    if len(cells) < len(header) or any(surplus):
        gathering.problem(
            place,
            f"The row has {len(cells)} cells where the header has {len(header)}. "
            "Quote cells that hold the separator.",
        )
        return
    row = {column: unguarded(cell) for column, cell in zip(header, cells, strict=False)}
    component = spreadsheet_rows.component(gathering, place, row)
    if component is None:
        return
    if mixes_alphabets(component.name):
        gathering.note(place, f"{shown(component.name)} mixes alphabets in a word.")
    _add(gathering, component, names)


def _add(
    gathering: Gathering, component: Component, names: dict[str, Component]
) -> None:
    """Add a component, unless an earlier row says otherwise of the same solution."""
    if component.key:
        kept = gathering.add(component)
    else:
        identity = f"{comparable(component.name)}\0{component.version}"
        kept = names.setdefault(identity, component)
        gathering.add(component)
    if spreadsheet_rows.differ(kept, component):
        gathering.problem(
            component.place,
            f"{shown(component.name)} is at {kept.place} already, with other values. "
            "Keep one of the rows.",
        )
