"""What commands say where there is no register."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]


def ended(tmp_path: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    found = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "TRACKER_DATA_DIR": str(tmp_path)}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.returncode, found.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan",),
        ("create_token", "admin"),
        ("import_inventory", "requirements.lock"),
        ("load_demonstration",),
    ],
    ids=lambda arguments: str(arguments[0]),
)
def test_a_database_that_is_not_set_up_is_said_to_be_so(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    status, told = ended(tmp_path, *arguments)

    assert status == 1
    assert "manage.py migrate" in told
    assert str(tmp_path) in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PORT", "abc"), ("TRACKER_TIME_ZONE", "Foo"), ("HTTPS_ONLY", "maybe")],
)
def test_a_setting_that_makes_no_sense_is_one_line(
    tmp_path: Path, variable: str, value: str
) -> None:
    status, told = ended(tmp_path, "scan", **{variable: value})

    assert status == 1
    assert told.count("\n") == 1
    assert variable in told
