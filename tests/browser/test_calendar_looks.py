"""That everyone can read the page of calendars: on a desk and on a phone."""

import re

import pytest
from playwright.sync_api import Page

from reviews.models import Membership, Team
from tests.browser.conftest import signed_in
from tests.browser.looking import ENDLESS, faults
from tests.conftest import Cast

pytestmark = pytest.mark.slow


def test_the_page_of_calendars_has_no_barrier(someone: Page, cast: Cast) -> None:
    team = Team.objects.create(name=ENDLESS[:100], slug="endless")
    Membership.objects.create(user=cast.alice, team=team, role="viewer")
    signed_in(someone, "alice")

    someone.goto("/calendars/")
    found = faults(someone)
    someone.get_by_role("button", name=re.compile("Make an address.*Your own")).click()
    made = someone.get_by_label("Copy it into your calendar program")
    address = made.input_value()
    found += faults(someone)
    someone.get_by_text("Make anew, or revoke: Your own").click()
    found += faults(someone)
    someone.get_by_role("button", name=re.compile("Revoke it.*Your own")).click()
    someone.get_by_role("status").wait_for()
    found += faults(someone)

    assert found == []
    assert address.endswith(".ics")
