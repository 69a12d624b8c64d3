"""Registry texts as tab-separated lines, and predictions as lines."""

import pytest

from reviews.formats import notices
from reviews.formats.notices import RegistryText
from reviews.formats.records import FormatError
from reviews.rules.notices.reading import Says


def read(*lines: str) -> list[RegistryText]:
    return notices.read("\n".join(lines).encode())


def test_a_text_is_read_with_its_place_in_the_file() -> None:
    texts = read("ecosystem\tname\ttext", "pypi\tfizz\tA parser", "npm\t@f/b\tMoved")

    assert texts == [
        RegistryText("pypi", "fizz", "A parser", 2),
        RegistryText("npm", "@f/b", "Moved", 3),
    ]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        pytest.param("text\tname\tecosystem", "A parser\tfizz\tpypi", id="order"),
        pytest.param("Ecosystem\tNAME\t Text ", "pypi\tfizz\tA parser", id="capitals"),
        pytest.param(
            "label\tecosystem\trank\tname\ttext\tstratum",
            "dying\tpypi\t1\tfizz\tA parser\tR",
            id="other columns",
        ),
        pytest.param("\ufeffecosystem\tname\ttext", "pypi\tfizz\tA parser", id="mark"),
        pytest.param(
            "ecosystem\tname\ttext\r", "pypi\tfizz\tA parser\r", id="CR line ends"
        ),
    ],
)
def test_columns_are_found_by_their_names(header: str, row: str) -> None:
    assert read(header, row) == [RegistryText("pypi", "fizz", "A parser", 2)]


def test_what_a_label_says_makes_no_difference() -> None:
    header = "ecosystem\tname\tlabel\ttext"

    assert read(header, "pypi\tfizz\tdying\tA") == read(header, "pypi\tfizz\talive\tA")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param('"quoted" and "half', id="quotes"),
        pytest.param("a\x00b\u2028c\x0bd\x85e", id="separators that end no row"),
        pytest.param("a\rb", id="CR within"),
        pytest.param("=1+1", id="formula"),
    ],
)
def test_a_text_is_kept_as_it_is(text: str) -> None:
    assert read("ecosystem\tname\ttext", f"pypi\tfizz\t{text}", "")[0].text == text


def test_a_package_may_stand_there_twice_and_blank_lines_are_passed_over() -> None:
    texts = read("ecosystem\tname\ttext", "pypi\tf\ta", "", "pypi\tf\ta", "  ", "")

    assert [text.line for text in texts] == [2, 4]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"ecosystem\tname\ttext\n", "no rows", id="header only"),
        pytest.param(b"ecosystem\tname\npypi\tf\n", "no column 'text'", id="no text"),
        pytest.param(b"ecosystem,name,text\n", "separated by tabs", id="commas"),
        pytest.param(b"pypi\tfizz\tA parser\n", "line 1: .*no column", id="no header"),
        pytest.param(b"name\tecosystem\ttext\tname\n", "there twice", id="twice"),
        pytest.param(
            b"ecosystem\tname\ttext\npypi\tf\n", "line 2: 2 cells", id="cell missing"
        ),
        pytest.param(
            b"ecosystem\tname\ttext\npypi\tf\ta\tb\n",
            "line 2: 4 cells",
            id="tab in text",
        ),
        pytest.param(
            b"ecosystem\tname\ttext\npypi\t \ta\n", "line 2: The name", id="no name"
        ),
        pytest.param(
            b"ecosystem\tname\ttext\n\tf\ta\n",
            "line 2: The ecosystem",
            id="no ecosystem",
        ),
        pytest.param(b"ecosystem\tname\ttext\npypi\tf\t\xe9\n", "UTF-8", id="Latin-1"),
        pytest.param(
            "ecosystem\tname\ttext\npypi\tf\ta\n".encode("utf-16"),
            "UTF-16",
            id="UTF-16",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=f"(?s){reason}"):
        notices.read(content)


def test_every_wrong_line_is_named_up_to_a_hundred() -> None:
    with pytest.raises(FormatError) as few:
        read("ecosystem\tname\ttext", "pypi", "pypi\tf\ta", "npm")
    with pytest.raises(FormatError) as many:
        read("ecosystem\tname\ttext", *["pypi"] * 500)

    assert [problem.place for problem in few.value.problems] == ["line 2", "line 4"]
    assert len(many.value.problems) == 100


def test_too_many_lines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "ROW_LIMIT", 2)

    with pytest.raises(FormatError, match="Split it"):
        read("ecosystem\tname\ttext", "pypi\tf\ta", "pypi\tf\tb")


def test_predictions_are_one_line_a_text_without_a_header() -> None:
    texts = read("ecosystem\tname\ttext", "pypi\tf\ta", "npm\t@f/b\tc")

    lines = notices.written(zip(texts, [Says.DYING, Says.ALIVE], strict=True))

    assert lines == "pypi\tf\tdying\nnpm\t@f/b\talive\n"
