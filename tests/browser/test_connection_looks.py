"""That everyone can read what tells of connections and tickets, and enter one."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from reviews.models import Attempt, Connection
from tests.browser.conftest import signed_in
from tests.browser.looking import ENDLESS, faults
from tests.conftest import NOW, Cast
from tests.services.covering import overdue
from tests.ticketing import connected, refused, ticketed

pytestmark = pytest.mark.slow


@pytest.fixture
def connection(cast: Cast) -> Connection:
    """A connection that has stopped, with tickets of all sorts and a full ledger."""
    connection = connected(
        name=f"{ENDLESS[:60]} on GitHub",
        problem=f"403: {ENDLESS}",
        problem_at=timezone.now(),
        former_secret_until=timezone.now() + timedelta(hours=3),
    )
    connected("other", position=20)
    ticketed(overdue(cast, "A"), connection, key=ENDLESS[:100], conflict=ENDLESS)
    refused(overdue(cast, "B"), connection, problem=ENDLESS)
    flag = overdue(cast, "C")
    sent = {"method": "POST", "url": f"https://x.example/{ENDLESS}"}
    Attempt.objects.create(
        connection=connection,
        flag=flag,
        at=NOW,
        what="create",
        outcome="simulated",
        detail=ENDLESS,
        request=sent | {"payload": {"title": ENDLESS, "body": "Line.\n" * 30}},
    )
    Attempt.objects.bulk_create(
        Attempt(connection=connection, at=NOW, what="find", outcome=outcome, status=200)
        for outcome in ("done", "passing", "unknown", "refused") * 6
    )
    return connection


def test_a_connections_pages_have_no_barrier(
    someone: Page, connection: Connection
) -> None:
    signed_in(someone, "dora")
    page = f"/admin/reviews/connection/{connection.pk}/change/"
    found = []
    for path in ("/admin/reviews/connection/", "/admin/reviews/connection/add/", page):
        someone.goto(path)
        found += faults(someone)
    someone.get_by_role("link", name="Older").click()
    someone.get_by_text("What would be sent").click()
    found += faults(someone)

    for button, heading in (
        ("Test", "Test of"),
        ("New webhook secret", "The new webhook secret of"),
    ):
        someone.goto(page)
        someone.get_by_role("button", name=button, exact=True).click()
        someone.get_by_role("heading", name=heading).wait_for()
        found += faults(someone)

    assert found == []


def test_tickets_and_troubles_have_no_barrier(
    someone: Page, connection: Connection
) -> None:
    signed_in(someone, "dora")
    found = []

    for path in ("/", "/queue/", *(f"/solutions/{name}/" for name in "abc")):
        someone.goto(path)
        found += faults(someone)

    assert found == []


def test_a_connection_is_entered_with_the_keyboard_alone(
    page: Page, cast: Cast
) -> None:
    signed_in(page, "dora")
    page.goto("/admin/reviews/connection/add/")
    page.get_by_label("Name:").fill("Shop on GitHub")
    page.get_by_label("Slug:").fill("shop")
    page.get_by_label("System:").select_option("github")
    page.get_by_label("Address:").fill("https://1.1.1.1")
    page.get_by_label("Project:").fill("acme/shop")
    page.get_by_label("Token:").fill("secret-token")

    page.get_by_label("Project:").press("Enter")

    page.get_by_role("button", name="Go live").wait_for()
    assert "secret-token" not in page.content()
    assert Connection.objects.get().project == "acme/shop"
