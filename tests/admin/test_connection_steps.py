"""Connections on the staff pages: who may, what a click does, and what is told."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviews import wiring
from reviews.models import Arrival, Attempt, Connection, Flag
from tests.admin.conftest import signed_in
from tests.admin.connecting import (
    ADD,
    LIST,
    OUTSIDERS,
    PAYLOAD,
    SECRET,
    STEPS,
    TOKEN,
    button,
    html,
    made,
    page_of,
    step,
    typed,
)
from tests.conftest import NOW, Cast
from tests.services.covering import overdue
from tests.ticketing import asked_for, connected, refused, ticketed
from tests.trackers.github import GitHubTracker


@pytest.fixture
def tracker(settings: Any) -> Iterator[GitHubTracker]:
    """A GitHub of one's own, on this machine, which the operator allows."""
    with GitHubTracker(token=TOKEN) as serving:
        settings.OUTBOUND_ALLOWED_HOSTS = [serving.origin.partition("://")[2]]
        yield serving


@pytest.fixture
def dora(cast: Cast) -> Client:
    """A browser in which the administrator has signed in."""
    return signed_in(cast.dora)


# --- Rights ---


@pytest.mark.parametrize("name", OUTSIDERS)
def test_only_administrators_come_near(cast: Cast, name: str) -> None:
    connection = connected(owner=cast.alice)
    client = signed_in(getattr(cast, name))

    for address in (LIST, ADD, page_of(connection), button(connection, "delete")):
        assert client.get(address).status_code == 403
        assert (
            client.post(address, typed(address="http://127.0.0.1")).status_code == 403
        )
    for address in (
        *(step(connection, each) for each in STEPS),
        *(button(connection, each) for each in ("test", "secret")),
    ):
        assert client.post(address).status_code == 403
    assert Connection.objects.get().address == connection.address


@pytest.mark.parametrize("name", [*STEPS, "test", "secret"])
def test_what_changes_something_is_only_sent(dora: Client, name: str) -> None:
    connection = connected()
    address = step(connection, name) if name in STEPS else button(connection, name)

    assert dora.get(address).status_code == 405


@pytest.mark.parametrize("object_id", ["0", "999", "abc", "9" * 40])
def test_there_is_no_such_connection(dora: Client, object_id: str) -> None:
    for tail in ("test/", "secret/", "do/live/"):
        address = f"{LIST}{object_id}/{tail}"
        assert dora.post(address).status_code == 404


def test_there_is_no_such_step(dora: Client) -> None:
    assert dora.post(step(connected(), "explode")).status_code == 404


