"""`manage.py backtest_eol`, with real files and no database."""

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROWS = [
    {
        "product": "django",
        "category": "framework",
        "cycle": cycle,
        "release": released,
        "product_tracked_since": "2019-05-30",
        "listed": [[released, end]],
    }
    for cycle, released, end in (
        ("4.2", "2023-04-03", "2026-04-01"),
        ("5.2", "2025-04-02", "2028-04-30"),
    )
]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "timelines.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return file


@pytest.fixture
def flags(tmp_path: Path) -> Path:
    return tmp_path / "flags.jsonl"


def told(*arguments: object) -> str:
    out = StringIO()
    call_command("backtest_eol", *map(str, arguments), stdout=out)
    return out.getvalue()


def refused(*arguments: object) -> str:
    with pytest.raises(CommandError) as refusal:
        told(*arguments)
    return str(refusal.value)


def test_a_line_is_written_for_each_cycle_that_is_flagged(
    rows: Path, flags: Path
) -> None:
    said = told(rows, "--out", flags, "--until", "2026-08-22")

    (line,) = flags.read_text().splitlines()
    assert json.loads(line) == {
        "product": "django",
        "cycle": "4.2",
        "day": "2025-09-03",
        "kind": "end listed",
        "ends_on": "2026-04-01",
        "reason": "Support of 4.2 ends on 2026-04-01, in 210 days.",
    }
    assert said.startswith(
        "1 of 2 cycles flagged (end reached: 0, end listed: 1, end predicted: 0)."
    )


def test_the_last_day_is_today_where_none_is_given(rows: Path, flags: Path) -> None:
    told(rows, "--out", flags)

    assert len(flags.read_text().splitlines()) >= 1


def test_no_flag_is_later_than_the_last_day(rows: Path, flags: Path) -> None:
    told(rows, "--out", flags, "--until", "2025-09-02")

    assert flags.read_text() == ""


def test_release_days_may_lack_the_product(rows: Path, flags: Path) -> None:
    releases = rows.with_name("releases.json")
    releases.write_text('{"_meta": {}, "celery": ["2024-01-01"]}')

    told(rows, "--releases", releases, "--out", flags, "--until", "2026-08-22")

    assert len(flags.read_text().splitlines()) == 1


def test_a_new_result_takes_the_place_of_an_old_one(rows: Path, flags: Path) -> None:
    flags.write_text("old\n" * 1000)

    told(rows, "--out", flags, "--until", "2026-08-22")

    assert "old" not in flags.read_text()
    assert {file.name for file in flags.parent.iterdir()} == {rows.name, flags.name}


def test_a_wrong_line_is_refused_and_the_old_result_stays(
    rows: Path, flags: Path
) -> None:
    flags.write_text("old\n")
    with rows.open("a") as file:
        file.write("{]\n")

    found = refused(rows, "--out", flags)

    assert f"{rows}: line 3: This is not JSON" in found
    assert found.endswith("Nothing was written.")
    assert flags.read_text() == "old\n"
    assert {file.name for file in flags.parent.iterdir()} == {rows.name, flags.name}


def test_wrong_release_days_are_refused_with_their_file(
    rows: Path, flags: Path
) -> None:
    releases = rows.with_name("releases.json")
    releases.write_text('{"celery": [1]}')

    found = refused(rows, "--releases", releases, "--out", flags)

    assert f"{releases}: 'celery': '1' is no day" in found
    assert not flags.exists()


@pytest.mark.parametrize("missing", ["timelines", "releases"])
def test_a_file_that_cannot_be_read_is_named(
    rows: Path, flags: Path, missing: str
) -> None:
    nowhere = rows.with_name("nowhere")
    given = (nowhere,) if missing == "timelines" else (rows, "--releases", nowhere)

    found = refused(*given, "--out", flags)

    assert found == (
        f"{nowhere} cannot be read: No such file or directory. Check the path."
    )


def test_a_file_that_cannot_be_written_is_named(rows: Path, tmp_path: Path) -> None:
    target = tmp_path / "no" / "flags.jsonl"

    assert refused(rows, "--out", target).startswith(f"{target} cannot be written: ")
    assert refused(rows, "--out", tmp_path).startswith(
        f"{tmp_path} cannot be written: "
    )


def test_a_file_that_is_read_is_not_written_over(rows: Path) -> None:
    before = rows.read_text()

    assert "is a file that is read" in refused(rows, "--out", rows)
    assert rows.read_text() == before


def test_a_last_day_that_is_none_is_refused(rows: Path, flags: Path) -> None:
    assert "not a day written YYYY-MM-DD" in refused(
        rows, "--out", flags, "--until", "soon"
    )


def test_the_result_is_a_file_like_any_other(rows: Path, flags: Path) -> None:
    told(rows, "--out", flags, "--until", "2026-08-22")

    mask = os.umask(0)
    os.umask(mask)
    assert flags.stat().st_mode & 0o777 == 0o666 & ~mask
