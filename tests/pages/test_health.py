"""What probes are told."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from reviews.models import Scan
from tests.conftest import NOW, TODAY


def scan_ended(ago: timedelta) -> None:
    Scan.objects.create(
        on=TODAY,
        through=TODAY,
        started_at=NOW - ago,
        finished_at=NOW - ago,
        opened=0,
        closed=0,
    )


def asked(client: Client, path: str = "/healthz") -> tuple[int, Any]:
    response = client.get(path)
    assert response.headers["Content-Type"] == "application/json"
    assert "no-store" in response.headers["Cache-Control"]
    return response.status_code, response.json()


def test_health_needs_no_signing_in_and_tells_the_last_scan(
    client: Client, db: None
) -> None:
    scan_ended(timedelta(hours=9))

    assert asked(client) == (
        200,
        {
            "status": "ok",
            "last_complete_scan": "2026-11-22T00:30:00+00:00",
            "age_seconds": 9 * 3600,
        },
    )


@pytest.mark.parametrize(
    ("ago", "status"),
    [
        (timedelta(hours=26), 200),
        (timedelta(hours=26, seconds=1), 503),
        (timedelta(days=400), 503),
        (-timedelta(minutes=59), 200),
        (-timedelta(hours=1, seconds=1), 503),
        (-timedelta(days=365), 503),
    ],
)
def test_health_fails_26_hours_after_the_last_scan(
    client: Client, db: None, ago: timedelta, status: int
) -> None:
    scan_ended(ago)

    assert asked(client)[0] == status


def test_a_scan_by_a_clock_that_was_wrong_does_not_hide_an_older_one(
    client: Client, db: None
) -> None:
    scan_ended(timedelta(hours=3))
    scan_ended(-timedelta(days=365))

    status, answer = asked(client)

    assert (status, answer["age_seconds"]) == (200, 3 * 3600)


def test_health_fails_before_the_first_scan(client: Client, db: None) -> None:
    status, answer = asked(client)

    assert status == 503
    assert answer["status"] == "failing"
    assert answer["detail"].startswith("No scan has been completed yet")
    assert answer["last_complete_scan"] is None


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_an_unreachable_database_is_said_in_plain_words(
    client: Client, path: str
) -> None:
    refusal = OperationalError("could not connect to server at 10.0.0.7: secret")

    with patch("django.db.models.query.QuerySet._fetch_all", side_effect=refusal):
        status, answer = asked(client, path)

    assert status == 503
    assert answer == {
        "status": "failing",
        "detail": "The database cannot be reached, or has not been migrated.",
    }


def test_a_fault_of_our_own_is_not_taken_for_the_databases(client: Client) -> None:
    fault = ImproperlyConfigured("not a database error")

    with (
        patch("django.db.models.query.QuerySet._fetch_all", side_effect=fault),
        pytest.raises(ImproperlyConfigured),
    ):
        client.get("/healthz")


def test_a_migrated_database_is_ready(client: Client, db: None) -> None:
    assert asked(client, "/readyz") == (200, {"status": "ok"})


def test_a_database_that_lacks_a_migration_is_not_ready(
    client: Client, db: None
) -> None:
    rows = MigrationRecorder.Migration.objects.filter(app="reviews").order_by("-id")
    rows.filter(name=rows[0].name).delete()

    status, answer = asked(client, "/readyz")

    assert status == 503
    assert "manage.py migrate" in answer["detail"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_has_to_name_a_host_that_is_allowed(
    client: Client, db: None, path: str
) -> None:
    response = client.get(path, headers={"host": "elsewhere.example"})

    assert response.status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_read_only(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
