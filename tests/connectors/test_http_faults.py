"""Tests of answers that are none: how they are told, and when it is asked again."""

import threading
from datetime import timedelta

import pytest

from reviews.connectors.http import (
    HTTPClient,
)
from reviews.ports.outside import OutsideError, Validators
from tests.connectors.conftest import ClientFor
from tests.connectors.serving import (
    MemoryBudget,
    Reply,
    Server,
    answer,
    garbage,
    hang_up,
    json_answer,
    kept_open,
    many_headers,
    redirect,
    too_many,
    truncated,
)

TOKEN = "ghp_abcdefghijklmnop"


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, False), (401, True), (403, True), (410, False), (500, False), (204, False)],
)
def test_a_status_that_was_not_expected_is_a_failure(
    registry: Server, http: HTTPClient, status: int, permanent: bool
) -> None:
    registry.script("/a", answer(status=status))

    with pytest.raises(OutsideError, match=f"status {status}") as refused:
        http.get(registry.url("/a"), token=TOKEN)

    assert refused.value.permanent is permanent
    assert refused.value.retry_after is None
    assert TOKEN not in str(refused.value)
    assert len(registry.asked) == 1


def test_a_status_that_was_expected_is_an_answer(
    registry: Server, http: HTTPClient
) -> None:
    registry.script("/a", json_answer({"error": "no such model"}, 401))

    response = http.get(registry.url("/a"), expect=frozenset({200, 401}))

    assert response.status == 401
    assert response.json() == {"error": "no such model"}


@pytest.mark.parametrize(
    "passing",
    [
        pytest.param(hang_up(), id="closed without an answer"),
        pytest.param(truncated(b"{}"), id="a body that breaks off"),
        pytest.param(answer(status=502), id="502"),
        pytest.param(answer(status=504), id="504"),
    ],
)
def test_what_may_pass_is_asked_once_more(
    registry: Server, http: HTTPClient, budget: MemoryBudget, passing: Reply
) -> None:
    registry.script("/a", passing, json_answer({"name": "a"}))

    assert http.get(registry.url("/a")).json() == {"name": "a"}
    assert budget.taken == [f"127.0.0.1:{registry.port}"] * 2


@pytest.mark.parametrize(
    ("lasting", "why"),
    [
        pytest.param(hang_up(), "broke the connection off", id="closed"),
        pytest.param(truncated(b"{}"), "broke the connection off", id="breaks off"),
        pytest.param(answer(status=502), "status 502", id="502"),
    ],
)
def test_what_does_not_pass_is_not_asked_a_third_time(
    registry: Server, http: HTTPClient, lasting: Reply, why: str
) -> None:
    registry.script("/a", lasting)

    with pytest.raises(OutsideError, match=why) as refused:
        http.get(registry.url("/a"), token=TOKEN)

    assert not refused.value.permanent
    assert len(registry.asked) == 2


@pytest.mark.parametrize("reply", [hang_up(), answer(status=502)], ids=["lost", "502"])
def test_a_payload_is_sent_only_once(
    registry: Server, http: HTTPClient, reply: Reply
) -> None:
    registry.script("/query", reply)

    with pytest.raises(OutsideError):
        http.post(registry.url("/query"), payload={})

    assert len(registry.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(many_headers(101), id="101 headers"),
        pytest.param(many_headers(90, "x" * 1_000), id="90 kB of headers"),
        pytest.param(many_headers(1, "x" * 70_000), id="a header of 70 kB"),
        pytest.param(garbage(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), id="not HTTP"),
        pytest.param(
            garbage(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
            id="a chunk without a size",
        ),
        pytest.param(
            garbage(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc"),
            id="a chunk of negative size",
        ),
        pytest.param(
            garbage(b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nabcdef"),
            id="two lengths",
        ),
        pytest.param(garbage(b"HTTP/1.1 20x OK\r\n\r\n"), id="a status of letters"),
    ],
)
def test_what_is_not_proper_http_is_a_failure(
    registry: Server, http: HTTPClient, reply: Reply
) -> None:
    registry.script("/a", reply)

    with pytest.raises(OutsideError) as refused:
        http.get(registry.url("/a"), token=TOKEN)

    assert str(refused.value).startswith(f"127.0.0.1:{registry.port} ")
    assert TOKEN not in str(refused.value)
    assert not refused.value.permanent


# Rates.


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_wants_to_be_left_alone_is(
    registry: Server, http: HTTPClient, budget: MemoryBudget, status: int
) -> None:
    registry.script("/a", too_many("120", status))

    with pytest.raises(OutsideError, match="alone for 120 seconds") as refused:
        http.get(registry.url("/a"))

    wait = timedelta(seconds=120)
    assert refused.value.retry_after == wait
    assert not refused.value.permanent
    assert budget.held == {f"127.0.0.1:{registry.port}": wait}
    assert len(registry.asked) == 1


def test_a_host_that_has_used_up_its_budget_is_not_asked(
    registry: Server, http: HTTPClient, budget: MemoryBudget
) -> None:
    budget.closed.add(f"127.0.0.1:{registry.port}")

    with pytest.raises(OutsideError, match="left alone"):
        http.get(registry.url("/a"))

    assert registry.asked == []


def test_a_wait_holds_for_the_host_that_said_it(
    registry: Server, client_for: ClientFor, budget: MemoryBudget
) -> None:
    registry.script("/a", redirect(registry.named("mirror.example", "/b")))
    registry.script("/b", too_many("5"))

    with pytest.raises(OutsideError, match=r"^mirror\.example"):
        client_for().get(registry.named("registry.example", "/a"))

    assert list(budget.held) == [f"mirror.example:{registry.port}"]


def test_many_threads_may_share_one_client(registry: Server, http: HTTPClient) -> None:
    for index in range(8):
        registry.script(f"/{index}", json_answer(index))
    found: dict[int, object] = {}

    def ask(index: int) -> None:
        found[index] = http.get(registry.url(f"/{index}")).json()

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {index: index for index in range(8)}


@pytest.mark.parametrize(
    ("said", "status"),
    [
        pytest.param(b"200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, id="an answer"),
        pytest.param(b"304 Not Modified\r\n\r\n", 304, id="no body"),
        pytest.param(b"500 Oh\r\nContent-Length: 9\r\n\r\n{}", 500, id="a failure"),
        pytest.param(b"302 No\r\nLocation: ftp://a/\r\n\r\n", 302, id="a redirect"),
    ],
)
def test_a_connection_is_closed_even_if_the_server_would_keep_it(
    registry: Server, http: HTTPClient, said: bytes, status: int
) -> None:
    closed = threading.Event()
    registry.script("/a", kept_open(b"HTTP/1.1 " + said, closed))

    try:
        answered = http.get(registry.url("/a"), known=Validators(etag='"1"'))
    except OutsideError:
        assert status in {302, 500}
    else:
        assert answered.status == status

    assert closed.wait(2)
