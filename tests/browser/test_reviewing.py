"""What a tech lead does in the morning."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from reviews.models import Evaluation, Flag, Solution
from reviews.rules.vocabulary import Verdict
from tests.browser.conftest import signed_in
from tests.conftest import Cast
from tests.pages.building import evaluated, registered, scanned

pytestmark = pytest.mark.slow

LONG_AGO = timedelta(days=250)


def late_solution(name: str, cast: Cast, today: date) -> Solution:
    solution = registered(name, on=today - LONG_AGO, team=cast.platform, owner=cast.bob)
    evaluated(solution, today - LONG_AGO, today=today)
    return solution


def test_home_shows_what_is_overdue_after_signing_in(
    page: Page, cast: Cast, today: date
) -> None:
    late_solution("Jinja2", cast, today)

    page.goto("/")
    expect(page).to_have_title("Sign in · Best Before")
    signed_in(page, "alice")

    row = page.locator("#overdue").get_by_role("row", name="Jinja2")
    expect(row).to_contain_text("overdue by")
    expect(row).to_contain_text("Platform")
    expect(row).to_contain_text("Bob")
    page.get_by_role("link", name="Overdue, Bob: 1").click()
    expect(page).to_have_url(re.compile(r"\?list=overdue&team=platform&owner=bob$"))
    page.get_by_role("link", name="Jinja2", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jinja2")


def test_an_evaluation_logged_in_the_admin_ends_the_overdue(
    page: Page, cast: Cast, today: date
) -> None:
    solution = late_solution("Jinja2", cast, today)
    scanned(today)
    assert Flag.objects.open().filter(solution=solution).count() == 1
    signed_in(page, "bob")

    page.get_by_role("link", name="Log an evaluation of Jinja2").click()
    expect(page.locator("input[name=solution]")).to_have_value(str(solution.pk))
    for question, word in (
        ("Do we still need it?", "yes"),
        ("How well does it do what we need today?", "3"),
        ("Would we choose it again?", "unknown"),
        ("Is it maintained well enough for us?", "2"),
    ):
        group = page.get_by_role("group", name=question)
        group.get_by_role("radio", name=word, exact=True).check()
    page.get_by_label("Verdict:").select_option("hold")
    page.get_by_label("Summary:").fill("Two slow releases, look again soon")
    page.get_by_label("Rationale:").fill("Read the **changelog** of the last year.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".messagelist").wait_for()

    logged = Evaluation.objects.get(solution=solution, author=cast.bob)
    assert (logged.verdict, logged.evaluated_on) == (Verdict.HOLD.value, today)
    assert not Flag.objects.open().filter(solution=solution).exists()
    page.goto("/")
    expect(page.locator("#overdue")).to_contain_text("Nothing is overdue.")
    page.goto("/solutions/jinja2/")
    expect(page.get_by_text("The next review is due by")).to_be_visible()
    expect(page.locator(".prose strong")).to_have_text("changelog")


def test_the_filters_work_without_any_script(
    page: Page, cast: Cast, today: date
) -> None:
    late_solution("Ours", cast, today)
    other = registered("Theirs", on=today - LONG_AGO, team=cast.data, owner=cast.eve)
    evaluated(other, today - LONG_AGO, today=today)
    signed_in(page, "alice")

    page.get_by_label("Team", exact=True).select_option("data")
    page.get_by_role("button", name="Apply").click()

    expect(page.get_by_text("Only team Data.")).to_be_visible()
    expect(page.locator("#overdue")).to_contain_text("Theirs")
    expect(page.locator("#overdue")).not_to_contain_text("Ours")


def test_signing_out_closes_the_pages(page: Page, cast: Cast) -> None:
    signed_in(page, "alice")

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")

    page.goto("/solutions/")
    expect(page).to_have_title("Sign in · Best Before")
