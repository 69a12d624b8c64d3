"""What the tests of connectors share: a server to ask, and a budget to ask it with."""

from collections.abc import Callable, Iterator
from ipaddress import ip_network

import pytest

from reviews.connectors.http import HTTPClient, Network
from tests.connectors.serving import MemoryBudget, Server, serving


@pytest.fixture
def registry() -> Iterator[Server]:
    """Return a server on 127.0.0.1 that answers as the test scripts it."""
    with serving() as server:
        yield server


@pytest.fixture
def budget() -> MemoryBudget:
    return MemoryBudget()


HERE = Network(allowed=(ip_network("127.0.0.0/8"),), ports=frozenset())

ClientFor = Callable[..., HTTPClient]


@pytest.fixture
def client_for(budget: MemoryBudget) -> ClientFor:
    """Return what makes a client that knows names: all of them are on 127.0.0.1."""

    def make(**given: object) -> HTTPClient:
        settings: dict[str, object] = {
            "agent": "best-before-tests (tests@example.com)",
            "network": HERE,
            "budget": budget,
            "resolve": lambda host, port: ("127.0.0.1",),
        }
        return HTTPClient(**(settings | given))  # type: ignore[arg-type]

    return make


@pytest.fixture
def http(budget: MemoryBudget) -> HTTPClient:
    """Return a client that may ask this machine, on any port."""
    return HTTPClient(
        agent="best-before-tests (tests@example.com)",
        network=HERE,
        budget=budget,
    )
