"""Beginning a register: looking up before registering, importing, the empty home page."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from packageurl.contrib import purl2url
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from reviews.models import Solution
from reviews.rules.signals import SignalKind
from reviews.rules.vocabulary import Scheme, Verdict
from tests.browser.conftest import signed_in
from tests.browser.looking import faults
from tests.conftest import Cast
from tests.evidence import said
from tests.pages.building import evaluated, registered

pytestmark = pytest.mark.slow

ADD = "/admin/reviews/solution/add/"


@pytest.fixture
def packages(cast: Cast, today: date) -> None:
    for name, verdict in [("Jinja2", Verdict.ADOPT), ("Nose", Verdict.DEPRECATE)]:
        one = registered(
            name,
            on=today - timedelta(300),
            team=cast.platform,
            owner=cast.bob,
            identifiers=[(Scheme.PURL, f"pkg:pypi/{name.lower()}")],
        )
        evaluated(one, today - timedelta(200), verdict, today=today)
        said(one, SignalKind.REGISTRY_DEPRECATED, "x", replacement="pytest")


def test_what_is_typed_is_looked_up_at_once(page: Page, packages: None) -> None:
    signed_in(page, "bob")
    page.goto(ADD)
    field = page.get_by_label("A purl, a repository, a vendor or a model id")
    answer = page.locator("#lookup-answer")

    field.press_sequentially("pkg:pypi/nose", delay=20)
    expect(answer).to_contain_text("Registered already")
    expect(answer).to_contain_text("deprecate, reviewed")
    expect(answer).to_contain_text("Use pytest instead, says PyPI.")
    expect(answer).to_have_attribute("aria-live", "polite")

    field.fill("pkg:pypi/flask")
    expect(answer).to_contain_text("Not registered, read as the package pkg:pypi/flask")
    field.fill("pkg:")
    expect(answer).to_contain_text("is not a purl")
    field.fill("")
    expect(answer).to_have_text("")
    assert page.url.endswith(ADD)


def test_a_form_filled_from_a_purl_is_saved(
    page: Page, cast: Cast, settings: Any
) -> None:
    settings.EVIDENCE = False
    signed_in(page, "bob")
    page.goto(ADD)

    page.get_by_label("A purl, a repository").fill("pkg:npm/left-pad@1.3.0")
    expect(page.get_by_label("A purl, a repository")).to_be_focused()
    page.get_by_role("button", name="Fill in what this says by itself").click()
    expect(page.get_by_label("Version in use:")).to_have_value("1.3.0")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".messagelist").wait_for()

    solution = Solution.objects.get()
    assert (solution.key, solution.team) == ("pkg:npm/left-pad", cast.platform)


def test_it_is_looked_up_without_any_script(
    browser: Browser, live_server: LiveServer, packages: None
) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    signed_in(page, "bob")
    page.goto(ADD)

    page.get_by_label("A purl, a repository").fill(
        purl2url.get_repo_url("pkg:pypi/Jinja2")
    )
    page.get_by_role("button", name="Look it up").click()

    expect(page.locator("#lookup-answer")).to_contain_text("Registered already")
    context.close()


def test_a_file_is_looked_at_and_then_imported(
    page: Page, cast: Cast, tmp_path: Path
) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("django==5.2.19\ncelery==5.7.0\n")
    signed_in(page, "alice")

    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("status")).to_contain_text("2 added, 0 changed")
    assert not Solution.objects.exists()
    page.get_by_role("button", name="Import it").click()

    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    page.get_by_role("link", name="django", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("django")


def test_an_administrator_begins_with_the_demonstration(page: Page, cast: Cast) -> None:
    signed_in(page, "dora")

    page.get_by_role("button", name="Load the demonstration").click()

    expect(page.get_by_role("status").first).to_contain_text("solutions to look at")
    expect(page.get_by_role("img", name="Freshness by team")).to_be_visible()


def test_no_beginning_has_a_barrier_or_scrolls_sideways(
    someone: Page, cast: Cast, tmp_path: Path
) -> None:
    signed_in(someone, "dora")
    found = faults(someone)
    for path in ("/solutions/", "/import/"):
        someone.goto(path)
        found += faults(someone)
    file = tmp_path / "list.csv"
    for text in (
        "name,kind\nPaging service,vendor\nShop,built\n",
        f"name,kind\n{'x' * 150},gadget\n",
    ):
        file.write_text(text)
        someone.get_by_label("File", exact=True).set_input_files(file)
        someone.get_by_role("button", name="Show what would happen").click()
        someone.locator("main .notice").first.wait_for()
        found += faults(someone)
        someone.goto("/import/")

    assert found == []


def test_the_lookup_and_the_lists_have_no_barrier_and_do_not_scroll_sideways(
    someone: Page, packages: None, settings: Any
) -> None:
    settings.EVIDENCE = False
    signed_in(someone, "alice")
    found = faults(someone)
    for path in (
        "/?list=overdue",
        "/?list=to_deprecate&team=platform",
        f"{ADD}?what=pkg:pypi/nose",
        f"{ADD}?what={'x' * 200}&fill=1",
        f"{ADD}?what=pkg:",
    ):
        someone.goto(path)
        found += faults(someone)

    assert found == []
