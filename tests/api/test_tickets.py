"""Tickets over the API: listed, shown, asked for, tried again."""

from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from reviews.models import Flag, Ticket
from reviews.rules.access import Scope
from tests.api.conftest import FLAGS, HUGE, Caller, CallerOf, problem_of
from tests.conftest import NOW, Cast
from tests.services.covering import overdue
from tests.ticketing import asked_for, connected, refused, refused_step, ticketed

TICKETS = "/api/v1/tickets/"


@pytest.fixture
def flag(cast: Cast) -> Flag:
    """An open flag of a package of the platform team."""
    return overdue(cast)


def at(ticket: Ticket) -> str:
    return f"{TICKETS}{ticket.pk}/"


def keys(caller: Caller, query: str) -> list[str]:
    answer = caller.get(f"{TICKETS}?{query}")
    assert answer.status_code == 200, answer.content
    return [row["key"] for row in answer.json()["results"]]


# --- Reading ---


def test_a_ticket_tells_of_its_flag_and_of_the_other_side(
    cast: Cast, bob: Caller, flag: Flag
) -> None:
    ticket = ticketed(flag, connected())

    shown = bob.get(at(ticket)).json()

    instant = NOW.isoformat().replace("+00:00", "Z")
    assert shown == {
        "id": ticket.pk,
        "state": "done",
        "key": ticket.key,
        "url": ticket.url,
        "standing": "open",
        "status": "In progress",
        "assignee": "octocat",
        "refused": False,
        "problem": "",
        "conflict": "",
        "flag": flag.pk,
        "solution": "django",
        "solution_name": "Django",
        "team": "platform",
        "connection": "shop",
        "system": "github",
        "attempts": 1,
        "created_at": instant,
        "done_at": instant,
        "updated_at": instant,
        "read_at": instant,
    }


def test_a_flag_shows_its_ticket(cast: Cast, bob: Caller, flag: Flag) -> None:
    other = overdue(cast, "Celery")
    ticket = ticketed(flag, connected(), conflict="Due day: both sides changed it.")

    shown = bob.get(f"{FLAGS}{flag.pk}/").json()["ticket"]

    assert (shown["id"], shown["key"], shown["url"]) == (
        *(ticket.pk, ticket.key, ticket.url),
    )
    assert shown["conflict"] == "Due day: both sides changed it."
    rows = {row["id"]: row["ticket"] for row in bob.get(FLAGS).json()["results"]}
    assert rows == {flag.pk: shown, other.pk: None}


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//x.example", "http://["]
)
def test_an_address_that_is_none_is_not_shown(
    bob: Caller, flag: Flag, url: str
) -> None:
    ticket = ticketed(flag, connected(), url=url)

    assert bob.get(at(ticket)).json()["url"] == ""


def test_what_was_refused_says_why(cast: Cast, bob: Caller, flag: Flag) -> None:
    ticket = refused(flag, connected())
    commented = ticketed(overdue(cast, "Celery"), ticket.connection)
    refused_step(commented)

    assert bob.get(at(ticket)).json()["problem"] == "422: no such label."
    shown = bob.get(at(commented)).json()
    assert (shown["state"], shown["refused"]) == ("done", True)
    assert shown["problem"] == "403: locked."


def test_a_ticket_that_waits_for_its_connection_says_so(
    bob: Caller, flag: Flag
) -> None:
    ticket = asked_for(flag, connected(problem="The host is down."))

    shown = bob.get(at(ticket)).json()

    assert (shown["problem"], shown["refused"]) == ("The host is down.", False)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", ["D", "C", "B", "A"]),
        ("ordering=id", ["A", "B", "C", "D"]),
        ("state=done", ["C", "A"]),
        ("state=ready", ["D", "B"]),
        ("standing=closed", ["C"]),
        ("refused=true", ["C", "B"]),
        ("refused=false", ["D", "A"]),
        ("connection=data", ["C"]),
        ("connection=none-such", []),
        ("team=platform", ["D", "C", "B", "A"]),
        ("team=data", []),
        ("solution=b", ["B"]),
    ],
)
def test_lists_are_narrowed(
    cast: Cast, bob: Caller, query: str, wanted: list[str]
) -> None:
    shop, data = connected(), connected("data")
    ticketed(overdue(cast, "A"), shop, key="A")
    refused(overdue(cast, "B"), shop, key="B")
    refused_step(ticketed(overdue(cast, "C"), data, key="C", standing="closed"))
    asked_for(overdue(cast, "D"), shop, key="D")

    assert keys(bob, query) == wanted


