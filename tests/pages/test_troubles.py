"""Connections that do not work: who is told of them, and the click that helps."""

import re
from typing import Any

import pytest
from django.test import Client

from reviews.models import Flag, User
from tests.conftest import NOW, Cast
from tests.pages.reading import html_of, words
from tests.services.covering import overdue
from tests.ticketing import connected, refused, refused_step, ticketed


@pytest.fixture
def flag(cast: Cast) -> Flag:
    """An open flag of a package of the platform team."""
    return overdue(cast)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


STOPPED: dict[str, Any] = {"problem": "401: bad credentials.", "problem_at": NOW}


@pytest.mark.parametrize("page", ["/", "/queue/"])
def test_an_administrator_is_told_of_a_connection_that_stopped(
    cast: Cast, flag: Flag, page: str
) -> None:
    connection = connected(**STOPPED)
    refused(flag, connection)
    dora = browser(cast.dora)
    shown = words(dora, path=page)
    assert (
        "The ticket connection The shop (GitHub) has stopped since 2026-11-22. 1 ticket "
        "was refused. 401: bad credentials." in shown
    )
    form = re.search(r'action="(/admin/reviews/connection/[^"]+)"', html_of(dora, page))
    assert form

    dora.post(form[1])

    connection.refresh_from_db()
    assert (connection.problem, connection.problem_at) == ("", None)
    assert "The shop" not in words(dora, path="/queue/")


def test_its_owner_is_told_and_offered_no_click(
    alice: Client, cast: Cast, flag: Flag
) -> None:
    connected(owner=cast.alice, **STOPPED)

    assert "has stopped since" in words(alice, path="/")
    assert "An administrator can put it right" in words(alice, path="/")
    assert "/admin/reviews/connection/" not in html_of(alice, "/")


@pytest.mark.parametrize("name", ["bob", "charlie", "eve", "frank"])
def test_nobody_else_is_told(cast: Cast, flag: Flag, name: str) -> None:
    connected(owner=cast.alice, **STOPPED)

    assert "ticket connection" not in html_of(browser(getattr(cast, name)), "/")


@pytest.mark.parametrize(
    "more", [{}, {"is_on": False, **STOPPED}], ids=["well", "switched off"]
)
def test_what_works_or_is_off_is_not_told_of(
    cast: Cast, flag: Flag, more: dict[str, Any]
) -> None:
    ticketed(flag, connected(**more))

    assert "ticket connection" not in html_of(browser(cast.dora), "/")


def test_what_may_pass_and_what_was_refused_are_told_apart(
    cast: Cast, flag: Flag
) -> None:
    connected("a", problem="The host is down.")
    refused_step(ticketed(flag, connected("b")))
    shown = words(browser(cast.dora), path="/")

    assert "The a (GitHub) is in trouble, and goes on being tried." in shown
    assert "The b (GitHub) works, but not for all. 1 ticket was refused." in shown
