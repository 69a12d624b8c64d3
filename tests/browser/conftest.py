"""
A real browser in front of the real pages, by the real clock.

Every page that a test opens is watched: a report of the content security policy, a
request to another host, or a script of somebody else's that runs fails the test.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from tests.browser.looking import DESK, PHONE

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium() -> str | None:
    """Return the browser's program, None if this machine has none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with pytest.MonkeyPatch.context() as patch:
        # Playwright runs an event loop in this thread, where Django then refuses to
        # touch the database. It is safe here: nothing in that loop does.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            launched = playwright.chromium.launch(
                executable_path=program, headless=True, args=ARGUMENTS
            )
            yield launched
            launched.close()


@dataclass
class Watch:
    """What a browser did that none of our pages may make it do."""

    host: str
    faults: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("dialog", self._dialog)
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(f"policy: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"a script ran: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.netloc != self.host:
            self.faults.append(f"asked another host: {request.url}")


@pytest.fixture
def watch(live_server: LiveServer) -> Iterator[Watch]:
    watching = Watch(urlsplit(live_server.url).netloc)
    yield watching
    assert watching.faults == []


@pytest.fixture
def context(browser: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=live_server.url)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, watch: Watch) -> Page:
    page = context.new_page()
    watch.over(page)
    return page


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def size(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=["light", "dark"])
def someone(
    request: pytest.FixtureRequest,
    browser: Browser,
    live_server: LiveServer,
    watch: Watch,
    size: Any,
) -> Iterator[Page]:
    """A page in light and in dark, on a desk and on a phone."""
    context = browser.new_context(
        base_url=live_server.url, viewport=size, color_scheme=request.param
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    watch.over(page)
    yield page
    context.close()


@pytest.fixture
def today() -> date:
    """The day in the pages' own time zone: a browser cannot be told another one."""
    return timezone.localdate()


def signed_in(page: Page, username: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