def test_a_list_is_narrowed_to_a_flag(cast: Cast, bob: Caller, flag: Flag) -> None:
    ticketed(flag, connected(), key="A")

    assert keys(bob, f"flag={flag.pk}") == ["A"]
    assert keys(bob, f"flag={flag.pk + 1}") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=open", "status"),
        ("state=gone", "state"),
        ("standing=done", "standing"),
        ("refused=yes", "refused"),
        ("flag=one", "flag"),
        ("flag=-1", "flag"),
        (f"flag={HUGE}", "flag"),
        ("flag=9223372036854775808", "flag"),
        ("ordering=key", "ordering"),
        ("token=x", "token"),
        ("flag=1&flag=2", "flag"),
    ],
)
def test_an_odd_filter_is_refused_by_name(bob: Caller, query: str, field: str) -> None:
    problem_of(bob.get(f"{TICKETS}?{query}"), 400, field)


def test_a_page_takes_as_many_queries_for_many_as_for_one(
    cast: Cast, bob: Caller
) -> None:
    shop = connected()
    ticketed(overdue(cast, "First"), shop)
    with CaptureQueriesContext(database) as few:
        bob.get(TICKETS)
    for number in range(9):
        refused(overdue(cast, f"Part {number}"), shop)

    with CaptureQueriesContext(database) as many:
        rows = bob.get(TICKETS).json()["results"]

    assert len(rows) == 10
    assert len(few) == len(many)
    assert len([each for each in many if "reviews_ticket" in each["sql"]]) == 1


def test_pages_follow_each_other(cast: Cast, bob: Caller) -> None:
    shop = connected()
    for name in "ABC":
        ticketed(overdue(cast, name), shop, key=name)

    first = bob.get(f"{TICKETS}?page_size=2").json()
    second = bob.get(first["next"].removeprefix("http://testserver")).json()

    assert [row["key"] for row in first["results"] + second["results"]] == [*"CBA"]
    assert second["next"] is None


def test_there_is_no_such_ticket(bob: Caller) -> None:
    problem_of(bob.get(f"{TICKETS}999/"), 404)
    problem_of(bob.post(f"{TICKETS}999/retry/", {}), 404)


def test_nobody_reads_without_a_token(flag: Flag) -> None:
    ticket = ticketed(flag, connected())

    for path in (TICKETS, at(ticket)):
        problem_of(Caller(None).get(path), 401)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_nothing_edits_or_deletes_a_ticket(
    bob: Caller, flag: Flag, method: str
) -> None:
    ticket = ticketed(flag, connected())

    problem_of(bob(method, at(ticket), data=b"{}"), 405)


# --- Asking for one ---


def test_a_ticket_is_asked_for(cast: Cast, bob: Caller, flag: Flag) -> None:
    connected()

    answer = bob.post(TICKETS, {"flag": flag.pk})

    ticket = Ticket.objects.get(flag=flag)
    assert answer.status_code == 201
    assert answer["Location"] == at(ticket)
    assert (answer.json()["state"], answer.json()["connection"]) == ("ready", "shop")


def test_a_ticket_is_asked_for_where_somebody_wants_it(bob: Caller, flag: Flag) -> None:
    connected(position=1)
    connected("data", position=2)

    answer = bob.post(TICKETS, {"flag": flag.pk, "connection": "data"})

    assert answer.json()["connection"] == "data"


