"""Spreadsheets as CSV: the file, its header, its rows, its guarded cells."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.formats import spreadsheet
from reviews.formats.records import FormatError, Inventory
from reviews.formats.spreadsheet import guarded, unguarded
from reviews.rules.vocabulary import Criticality, Kind


def read(*lines: str) -> Inventory:
    return spreadsheet.read("\n".join(lines).encode())


def refused(*lines: str) -> FormatError:
    with pytest.raises(FormatError) as raised:
        read(*lines)
    for problem in raised.value.problems:
        assert len(problem.message) <= 1_000
    return raised.value


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf\n\n", "names no columns", id="blank lines"),
        pytest.param(b"a,b\n1,2", "names no columns", id="no header"),
        pytest.param(b"name,nmae\n", "did you mean name?", id="misspelt column"),
        pytest.param(b"name,Contract ends\n", "contract_ends_on", id="near column"),
        pytest.param(b"name,xyz\n", "'xyz' is unknown; remove", id="unknown column"),
        pytest.param(b"name,,kind\n", "'' is unknown", id="column without a name"),
        pytest.param(b"name,Name\n", "there twice", id="duplicate column"),
        pytest.param(b"kind,owner\n", "no column purl", id="no name and no purl"),
        pytest.param(b"name,kind\nx\xe9,built", "0xE9 at line 2", id="cp1252"),
        pytest.param(
            "name,kind\n漢,built".encode("shift-jis"), "line 2", id="Shift-JIS"
        ),
        pytest.param(b"\xff\xfen\x00a\x00m\x00e\x00x", "UTF-16", id="broken UTF-16"),
        pytest.param("name".encode("utf-32"), "UTF-32", id="UTF-32"),
        pytest.param(b"name,kind\rx,built\r", "CR only", id="CR line ends"),
        pytest.param(b"name,kind\nx\ry,built\n", "bare CR", id="CR within"),
        pytest.param(b"sep=|\nname|kind\n", "'|'", id="other separator"),
        pytest.param(b'name,kind\n"x,built\ny,built\n', "opened at line 2", id="quote"),
        pytest.param(
            b'name,kind,description\nx,built,"a\nb"\ny,built,"c\nd\n',
            "opened at line 4",
            id="quote of the last row",
        ),
        pytest.param(
            b'name,kind,description\n"x\nx",built,"a""\nb\n',
            "opened at line 3",
            id="second quote of a row of two lines",
        ),
        pytest.param(
            b'sep=;\nname;kind\n"x;built\n', "opened at line 3", id="sep line"
        ),
        pytest.param(b'name,kind\n"x"y,built\n', "after a closing quote", id="text"),
        pytest.param(
            b"name,kind\n" + b"x" * 131_073 + b",built", "131,072", id="long cell"
        ),
        pytest.param(b"name\n" + b"\n" * 1_000_001, "1,000,000 lines", id="lines"),
        pytest.param(b"x" * 50_000_001, "50 MB at most", id="too large"),
        pytest.param(
            b"name,kind\n" + b"".join(b"%d,built\n" % n for n in range(50_001)),
            "at most 50,000",
            id="50,001 rows",
        ),
    ],
)
def test_a_file_that_is_no_such_spreadsheet_is_refused(
    content: bytes, reason: str
) -> None:
    with pytest.raises(FormatError) as raised:
        spreadsheet.read(content)

    assert reason in str(raised.value)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param("x", "1 cells where the header has 12", id="short row"),
        pytest.param("x,built" + "," * 10 + ",y", "13 cells", id="long row"),
        pytest.param(",built,,1" + "," * 8, "neither a name nor a purl", id="nameless"),
        pytest.param("x,,,," + "," * 7, "kind: It is empty", id="no kind"),
        pytest.param("x,vendro,,," + "," * 7, "did you mean vendor?", id="kind"),
        pytest.param("x,zzz,,," + "," * 7, "built, package", id="unknown kind"),
        pytest.param("a\x00b,built,,," + "," * 7, "control", id="NUL"),
        pytest.param('"a\nb",built,,,' + "," * 7, "control", id="two lines of name"),
        pytest.param("\u200b,built,,," + "," * 7, "zero-width", id="ZWSP"),
        pytest.param("\u202ex,built,,," + "," * 7, "direction", id="direction"),
        pytest.param("x" * 201 + ",built,,," + "," * 7, "at most 200", id="name"),
        pytest.param(f"x,built,,{'1' * 101}," + "," * 7, "at most 100", id="version"),
        pytest.param("x,,npm/x,," + "," * 7, "not a purl", id="purl"),
        pytest.param("x,,pkg:npm/%ff,," + "," * 7, "UTF-8", id="escape"),
        pytest.param("x,,pkg:npm/x@1,2," + "," * 7, "'1'", id="two versions"),
        pytest.param(f"x,,pkg:npm/x@{'1' * 101},," + "," * 7, "Its version", id="long"),
        pytest.param("x,built,,,,,hihg,,,,,", "did you mean high?", id="criticality"),
        pytest.param("x,built,,,,,5,,,,,", "low, medium", id="criticality a number"),
        pytest.param(f"x,built,,,,,,{'t' * 51},,,,", "at most 50", id="tag"),
        pytest.param(
            f"x,built,,,,,,{' '.join(map(str, range(51)))},,,,", "51 tags", id="tags"
        ),
        pytest.param("x,built,,,,,,,2023-02-29,,,", "calendar", id="no leap year"),
        pytest.param("x,built,,,,,,,1900-02-29,,,", "calendar", id="Excel's 1900"),
        pytest.param("x,built,,,,,,,03/04/2026,,,", "YYYY-MM-DD", id="ambiguous day"),
        pytest.param("x,built,,,,,,,45000,,,", "YYYY-MM-DD", id="serial number"),
        pytest.param("x,built,,,,,,,2024-W01-1,,,", "YYYY-MM-DD", id="week date"),
        pytest.param("x,built,,,,,,,9999-12-31,,,", "between", id="far future"),
        pytest.param("x,built,,,,,,,,3651,,", "3,650", id="3,651 days"),
        pytest.param("x,built,,,,,,,,-1,,", "3,650", id="negative days"),
        pytest.param("x,built,,,,,,,,1.5,,", "3,650", id="one and a half days"),
        pytest.param("x,built,,,,,,,,٣,,", "3,650", id="other digits"),
        pytest.param("x,built,,,,,,,,6 months,,", "3,650", id="months"),
        pytest.param("x,built,,,,,,,,," + "javascript:x,", "https://", id="scheme"),
        pytest.param("x,built,,,,,,,,," + "https://,", "names no host", id="no host"),
        pytest.param("x,built,,,,,,,,," + "http://[x,", "homepage", id="broken host"),
        pytest.param("x,built,,,,,,,,,," + "y" * 10_001, "10,000", id="description"),
        pytest.param("x,built,,,,,,,,,,\u2066y", "direction", id="description turns"),
    ],
)
def test_a_row_that_cannot_be_kept_is_named_by_its_line(row: str, reason: str) -> None:
    error = refused(",".join(spreadsheet.COLUMNS), ",built,pkg:npm/a" + "," * 9, row)

    assert error.problems[0].place == "line 3"
    assert reason in error.problems[0].message


def test_all_problems_of_a_file_are_told_at_once() -> None:
    error = refused("name,kind,criticality", "a,x,y", "b,built,", ",built,")

    assert [each.place for each in error.problems] == ["line 2", "line 2", "line 4"]


def test_a_row_is_named_by_the_line_it_starts_at() -> None:
    error = refused("name,kind,description", 'a,built,"1\n2\n3"', "b,x,")

    assert [each.place for each in error.problems] == ["line 5"]


@pytest.mark.parametrize(
    "row",
    [
        "Open  LDAP,vendor,",
        "OPEN LDAP,built,",
        "open\u00a0ldap,model,",
        "x,,pkg:npm/a",
    ],
)
def test_two_rows_that_say_different_things_of_one_solution_are_refused(
    row: str,
) -> None:
    error = refused("name,kind,purl", "Open LDAP,built,", "y,,pkg:npm/a", row)

    assert error.problems[0].place == "line 4"
    assert "already" in error.problems[0].message


def test_a_row_of_all_columns_is_read() -> None:
    component = read(
        ",".join(spreadsheet.COLUMNS),
        "Payroll, Vendor ,,7.0,People,Ann Ost,HIGH,hr;pay eu,2027-03-31,090,"
        'https://x.example/a,"# Why\n\nLaw."',
    ).components[0]

    assert (component.name, component.kind, component.key) == (
        "Payroll",
        Kind.VENDOR,
        "",
    )
    assert (component.version, component.team, component.owner) == (
        "7.0",
        "People",
        "Ann Ost",
    )
    assert component.criticality is Criticality.HIGH
    assert component.tags == ("hr", "pay", "eu")
    assert component.contract_ends_on == date(2027, 3, 31)
    assert component.notice_period_days == 90
    assert component.homepage == "https://x.example/a"
    assert component.description == "# Why\n\nLaw."
    assert component.place == "line 2"


def test_a_purl_is_enough_for_a_row() -> None:
    component = read("purl", "pkg:npm/%40angular/core@17").components[0]

    assert (component.name, component.version, component.kind) == (
        "@angular/core",
        "17",
        Kind.PACKAGE,
    )


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbfname,kind\nx,built", id="byte-order mark"),
        pytest.param(b"Name , KIND\r\nx,built\r\n", id="other case"),
        pytest.param(b"kind,name\nbuilt,x", id="other order"),
        pytest.param(b'"name","kind"\n"x","built"', id="quoted"),
        pytest.param(b"name;kind\nx;built", id="semicolons"),
        pytest.param(b"name\tkind\nx\tbuilt", id="tabs"),
        pytest.param(b"sep=;\r\nname;kind\r\nx;built", id="named separator"),
        pytest.param(b"name,kind,,\nx,built,,\n,,,\n\n", id="empty cells at the ends"),
        pytest.param("name,kind\nx,built".encode("utf-16"), id="UTF-16"),
        pytest.param(
            b"\xfe\xff" + "name\tkind\nx\tbuilt".encode("utf-16-be"), id="UTF-16 BE"
        ),
    ],
)
def test_the_usual_kinds_of_csv_are_read(content: bytes) -> None:
    (component,) = spreadsheet.read(content).components

    assert (component.name, component.kind) == ("x", Kind.BUILT)


@pytest.mark.parametrize(
    "cell",
    ["007", "1E5", "TRUE", "1.10", "=1+1", "@SUM(A1)", "+x", "-5", "＝1"],
)
def test_a_cell_stays_as_it_is(cell: str) -> None:
    inventory = read("name,kind,version", f"x,built,{cell}", f"{cell},built,")

    assert inventory.components[0].version == cell
    assert inventory.components[1].name == cell


def test_a_repeated_row_is_counted_once_and_noted() -> None:
    inventory = read("name,kind", "x,built", "x,built")

    assert len(inventory.components) == 1
    assert inventory.notes[0].place == "line 3"


def test_one_solution_in_two_versions_is_kept_in_both() -> None:
    inventory = read("name,kind,version", "x,built,1", "x,built,2")

    assert [each.version for each in inventory.components] == ["1", "2"]


def test_a_name_that_mixes_alphabets_is_noted() -> None:
    inventory = read("name,kind", "dj\u0430ngo,built")

    assert "mixes alphabets" in inventory.notes[0].message


@pytest.mark.parametrize(
    "cell",
    ["=1", "+1+1", "-x", "@x", "\tx", "\rx", "\nx", " =1", '"=1', "'=1", "＝1"],
)
def test_what_looks_like_a_formula_is_guarded(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "x", "-5", "-1.5", "a=b", "'tis", "12"])
def test_what_is_no_formula_is_written_as_it_is(cell: str) -> None:
    assert guarded(cell) == cell


@given(st.text(st.sampled_from("'\"= \t\n+-@x1＝"), max_size=8))
@settings(max_examples=300, deadline=None)
def test_what_is_exported_is_read_again_as_it_was(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell


@given(st.text(st.sampled_from("ab,;\t\"'\r\n\x00é="), max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_rows_are_read_or_refused(rows: str) -> None:
    try:
        read("name,kind,owner", rows)
    except FormatError:
        pass
