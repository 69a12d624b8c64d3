"""Real Celery workers on real brokers, killed in the middle of a scan."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from kombu import Connection

from reviews.models import Flag, Notice, Scan
from reviews.rules.access import operator
from reviews.rules.vocabulary import Kind
from reviews.services.drafts import Draft
from reviews.services.solutions import register_solution
from tests.databases import database_url

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
DUE = 60


@pytest.fixture(params=["TEST_REDIS_URL", "TEST_AMQP_URL"], ids=["redis", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> str:
    url = os.environ.get(request.param)
    if not url:
        pytest.skip(f"{request.param} names no broker")
    return url


@pytest.fixture
def start_worker(broker: str) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start workers on the database under test, with a queue of their own."""
    queue = f"best-before-test-{uuid.uuid4().hex}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tracker.settings",
        "DATABASE_URL": database_url(),
        "CELERY_BROKER_URL": broker,
        "CELERY_QUEUE": queue,
        "EVIDENCE": "false",
    }
    workers: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "tracker", "worker"]
        workers.append(
            subprocess.Popen(
                [*command, "--concurrency", "1", "--loglevel", "INFO"],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
        return workers[-1]

    yield start
    for worker in workers:
        _kill(worker)
    with Connection(broker) as broker_connection:
        channel: Any = broker_connection.default_channel
        for name in (queue, f"{queue}-evidence", f"{queue}-outgoing"):
            channel.queue_delete(name)


def _kill(worker: subprocess.Popen[bytes]) -> None:
    """End a worker and its children at once, as a power cut would."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(10)


def _register_what_is_due() -> None:
    now = timezone.now()
    for number in range(DUE):
        register_solution(
            draft=Draft(name=f"Solution {number}", kind=Kind.PACKAGE),
            actor=operator("test"),
            today=timezone.localdate().replace(year=timezone.localdate().year - 1),
            now=now,
        )


def _wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, "It took too long."
        time.sleep(0.05)


def test_a_worker_that_starts_scans_what_was_missed(
    start_worker: Callable[[], object],
) -> None:
    _register_what_is_due()

    start_worker()
    _wait(Scan.objects.exists)

    assert Flag.objects.filter(cause="review_due").count() == DUE
    assert _told() == Flag.objects.count()


def test_a_worker_killed_in_the_middle_of_a_scan_loses_and_doubles_nothing(
    start_worker: Callable[[], subprocess.Popen[bytes]],
) -> None:
    _register_what_is_due()
    _slow_down_flags()
    worker = start_worker()
    _wait(_scan_is_under_way)

    _kill(worker)
    _wait(lambda: not _scan_is_under_way())
    after_the_kill = Flag.objects.count(), _told(), Scan.objects.count()
    _speed_up_flags()
    start_worker()
    _wait(Scan.objects.exists)

    assert after_the_kill == (0, 0, 0)
    assert Scan.objects.count() == 1
    for cause in ("review_due", "trust_decayed"):
        found = Flag.objects.filter(cause=cause).values_list("solution_id", flat=True)
        assert len(found) == len(set(found)) == DUE
    assert _told() == 2 * DUE


def _slow_down_flags() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER slow BEFORE INSERT ON reviews_flag "
                "BEGIN SELECT length(randomblob(30000000)); END"
            )
            return
        cursor.execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER slow BEFORE INSERT ON reviews_flag "
            "FOR EACH ROW EXECUTE FUNCTION slow()"
        )


def _speed_up_flags() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER slow")
        else:
            cursor.execute("DROP TRIGGER slow ON reviews_flag")
            cursor.execute("DROP FUNCTION slow()")


def _scan_is_under_way() -> bool:
    if connection.vendor == "sqlite":
        probe = sqlite3.connect(settings.DATABASES["default"]["NAME"], timeout=0)
        try:
            probe.execute("BEGIN IMMEDIATE")
            probe.rollback()
        except sqlite3.OperationalError:
            return True
        finally:
            probe.close()
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
            "AND datname = current_database() AND query LIKE '%INTO reviews_flag%' "
            "AND pid <> pg_backend_pid()"
        )
        return bool(cursor.fetchone()[0])


def _told() -> int:
    """Return how many notices there are of flags; the days of climbs have some, too."""
    return Notice.objects.filter(key__startswith="flag:").count()
