"""What the tests of tickets share."""

from collections.abc import Iterator

import pytest

from reviews.models import Connection, Ticket
from tests.conftest import NOW, Cast
from tests.services.covering import overdue
from tests.services.tickets.counter import Counter
from tests.services.tickets.desk import Desk, desk_of
from tests.ticketing import connected


@pytest.fixture
def desk(cast: Cast) -> Iterator[Desk]:
    """A worker's desk: a live connection to a fake GitHub, and a clock."""
    with desk_of(cast) as desk:
        yield desk


@pytest.fixture
def counter() -> Counter:
    """A ticket system without a socket."""
    return Counter()


@pytest.fixture
def connection(cast: Cast) -> Connection:
    """A connection that has just been polled."""
    return connected(owner=cast.alice, polled_at=NOW)


@pytest.fixture
def ticket(cast: Cast, connection: Connection, counter: Counter) -> Ticket:
    """The ticket of a flag, whose issue is there."""
    return counter.ticket(overdue(cast), connection)
