"""
Redis loses all that it held, and the worker dies, with 500 tickets on their way.

The queue is only a hint: what is to be sent is in the database, and whoever sweeps finds
it there. TEST_REDIS_URL must name a database that nothing else is kept in.
"""

import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from kombu import Connection as Broker

from reviews.models import Connection, Ticket
from reviews.rules.outgoing import SendState
from reviews.services.outgoing import LEASE
from tests.databases import database_url
from tests.faults.clock import SharedClock
from tests.faults.register import connection_to, intents, open_flags
from tests.faults.started import WORKER, starting, wait_until
from tests.trackers.github import GitHubTracker

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FLAGS = 500
CONNECTIONS = 8
SWEEP = "reviews.tasks.outgoing.tickets.look_after_tickets"
SWEEP_SECONDS = 1.0


@pytest.fixture
def redis() -> str:
    url = os.environ.get("TEST_REDIS_URL")
    if not url:
        pytest.skip("TEST_REDIS_URL names no broker")
    return url


@contextmanager
def sweeping(redis: str, queue: str) -> Iterator[None]:
    """Send, every second, what beat sends every minute."""
    over = threading.Event()

    def sweep() -> None:
        with Celery(broker=redis) as app:
            while not over.wait(SWEEP_SECONDS):
                app.send_task(SWEEP, queue=queue)

    thread = threading.Thread(target=sweep)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def flush(redis: str) -> None:
    with Broker(redis) as broker:
        channel: Any = broker.default_channel
        client = channel.client
        assert client.dbsize() > 0
        client.flushdb()


def test_an_emptied_broker_and_a_dead_worker_lose_no_ticket_and_double_none(
    redis: str, tmp_path: Path
) -> None:
    clock, queue = SharedClock(tmp_path / "clock"), f"best-before-{uuid.uuid4().hex}"
    with (
        GitHubTracker(clock=clock.seconds, lag=1) as tracker,
        starting(
            clock,
            WORKER,
            tmp_path / "worker.log",
            DATABASE_URL=database_url(),
            CELERY_BROKER_URL=redis,
            CELERY_QUEUE=queue,
            OUTBOUND_ALLOWED_HOSTS=tracker.origin.removeprefix("http://"),
        ) as start,
        sweeping(redis, f"{queue}-outgoing"),
    ):
        tickets = _pending(tracker, clock)
        first = start()
        wait_until(lambda: len(tracker.created) > FLAGS / 4, first)

        first.kill()
        flush(redis)
        made_by_the_first = len(tracker.created)
        # What the dead worker held is free again after a while, which has passed.
        clock.put_forward_to(clock.now() + LEASE + timedelta(seconds=1))
        second = start()
        wait_until(lambda: not Ticket.objects.unfinished().exists(), second)

    flush(redis)
    assert made_by_the_first < FLAGS
    assert len(tracker.created) == FLAGS
    for ticket in tickets:
        ticket.refresh_from_db()
        assert ticket.state == SendState.DONE
        (issue,) = tracker.having(ticket.marker)
        assert ticket.remote_id == str(issue.number)
    assert not Connection.objects.exclude(problem="").exists()


def _pending(tracker: GitHubTracker, clock: SharedClock) -> list[Ticket]:
    now = clock.now()
    connections = Connection.objects.bulk_create(
        connection_to(tracker.address, now, slug=f"c{number}")
        for number in range(CONNECTIONS)
    )
    flags = enumerate(open_flags(FLAGS, now))
    return intents([(connections[n % CONNECTIONS], flag) for n, flag in flags], now)
