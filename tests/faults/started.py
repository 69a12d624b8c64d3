"""
The product's own processes, started by the shared clock and killed with all they began.

Run as a module it is such a process: the clock's file and what to run are its arguments.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.faults.clock import SharedClock

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120
WORKER = ("worker", "--concurrency", "2", "--loglevel", "INFO")


class Started:
    """A process in a session of its own; what it says goes into a file."""

    def __init__(
        self,
        clock: SharedClock,
        what: tuple[str, ...],
        log: Path,
        environment: Mapping[str, str],
    ) -> None:
        self._log = log
        with log.open("a") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.started", str(clock.path), *what],
                cwd=ROOT,
                env=dict(environment),
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it and all its children at once, as a power cut would."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)

    def is_over(self) -> bool:
        """Return whether it has done what it was to do."""
        status = self._process.poll()
        assert not status, self.said()
        return status == 0

    def said(self) -> str:
        return self._log.read_text()[-3000:]


@contextmanager
def starting(
    clock: SharedClock, what: tuple[str, ...], log: Path, **settings: str
) -> Iterator[Callable[[], Started]]:
    """Give what starts such a process, as often as it takes; end all of them after."""
    environment = os.environ | {"EVIDENCE": "false"} | settings
    environment["DJANGO_SETTINGS_MODULE"] = "tracker.settings"
    started: list[Started] = []

    def start() -> Started:
        started.append(Started(clock, what, log, environment))
        return started[-1]

    try:
        yield start
    finally:
        for process in started:
            process.kill()


def wait_until(condition: Callable[[], bool], process: Started) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, f"It took too long. {process.said()}"
        time.sleep(0.1)


def main(clock: str, *what: str) -> None:
    import django
    from django.utils import timezone

    django.setup()
    timezone.now = SharedClock(Path(clock)).now
    if what[0] == "seed":
        from tests.faults.register import seed

        seed(address=what[1], flags=int(what[2]))
    elif what[0] == "worker":
        from tracker.celery import app

        app.worker_main(list(what))
    else:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["manage.py", *what])


if __name__ == "__main__":
    main(*sys.argv[1:])
