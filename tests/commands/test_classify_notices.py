"""`manage.py classify_notices`, with real files and no database."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

LINES = (
    "ecosystem\tname\trank\tlabel\ttext\n"
    "pypi\tfizz\t1\talive\tThis package is deprecated, use buzz instead\n"
    "npm\t@fizz/b\t\tdying\tA tiny parser\n"
    "pypi\tfiz\t\talive\tAlias for fizz\n"
    "pypi\tfizz\t1\talive\tThis package is deprecated, use buzz instead\n"
)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    file = tmp_path / "texts.tsv"
    file.write_text(LINES)
    return file


def classified(source: Path, target: Path) -> str:
    out = StringIO()
    call_command("classify_notices", str(source), "--out", str(target), stdout=out)
    return out.getvalue()


def test_one_line_is_written_for_each_row_in_its_order(texts: Path) -> None:
    target = texts.parent / "predictions.tsv"

    told = classified(texts, target)

    assert target.read_bytes() == (
        b"pypi\tfizz\tdying\nnpm\t@fizz/b\talive\npypi\tfiz\talias\npypi\tfizz\tdying\n"
    )
    assert "4 texts: 2 dying, 1 alias, 1 alive" in told


def test_labels_in_the_file_have_no_influence(texts: Path, tmp_path: Path) -> None:
    unlabelled = tmp_path / "unlabelled.tsv"
    unlabelled.write_text(
        LINES.replace("\talive\t", "\t\t").replace("\tdying\t", "\t\t")
    )

    classified(texts, tmp_path / "one.tsv")
    classified(unlabelled, tmp_path / "two.tsv")

    assert (tmp_path / "one.tsv").read_bytes() == (tmp_path / "two.tsv").read_bytes()


def test_an_earlier_output_is_replaced(texts: Path, tmp_path: Path) -> None:
    target = tmp_path / "predictions.tsv"
    target.write_text("of yesterday")

    classified(texts, target)

    assert "yesterday" not in target.read_text()


def test_the_output_may_be_read_as_any_new_file(texts: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()

    classified(texts, tmp_path / "predictions.tsv")

    assert (tmp_path / "predictions.tsv").stat().st_mode == plain.stat().st_mode


def test_a_bad_line_is_named_and_nothing_is_written(texts: Path) -> None:
    texts.write_text(f"{LINES}pypi\tonly\n")
    target = texts.parent / "predictions.tsv"
    target.write_text("of yesterday")

    with pytest.raises(CommandError) as refusal:
        classified(texts, target)

    assert f"{texts}: line 6: 2 cells" in str(refusal.value)
    assert "Put one tab" in str(refusal.value)
    assert target.read_text() == "of yesterday"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone\.tsv cannot be read.*Check the path"):
        classified(tmp_path / "gone.tsv", tmp_path / "out.tsv")


def test_the_input_is_not_overwritten(texts: Path) -> None:
    with pytest.raises(CommandError, match="name another one"):
        classified(texts, texts)

    assert texts.read_text() == LINES


@pytest.mark.parametrize("place", ["nowhere/out.tsv", "texts.tsv/out.tsv"])
def test_an_output_without_a_directory_is_refused(texts: Path, place: str) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        classified(texts, texts.parent / place)


def test_an_output_that_is_a_directory_is_refused_and_leaves_nothing(
    texts: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()

    with pytest.raises(CommandError, match="cannot be written"):
        classified(texts, tmp_path / "out")

    assert {file.name for file in tmp_path.iterdir()} == {"out", "texts.tsv"}
