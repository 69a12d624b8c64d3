"""What a refusal or a limit means for a whole connection, over real sockets."""

import socket

import pytest

from reviews.models import (
    Attempt,
    Connection,
    Message,
    Subscription,
    Ticket,
)
from reviews.rules.outgoing import SendState
from reviews.rules.telling import Channel
from reviews.services.tickets.problems import try_connection_again
from tests.conftest import NOW, TODAY, Cast
from tests.services.covering import overdue
from tests.services.tickets.desk import Desk, states
from tests.trackers.serving import Fault

pytestmark = pytest.mark.django_db

OF_THE_CONNECTION = [Fault.UNAUTHORIZED, Fault.FORBIDDEN, Fault.NOT_FOUND]


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "a date"])
def test_a_limit_is_kept_to_by_the_whole_connection(
    cast: Cast, desk: Desk, as_date: bool
) -> None:
    for name in ("Django", "Flask", "Celery"):
        desk.intend(overdue(cast, name))
    desk.tracker.faults.append(Fault.LIMITED)
    desk.tracker.retry_after, desk.tracker.retry_after_as_date = 7, as_date

    first = desk.send()
    inside = desk.send_later(6)
    after = desk.send_later(3)

    assert (first.put_off, first.rests) == (1, True)
    assert (inside.made, inside.rests) == (0, True)
    assert (after.made, after.rests) == (3, False)
    assert desk.tracker.requests_inside_a_hold == []
    assert len(desk.tracker.creating_posts) == 4


@pytest.mark.parametrize("fault", OF_THE_CONNECTION)
def test_what_every_ticket_would_be_refused_stops_the_connection(
    cast: Cast, desk: Desk, fault: Fault
) -> None:
    tickets = [desk.intend(overdue(cast, name)) for name in ("Django", "Flask")]
    desk.tracker.fault_for = lambda *_: fault

    sent = desk.send()
    later = desk.send_later(86_400)

    first, second = (Ticket.objects.get(pk=ticket.pk) for ticket in tickets)
    desk.connection.refresh_from_db()
    assert (sent.refused, later.refused) == (1, 0)
    assert len(desk.tracker.creating_posts) == 1
    assert first.refused_at == NOW
    assert fault.value in first.problem
    assert (second.state, second.refused_at) == (SendState.READY, None)
    assert desk.connection.problem_at == NOW
    assert fault.value in desk.connection.problem


def test_what_one_ticket_is_refused_stops_that_one_alone(
    cast: Cast, desk: Desk
) -> None:
    refused = desk.intend(overdue(cast, "Django"))
    desk.intend(overdue(cast, "Flask"))
    desk.tracker.faults.append(Fault.UNPROCESSABLE)

    sent = desk.send()

    refused.refresh_from_db()
    desk.connection.refresh_from_db()
    assert (sent.refused, sent.made) == (1, 1)
    assert "title: missing_field" in refused.problem
    assert desk.connection.problem_at is None


def test_one_click_lets_a_stopped_connection_go_on(cast: Cast, desk: Desk) -> None:
    for name in ("Django", "Flask"):
        desk.intend(overdue(cast, name))
    desk.tracker.faults.append(Fault.UNAUTHORIZED)
    desk.send()

    again = try_connection_again(
        connection_id=desk.connection.pk,
        actor=cast.actor(cast.dora),
        now=desk.clock(),
    )
    sent = desk.send()

    assert (again, sent.made) == (1, 2)
    assert states() == [SendState.DONE, SendState.DONE]


def test_the_owner_of_a_stopped_connection_is_told_once_a_day(
    cast: Cast, desk: Desk
) -> None:
    Subscription.objects.create(
        user=cast.dora,
        channel=Channel.EMAIL.value,
        created_at=NOW,
    )
    desk.intend(overdue(cast))
    desk.tracker.fault_for = lambda *_: Fault.UNAUTHORIZED

    for _ in range(3):
        desk.send()
        try_connection_again(
            connection_id=desk.connection.pk,
            actor=cast.actor(cast.dora),
            now=desk.clock(),
        )

    (message,) = Message.objects.all()
    assert message.key == f"trouble:connection:{desk.connection.pk}:{TODAY}"
    assert "401" in message.text
    assert desk.tracker.token not in message.text


def test_a_trouble_that_may_pass_is_shown_until_it_has(cast: Cast, desk: Desk) -> None:
    desk.intend(overdue(cast))
    desk.tracker.faults.append(Fault.ERROR_BEFORE)
    desk.send()
    desk.connection.refresh_from_db()
    shown = desk.connection.problem

    desk.send_later(61)

    desk.connection.refresh_from_db()
    assert "500" in shown
    assert (desk.connection.problem, desk.connection.problem_at) == ("", None)


def test_a_host_that_is_down_for_a_day_costs_no_ticket_and_a_request_a_minute(
    cast: Cast, desk: Desk
) -> None:
    tickets = [desk.intend(overdue(cast, name)) for name in ("Django", "Flask")]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        desk.address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    for _ in range(10):
        desk.send_later(60)
    tried = Attempt.objects.count()
    desk.connection.refresh_from_db()
    shown = desk.connection.problem

    desk.address = ""
    sent = desk.send_later(86_400)

    assert 2 <= tried <= 10
    assert "127.0.0.1" in shown
    assert sent.made == 2
    assert [desk.tracker.having(ticket.marker)[0].number for ticket in tickets] == [
        1,
        2,
    ]


@pytest.mark.parametrize("column", ["is_on", "is_live"])
def test_a_connection_that_is_switched_off_meanwhile_sends_no_more(
    cast: Cast, desk: Desk, column: str
) -> None:
    for name in ("Django", "Flask"):
        desk.intend(overdue(cast, name))
    desk.meanwhile = lambda _: Connection.objects.update(**{column: False})

    sent = desk.send()

    assert sent.made == 1
    assert states() == [SendState.DONE, SendState.READY]
