"""
The API's pages at 1,000,000 solutions: queries, and requests a second far inside.

The server is gunicorn with two workers; four connections ask for a page for a few
seconds, for the first page and for the one behind row 900,000 in turns.
"""

import threading
import time
from http.client import HTTPConnection

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks import report
from benchmarks.registers import Register
from benchmarks.serving import Server
from reviews.api.pagination import Cursor, Direction, encoded
from reviews.models import User
from reviews.rules.access import operator
from reviews.services.tokens import create_token

CONNECTIONS = 4
SECONDS = 4.0
ROUNDS = 4
DEEP = 900_000


def measure(registers: dict[str, Register]) -> None:
    """Print what the first pages cost in queries, and what pages far inside cost."""
    register = registers["large"]
    register.use()
    token = _token()
    _open_flags()
    for path in ("/api/v1/solutions/", "/api/v1/flags/"):
        for size in (50, 200):
            _count(f"{path}?page_size={size}", token)
    slug = f"solution-{DEEP:07}"
    cursor = encoded(Cursor("solutions", "slug", Direction.NEXT, [slug]))
    first = "/api/v1/solutions/"
    deep = f"{first}?cursor={cursor}"
    with _Pages(register.url) as server:
        rates: dict[str, list[float]] = {first: [], deep: []}
        for path in rates:
            server.rate(path, token, 1.0)
        for _ in range(ROUNDS):
            for path, found in rates.items():
                found.append(server.rate(path, token, SECONDS))
    best = {path: max(found) for path, found in rates.items()}
    print(f"    first page {best[first]:.0f} requests/s, deep {best[deep]:.0f}")
    report.share(
        "the page behind row 900,000, against the first",
        sum(rates[deep]) / sum(rates[first]),
        at_least=0.9,
    )


def _token() -> str:
    user = User.objects.create_user("bench")
    _, token = create_token(
        user=user, scopes=[], days=1, actor=operator("benchmark"), now=timezone.now()
    )
    return token


def _open_flags() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reviews_flag (solution_id, cause, action, due_on, pulled_by, "
            "opened_at) SELECT id, 'review_due', 'review', next_review_on, '', now() "
            "FROM reviews_solution ON CONFLICT DO NOTHING"
        )
        cursor.execute("ANALYZE reviews_flag")


def _count(path: str, token: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = Client().get(
            path, headers={"Authorization": f"Bearer {token}", "Host": "127.0.0.1"}
        )
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}.")
    if any("COUNT(" in query["sql"].upper() for query in queries):
        raise SystemExit(f"{path} counts rows.")
    report.count(f"queries of {path}", len(queries), at_most=3)


class _Pages(Server):
    """The same, asked for pages."""

    def rate(self, path: str, token: str, seconds: float) -> float:
        """Return how many answers a second came, from all connections together."""
        counts = [0] * CONNECTIONS
        until = time.monotonic() + seconds

        def ask(number: int) -> None:
            headers = {"Authorization": f"Bearer {token}"}
            while time.monotonic() < until:
                client = HTTPConnection("127.0.0.1", self.port, timeout=10)
                client.request("GET", path, headers=headers)
                answer = client.getresponse()
                answer.read()
                client.close()
                if answer.status != 200:
                    raise SystemExit(f"{path} answered {answer.status}.")
                counts[number] += 1

        threads = [
            threading.Thread(target=ask, args=[number]) for number in range(CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counts) / seconds
