"""The worker's door to tickets: what is looked after, and what is left alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from reviews.models import Arrival, Attempt, Connection, Message, Ticket, TicketStep
from reviews.queries.ticket_duty import connections_with_work
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import POLL_EVERY, StepKind
from reviews.services.tickets.planning import new_marker
from reviews.tasks.outgoing.tickets import look_after_connection, look_after_tickets
from reviews.wiring import vault
from tests.conftest import NOW, TODAY, Cast
from tests.services.covering import overdue
from tests.services.tickets.desk import Desk
from tests.ticketing import connected, ticketed

pytestmark = pytest.mark.django_db


def with_work(now: datetime = NOW) -> list[int]:
    return connections_with_work(today=TODAY, now=now)


def ready(cast: Cast, connection: Connection) -> None:
    Ticket.objects.create(
        connection=connection,
        flag=overdue(cast),
        marker=new_marker(),
        next_at=NOW,
        created_at=NOW,
    )


def stepping(cast: Cast, connection: Connection) -> None:
    marker = new_marker()
    TicketStep.objects.create(
        ticket=ticketed(overdue(cast), connection),
        kind=StepKind.CLOSE.value,
        key=marker,
        marker=marker,
        next_at=NOW,
        created_at=NOW,
    )
    Connection.objects.update(polled_at=NOW)


def said_to_have_changed(cast: Cast, connection: Connection) -> None:
    ticketed(overdue(cast), connection, read_due_at=NOW)
    Connection.objects.update(polled_at=NOW)


def never_polled(cast: Cast, connection: Connection) -> None:
    ticketed(overdue(cast), connection)


def long_not_polled(cast: Cast, connection: Connection) -> None:
    ticketed(overdue(cast), connection)
    Connection.objects.update(polled_at=NOW - POLL_EVERY)


def delivered_to(cast: Cast, connection: Connection) -> None:
    Arrival.objects.create(
        connection=connection, delivery_id="1", digest="", body="{}", received_at=NOW
    )


WORK = [
    ready,
    stepping,
    said_to_have_changed,
    never_polled,
    long_not_polled,
    delivered_to,
]
Arranged = Callable[[Cast, Connection], None]


@pytest.mark.parametrize("arranged", WORK)
def test_a_connection_is_looked_after_when_something_is_due(
    cast: Cast, arranged: Arranged
) -> None:
    connection = connected()
    arranged(cast, connection)

    assert with_work() == [connection.pk]


@pytest.mark.parametrize("arranged", WORK)
@pytest.mark.parametrize(
    "columns",
    [
        {"is_on": False},
        {"problem_at": NOW},
        {"rests_until": NOW + timedelta(seconds=1)},
    ],
    ids=["switched off", "stopped", "resting"],
)
def test_it_is_left_alone_while_it_is_not_to_be_worked_for(
    cast: Cast, arranged: Arranged, columns: dict[str, object]
) -> None:
    connection = connected()
    arranged(cast, connection)
    Connection.objects.update(**columns)

    assert with_work() == []


def test_nothing_is_due_for_a_connection_that_was_just_polled(cast: Cast) -> None:
    ticketed(overdue(cast), connected(polled_at=NOW))

    assert with_work() == []


def test_one_that_simulates_is_looked_after_until_its_ledger_has_it_all(
    cast: Cast,
) -> None:
    connection = connected(is_live=False, sealed_token=vault().seal("the-token"))
    overdue(cast)
    before = with_work()

    with time_machine.travel(NOW, tick=False):
        look_after_connection(connection_id=connection.pk)

    assert before == [connection.pk]
    assert Attempt.objects.get().outcome == "simulated"
    assert with_work() == []


def test_a_connection_whose_token_cannot_be_opened_stops_and_says_so(
    cast: Cast,
) -> None:
    connection = connected(sealed_token="sealed with a key that is gone")

    look_after_connection(connection_id=connection.pk)

    connection.refresh_from_db()
    assert "SECRET_KEY" in connection.problem
    assert connection.problem_at is not None
    assert not Message.objects.exists()


def test_a_ticket_is_made_through_the_task(
    cast: Cast, desk: Desk, settings: Any
) -> None:
    settings.OUTBOUND_ALLOWED_HOSTS = [desk.tracker.origin.removeprefix("http://")]
    Connection.objects.update(sealed_token=vault().seal("the-token"))
    ticket = desk.intend(overdue(cast))

    with time_machine.travel(NOW, tick=False):
        look_after_connection(connection_id=desk.connection.pk)

    ticket.refresh_from_db()
    assert ticket.state == SendState.DONE
    assert desk.tracker.having(ticket.marker)


def test_a_private_host_that_nobody_allowed_is_not_asked(
    cast: Cast, desk: Desk
) -> None:
    Connection.objects.update(sealed_token=vault().seal("the-token"))
    desk.intend(overdue(cast))

    with time_machine.travel(NOW, tick=False):
        look_after_connection(connection_id=desk.connection.pk)

    desk.connection.refresh_from_db()
    assert "OUTBOUND_ALLOWED_HOSTS" in desk.connection.problem
    assert desk.connection.problem_at is not None
    assert desk.tracker.requests == []


@pytest.mark.parametrize("columns", [{"is_on": False}, {"problem_at": NOW}])
def test_a_task_that_comes_too_late_does_nothing(
    cast: Cast, desk: Desk, columns: dict[str, object]
) -> None:
    desk.intend(overdue(cast))
    Connection.objects.update(**columns)

    look_after_connection(connection_id=desk.connection.pk)

    assert desk.tracker.requests == []


def test_each_connection_with_work_is_a_task_of_its_own(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = [connected("one"), connected("two"), connected("three")]
    for number, connection in enumerate(connections[:2]):
        ticketed(overdue(cast, f"Package {number}"), connection)
    queued: list[int] = []
    monkeypatch.setattr(
        look_after_connection,
        "apply_async",
        lambda kwargs, expires: queued.append(kwargs["connection_id"]),
    )

    with time_machine.travel(NOW, tick=False):
        look_after_tickets()

    assert queued == [connection.pk for connection in connections[:2]]
