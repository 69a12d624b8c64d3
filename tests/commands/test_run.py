"""`manage.py run`: the whole product in one process, seen from outside."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import requests

from tests.connectors.serving import json_answer, serving

pytestmark = pytest.mark.embedded

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


class Product:
    """One running product, with a folder and a port of its own."""

    def __init__(self, data_dir: Path, port: int, **environment: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._log = data_dir.parent / f"run-{time.monotonic_ns()}.log"
        self._environment = {
            name: value for name, value in os.environ.items() if name != "DATABASE_URL"
        } | {"TRACKER_DATA_DIR": str(data_dir), "PORT": str(port), "LOG_LEVEL": "INFO"}
        # No test asks the outside, except where it is a server of its own.
        self._environment |= {"EVIDENCE": "false"}
        self._environment |= environment
        self._environment["DJANGO_SETTINGS_MODULE"] = "tracker.settings"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self._log.read_text()

    def wait_until_well(self) -> None:
        def well() -> bool:
            if self.process.poll() is not None:
                raise AssertionError(self.said())
            try:
                return requests.get(f"{self.url}/healthz", timeout=5).status_code == 200
            except requests.RequestException:
                # It listens before it has set itself up.
                return False

        _wait(well)

    def password(self) -> str:
        found = re.search(r"password +(\S+)\n", self.said())
        assert found, self.said()
        return found[1]

    def manage(self, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def stop(self, number: signal.Signals) -> int:
        os.killpg(self.process.pid, number)
        return self.process.wait(20)

    def left_behind(self) -> list[str]:
        """Return the processes that still belong to the product's session."""
        found = subprocess.run(
            ["ps", "-o", "pid=,args=", "-s", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return found.stdout.split("\n")[:-1]


def _wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, "It took too long."
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Product]]:
    started: list[Product] = []
    port = _free_port()

    def start_one(**environment: str) -> Product:
        started.append(Product(tmp_path / "data", port, **environment))
        return started[-1]

    yield start_one
    for product in started:
        if product.process.poll() is None:
            product.stop(signal.SIGKILL)


