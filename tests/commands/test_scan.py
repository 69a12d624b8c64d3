"""`manage.py scan`."""

from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from reviews.models import Flag, Scan, Solution
from tests.conftest import NOW, TODAY
from tests.services.building import evaluated, judged, registered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("scan", *arguments, stdout=out)
    return out.getvalue()


def test_it_says_what_it_opened_closed_and_left() -> None:
    registered("One", on=date(2026, 1, 1))
    two = registered("Two", on=date(2026, 1, 1))
    said()
    Solution.objects.filter(pk=two.pk).update(next_review_on=date(2027, 1, 1))
    registered("Three", on=date(2026, 2, 1))

    assert (
        said()
        == "Scanned for 2026-11-22: opened 1, closed 1, asked again 0, left 2 open.\n"
    )


def test_a_second_scan_opens_nothing() -> None:
    registered(on=date(2026, 1, 1))
    Flag.objects.all().delete()

    first, second = said(), said()

    assert "opened 1" in first
    assert "opened 0, closed 0, asked again 0, left 1 open" in second


def test_it_scans_for_the_day_that_is_named() -> None:
    evaluated(registered(), judged(on=TODAY))

    assert "opened 0" in said("--on", "2027-05-21")
    assert "Scanned for 2027-05-22: opened 1" in said("--on", "2027-05-22")


def test_a_scan_is_recorded_with_its_day() -> None:
    said("--on", "2027-05-22")

    scan = Scan.objects.get()
    assert (scan.on, scan.through) == (date(2027, 5, 22), TODAY)


@pytest.mark.parametrize(
    "day",
    [
        "",
        "tomorrow",
        "2026-13-01",
        "2027-02-29",
        "22.11.2026",
        "03/04/2026",
        "20261122",
        "2026-W47-7",
        "1969-12-31",
        "9999-12-31",
        "10000-01-01",
        "\u0662\u0660\u0662\u0666-\u0661\u0661-\u0662\u0662",
    ],
)
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(CommandError, match="--on"):
        said(f"--on={day}")

    assert not Scan.objects.exists()


def test_what_had_to_be_left_out_is_named_and_ends_it_with_an_error() -> None:
    poisoned, _ = registered("Poisoned"), registered("Healthy")
    Solution.objects.update(next_review_on=TODAY)
    _poison(poisoned)
    out, err = StringIO(), StringIO()

    with pytest.raises(CommandError, match="1 solutions could not be dealt with"):
        call_command("scan", stdout=out, stderr=err)

    assert "opened 1" in out.getvalue()
    assert "Left out poisoned: " in err.getvalue()
    assert "poisoned row" in err.getvalue()


def test_the_day_is_the_teams(settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Kiritimati"
    evaluated(registered(), judged(on=date(2026, 5, 23)))

    with time_machine.travel(datetime(2026, 11, 22, 10, 0, tzinfo=UTC), tick=False):
        assert said().startswith("Scanned for 2026-11-23: opened 1")


def _poison(solution: Solution) -> None:
    statements = [
        "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'poisoned row'; END $$",
        "CREATE TRIGGER poison BEFORE INSERT ON reviews_flag FOR EACH ROW "
        f"WHEN (NEW.solution_id = {solution.pk}) EXECUTE FUNCTION poison()",
    ]
    if connection.vendor == "sqlite":
        statements = [
            "CREATE TRIGGER poison BEFORE INSERT ON reviews_flag "
            f"WHEN NEW.solution_id = {solution.pk} "
            "BEGIN SELECT RAISE(ABORT, 'poisoned row'); END"
        ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
