"""
What a page weighs on the first visit, packed as the server packs it.

The live server of the other tests hands out the files beside the product; this one
serves them through it, as `make run` and gunicorn do.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from reviews.models import Flag, Solution
from tests.browser.conftest import signed_in
from tests.conftest import Cast
from tests.evidence import flagged
from tests.pages.building import evaluated, registered, scanned

pytestmark = pytest.mark.slow

MOST_BYTES = 150_000
ROWS = 60
"""More than a page of any list has."""

PAGES = {
    "home": "/",
    "a list": "/?list=overdue",
    "queue": "/queue/?whose=all",
    "focus": "/queue/{slug}/?whose=all",
    "solution": "/solutions/{slug}/",
    "plan": "/plan/",
    "waivers": "/waivers/",
    "people": "/people/",
    "register": "/solutions/",
    "import": "/import/",
    "admin": "/admin/",
    "admin list": "/admin/reviews/solution/",
    "evaluation form": "/admin/reviews/evaluation/add/?solution={id}",
    "registration form": "/admin/reviews/solution/add/",
}


class WholeServer(LiveServer):
    """The live server, with the product's own way of serving files."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1", start=False)
        self.thread = LiveServerThread(
            "127.0.0.1",
            static_handler=lambda product: product,  # type: ignore[arg-type]
            connections_override=self.thread.connections_override,
        )
        self.thread.daemon = True
        self.start()


@pytest.fixture
def served(live_server: LiveServer) -> Iterator[WholeServer]:
    # The other one stands beside it: it is what shares the database with its thread.
    server = WholeServer()
    yield server
    server.stop()


@pytest.fixture
def solution(served: WholeServer, cast: Cast, today: date) -> Solution:
    late = today - timedelta(days=250)
    for n in range(ROWS):
        one = registered(
            f"Solution {n:02}", on=late, team=cast.platform, owner=cast.bob
        )
        evaluated(one, late, today=today)
        flagged(one, due_on=late)
    scanned(today)
    assert Flag.objects.open().count() > ROWS
    return Solution.objects.earliest("pk")


def weight(page: Page, address: str) -> int:
    """Return what a page and all that it asks for weighs, with an empty cache."""
    session = page.context.new_cdp_session(page)
    received: list[int] = []

    def note(event: dict[str, Any]) -> None:
        received.append(int(event["encodedDataLength"]))

    session.on("Network.loadingFinished", note)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    answer = page.goto(address, wait_until="networkidle")
    assert answer is not None
    assert answer.status == 200, address
    session.detach()
    return sum(received)


def test_no_page_weighs_more_than_150_kilobytes(
    browser: Browser, served: WholeServer, solution: Solution, cast: Cast
) -> None:
    context = browser.new_context(base_url=served.url)
    page = context.new_page()
    signed_in(page, "dora")

    found = {}
    for name, path in PAGES.items():
        address = path.format(slug=solution.slug, id=solution.pk)
        found[name] = weight(page, address)
    context.close()

    assert {name: n for name, n in found.items() if n > MOST_BYTES} == {}
    assert all(found.values())
