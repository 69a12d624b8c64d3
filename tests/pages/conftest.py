"""The pages' tests look at one moment."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from tests.conftest import NOW, Cast


@pytest.fixture(autouse=True)
def _the_clock_stands() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def alice(cast: Cast, client: Client) -> Client:
    """A browser in which the platform team's lead has signed in."""
    client.force_login(cast.alice)
    return client


@pytest.fixture
def charlie(cast: Cast) -> Client:
    """A browser in which somebody has signed in who only views."""
    client = Client()
    client.force_login(cast.charlie)
    return client
