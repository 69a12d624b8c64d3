"""What the tests of tickets share."""

from collections.abc import Iterator

import pytest

from tests.conftest import Cast
from tests.services.tickets.desk import Desk, desk_of


@pytest.fixture
def desk(cast: Cast) -> Iterator[Desk]:
    """A worker's desk: a live connection to a fake GitHub, and a clock."""
    with desk_of(cast) as desk:
        yield desk
