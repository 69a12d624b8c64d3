"""Several workers at the same connection in the same moment."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reviews.models import Ticket
from reviews.rules.outgoing import SendState
from tests.databases import database_url
from tests.faults.clock import SharedClock
from tests.faults.killing import Kill
from tests.faults.lanes import lanes
from tests.faults.register import connection_to, intents, open_flags
from tests.trackers.github import GitHubTracker

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FLAGS = 60
WORKERS = 4


def test_workers_that_meet_at_a_connection_make_each_ticket_once(
    tmp_path: Path,
) -> None:
    clock = SharedClock(tmp_path / "clock")
    with GitHubTracker(clock=clock.seconds, lag=60) as tracker:
        now = clock.now()
        connection = connection_to(tracker.address, now, lag_seconds=60)
        connection.save()
        flags = open_flags(FLAGS, now)
        tickets = intents([(connection, flag) for flag in flags], now)
        with lanes(
            WORKERS,
            clock,
            DATABASE_URL=database_url(),
            OUTBOUND_ALLOWED_HOSTS=tracker.origin.removeprefix("http://"),
        ) as workers:
            jobs = [(connection.pk, Kill.NEVER)]
            with ThreadPoolExecutor(WORKERS) as pool:
                list(pool.map(lambda worker: worker.work_off(jobs), workers))

        assert [len(tracker.having(ticket.marker)) for ticket in tickets] == [1] * FLAGS
        assert len(tracker.creating_posts) == FLAGS
    assert not Ticket.objects.exclude(state=SendState.DONE.value).exists()
