"""
Workers that may be killed, quickly made: each is a process of its own.

One process sets Django up and forks the lanes; a lane forks a worker whenever there is
work for it, and says how that ended. No process that is forked has a thread or an open
connection to the database. A worker runs the product's own task for one connection
after the other, by the shared clock.

Run as a module it is the workers' side, with the lanes' pipes as its arguments.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.faults.clock import SharedClock
from tests.faults.killing import Kill

ROOT = Path(__file__).resolve().parents[2]
SHORT_TIMEOUT = 0.5
"""How long a worker waits for an answer, in seconds of the real clock."""

Job = tuple[int, Kill]
"""A connection to work for, and when to be killed at that."""


@dataclass(frozen=True)
class Lane:
    """One worker at a time, and the next when that was killed."""

    _orders: IO[str]
    _reports: IO[str]

    def work_off(self, jobs: Sequence[Job]) -> list[int]:
        """Return at which connections a worker was killed, once all were worked for."""
        killed: list[int] = []
        left = list(jobs)
        while left:
            self._orders.write(json.dumps(left) + "\n")
            self._orders.flush()
            begun, status = self._follow()
            if status == 0:
                return killed
            assert begun, f"A worker ended with {status} before it began."
            assert status == -9, f"A worker ended with {status}."
            killed.append(left[begun - 1][0])
            left = left[begun:]
        return killed

    def _follow(self) -> tuple[int, int]:
        for begun, line in enumerate(self._reports):
            word, _, number = line.partition(" ")
            if word == "ended":
                return begun, int(number)
        raise AssertionError("The lane is gone.")


@contextmanager
def lanes(number: int, clock: SharedClock, **settings: str) -> Iterator[list[Lane]]:
    """Run so many lanes, with these settings in their environment."""
    orders = [os.pipe() for _ in range(number)]
    reports = [os.pipe() for _ in range(number)]
    theirs = [(orders[n][0], reports[n][1]) for n in range(number)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.lanes", str(clock.path)]
        + [f"{read}:{write}" for read, write in theirs],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"} | settings,
        pass_fds=[end for ends in theirs for end in ends],
    )
    for ends in theirs:
        for end in ends:
            os.close(end)
    made = [
        Lane(os.fdopen(orders[n][1], "w"), os.fdopen(reports[n][0]))
        for n in range(number)
    ]
    try:
        yield made
    finally:
        for lane in made:
            lane._orders.close()
        process.wait(20)
        for lane in made:
            lane._reports.close()


# The workers' side.


def main(clock: str, *pipes: str) -> None:
    import django
    from django.conf import settings
    from django.utils import timezone

    django.setup()
    timezone.now = SharedClock(Path(clock)).now
    settings.OUTBOUND_TIMEOUT_SECONDS = SHORT_TIMEOUT
    from django.db import connection

    from reviews.tasks.outgoing.tickets import look_after_connection

    # What a worker needs is loaded before it is forked, and the connection closed again.
    look_after_connection(connection_id=0)
    connection.close()

    ends = [tuple(map(int, pair.split(":"))) for pair in pipes]
    for index, (orders, reports) in enumerate(ends):
        if os.fork() == 0:
            for other, pair in enumerate(ends):
                if other != index:
                    os.close(pair[0])
                    os.close(pair[1])
            _run_lane(orders, reports)
            os._exit(0)
    for orders, reports in ends:
        os.close(orders)
        os.close(reports)
    for _ in ends:
        os.wait()


def _run_lane(orders: int, reports: int) -> None:
    with os.fdopen(orders) as lines:
        for line in lines:
            child = os.fork()
            if child == 0:
                _work(json.loads(line), reports)
                os._exit(0)
            _, status = os.waitpid(child, 0)
            os.write(reports, f"ended {os.waitstatus_to_exitcode(status)}\n".encode())


def _work(jobs: list[tuple[int, str]], reports: int) -> None:
    """Work for one connection after the other, as far as this process gets."""
    from django.conf import settings
    from django.db import connection

    from reviews.tasks.outgoing.tickets import look_after_connection
    from tests.faults.killing import Killer

    # The ticket system reads from the User-Agent whom to kill.
    settings.EVIDENCE_CONTACT = f"{os.getpid()}@workers.example"
    for connection_id, moment in jobs:
        os.write(reports, b"began\n")
        with connection.execute_wrapper(Killer(Kill(moment))):
            look_after_connection(connection_id=connection_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