# --- One click ---


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("live", {"is_live": False}, {"is_live": True}),
        ("simulate", {"is_live": True}, {"is_live": False}),
        ("off", {"is_on": True}, {"is_on": False}),
        ("on", {"is_on": False}, {"is_on": True}),
        ("check", {"polled_at": NOW}, {"polled_at": None}),
        (
            "again",
            {"problem": "401: bad token.", "problem_at": NOW},
            {"problem": "", "problem_at": None},
        ),
    ],
)
def test_a_click_does_what_it_says(
    dora: Client, name: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    connection = connected(**before)
    assert f'action="{step(connection, name)}"' in html(dora, page_of(connection))

    answer = dora.post(step(connection, name))

    assert answer.headers["Location"] == page_of(connection)
    connection.refresh_from_db()
    assert {each: getattr(connection, each) for each in after} == after


def test_trying_again_sends_on_what_was_refused(cast: Cast, dora: Client) -> None:
    ticket = refused(overdue(cast), connected())

    answer = dora.post(step(ticket.connection, "again"), follow=True)

    assert "with 1 that had been refused" in answer.content.decode()
    ticket.refresh_from_db()
    assert ticket.refused_at is None


def test_a_new_webhook_secret_is_shown_once(dora: Client) -> None:
    connection = made(dora)

    answer = dora.post(button(connection, "secret"))

    page = answer.content.decode()
    found = re.search(r"<code>([\w-]{40,})</code>", page)
    assert found
    assert "no-store" in answer.headers["Cache-Control"]
    assert "/hooks/github/shop/" in page
    connection.refresh_from_db()
    assert wiring.vault().open(connection.sealed_secret) == found[1]
    assert wiring.vault().open(connection.sealed_former_secret) == SECRET
    assert connection.former_secret_until == NOW + timedelta(hours=24)
    assert found[1] not in html(dora, page_of(connection))
    assert found[1] not in str(dict(dora.session))


# --- The test ---


def test_a_test_says_that_all_is_well(dora: Client, tracker: GitHubTracker) -> None:
    connection = made(dora, tracker=tracker)

    page = dora.post(button(connection, "test")).content.decode()

    assert "all is well" in page
    assert "is-overdue" not in page
    assert not tracker.creating_posts


def test_a_test_says_exactly_what_is_wrong(
    dora: Client, tracker: GitHubTracker
) -> None:
    connection = made(dora, tracker=tracker, project="acme/none-such")

    page = dora.post(button(connection, "test")).content.decode()

    assert "it fails" in page
    assert "acme/none-such" in page
    assert TOKEN not in page


def test_a_test_of_a_host_that_is_down_says_so(
    dora: Client, tracker: GitHubTracker
) -> None:
    connection = made(dora, tracker=tracker)
    tracker.__exit__(None, None, None)

    page = dora.post(button(connection, "test")).content.decode()

    assert "it fails" in page


def test_a_token_that_cannot_be_opened_any_more_is_a_finding(
    dora: Client, settings: Any
) -> None:
    connection = made(dora)
    Connection.objects.update(sealed_token=f"{connection.sealed_token[:-4]}AAA=")

    page = dora.post(button(connection, "test")).content.decode()

    assert "SECRET_KEY has changed" in page


def test_a_test_writes_nothing(dora: Client, tracker: GitHubTracker) -> None:
    connection = made(dora, tracker=tracker)
    before = Connection.objects.values().get()

    dora.post(button(connection, "test"))

    assert Connection.objects.values().get() == before


# --- What is told ---


def test_its_page_tells_how_it_stands(cast: Cast, dora: Client, settings: Any) -> None:
    settings.SITE_URL = "https://best-before.example"
    connection = connected(
        tickets_per_day=0, problem="403: no right to create issues.", problem_at=NOW
    )
    ticketed(overdue(cast, "A"), connection)
    refused(overdue(cast, "B"), connection)
    asked_for(overdue(cast, "C"), connection)
    overdue(cast, "D")
    Arrival.objects.create(
        connection=connection, delivery_id="1", digest="", body="", received_at=NOW
    )

    page = html(dora, page_of(connection))

    assert "1 open, 1 on their way, 1 refused." in page
    assert "1 flag held back" in page
    assert "403: no right to create issues." in page
    assert "https://best-before.example/hooks/github/shop/" in page
    assert f"Last delivery: {NOW:%Y-%m-%d}" in page


def test_the_ledger_shows_what_would_be_sent(cast: Cast, dora: Client) -> None:
    connection = connected(is_live=False)
    flag = overdue(cast)
    Attempt.objects.create(
        connection=connection,
        flag=flag,
        at=NOW,
        what="create",
        outcome="simulated",
        detail="POST https://api.github.example/repos/acme/shop/issues",
        request={
            "method": "POST",
            "url": "https://api.github.example/repos/acme/shop/issues",
            "payload": {"title": PAYLOAD, "labels": ["best-before"]},
        },
    )

    page = html(dora, page_of(connection))

    assert "simulated" in page
    assert "POST https://api.github.example/repos/acme/shop/issues" in page
    assert "&quot;labels&quot;: [" in page
    assert reverse("admin:reviews_flag_change", args=[flag.pk]) in page
    assert PAYLOAD not in page


def test_the_ledger_goes_on_over_pages(dora: Client) -> None:
    connection = connected()
    Attempt.objects.bulk_create(
        Attempt(
            connection=connection,
            at=NOW,
            what="read",
            outcome="done",
            detail=f"n{n:02}",
        )
        for n in range(25)
    )

    first = html(dora, page_of(connection))
    older = re.search(r'href="(\?before=\d+)#ledger">Older', first)
    assert older
    second = html(dora, page_of(connection) + older[1])

    assert ("n24" in first, "n05" in first, "n04" in first) == (True, True, False)
    assert ("n05" in second, "n04" in second, "n00" in second) == (False, True, True)
    assert "Older" not in second


@pytest.mark.parametrize("before", ["abc", "-1", "9" * 40, ""])
def test_an_odd_place_in_the_ledger_is_its_beginning(dora: Client, before: str) -> None:
    connection = connected()

    assert dora.get(f"{page_of(connection)}?before={before}").status_code == 200


def test_the_list_tells_how_they_stand_in_as_many_queries_as_one(
    cast: Cast, dora: Client
) -> None:
    shop = connected()
    ticketed(overdue(cast, "A"), shop)
    refused(overdue(cast, "B"), shop)
    with CaptureQueriesContext(database) as few:
        page = html(dora, LIST)
    for number in range(5):
        connected(f"shop-{number}", is_live=False)

    with CaptureQueriesContext(database) as many:
        longer = html(dora, LIST)

    assert "1 open, 0 waiting, 1 refused" in page
    assert "simulates" in longer
    assert len(few) == len(many) <= 12


# --- Deleting ---


def test_one_without_tickets_is_deleted(dora: Client) -> None:
    connection = connected()

    dora.post(button(connection, "delete"), {"post": "yes"})

    assert not Connection.objects.exists()


def test_one_with_tickets_is_not(cast: Cast, dora: Client) -> None:
    connection = ticketed(overdue(cast), connected()).connection

    answer = dora.post(button(connection, "delete"), {"post": "yes"}, follow=True)

    assert Connection.objects.exists()
    assert Flag.objects.exists()
    assert answer.status_code == 200


def test_its_history_says_what_was_done(dora: Client) -> None:
    connection = made(dora)
    dora.post(step(connection, "live"))

    history = html(
        dora, reverse("admin:reviews_connection_history", args=[connection.pk])
    )

    assert "connection added" in history
    assert "connection goes live" in history


# --- A flag's page ---


def test_a_flag_shows_its_ticket(cast: Cast, dora: Client) -> None:
    flag = overdue(cast)
    address = reverse("admin:reviews_flag_change", args=[flag.pk])
    ticket = ticketed(flag, connected(name=PAYLOAD), problem=PAYLOAD, conflict=PAYLOAD)

    page = html(dora, address)

    assert f'<a href="{ticket.url}" rel="noopener noreferrer">{ticket.key}</a>' in page
    assert "open, In progress, octocat has it" in page
    assert PAYLOAD not in page


def test_a_flag_shows_a_ticket_that_was_refused(cast: Cast, dora: Client) -> None:
    ticket = refused(overdue(cast), connected())

    page = html(dora, reverse("admin:reviews_flag_change", args=[ticket.flag_id]))

    assert "refused by The shop" in page
    assert "422: no such label." in page
