"""Runs the whole product in one process: web server, worker and beat."""

import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery.apps.worker import Worker
from celery.beat import EmbeddedService
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db import connection, transaction
from django.utils import timezone
from waitress.server import create_server

from reviews.models import Delivery, Message, Ticket, TicketStep
from reviews.queries.reach import is_asking, reach
from reviews.services.evidence.watching import free_all_claims
from reviews.services.installation import ADMINISTRATOR, first_administrator
from reviews.services.outgoing import free_all_claims_of
from tracker.celery import app
from tracker.wsgi import application

WEB_THREADS = 8
WORKER_THREADS = 4
LONGEST_REQUEST_BYTES = 64 * 1024 * 1024
EVIDENCE_WAIT_SECONDS = 180


class Command(BaseCommand):
    help = (
        "Runs Best Before in this process: sets up the database, then serves pages and "
        "API, runs the jobs and their schedule, until Ctrl-C."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        # Until the worker takes the signals over, both mean the same.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with _only_one(settings.TRACKER_DATA_DIR):
                server = self._listen()
                self._set_up()
                _run(server, self.stdout)
        except KeyboardInterrupt:
            # Ctrl-C before the worker took the signals over; nothing is half done.
            pass
        self.stdout.write("Stopped.")

    def _listen(self) -> Any:
        try:
            return create_server(
                application,
                host="127.0.0.1",
                port=settings.PORT,
                threads=WEB_THREADS,
                ident="",
                max_request_body_size=LONGEST_REQUEST_BYTES,
            )
        except OSError as error:
            raise CommandError(
                f"Port {settings.PORT} cannot be listened on ({error.strerror}). Stop "
                "what uses it, or choose another: PORT=8001 make run"
            ) from error

    def _set_up(self) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        if settings.CELERY_BROKER_URL.startswith("memory:"):
            # Whoever had taken something worked in a run of this that is over.
            free_all_claims()
            free_all_claims_of(
                Ticket, TicketStep, Delivery, Message, now=timezone.now()
            )
        # A first run that is broken off halfway is a first run again.
        with transaction.atomic():
            first = first_administrator(now=timezone.now())
            if first and settings.TRACKER_DEMONSTRATION:
                call_command("load_demonstration", stdout=self.stdout)
        self.stdout.write("")
        self.stdout.write(f"Best Before is at http://127.0.0.1:{settings.PORT}/")
        self.stdout.write(f"  the admin at   http://127.0.0.1:{settings.PORT}/admin/")
        self.stdout.write(f"  sign in as     {ADMINISTRATOR}")
        if first:
            self.stdout.write(f"  password       {first[1]}")
            self.stdout.write("  The password is shown this once. Ctrl-C stops it all.")
        else:
            self.stdout.write(
                "  with the password of the first run; a new one is set by\n"
                f"  .venv/bin/python manage.py changepassword {ADMINISTRATOR}"
            )
        self.stdout.write("")
        self.stdout.flush()


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data folder: the kernel lets go of it whatever ends the process."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CommandError(
                f"Best Before runs already, in {data_dir}. Stop it first, or set "
                "TRACKER_DATA_DIR to another folder."
            ) from error
        yield


def _run(server: Any, stdout: OutputWrapper) -> None:
    """Serve, work and tick until a signal comes."""
    stopping = threading.Event()
    web = threading.Thread(
        target=_serve, args=[server, stopping], name="web", daemon=True
    )
    beat: Any = EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)
    # Beat must not keep the process when the worker has gone.
    beat.daemon = True
    worker = Worker(
        app=app,
        pool="threads",
        concurrency=WORKER_THREADS,
        loglevel="INFO",
        quiet=True,
        without_gossip=True,
        without_heartbeat=True,
        without_mingle=True,
    )
    web.start()
    beat.start()
    if settings.EVIDENCE:
        threading.Thread(
            target=_tell_of_evidence, args=[stdout, stopping], daemon=True
        ).start()
    try:
        worker.start()
    finally:
        stopping.set()
        beat.stop()
        server.close()


def _serve(server: Any, stopping: threading.Event) -> None:
    try:
        server.run()
    finally:
        if not stopping.is_set():
            # A tracker without its pages must not look alive.
            os.kill(os.getpid(), signal.SIGTERM)


def _tell_of_evidence(stdout: OutputWrapper, stopping: threading.Event) -> None:
    """Say once what became of the first round of questions to the outside."""
    try:
        for _ in range(EVIDENCE_WAIT_SECONDS):
            if stopping.wait(1):
                return
            if reach() and not is_asking(timezone.now()):
                break
        stdout.write("\n".join(["", *_evidence_lines(), ""]))
        stdout.flush()
    finally:
        connection.close()


def _evidence_lines() -> Iterator[str]:
    found = reach()
    answering = [each for each in found if each.is_reached]
    silent = [each.name for each in found if not each.is_reached]
    for each in answering:
        yield f"Evidence: {each.name} answers for {each.answered} solutions."
    if silent and answering:
        yield f"Evidence: cannot be reached from here: {', '.join(silent)}."
        yield "  What they would say stays unknown; they are asked again."
    elif not answering:
        yield "Evidence: no source can be reached from here, so nothing is known from"
        yield "  outside. They are asked again; EVIDENCE=false leaves them alone."