def test_the_same_key_asks_once(bob: Caller, flag: Flag) -> None:
    connected()
    sent = {"content": {"flag": flag.pk}, "headers": {"Idempotency-Key": "k"}}

    answers = [bob.post(TICKETS, **sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content


def test_a_flag_has_one_ticket(bob: Caller, flag: Flag) -> None:
    ticketed(flag, connected())

    problem_of(bob.post(TICKETS, {"flag": flag.pk}), 409)

    assert Ticket.objects.count() == 1


def test_a_closed_flag_gets_none(bob: Caller, flag: Flag) -> None:
    connected()
    Flag.objects.filter(pk=flag.pk).update(closed_at=NOW, closed_because="retired")

    problem_of(bob.post(TICKETS, {"flag": flag.pk}), 409)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({}, "flag"),
        ({"flag": "1"}, "flag"),
        ({"flag": 0}, "flag"),
        ({"flag": HUGE}, "flag"),
        ({"flag": 10**9}, "flag"),
        ({"flag": None}, "flag"),
        ({"connection": "nowhere"}, "connection"),
        ({"connection": 3}, "connection"),
        ({"connection": "simulating"}, "connection"),
        ({"state": "done"}, "state"),
    ],
)
def test_an_odd_request_asks_for_nothing(
    bob: Caller, flag: Flag, content: dict[str, Any], field: str
) -> None:
    connected("simulating", is_live=False)
    sent = content if not content or "flag" in content else {"flag": flag.pk} | content

    problem_of(bob.post(TICKETS, sent), 400, field)

    assert not Ticket.objects.exists()


def test_without_a_live_connection_there_is_none(bob: Caller, flag: Flag) -> None:
    connected(is_live=False)

    problem_of(bob.post(TICKETS, {"flag": flag.pk}), 400, "connection")


# --- Trying again ---


def test_what_was_refused_is_tried_again(bob: Caller, flag: Flag) -> None:
    ticket = refused(flag, connected())

    answer = bob(
        "POST", f"{at(ticket)}retry/", data=b"", content_type="application/json"
    )

    assert answer.status_code == 200
    assert (answer.json()["refused"], answer.json()["problem"]) == (False, "")
    ticket.refresh_from_db()
    assert ticket.refused_at is None


def test_where_nothing_was_refused_there_is_nothing_to_try(
    bob: Caller, flag: Flag
) -> None:
    ticket = ticketed(flag, connected())

    problem_of(bob.post(f"{at(ticket)}retry/", {}), 409)


def test_a_retry_takes_no_fields(bob: Caller, flag: Flag) -> None:
    ticket = refused(flag, connected())

    problem_of(bob.post(f"{at(ticket)}retry/", {"force": True}), 400, "force")


# --- Rights ---


@pytest.mark.parametrize(
    ("name", "status"),
    [("alice", 200), ("bob", 200), ("dora", 200)]
    + [(name, 403) for name in ("charlie", "eve", "frank")],
)
def test_engineers_and_leads_of_the_team_retry_and_ask(
    cast: Cast, caller: CallerOf, flag: Flag, name: str, status: int
) -> None:
    somebody = caller(getattr(cast, name))
    ticket = refused(flag, connected())
    other = overdue(cast, "Celery")

    assert somebody.get(at(ticket)).status_code == 200
    assert somebody.post(f"{at(ticket)}retry/", {}).status_code == status
    asked = somebody.post(TICKETS, {"flag": other.pk})
    assert asked.status_code == (201 if status == 200 else 403)


@pytest.mark.parametrize("scope", [each for each in Scope if each is not Scope.TICKETS])
def test_a_token_writes_tickets_only_with_their_scope(
    cast: Cast, caller: CallerOf, flag: Flag, scope: Scope
) -> None:
    ticket = refused(flag, connected())
    token = caller(cast.dora, scope)

    for path, content in ((f"{at(ticket)}retry/", {}), (TICKETS, {"flag": flag.pk})):
        detail = problem_of(token.post(path, content), 403)["detail"]
        assert "tickets:write" in detail


def test_a_token_with_the_scope_writes_tickets(
    cast: Cast, caller: CallerOf, flag: Flag
) -> None:
    ticket = refused(flag, connected())

    answer = caller(cast.bob, Scope.TICKETS).post(f"{at(ticket)}retry/", {})

    assert answer.status_code == 200
