"""Reading that takes long, or fails for some tickets, comes to all of them in the end."""

from datetime import timedelta

import pytest

from reviews.models import Connection, Ticket
from reviews.ports.outside import OutsideError
from tests.conftest import NOW, Cast
from tests.faults.register import open_flags
from tests.services.tickets.counter import Counter
from tests.ticketing import connected

VISIT = timedelta(seconds=20)


class Paced(Counter):
    """A ticket system that is asked once a second, as GitHub's pace is."""

    def _ask(self, what: str, id: str) -> None:
        self.clock.advance(seconds=1)
        super()._ask(what, id)


def lasting(minutes: int, counter: Counter, connection: Connection) -> int:
    """Have tickets read once a minute; return how much was asked of the system."""
    before = len(counter.asked)
    for _ in range(minutes):
        counter.clock.advance(seconds=40)
        counter.reads(connection, until=counter.clock() + VISIT)
    return len(counter.asked) - before


@pytest.fixture
def connection(cast: Cast) -> Connection:
    """A connection that has just been polled."""
    return connected(owner=cast.alice, polled_at=NOW)


def test_of_more_changes_than_a_visit_has_time_for_none_is_left_out(
    connection: Connection,
) -> None:
    counter = Paced()
    for flag in open_flags(30, NOW):
        counter.ticket(flag, connection)
    counter.clock.advance(minutes=6)
    counter.store.close(1)
    for number in range(2, 31):
        counter.clock.advance(seconds=1)
        counter.store.edit(number, assignee="pat")

    lasting(6, counter, connection)

    assert Ticket.objects.filter(assignee="pat").count() == 29
    assert Ticket.objects.get(remote_id="1").standing == "closed"
    assert not Ticket.objects.filter(read_due_at__isnull=False).exists()


def test_what_was_heard_is_not_asked_for_again_and_again(
    connection: Connection,
) -> None:
    counter = Counter()
    for flag in open_flags(5, NOW):
        counter.ticket(flag, connection)
    counter.clock.advance(minutes=6)
    for number in range(1, 6):
        counter.store.edit(number, assignee="pat")
    lasting(30, counter, connection)
    counter.asked.clear()

    lasting(30, counter, connection)

    assert set(counter.asked) == {"changed"}
    assert len(counter.asked) <= 6


def test_a_comment_in_the_second_of_the_last_change_is_heard(
    connection: Connection,
) -> None:
    counter = Counter()
    (flag,) = open_flags(1, NOW)
    ticket = counter.ticket(flag, connection)
    counter.clock.advance(minutes=6)
    counter.store.edit(1, assignee="pat")
    counter.reads(connection)
    counter.store.comment(1, "pat", "/verdict adopt because it is in the same second")

    lasting(10, counter, connection)

    ticket.refresh_from_db()
    assert ticket.decided_comment


def test_many_tickets_that_cannot_be_read_do_not_keep_the_others_from_being_polled(
    connection: Connection,
) -> None:
    counter = Counter()
    tickets = [counter.ticket(flag, connection) for flag in open_flags(30, NOW)]
    for ticket in tickets[:25]:
        counter.failing_for[ticket.remote_id] = OutsideError(
            "Locked.", permanent=True, status=403
        )
    counter.clock.advance(days=2)
    lasting(10, counter, connection)
    counter.store.close(30)

    lasting(10, counter, connection)

    assert Ticket.objects.get(remote_id="30").standing == "closed"
    connection.refresh_from_db()
    assert connection.problem_at is None


def test_what_is_gone_is_looked_for_once_a_day_and_not_by_every_poll(
    connection: Connection,
) -> None:
    counter = Counter()
    (flag,) = open_flags(1, NOW)
    ticket = counter.ticket(flag, connection)
    counter.store.delete(1)
    counter.hints(connection, ticket)
    counter.reads(connection)
    counter.asked.clear()

    lasting(60, counter, connection)
    in_the_hour = list(counter.asked)
    counter.clock.advance(days=1)
    lasting(2, counter, connection)

    assert in_the_hour == []
    assert counter.asked == ["read"]
