"""Secrets that the environment gives: a page cannot clear them, and says so."""

from typing import Any

import pytest
from django.test import Client

from reviews.models import Connection
from reviews.ports.vault import SealedError
from reviews.wiring import token_of
from tests.admin.conftest import signed_in
from tests.admin.connecting import again, made, page_of
from tests.conftest import Cast

GIVEN = "from-the-environment-0815"


@pytest.fixture
def dora(cast: Cast) -> Client:
    return signed_in(cast.dora)


@pytest.mark.parametrize(
    "address", ["https://8.8.8.8", "http://1.1.1.1", "https://9.9.9.9/api/v3"]
)
def test_u26_a_given_token_is_named_when_the_host_becomes_another(
    dora: Client, settings: Any, address: str
) -> None:
    settings.TICKETS_SECRETS = {"SHOP_TOKEN": GIVEN}
    connection = made(dora)

    said = again(connection) | {"address": address}
    page = dora.post(page_of(connection), said, follow=True).content.decode()

    assert "the environment still gives TICKETS_SHOP_TOKEN" in page
    assert GIVEN not in page


def test_on_the_same_host_nothing_is_said_of_it(dora: Client, settings: Any) -> None:
    settings.TICKETS_SECRETS = {"SHOP_TOKEN": GIVEN}
    connection = made(dora)

    said = again(connection) | {"address": "https://1.1.1.1/api/v3"}
    page = dora.post(page_of(connection), said, follow=True).content.decode()

    assert "the environment still gives" not in page


@pytest.mark.parametrize(
    ("host", "is_sent"),
    [("api.github.com", True), ("elsewhere.example", False), ("", True)],
)
def test_a_token_of_the_environment_goes_to_the_host_that_it_is_for(
    cast: Cast, settings: Any, host: str, is_sent: bool
) -> None:
    settings.TICKETS_SECRETS = {"SHOP_TOKEN": GIVEN, "SHOP_HOST": host}
    connection = Connection(slug="shop", address="https://api.github.com")

    if is_sent:
        assert token_of(connection) == GIVEN
        return
    with pytest.raises(SealedError, match="elsewhere") as refused:
        token_of(connection)
    assert GIVEN not in str(refused.value)
