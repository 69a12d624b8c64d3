"""What the pages tell of tickets, and the one click that gets one going."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from reviews.models import Flag, Ticket, User
from tests.conftest import NOW, TODAY, Cast
from tests.pages.reading import html_of, words
from tests.services.covering import overdue, snoozed
from tests.ticketing import asked_for, connected, refused, refused_step, ticketed

DJANGO = "/solutions/django/"
FOCUS = "/queue/django/?show=due&whose=all"
PAGES = pytest.mark.parametrize("page", [DJANGO, FOCUS], ids=["its page", "focus"])
PAYLOAD = "<img src=x onerror=alert(1)>"


@pytest.fixture
def flag(cast: Cast) -> Flag:
    """An open flag of a package of the platform team."""
    return overdue(cast)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(client: Client, page: str = DJANGO) -> str:
    return words(client, "flags", page)


# --- What is shown ---


@PAGES
def test_a_ticket_is_a_link_with_where_it_stands(
    alice: Client, flag: Flag, page: str
) -> None:
    ticket = ticketed(flag, connected(), key="acme/shop#7")

    html = html_of(alice, page)

    link = f'<a href="{ticket.url}" rel="noopener noreferrer">acme/shop#7</a>'
    assert link in html
    assert "in The shop: open, In progress, assigned to octocat." in html
    assert "/retry/" not in html
    assert "/ticket/" not in html


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"status": "Open"}, "in The shop: open, assigned to octocat."),
        ({"standing": "closed", "status": "Won't do"}, "closed, Won't do, assigned"),
        ({"assignee": ""}, "assigned to nobody."),
        ({"standing": "", "status": ""}, "in The shop: not read yet"),
        ({"standing": "gone"}, "It is gone: deleted over there, or out of sight."),
    ],
)
def test_where_it_stands_is_told_in_words(
    alice: Client, flag: Flag, more: dict[str, Any], wanted: str
) -> None:
    ticketed(flag, connected(), **more)

    assert wanted in said(alice)


@pytest.mark.parametrize(
    ("more", "connection", "wanted"),
    [
        ({}, {}, "A ticket is on its way to The shop."),
        (
            {"state": "sending", "claimed_until": NOW + timedelta(minutes=3)},
            {},
            "A ticket is on its way to The shop.",
        ),
        ({"state": "unknown"}, {}, "it is looked for before it is sent again."),
        ({}, {"is_on": False}, "A ticket waits: The shop is switched off."),
        ({}, {"problem": "No such host."}, "Problem: No such host."),
        ({"problem": "500: oops."}, {}, "Problem: 500: oops."),
    ],
)
def test_a_ticket_on_its_way_says_so(
    alice: Client,
    flag: Flag,
    more: dict[str, Any],
    connection: dict[str, Any],
    wanted: str,
) -> None:
    asked_for(flag, connected(**connection), **more)

    assert wanted in said(alice)
    assert "Try again" not in said(alice)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", ""])
def test_only_an_address_of_the_web_is_a_link(
    alice: Client, flag: Flag, url: str
) -> None:
    ticketed(flag, connected(), url=url, key="SHOP-7")

    html = html_of(alice, DJANGO)

    assert "<bdi>SHOP-7</bdi>" in html
    assert "javascript:" not in html
    assert "data:text" not in html


@PAGES
def test_what_the_other_side_says_is_text(alice: Client, flag: Flag, page: str) -> None:
    ticketed(
        flag,
        connected(name=PAYLOAD),
        key=PAYLOAD,
        status=PAYLOAD,
        assignee=PAYLOAD,
        conflict=PAYLOAD,
        problem=PAYLOAD,
    )

    assert PAYLOAD not in html_of(alice, page)


def test_a_flag_that_is_covered_shows_its_ticket_too(alice: Client, flag: Flag) -> None:
    ticketed(flag, connected(), key="acme/shop#7")
    snoozed(flag)

    assert "acme/shop#7" in html_of(alice, FOCUS)


def test_without_a_connection_nothing_is_said(alice: Client, flag: Flag) -> None:
    assert "icket" not in said(alice)


def test_the_queue_links_to_a_ticket_that_is_there(
    alice: Client, cast: Cast, flag: Flag
) -> None:
    shop = connected()
    ticket = ticketed(flag, shop, key="acme/shop#7")
    ticketed(overdue(cast, "Celery"), shop, key="acme/shop#8", url="javascript:x")
    asked_for(overdue(cast, "Flask"), shop)

    html = html_of(alice, "/queue/?whose=all")

    link = f'<a href="{ticket.url}" rel="noopener noreferrer">Ticket acme/shop#7</a>'
    assert link in html
    assert "<bdi>Ticket acme/shop#8</bdi>" in html
    assert html.count("Ticket ") == 2
    assert "javascript:" not in html


# --- Trying again ---


@PAGES
def test_what_was_refused_says_why_and_takes_one_click(
    alice: Client, flag: Flag, page: str
) -> None:
    ticket = refused(flag, connected())
    form = re.search(r'action="(/tickets/\d+/retry/)"', html_of(alice, page))
    assert form
    assert "The shop refused the ticket. Problem: 422: no such label." in said(
        alice, page
    )

    answer = alice.post(form[1], {"next": page})

    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    ticket.refresh_from_db()
    assert (ticket.refused_at, ticket.problem) == (None, "")
    assert "A ticket is on its way" in said(alice, page)


def test_a_refused_comment_is_told_of_and_tried_again(
    alice: Client, flag: Flag
) -> None:
    ticket = ticketed(flag, connected())
    step = refused_step(ticket)
    assert "Problem: 403: locked." in said(alice)

    alice.post(f"/tickets/{ticket.pk}/retry/", {"next": DJANGO})

    step.refresh_from_db()
    assert step.refused_at is None
    assert "Problem" not in said(alice)


def test_a_conflict_is_said_once_and_is_no_problem_besides(
    alice: Client, flag: Flag
) -> None:
    told = "The title was changed on both sides."
    ticket = ticketed(flag, connected(), conflict=told)
    refused_step(ticket, told)

    page = said(alice)

    assert page.count(told) == 1
    assert "Problem:" not in page


def test_a_conflict_is_settled_by_sending_ours(alice: Client, flag: Flag) -> None:
    ticket = ticketed(flag, connected(), conflict="Both sides changed the due day.")
    shown = said(alice)
    assert "Conflict: Both sides changed the due day." in shown
    assert "Send ours" in shown

    answer = alice.post(f"/tickets/{ticket.pk}/retry/", {"next": DJANGO}, follow=True)

    assert "The flag&#x27;s values are sent to The shop." in answer.content.decode()
    ticket.refresh_from_db()
    assert ticket.conflict == ""


@pytest.mark.parametrize("name", ["charlie", "eve", "frank"])
def test_who_may_not_is_offered_nothing_and_refused(
    cast: Cast, flag: Flag, name: str
) -> None:
    ticket = refused(flag, connected())
    other = overdue(cast, "Celery")
    somebody = browser(getattr(cast, name))

    assert "no such label" in said(somebody)
    assert "/retry/" not in html_of(somebody, DJANGO)
    assert "Make a ticket" not in html_of(somebody, "/solutions/celery/")
    for path in (f"/tickets/{ticket.pk}/retry/", f"/flags/{other.pk}/ticket/"):
        assert somebody.post(path).status_code == 403
    ticket.refresh_from_db()
    assert ticket.refused_at == NOW
    assert Ticket.objects.count() == 1


def test_there_is_nothing_to_try_where_nothing_was_refused(
    alice: Client, flag: Flag
) -> None:
    ticket = ticketed(flag, connected())

    answer = alice.post(f"/tickets/{ticket.pk}/retry/")

    assert answer.status_code == 409
    assert "Nothing of this ticket was refused" in answer.content.decode()


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example", "x"])
def test_nothing_leads_elsewhere(alice: Client, flag: Flag, next_page: str) -> None:
    ticket = refused(flag, connected())

    answer = alice.post(f"/tickets/{ticket.pk}/retry/", {"next": next_page})

    assert answer.status_code == 400
    ticket.refresh_from_db()
    assert ticket.refused_at == NOW


@pytest.mark.parametrize("path", ["/tickets/999/retry/", "/flags/999/ticket/"])
def test_what_is_not_there_is_not_found(alice: Client, path: str) -> None:
    assert alice.post(path).status_code == 404
    assert alice.get(path).status_code == 405
    assert Client().post(path).status_code == 302


# --- Making one ---


@PAGES
def test_a_flag_that_a_connection_takes_gets_its_ticket_by_one_click(
    alice: Client, flag: Flag, page: str
) -> None:
    connected()
    form = re.search(r'action="(/flags/\d+/ticket/)"', html_of(alice, page))
    assert form
    assert "Make a ticket in The shop" in said(alice, page)

    answer = alice.post(form[1], {"next": page})

    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert Ticket.objects.get().flag == flag
    assert "Make a ticket" not in said(alice, page)


@pytest.mark.parametrize(
    "more",
    [
        {"is_live": False},
        {"is_on": False},
        {"causes": ["vulnerability"]},
        {"actions": ["deprecate"]},
        {"severities": ["high"]},
    ],
)
def test_where_no_connection_takes_it_none_is_offered(
    alice: Client, flag: Flag, more: dict[str, Any]
) -> None:
    connected(**more)

    assert "Make a ticket" not in said(alice)
    assert alice.post(f"/flags/{flag.pk}/ticket/").status_code == 400


def test_a_connection_of_other_teams_is_not_offered(
    alice: Client, cast: Cast, flag: Flag
) -> None:
    connected().teams.add(cast.data)
    assert "Make a ticket" not in said(alice)

    connected("mine", position=20).teams.add(cast.platform)

    assert "Make a ticket in The mine" in said(alice)


def test_of_what_is_covered_no_ticket_is_offered(alice: Client, flag: Flag) -> None:
    connected()
    snoozed(flag, TODAY + timedelta(days=7))

    assert "Make a ticket" not in html_of(alice, FOCUS)


def test_a_second_click_makes_no_second_ticket(alice: Client, flag: Flag) -> None:
    connected()

    answers = [alice.post(f"/flags/{flag.pk}/ticket/") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 409]
    assert Ticket.objects.count() == 1
