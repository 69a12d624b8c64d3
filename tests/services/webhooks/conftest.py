"""What the tests of webhooks share: a server to send to, and an endpoint there."""

from collections.abc import Iterator

import pytest

from tests.connectors.serving import Server, serving
from tests.services.webhooks.receiving import Receiver, one_more, receiver


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server on 127.0.0.1 that answers as the test scripts it."""
    with serving() as running:
        yield running


@pytest.fixture
def hook(server: Server) -> Receiver:
    """An endpoint that answers 200, and one message that waits for it."""
    made = receiver(server)
    one_more(made)
    return made
