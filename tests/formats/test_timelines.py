"""Timelines and release days, as the evidence data writes them."""

import json
from collections.abc import Callable
from datetime import date

import pytest

from reviews.formats.records import PROBLEM_LIMIT, FormatError
from reviews.formats.timelines import release_days, timelines
from reviews.rules.endoflife.lifecycle import Listing

ROW: dict[str, object] = {
    "product": "django",
    "category": "framework",
    "cycle": "4.2",
    "release": "2023-04-03",
    "product_tracked_since": "2019-05-30",
    "listed": [["2023-04-06", "2026-04-01"], ["2026-04-16", "2026-04-07"]],
    "eol": "2026-04-07",
}


def written(*rows: dict[str, object]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def refused(content: bytes) -> str:
    with pytest.raises(FormatError) as refusal:
        timelines(content)
    return str(refusal.value)


def test_a_row_says_what_was_listed_and_when() -> None:
    (found,) = timelines(written(ROW))

    assert (found.product, found.category, found.cycle) == (
        "django",
        "framework",
        "4.2",
    )
    assert found.released_on == date(2023, 4, 3)
    assert found.tracked_since == date(2019, 5, 30)
    assert found.listings == (
        Listing(date(2023, 4, 6), ends_on=date(2026, 4, 1)),
        Listing(date(2026, 4, 16), ends_on=date(2026, 4, 7)),
    )


@pytest.mark.parametrize("eol", ["2099-01-01", True, None, [1]], ids=repr)
def test_the_last_word_of_all_is_left_unread(eol: object) -> None:
    without = {key: value for key, value in ROW.items() if key != "eol"}

    assert timelines(written(ROW | {"eol": eol})) == timelines(written(without))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param(True, Listing(date(2023, 4, 6), ended=True), id="ended"),
        pytest.param(False, Listing(date(2023, 4, 6), ended=False), id="supported"),
        pytest.param(None, Listing(date(2023, 4, 6)), id="nothing"),
        pytest.param("removed", Listing(date(2023, 4, 6), removed=True), id="removed"),
        pytest.param("2025-06-31", Listing(date(2023, 4, 6)), id="no such day"),
        pytest.param("2025-W01-1", Listing(date(2023, 4, 6)), id="a week"),
        pytest.param("soon", Listing(date(2023, 4, 6)), id="a text"),
    ],
)
def test_a_listed_word_is_a_day_a_yes_a_no_or_nothing(
    word: object, expected: Listing
) -> None:
    (found,) = timelines(written(ROW | {"listed": [["2023-04-06", word]]}))

    assert found.listings == (expected,)


def test_of_two_words_of_one_day_the_later_one_stands_last() -> None:
    listed = [["2024-02-02", True], ["2024-01-14", True], ["2024-01-14", False]]

    (found,) = timelines(written(ROW | {"listed": listed}))

    assert [(word.seen_on.day, word.ended) for word in found.listings] == [
        (14, True),
        (14, False),
        (2, True),
    ]


@pytest.mark.parametrize(
    "row",
    [ROW | {"listed": []}, {key: ROW[key] for key in ROW if key != "listed"}],
    ids=["empty", "missing"],
)
def test_a_row_without_listings_is_kept(row: dict[str, object]) -> None:
    (found,) = timelines(written(row))

    assert found.listings == ()


def test_blank_lines_and_a_mark_at_the_start_are_passed_over() -> None:
    content = b"\xef\xbb\xbf\n" + written(ROW) + b"\r\n\n"

    assert len(timelines(content)) == 1


@pytest.mark.parametrize(
    ("row", "told"),
    [
        pytest.param(ROW | {"release": "soon"}, "release has 'soon'", id="no day"),
        pytest.param(
            ROW | {"product_tracked_since": "2019-02-30"},
            "product_tracked_since has '2019-02-30'",
            id="no such day",
        ),
        pytest.param(
            ROW | {"listed": [["yesterday", True]]},
            "listed has 'yesterday'",
            id="seen on",
        ),
        pytest.param(
            ROW | {"listed": [["2023-04-06", 7]]}, "listed has '7'", id="number"
        ),
        pytest.param(
            ROW | {"listed": [["2023-04-06"]]}, "not a timeline", id="no pair"
        ),
        pytest.param(ROW | {"product": 3}, "not a timeline", id="number for a name"),
        pytest.param(ROW | {"cycle": ""}, "has no name", id="no name"),
        pytest.param({"product": "x"}, "missing required field", id="missing"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line_and_a_remedy(
    row: dict[str, object], told: str
) -> None:
    found = refused(written(ROW, row))

    assert found.startswith("line 2: ")
    assert told in found
    assert found.endswith("Export the file again.")


def test_what_is_not_json_is_refused_with_its_line() -> None:
    found = refused(written(ROW) + b"\n\n{")

    assert found.startswith("line 3: This is not JSON")


@pytest.mark.parametrize(
    ("read", "content"),
    [
        pytest.param(timelines, b'{"listed": [["2024-01-01", %s]]}', id="rows"),
        pytest.param(release_days, b'{"django": %s}', id="days"),
    ],
)
def test_json_nested_beyond_reason_is_refused(
    read: Callable[[bytes], object], content: bytes
) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000

    with pytest.raises(FormatError, match="nested too deeply"):
        read(content % deep)


def test_a_cycle_that_stands_there_twice_is_refused() -> None:
    found = refused(written(ROW, ROW | {"cycle": "5.0"}, ROW))

    assert found == (
        "line 3: 'django' '4.2' stands in line 1 already; remove one of the two."
    )


def test_all_wrong_lines_are_told_at_once_up_to_a_hundred() -> None:
    found = refused(b"\n".join([b"?"] * (PROBLEM_LIMIT + 50)))

    assert found.count("This is not JSON") == PROBLEM_LIMIT


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe{"], ids=repr)
def test_a_file_that_holds_nothing_to_read_is_refused(content: bytes) -> None:
    assert refused(content)


def test_release_days_are_read_in_order_and_notes_are_not() -> None:
    content = json.dumps(
        {"_meta": {"licence": "MIT"}, "django": ["2024-02-01", "2024-01-01"], "x": []}
    ).encode()

    assert release_days(content) == {
        "django": (date(2024, 1, 1), date(2024, 2, 1)),
        "x": (),
    }


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"[]", "not a JSON object", id="a list"),
        pytest.param(b"{", "not a JSON object", id="cut short"),
        pytest.param(b'{"django": "2024-01-01"}', "has no list of days", id="a text"),
        pytest.param(b'{"django": [20240101]}', "'20240101' is no day", id="a number"),
        pytest.param(b'{"django": ["2024-13-01"]}', "'2024-13-01'", id="no such day"),
    ],
)
def test_wrong_release_days_are_refused_with_a_remedy(
    content: bytes, told: str
) -> None:
    with pytest.raises(FormatError) as refusal:
        release_days(content)

    assert told in str(refusal.value)
    assert "Export the file again." in str(refusal.value)
