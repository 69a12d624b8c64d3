"""`manage.py import_inventory`, with real files."""

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from reviews.models import Dependency, Solution
from reviews.rules.vocabulary import Kind
from tests.conftest import Cast
from tests.services.building import registered, written

LINES = "django==5.2.19\ncelery==5.7.0\n"


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.txt"
    file.write_text(LINES)
    return file


def imported(*arguments: object) -> str:
    out = StringIO()
    call_command("import_inventory", *map(str, arguments), stdout=out)
    return out.getvalue()


def refused(*arguments: object) -> tuple[str, str]:
    """Return what a refusal prints to the error stream, and its last word."""
    err = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command(
            "import_inventory", *map(str, arguments), stdout=StringIO(), stderr=err
        )
    return err.getvalue(), str(refusal.value)


def names() -> set[str]:
    return set(Solution.objects.values_list("name", flat=True))


@pytest.mark.django_db
def test_what_a_file_lists_is_registered_and_counted(requirements: Path) -> None:
    found = imported(requirements)

    assert names() == {"django", "celery"}
    assert "2 added, 0 changed, 0 unchanged" in found
    assert "requirements.txt" in found


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing(requirements: Path) -> None:
    imported(requirements)
    before = written()

    found = imported(requirements)

    assert "0 added, 0 changed, 2 unchanged" in found
    assert written() == before


@pytest.mark.django_db
def test_a_dry_run_reports_the_same_and_keeps_nothing(requirements: Path) -> None:
    before = written()

    tried = imported(requirements, "--dry-run")

    assert "dry run: nothing was kept" in tried
    assert written() == before
    assert imported(requirements) == tried.replace(" (dry run: nothing was kept)", "")


def test_what_is_new_belongs_to_the_team_that_is_named(
    cast: Cast, requirements: Path
) -> None:
    imported(requirements, "--team", "PLATFORM")

    assert set(Solution.objects.values_list("team", flat=True)) == {cast.platform.pk}


def test_a_component_uses_what_its_file_lists(cast: Cast, requirements: Path) -> None:
    shop = registered("Shop", kind=Kind.BUILT, team=cast.platform)

    imported(requirements, "--component", "shop")

    assert Dependency.objects.filter(component=shop).count() == 2
    assert Solution.objects.get(name="django").team == cast.platform


@pytest.mark.django_db
def test_several_files_are_imported_one_after_another(
    tmp_path: Path, requirements: Path
) -> None:
    other = tmp_path / "other" / "requirements.txt"
    other.parent.mkdir()
    other.write_text("flask==3.1.0\n")

    imported(requirements, other)

    assert names() == {"django", "celery", "flask"}


@pytest.mark.django_db
def test_one_bad_file_of_several_keeps_the_others_and_ends_with_an_error(
    tmp_path: Path, requirements: Path
) -> None:
    bad, last = tmp_path / "bom.json", tmp_path / "requirements-dev.txt"
    bad.write_text("{")
    last.write_text("pytest==9.2.0\n")

    told, word = refused(requirements, bad, last)

    assert names() == {"django", "celery", "pytest"}
    assert f"{bad}: refused, nothing of it was imported." in told
    assert word == "1 of 3 files refused."


@pytest.mark.django_db
def test_every_bad_file_is_told(tmp_path: Path) -> None:
    told, word = refused(tmp_path / "a.lock", tmp_path / "b.lock")

    assert "a.lock: refused" in told
    assert "b.lock: refused" in told
    assert word == "2 of 2 files refused."


@pytest.mark.django_db
def test_a_path_without_a_file_is_refused(tmp_path: Path) -> None:
    told, _ = refused(tmp_path / "missing.txt")

    assert "No such file or directory. Check the path." in told


@pytest.mark.django_db
def test_a_directory_is_refused(tmp_path: Path) -> None:
    told, _ = refused(tmp_path)

    assert "Is a directory. Check the path." in told


@pytest.mark.django_db
def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    told, _ = refused(tmp_path / ("x" * 300))

    assert "File name too long" in told


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" \n\n", id="blank"),
        pytest.param(b"\x00\x01\x02\xff", id="binary"),
        pytest.param(b"PK\x03\x04" + b"\x00" * 50, id="zip"),
        pytest.param(b"%PDF-1.7\n", id="PDF"),
        pytest.param(b"\x7fELF", id="program"),
        pytest.param(b"{}", id="empty object"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"bomFormat": "CycloneDX"', id="cut short"),
        pytest.param(b"<bom/>", id="XML"),
        pytest.param(b"[" * 100_000, id="nested too deep"),
    ],
)
@pytest.mark.parametrize("name", ["bom.json", "inventory"])
@pytest.mark.django_db
def test_what_is_no_inventory_is_refused(
    tmp_path: Path, name: str, content: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    before = written()

    told, word = refused(file)

    assert "refused, nothing of it was imported" in told
    assert "Traceback" not in told
    assert len(told) < 3_000
    assert word == "1 of 1 files refused."
    assert written() == before


@pytest.mark.django_db
def test_a_row_that_is_bad_refuses_its_file_and_names_its_place(
    tmp_path: Path,
) -> None:
    file = tmp_path / "inventory.csv"
    file.write_text("name,kind\nDjango,package\nLarch,modell\n")

    told, _ = refused(file)

    assert re.search(r"(line|row) 3", told)
    assert not Solution.objects.exists()


def test_a_team_that_is_unknown_is_refused_with_a_remedy(
    cast: Cast, requirements: Path
) -> None:
    told, _ = refused(requirements, "--team", "Plattform")
    other, _ = refused(requirements, "--team", "Nowhere")

    assert "did you mean platform?" in told
    assert "make it in the admin first" in other
    assert not Solution.objects.exists()


@pytest.mark.django_db
def test_a_component_that_is_unknown_is_refused_with_a_remedy(
    requirements: Path,
) -> None:
    told, _ = refused(requirements, "--component", "shop")

    assert "There is no solution 'shop': register the built component first." in told
    assert not Solution.objects.exists()


@pytest.mark.django_db
def test_a_component_that_is_not_built_is_refused(requirements: Path) -> None:
    registered("Larch", kind=Kind.MODEL)

    told, _ = refused(requirements, "--component", "larch")

    assert "is no built component" in told
    assert names() == {"Larch"}


def test_it_takes_at_least_one_file() -> None:
    with pytest.raises(CommandError, match="FILE"):
        imported()


@pytest.mark.slow
def test_its_exit_status_tells_what_became_of_the_files(tmp_path: Path) -> None:
    good = tmp_path / "requirements.txt"
    good.write_text(LINES)
    environment = {n: v for n, v in os.environ.items() if n != "DATABASE_URL"} | {
        "TRACKER_DATA_DIR": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "tracker.settings",
    }

    def ended(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert ended("migrate", "--verbosity=0").returncode == 0
    kept = ended("import_inventory", good)
    bad = ended("import_inventory", good, tmp_path / "missing")
    unasked = ended("import_inventory")

    assert (kept.returncode, kept.stderr) == (0, "")
    assert bad.returncode == 1
    assert "Traceback" not in bad.stderr
    assert unasked.returncode == 2
