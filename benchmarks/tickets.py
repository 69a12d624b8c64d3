"""
What tickets cost: the look for what is to be made, and the answer to a webhook.

The look is what a worker does every minute, here with every flag of 100,000 solutions
open and waiting. The webhook is GitHub's, signed, at gunicorn with two workers: 1,000
deliveries, three in ten of them a repetition, over eight connections.
"""

import hashlib
import hmac
import json
import threading
import time
from datetime import timedelta
from http.client import HTTPConnection

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks import report
from benchmarks.registers import TODAY, Register
from benchmarks.serving import Server
from reviews import wiring
from reviews.models import Arrival, Connection, Flag, Ticket
from reviews.services.tickets.following import follow_flags
from reviews.services.tickets.planning import plan_tickets

DELIVERIES = 1_000
REPEATED = 0.3
CONNECTIONS = 8
ROUNDS = 9
SECRET = "a-secret-of-the-benchmark"
LIMIT_SECONDS = 2.0
"""Source: the issue of this part. GitHub and GitLab give up after ten."""


def measure(registers: dict[str, Register]) -> None:
    """Print what planning costs at 100,000 open flags, and how fast webhooks answer."""
    register = registers["small"]
    register.use()
    row = _connection()
    _plan(row)
    _deliver(row, register)


def _connection() -> Connection:
    now = timezone.now()
    return Connection.objects.create(
        slug="bench",
        name="Bench",
        system="github",
        address="https://issues.example",
        project="platform/register",
        is_live=True,
        sealed_secret=wiring.vault().seal(SECRET),
        created_at=now,
        updated_at=now,
    )


def _plan(row: Connection) -> None:
    """Plan a day's tickets with few flags waiting, and with one for each solution."""
    samples: dict[str, list[float]] = {}
    for name, open_flags in (("few", 1_000), ("many", 100_000)):
        _open(open_flags)
        samples[name] = [_planned() for _ in range(ROUNDS)]
    with CaptureQueriesContext(connection) as queries:
        _planned()
        follow_flags(today=TODAY, now=timezone.now(), site_url="https://t.example")
    report.count("queries of a minute's look", len(queries), at_most=30)
    report.ratio(
        "25 tickets planned among 100,000 flags, against among 1,000",
        samples["many"],
        samples["few"],
        at_most=10,
    )


def _planned() -> float:
    Ticket.objects.all().delete()
    return report.seconds(lambda: plan_tickets(today=TODAY, now=timezone.now()))


def _open(wanted: int) -> None:
    Ticket.objects.all().delete()
    Flag.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reviews_flag (solution_id, cause, action, due_on, opened_at) "
            "SELECT id, 'review_due', 'review', %s, now() FROM reviews_solution "
            "ORDER BY id LIMIT %s",
            [TODAY - timedelta(days=3), wanted],
        )
        cursor.execute("ANALYZE reviews_flag")


def _deliver(row: Connection, register: Register) -> None:
    first = int(DELIVERIES * (1 - REPEATED))
    ids = [1 + number % first for number in range(DELIVERIES)]
    with Server(register.url) as server:
        taken = _answers(server.port, ids)
    stored = Arrival.objects.filter(connection=row).count()
    report.count("deliveries stored of 700 that differ", stored, at_most=first)
    report.share("the same, none missing", stored / first, at_least=1)
    taken.sort()
    slowest = taken[int(len(taken) * 0.99)]
    print(f"    median {taken[len(taken) // 2] * 1e3:.1f} ms")
    report.ratio(
        "99 of 100 answers, against what is allowed",
        [slowest],
        [LIMIT_SECONDS],
        at_most=1,
    )


def _answers(port: int, ids: list[int]) -> list[float]:
    """Return how long each delivery took to be answered."""
    waiting = iter(ids)
    lock = threading.Lock()
    taken: list[float] = []

    def deliver() -> None:
        while True:
            with lock:
                number = next(waiting, None)
            if number is None:
                return
            seconds = _delivered(port, number)
            with lock:
                taken.append(seconds)

    threads = [threading.Thread(target=deliver) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A thread that met a refusal has ended with it.
    if len(taken) != len(ids):
        raise SystemExit(f"{len(ids) - len(taken)} deliveries were not taken.")
    return taken


def _delivered(port: int, number: int) -> float:
    body = json.dumps({"action": "edited", "issue": {"number": number}}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "issues",
        "X-GitHub-Delivery": f"delivery-{number}",
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    began = time.perf_counter()
    client = HTTPConnection("127.0.0.1", port, timeout=30)
    client.request("POST", "/hooks/github/bench/", body, headers)
    answer = client.getresponse()
    answer.read()
    client.close()
    if answer.status >= 300:
        raise SystemExit(f"A delivery was answered with {answer.status}.")
    return time.perf_counter() - began
