"""Tests of requests that change something: what is known of them when they fail."""

import socket
from datetime import timedelta
from ipaddress import ip_network

import pytest

from reviews.connectors.http import HTTPClient, Network
from reviews.ports.outside import OutsideError
from tests.connectors.conftest import ClientFor
from tests.connectors.serving import (
    MemoryBudget,
    Reply,
    Server,
    answer,
    hang_up,
    json_answer,
    redirect,
    truncated,
)

KEY = {"X-Key": "a secret"}


@pytest.mark.parametrize("status", [200, 201, 204, 400, 401, 403, 404, 409, 422, 500])
def test_every_status_is_an_answer(
    registry: Server, http: HTTPClient, status: int
) -> None:
    registry.script("/a", answer(b"" if status == 204 else b"{}", status=status))

    response = http.send("POST", registry.url("/a"), headers=KEY, payload=b"{}")

    assert response.status == status
    assert len(registry.asked) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_method_the_headers_and_the_payload_arrive(
    registry: Server, http: HTTPClient, method: str
) -> None:
    registry.script("/a", json_answer({}))

    http.send(method, registry.url("/a"), headers=KEY, payload=b'{"a":1}')

    asked = registry.asked[0]
    assert (asked.method, asked.json()) == (method, {"a": 1})
    assert asked.headers["x-key"] == "a secret"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_is_not_followed(
    registry: Server, http: HTTPClient, method: str
) -> None:
    registry.script("/a", redirect(registry.url("/b")))
    registry.script("/b", json_answer({}))

    response = http.send(method, registry.url("/a"), headers=KEY)

    assert response.status == 302
    assert len(registry.asked) == 1


@pytest.mark.parametrize(
    "reply", [hang_up(), truncated(b'{"id": 1}')], ids=["dropped", "truncated"]
)
def test_a_change_whose_answer_is_lost_may_have_been_made(
    registry: Server, http: HTTPClient, reply: Reply
) -> None:
    registry.script("/a", reply)

    with pytest.raises(OutsideError) as failed:
        http.send("POST", registry.url("/a"), headers=KEY, payload=b"{}")

    assert failed.value.unknown
    assert not failed.value.permanent
    assert len(registry.asked) == 1


def test_a_question_whose_answer_is_lost_has_changed_nothing(
    registry: Server, http: HTTPClient
) -> None:
    registry.script("/a", hang_up())

    with pytest.raises(OutsideError) as failed:
        http.send("GET", registry.url("/a"), headers=KEY)

    assert not failed.value.unknown


@pytest.mark.parametrize(
    ("status", "unknown"), [(429, False), (503, True)], ids=["429", "503"]
)
def test_a_host_that_wants_to_be_left_alone_is(
    registry: Server,
    http: HTTPClient,
    budget: MemoryBudget,
    status: int,
    unknown: bool,
) -> None:
    registry.script("/a", answer(status=status, headers={"Retry-After": "7"}))

    with pytest.raises(OutsideError) as failed:
        http.send("POST", registry.url("/a"), headers=KEY, payload=b"{}")

    assert failed.value.retry_after == timedelta(seconds=7)
    assert failed.value.unknown is unknown
    assert failed.value.status == status
    assert list(budget.held.values()) == [timedelta(seconds=7)]


def test_nothing_went_out_to_a_host_that_takes_no_connection(
    client_for: ClientFor,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/a"

        with pytest.raises(OutsideError, match="refused the connection") as failed:
            client_for().send("POST", url, headers=KEY, payload=b"{}")

    assert not failed.value.unknown


def test_nothing_goes_out_to_a_private_address(
    registry: Server, budget: MemoryBudget
) -> None:
    client = HTTPClient(
        agent="tests (tests@example.com)",
        network=Network(
            allowed=(ip_network("10.0.0.0/8"),),
            ports=frozenset(),
            remedy="Name it in THE_SETTING.",
        ),
        budget=budget,
    )

    with pytest.raises(OutsideError, match="THE_SETTING") as failed:
        client.send("POST", registry.url("/a"), headers=KEY, payload=b"{}")

    assert failed.value.permanent
    assert not failed.value.unknown
    assert not registry.asked


@pytest.mark.parametrize("value", ["two\r\nlines", "end ", "é"])
def test_a_header_that_cannot_be_sent_is_not_repeated(
    registry: Server, http: HTTPClient, value: str
) -> None:
    with pytest.raises(OutsideError, match="X-Key") as refused:
        http.send("POST", registry.url("/a"), headers={"X-Key": value})

    assert refused.value.permanent
    assert value not in str(refused.value)
    assert not registry.asked
