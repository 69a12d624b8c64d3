"""That everyone can read the queue and its entries: in light and dark, large and small."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from reviews.models import Solution
from reviews.rules.signals import Severity, SignalKind, Source
from reviews.rules.vocabulary import Verdict
from reviews.services.covers import snooze_flag
from tests.browser.conftest import signed_in
from tests.browser.looking import ENDLESS, faults
from tests.conftest import Cast
from tests.evidence import checked, flagged, replaced, said
from tests.pages.building import evaluated, registered, scanned

pytestmark = pytest.mark.slow


@pytest.fixture
def everything(cast: Cast, today: date) -> None:
    """One entry that shows all there is, with texts that have no end, and two more."""
    for name in ("One", "Two", "Three"):
        then = today - timedelta(300)
        solution = registered(name, on=then, team=cast.platform, owner=cast.bob)
        evaluated(solution, then, today=today)
    scanned(today, timezone.now())
    one = Solution.objects.get(name="One")
    release = said(one, value="1.0", address="https://source.example/one")
    evaluated(one, today, summary=ENDLESS[:180], today=today)
    replaced(release, "2.0", address="https://source.example/one")
    checked(one)
    end = said(
        one,
        SignalKind.END_OF_LIFE,
        str(today),
        source=Source.ENDOFLIFE,
        severity=Severity.HIGH,
        quote=ENDLESS,
    )
    flagged(one, end, reason=ENDLESS)
    flagged(one, end, cause="withdrawn", severity="critical")
    snooze_flag(
        flag_id=flagged(one, cause="licence_changed", severity="low").pk,
        until=today + timedelta(5),
        reason=ENDLESS,
        actor=cast.actor(cast.alice),
        today=today,
        now=timezone.now(),
    )
    evaluated(
        Solution.objects.get(name="Two"),
        today,
        Verdict.RETIRE,
        summary="Nobody uses it",
        actor=cast.actor(cast.bob),
        today=today,
    )
    registered(ENDLESS[:120], on=today - timedelta(300), team=cast.platform)


PATHS = [
    "/queue/?whose=all",
    "/queue/?show=proposals&whose=all",
    "/queue/?show=orphans&whose=all",
    "/queue/?show=waivers&whose=all",
    "/queue/one/?whose=all",
    "/queue/two/?show=proposals&whose=all",
    "/queue/three/?whose=all",
    "/solutions/one/",
    "/solutions/two/",
]


def test_the_queue_and_its_entries_have_no_barrier_and_do_not_scroll_sideways(
    someone: Page, everything: None
) -> None:
    found = []
    for who, paths in (("alice", PATHS), ("charlie", PATHS[4:5])):
        signed_in(someone, who)
        for path in paths:
            someone.goto(path)
            all_details = someone.locator("details")
            all_details.evaluate_all("all => all.map(each => each.open = true)")
            found += faults(someone)
        someone.keyboard.press("?")
        found += faults(someone)
        someone.keyboard.press("Escape")
        someone.context.clear_cookies()

    assert found == []


def test_a_refusal_has_no_barrier(someone: Page, everything: None) -> None:
    signed_in(someone, "alice")
    someone.goto("/queue/one/?whose=all")

    someone.keyboard.press("d")
    someone.locator("#deprecate-replacement").fill(ENDLESS[:100])
    someone.locator("#deprecate-summary").fill("Too old by far")
    someone.keyboard.press("Enter")
    someone.get_by_role("alert").wait_for()

    assert faults(someone) == []
