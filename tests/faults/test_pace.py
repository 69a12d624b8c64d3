"""A ticket system that allows so many writes a minute, and a register that wants more."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reviews.models import Connection, Ticket
from reviews.rules.outgoing import SendState
from tests.conftest import NOW, Cast
from tests.databases import database_url
from tests.faults.clock import SharedClock
from tests.faults.killing import Kill
from tests.faults.lanes import Lane, lanes
from tests.faults.register import connection_to, intents, open_flags
from tests.services.tickets.desk import desk_of
from tests.trackers.github import GitHubTracker

FLAGS = 500


def states() -> set[str]:
    return set(Ticket.objects.values_list("state", flat=True))


@pytest.mark.django_db
def test_500_flags_reach_a_system_that_allows_80_writes_a_minute(cast: Cast) -> None:
    with desk_of(cast) as desk:
        desk.tracker.writes_per_window = 80
        desk.tracker.window_seconds = 60
        # More than it allows: what it says is all there is to go by.
        desk.per_second = 4
        flags = open_flags(FLAGS, NOW)
        tickets = intents([(desk.connection, flag) for flag in flags], NOW)

        while Ticket.objects.unfinished().exists():
            desk.send(seconds=600)
            desk.clock.advance(1)

        assert desk.tracker.requests_inside_a_hold == []
        assert FLAGS < len(desk.tracker.creating_posts) <= FLAGS + 10
        bodies = " ".join(str(issue.body) for issue in desk.tracker.created)
        assert [bodies.count(ticket.marker) for ticket in tickets] == [1] * FLAGS
    assert states() == {SendState.DONE}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_keep_one_pace_together(tmp_path: Path) -> None:
    clock = SharedClock(tmp_path / "clock")
    with GitHubTracker(clock=clock.seconds) as tracker:
        # A few more than are sent in two seconds: workers may come late.
        tracker.writes_per_window, tracker.window_seconds = 70, 2
        now = clock.now()
        connections = Connection.objects.bulk_create(
            connection_to(
                tracker.address, now, slug=f"c{number}", writes_per_minute=60 * 30
            )
            for number in range(3)
        )
        flags = open_flags(120, now)
        intents([(connections[n % 3], flag) for n, flag in enumerate(flags)], now)
        with lanes(
            3,
            clock,
            DATABASE_URL=database_url(),
            OUTBOUND_ALLOWED_HOSTS=tracker.origin.removeprefix("http://"),
        ) as workers:
            _at_once(workers, connections)

        assert len(tracker.creating_posts) == len(tracker.created) == 120
    assert states() == {SendState.DONE}


def _at_once(workers: list[Lane], connections: list[Connection]) -> None:
    with ThreadPoolExecutor(len(workers)) as pool:
        ended = pool.map(
            lambda worker, connection: worker.work_off([(connection.pk, Kill.NEVER)]),
            workers,
            connections,
        )
        assert list(ended) == [[], [], []]
