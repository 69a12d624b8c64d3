"""That everyone can read the pages of people and of waivers, on a desk and on a phone."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from reviews.models import Cover, Flag, Team, User
from reviews.services.covers import snooze_flag, waive_flag
from tests.browser.conftest import signed_in
from tests.browser.looking import faults
from tests.conftest import NOW, Cast
from tests.evidence import flagged
from tests.pages.building import ADMINISTRATOR, evaluated, registered

pytestmark = pytest.mark.slow

PATHS = [
    "/people/",
    "/people/bob/",
    "/people/eve/",
    "/people/?after=zzz",
    "/waivers/",
    "/waivers/?show=ended",
    "/waivers/?kind=override&whose=mine",
]
ENDLESS = "Supercalifragilistic" * 9


def due(name: str, team: Team, owner: User | None = None) -> Flag:
    return flagged(
        registered(name, team=team, owner=owner),
        cause="review_due",
        action="review",
        reason="",
        severity="",
        opened_at=NOW,
    )


@pytest.fixture
def people(cast: Cast, today: Any) -> None:
    """Somebody who left, something without an owner, and a cover of each kind."""
    actor = cast.actor(cast.bob)
    endless = registered(ENDLESS, team=cast.platform, owner=cast.bob)
    evaluated(endless, today - timedelta(200), actor=actor, today=today)
    evaluated(
        registered("Django", team=cast.platform, owner=cast.bob),
        today,
        actor=actor,
        today=today,
    )
    registered("Nobody's", team=cast.data)
    gone = due("Flask", cast.platform, cast.eve)
    for flag, days in ((gone, 20), (due("Celery", cast.platform), 90)):
        waive_flag(
            flag_id=flag.pk,
            owner_id=cast.eve.pk,
            reason=ENDLESS,
            until=today + timedelta(days),
            actor=ADMINISTRATOR,
            today=today,
            now=NOW,
        )
    snoozed = due("Redis", cast.platform)
    snooze_flag(
        flag_id=snoozed.pk,
        until=today + timedelta(3),
        reason="After the release.",
        actor=cast.actor(cast.alice),
        today=today,
        now=NOW,
    )
    wrong = due("Pillow", cast.platform)
    for flag, ended in ((wrong, None), (due("Old", cast.platform), NOW)):
        Cover.objects.create(
            kind="override",
            flag=flag,
            reason="That is another package.",
            made_by_name="Alice",
            made_by=cast.alice,
            made_at=NOW,
            action=flag.action,
            ended_at=ended,
            ended_because="revoked" if ended else "",
            ended_by_name="Alice" if ended else "",
        )
    User.objects.filter(pk=cast.eve.pk).update(is_active=False)


def test_no_page_has_a_barrier_or_scrolls_sideways(someone: Page, people: None) -> None:
    signed_in(someone, "alice")
    found = []
    for path in PATHS:
        someone.goto(path)
        someone.locator("details").evaluate_all("all => all.map(d => d.open = true)")
        found += faults(someone)
    someone.goto("/people/bob/")
    someone.get_by_role("button", name="Show what would pass").click()
    someone.get_by_role("heading", name="Hand over from Bob").wait_for()
    found += faults(someone)

    assert found == []


def test_a_leavers_solutions_pass_in_one_step(
    page: Page, live_server: LiveServer, people: None
) -> None:
    signed_in(page, "alice")

    page.goto("/people/")
    page.get_by_role("link", name="Hand over what Eve owns").click()
    page.get_by_label("Username of who takes over").fill("bob")
    page.get_by_role("button", name="Show what would pass").click()
    page.get_by_role("button", name="Hand over 1 solution and 2 waivers").click()

    page.get_by_text("Handed over from Eve: 1 solution and 2 waivers.").wait_for()


def test_a_snooze_is_ended_from_the_list(page: Page, people: None) -> None:
    signed_in(page, "alice")

    page.goto("/waivers/?kind=snooze")
    page.get_by_text("End it now").click()
    page.get_by_label("Why?").fill("It is released.")
    page.get_by_role("button", name="Ask the flag again").click()

    page.get_by_text("The snooze of Redis has ended").wait_for()
    assert page.url.endswith("/waivers/?kind=snooze")
