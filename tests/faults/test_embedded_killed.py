"""The embedded default, killed as a whole with 500 tickets on their way."""

import os
import socket
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from reviews.services.outgoing import LEASE
from tests.faults.clock import SharedClock
from tests.faults.started import starting, wait_until
from tests.trackers.github import GitHubTracker

pytestmark = [pytest.mark.slow, pytest.mark.embedded]

FLAGS = 500


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _rows(data: Path) -> dict[str, tuple[str, str]]:
    """Return state and number of each ticket, by its marker."""
    with closing(sqlite3.connect(data / "best-before.sqlite3", timeout=20)) as database:
        found = database.execute("SELECT marker, state, remote_id FROM reviews_ticket")
        return {marker: (state, id) for marker, state, id in found}


def test_the_whole_product_killed_loses_no_ticket_and_doubles_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, data = SharedClock(tmp_path / "clock"), tmp_path / "data"
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with GitHubTracker(clock=clock.seconds, lag=1) as tracker:
        settings = {
            "TRACKER_DATA_DIR": str(data),
            "TRACKER_DEMONSTRATION": "false",
            "PORT": str(_free_port()),
            "OUTBOUND_ALLOWED_HOSTS": tracker.origin.removeprefix("http://"),
            "SECRET_KEY": os.environ["SECRET_KEY"],
        }
        log = tmp_path / "run.log"
        seed = ("seed", tracker.address, str(FLAGS))
        with starting(clock, seed, log, **settings) as start:
            seeding = start()
            wait_until(seeding.is_over, seeding)
        with starting(clock, ("run",), log, **settings) as start:
            first = start()
            wait_until(lambda: len(tracker.created) > FLAGS / 4, first)

            first.kill()
            made_by_the_first = len(tracker.created)
            # What it held is free again after a while, which has passed.
            clock.put_forward_to(clock.now() + LEASE + timedelta(seconds=1))
            second = start()
            wait_until(
                lambda: {state for state, _ in _rows(data).values()} == {"done"},
                second,
            )

    assert made_by_the_first < FLAGS
    assert len(tracker.created) == FLAGS
    for marker, (_, id) in _rows(data).items():
        (issue,) = tracker.having(marker)
        assert id == str(issue.number)
