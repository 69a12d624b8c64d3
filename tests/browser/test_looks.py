"""That everyone can read the pages: in light and dark, on a desk and on a phone."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from reviews.models import Dependency, Flag, Solution
from reviews.rules.signals import Severity, SignalKind, Source, SourceState
from reviews.rules.vocabulary import Criticality, Kind, Scheme, Verdict
from reviews.services.evaluations import Judgement, record_evaluation
from tests.browser.conftest import signed_in
from tests.browser.looking import ENDLESS, faults
from tests.conftest import NOW, Cast
from tests.evidence import checked, flagged, replaced, said
from tests.pages.building import evaluated, registered, scanned

pytestmark = pytest.mark.slow

PATHS = [
    "/",
    "/?team=platform",
    "/?team=~none",
    "/?list=overdue",
    "/?list=never_reviewed&team=data",
    "/?team=nowhere",
    "/import/",
    "/solutions/",
    "/solutions/?search=nothing-like-it",
    "/solutions/shop/",
    "/solutions/paging-service/",
    "/password/",
    "/notices/",
    "/calendars/",
    "/nothing/here/",
]
SOURCE = "https://source.example/shop"


@pytest.fixture
def everything(cast: Cast, today: date) -> None:
    """One of each thing that the pages can show."""
    shop = registered("Shop", kind=Kind.BUILT, team=cast.platform, owner=cast.alice)
    vendor = registered(
        "Paging service",
        kind=Kind.VENDOR,
        team=cast.platform,
        description="Calls whoever is on duty.",
        contract_ends_on=today + timedelta(40),
    )
    endless = registered(ENDLESS, on=today - timedelta(400), team=cast.data)
    registered("Old", on=today - timedelta(400), identifiers=[(Scheme.NAME, ENDLESS)])
    forgotten = registered("Forgotten", criticality=Criticality.CRITICAL)
    for number, verdict in enumerate(Verdict):
        ringed = registered(f"Ring {verdict}", team=cast.data, owner=cast.eve)
        evaluated(ringed, today - timedelta(150 + number), verdict, today=today)
    evaluated(forgotten, today - timedelta(380), today=today)
    rationale = (
        "# Looked at\n\n- `code`\n\n> quoted\n\n```\npre\n```\n\n|a|b|\n|-|-|\n|1|2|"
    )
    for days in (300, 200):
        evaluated(shop, today - timedelta(days), rationale=rationale, today=today)
    evaluated(vendor, today - timedelta(60), today=today)
    record_evaluation(
        solution_id=shop.pk,
        judgement=Judgement(Verdict.DEPRECATE, today, ENDLESS[:180]),
        actor=cast.actor(cast.bob),
        today=today,
        now=NOW,
    )
    Dependency.objects.create(
        component=shop, solution=endless, first_seen_on=today, last_seen_on=today
    )
    known_from_outside(shop, vendor)
    scanned(today)


def known_from_outside(shop: Solution, vendor: Solution) -> None:
    """Give one solution evidence of every look, and another none that is known."""
    release = said(
        shop, value="1.0", effective_on=date(2026, 9, 1), address=f"{SOURCE}/releases"
    )
    end = said(
        shop,
        SignalKind.END_OF_LIFE,
        "2026-12-01",
        source=Source.ENDOFLIFE,
        subject="1.0",
        effective_on=date(2026, 12, 1),
        severity=Severity.HIGH,
        replacement="2.0",
        quote=f"It ends. {ENDLESS}",
        address=SOURCE,
    )
    evaluated(shop, timezone.localdate(), today=timezone.localdate())
    replaced(release, "2.0", address=f"{SOURCE}/releases")
    said(shop, value="2.1", source=Source.GITHUB, verified=False)
    for word in Severity:
        said(
            shop,
            SignalKind.VULNERABILITY,
            ENDLESS,
            source=Source.OSV,
            subject=f"CVE-{word}",
            severity=word,
            aliases=(f"GHSA-{word}",),
            fixed_in="2.1",
            address=f"{SOURCE}/{word}",
        )
    flagged(shop, end)
    flagged(shop, end, cause="vulnerability", severity="low", action="review")
    for source, state in zip(Source, SourceState, strict=False):
        checked(shop, source, state, error=ENDLESS, address=SOURCE)
        if state is not SourceState.OK:
            checked(vendor, source, state)


def test_no_page_has_a_barrier_or_scrolls_sideways(
    someone: Page, everything: None
) -> None:
    someone.goto("/sign-in/")
    found = faults(someone)
    someone.get_by_label("Username").fill("alice")
    someone.get_by_label("Password").fill("wrong")
    someone.get_by_role("button", name="Sign in").click()
    someone.get_by_role("alert").wait_for()
    found += faults(someone)
    signed_in(someone, "alice")
    for path in PATHS:
        someone.goto(path)
        someone.locator("details").evaluate_all("all => all.map(d => d.open = true)")
        found += faults(someone)

    assert found == []


STAFF_LISTS = ["flag", "signal", "sourcecheck"]


def test_no_column_of_a_staff_list_is_out_of_sight(
    someone: Page, everything: None
) -> None:
    signed_in(someone, "alice")
    found = []
    for name in STAFF_LISTS:
        someone.goto(f"/admin/reviews/{name}/")
        found += [
            f"{someone.url}: {needed} of {given} pixels"
            for needed, given in someone.evaluate(
                """["html", ".results"].map(
                    name => document.querySelector(name)
                ).map(each => [each.scrollWidth, each.clientWidth])"""
            )
            if needed > given
        ]

    assert found == []


def test_what_a_flag_rests_on_stands_in_line_with_the_rest(
    browser: Browser, live_server: LiveServer, cast: Cast, everything: None
) -> None:
    flag = Flag.objects.filter(cause="end_of_life").get()
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    signed_in(page, "alice")

    page.goto(f"/admin/reviews/flag/{flag.pk}/change/")

    edges = page.evaluate(
        """[".field-evidence ul.plain", ".field-why .readonly"].map(
            name => document.querySelector(name).getBoundingClientRect().left
        )"""
    )
    context.close()
    assert abs(edges[0] - edges[1]) < 3


def test_an_empty_register_has_no_barrier(someone: Page, cast: Cast) -> None:
    signed_in(someone, "dora")

    assert faults(someone) == []


def test_the_keyboard_reaches_the_content_first(page: Page, cast: Cast) -> None:
    signed_in(page, "alice")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'content'")