def _signed_in(product: Product, password: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    page = session.get(f"{product.url}/admin/login/", timeout=10)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    answer = session.post(
        f"{product.url}/admin/login/?next=/admin/",
        data={
            "username": "admin",
            "password": password,
            "csrfmiddlewaretoken": token[1],
        },
        headers={"Referer": f"{product.url}/admin/login/"},
        timeout=10,
    )
    assert answer.status_code == 200
    assert answer.url == f"{product.url}/admin/"
    return session


def _flags(product: Product, token: str, **filters: str) -> list[dict[str, object]]:
    answer = requests.get(
        f"{product.url}/api/v1/flags/",
        params={"page_size": "200"} | filters,
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    results: list[dict[str, object]] = answer.json()["results"]
    return results


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
def test_a_first_run_shows_a_register_and_stops_without_a_trace(
    start: Callable[..., Product], number: signal.Signals
) -> None:
    product = start()
    product.wait_until_well()
    _signed_in(product, product.password())
    token = product.manage("create_token", "admin").strip()

    actions = {flag["action"] for flag in _flags(product, token, status="open")}
    status = product.stop(number)

    assert actions == {"review", "deprecate"}
    assert status == 0
    assert product.said().count("manage.py changepassword mira") == 1
    assert product.said().endswith("Stopped.\n")
    assert "Traceback" not in product.said()
    assert product.left_behind() == []


@pytest.mark.slow
def test_a_second_run_keeps_everything(start: Callable[..., Product]) -> None:
    first = start()
    first.wait_until_well()
    password = first.password()
    token = first.manage("create_token", "admin").strip()
    flags = _flags(first, token)
    first.stop(signal.SIGTERM)

    second = start()
    second.wait_until_well()

    assert "password       " not in second.said()
    assert _flags(second, token) == flags
    _signed_in(second, password)


@pytest.mark.slow
def test_a_first_run_may_leave_the_register_empty(
    start: Callable[..., Product],
) -> None:
    product = start(TRACKER_DEMONSTRATION="false")
    product.wait_until_well()
    token = product.manage("create_token", "admin").strip()

    assert _flags(product, token) == []
    _signed_in(product, product.password())


@pytest.mark.slow
def test_a_second_one_beside_it_is_refused_in_words(
    start: Callable[..., Product],
) -> None:
    product = start()
    product.wait_until_well()

    second = start()

    assert second.process.wait(20) == 1
    assert "runs already" in second.said()
    assert "Traceback" not in second.said()
    assert product.process.poll() is None


@pytest.mark.slow
def test_an_evaluation_logged_in_the_admin_closes_its_flag(
    start: Callable[..., Product],
) -> None:
    product = start()
    product.wait_until_well()
    session = _signed_in(product, product.password())
    token = product.manage("create_token", "admin").strip()
    flag = _flags(product, token, status="open", cause="review_due")[0]
    slug = flag["solution"]

    add = f"{product.url}/admin/reviews/evaluation/add/"
    page = session.get(add, timeout=10).text
    csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert csrf
    today = datetime.now(UTC).date()
    answer = session.post(
        add,
        data={
            "csrfmiddlewaretoken": csrf[1],
            "solution": product.manage(
                "shell",
                "-v0",
                "-c",
                "from reviews.models import Solution; "
                f"print(Solution.objects.get(slug={slug!r}).pk)",
            ).strip(),
            "evaluated_on": str(today),
            "verdict": "adopt",
            "summary": "Looked at it again; it holds.",
            "rationale": "",
            "version": "",
            "alternatives": "",
            "supersedes": "",
        },
        headers={"Referer": add},
        timeout=10,
    )

    assert answer.status_code == 200
    assert answer.url != add, answer.text
    closed = next(one for one in _flags(product, token) if one["id"] == flag["id"])
    assert closed["status"] == "closed"
    assert closed["closed_because"] == "evaluated"
    headers = {"Authorization": f"Bearer {token}"}
    solution = requests.get(
        f"{product.url}/api/v1/solutions/{slug}/", headers=headers, timeout=10
    ).json()
    due = date.fromisoformat(solution["next_review_on"])
    assert (due.year - today.year) * 12 + due.month - today.month == 6
    later = product.manage("scan", "--on", solution["next_review_on"])
    assert "opened" in later
    reopened = _flags(product, token, status="open", solution=str(slug))
    assert [one["reopens"] for one in reopened] == [flag["id"]]


@pytest.mark.slow
def test_a_killed_product_loses_and_doubles_nothing(
    start: Callable[..., Product],
) -> None:
    """Kill it at several moments of its start, which is when it scans."""
    first = start()
    first.wait_until_well()
    token = first.manage("create_token", "admin").strip()
    first.stop(signal.SIGTERM)
    first.manage("shell", "-v0", "-c", _THIRTY_THOUSAND_DUE)

    for delay in (1.6, 2.0, 2.4, 2.8):
        product = start()
        time.sleep(delay)
        product.stop(signal.SIGKILL)
        assert product.left_behind() == []
    last = start()
    last.wait_until_well()
    last.manage("scan")

    counts = last.manage("shell", "-v0", "-c", _COUNTS).split()
    assert counts == ["30000", "30000", "30000", "0"]
    assert _flags(last, token)


_THIRTY_THOUSAND_DUE = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute('''
        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 30000)
        INSERT INTO reviews_solution (slug, key, name, kind, criticality, registered_on,
            created_at, updated_at, first_review_on, clock_due_on, next_review_on,
            trust_ends_on)
        SELECT 'due-' || n, 'package:due ' || n, 'Due ' || n, 'package', 'low', '2026-01-01', '2026-01-01',
            '2026-01-01', '2026-02-01', '2026-02-01', '2026-02-01', '2100-01-01' FROM n
    ''')
    cursor.execute('DELETE FROM reviews_scan')
"""
_COUNTS = """
from reviews.models import Flag, Notice
due = Flag.objects.filter(solution__slug__startswith='due-')
keys = {f'flag:{pk}:open' for pk in due.values_list('pk', flat=True)}
told = Notice.objects.filter(key__endswith=':open')
sent = set(told.values_list('key', flat=True))
print(due.count(), due.values('solution').distinct().count(), len(keys & sent))
print(Flag.objects.count() - len(sent))
"""


SOURCES = ("PYPI", "NPM", "ENDOFLIFE", "OSV", "DEPS_DEV", "GITHUB", "SCORECARD")


def _all_at(address: str) -> dict[str, str]:
    """Return the settings that have every source asked at one address."""
    sources = (*SOURCES, "HUGGING_FACE")
    return {"EVIDENCE": "true", "EVIDENCE_REQUESTS_PER_SECOND": "1000"} | {
        f"EVIDENCE_{source}_URL": address for source in sources
    }


@pytest.mark.slow
def test_a_first_run_asks_the_sources_by_itself(start: Callable[..., Product]) -> None:
    canned = Path(__file__).parents[1] / "canned" / "pypi" / "django.json"
    with serving() as server:
        server.script("/pypi/django/json", json_answer(json.loads(canned.read_text())))
        product = start(**_all_at(server.address))
        product.wait_until_well()

        _wait(lambda: "Evidence: " in product.said())

        token = product.manage("create_token", "admin").strip()
        answer = requests.get(
            f"{product.url}/api/v1/solutions/django/signals/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        assert answer.json()["results"]
        assert "Evidence: PyPI answers for " in product.said()
        assert "Traceback" not in product.said()


@pytest.mark.slow
def test_a_first_run_says_plainly_that_it_reaches_no_source(
    start: Callable[..., Product],
) -> None:
    product = start(**_all_at(f"http://127.0.0.1:{_free_port()}"))
    product.wait_until_well()

    _wait(lambda: "Evidence: " in product.said())

    assert "Evidence: no source can be reached from here" in product.said()
    assert "Traceback" not in product.said()
