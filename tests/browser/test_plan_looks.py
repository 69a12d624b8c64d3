"""That everyone can read the plan: in light and dark, on a desk and on a phone."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page

from reviews.models import Solution
from tests.browser.conftest import signed_in
from tests.browser.looking import ENDLESS, faults
from tests.conftest import Cast
from tests.pages.building import evaluated, registered

pytestmark = pytest.mark.slow

PATHS = ["/plan/", "/plan/?team=platform", "/plan/?owner=bob", "/plan/?team=~none"]


@pytest.fixture
def cliffs(cast: Cast, today: date) -> None:
    """A register with weeks that are too full, one that no levelling helps."""
    for number in range(24):
        solution = registered(
            f"{ENDLESS[:40]} {number}",
            on=today - timedelta(170),
            team=cast.platform,
            owner=cast.bob if number % 2 else None,
        )
        days = 60 if number < 14 else 165
        evaluated(solution, today - timedelta(days), today=today)
    late = registered("Late", on=today - timedelta(400), team=cast.platform)
    evaluated(late, today - timedelta(300), today=today)
    registered("Orphan")


def test_the_plan_has_no_barrier_and_levels_the_weeks(
    someone: Page, cliffs: None
) -> None:
    signed_in(someone, "alice")
    found = []
    for path in PATHS:
        someone.goto(path)
        found += faults(someone)
    someone.goto("/plan/?team=platform")
    drawing = someone.get_by_role("img", name="Reviews due in the coming 26 weeks")
    assert drawing.bounding_box() is not None

    someone.get_by_role("button", name="Level team Platform").click()
    someone.get_by_role("heading", name="Level team Platform").wait_for()
    found += faults(someone)
    before = days()
    someone.get_by_role("button", name="Move").click()
    someone.get_by_role("status").wait_for()
    found += faults(someone)

    assert found == []
    assert days() != before


def days() -> list[date | None]:
    rows = Solution.objects.order_by("pk")
    return list(rows.values_list("next_review_on", flat=True))
