"""Tests of what one call may cost: time, memory and bytes, whatever the server does."""

import socket
import subprocess
import sys
import threading
import time
import zlib
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from reviews.connectors.http import HTTPClient, Network, TooLargeError
from reviews.ports.outside import OutsideError
from tests.connectors.serving import (
    MEGABYTE,
    Connection,
    MemoryBudget,
    Reply,
    Server,
    answer,
    bomb,
    dripping_body,
    dripping_head,
    endless_body,
    garbage,
    gzip_bomb,
    json_answer,
    packed,
    redirect,
    silence,
    truncated,
)

ROOT = Path(__file__).parents[2]
HERE = Network(allowed=(ip_network("127.0.0.0/8"),), ports=frozenset())


def asking(budget: MemoryBudget, **given: object) -> HTTPClient:
    settings: dict[str, object] = {
        "agent": "best-before-tests (tests@example.com)",
        "network": HERE,
        "budget": budget,
        "deadline": timedelta(seconds=1),
    }
    return HTTPClient(**(settings | given))  # type: ignore[arg-type]


def endless_announcements(to: Connection) -> None:
    """Say again and again that the answer is about to come."""
    while to.pause(0.05):
        to.send(b"HTTP/1.1 100 Continue\r\n\r\n")


def dripping_chunks(to: Connection) -> None:
    """Send chunks of one byte, each in several pieces."""
    to.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while to.pause(0.05):
        for byte in (b"1", b"\r\n", b"x", b"\r\n"):
            to.send(byte)


def dripping_trailers(to: Connection) -> None:
    to.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    while to.pause(0.05):
        to.send(b"X-More: 1\r\n")


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(dripping_head(0.2), id="headers, a byte at a time"),
        pytest.param(dripping_body(b"x" * 1_000, 0.2), id="a body, byte by byte"),
        pytest.param(dripping_chunks, id="chunks, byte by byte"),
        pytest.param(dripping_trailers, id="headers after the body"),
        pytest.param(endless_announcements, id="announcements"),
        pytest.param(silence(), id="silence"),
    ],
)
def test_no_server_stretches_the_time_of_a_call(
    registry: Server, budget: MemoryBudget, reply: Reply
) -> None:
    registry.script("/a", reply)
    started = time.monotonic()

    with pytest.raises(
        OutsideError, match="did not answer within 1 seconds"
    ) as refused:
        asking(budget).get(registry.url("/a"))

    assert 0.9 < time.monotonic() - started < 2
    assert not refused.value.permanent
    assert len(registry.asked) == 1


def test_redirects_and_second_attempts_share_the_time_of_a_call(
    registry: Server, budget: MemoryBudget
) -> None:
    def slow(reply: Reply) -> Reply:
        def after_a_while(to: Connection) -> None:
            if to.pause(0.4):
                reply(to)

        return after_a_while

    for step in range(4):
        registry.script(f"/{step}", slow(redirect(f"/{step + 1}")))
    registry.script("/lost", slow(answer(status=502)))
    started = time.monotonic()

    with pytest.raises(OutsideError, match="within 1 seconds"):
        asking(budget).get(registry.url("/0"))
    with pytest.raises(OutsideError, match=r"within 1 seconds|status 502"):
        asking(budget).get(registry.url("/lost"))

    assert time.monotonic() - started < 3


def test_a_look_up_that_hangs_ends_with_the_call(budget: MemoryBudget) -> None:
    released = threading.Event()

    def hanging(host: str, port: int) -> tuple[str, ...]:
        released.wait(10)
        return ("127.0.0.1",)

    started = time.monotonic()
    with pytest.raises(OutsideError, match=r"^slow\.example did not answer within 1 "):
        asking(budget, resolve=hanging).get("https://slow.example/")

    assert time.monotonic() - started < 2
    released.set()


def test_a_wait_for_the_budget_is_not_held_against_the_host(registry: Server) -> None:
    class Slow(MemoryBudget):
        def take(self, host: str) -> None:
            time.sleep(1.2)

    registry.script("/a", json_answer({}))

    assert asking(Slow()).get(registry.url("/a")).status == 200


def test_a_server_that_never_reads_ends_with_the_call(budget: MemoryBudget) -> None:
    # More than the sockets between the two can hold.
    payload = "x" * (20 * MEGABYTE)
    started = time.monotonic()

    with socket.create_server(("127.0.0.1", 0)) as unread:
        url = f"http://127.0.0.1:{unread.getsockname()[1]}/"
        with pytest.raises(OutsideError, match="within 1 seconds"):
            asking(budget).post(url, payload=payload)

    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(endless_body(), id="endless"),
        pytest.param(endless_body(chunked=True), id="endless, in chunks"),
        pytest.param(endless_body(b"x", chunked=True), id="endless, in tiny chunks"),
        pytest.param(bomb(20), id="a bomb"),
        pytest.param(
            answer(gzip_bomb(20)[:-8], headers={"Content-Encoding": "gzip"}),
            id="a bomb without an end",
        ),
        pytest.param(
            answer(
                gzip_bomb(2) * 10,
                headers={"Content-Encoding": "gzip"},
            ),
            id="a bomb in ten parts",
        ),
        pytest.param(
            garbage(
                b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
                + bytes.fromhex("1f8b080000000000000303000000000000000000") * 150_000
            ),
            id="endless parts with nothing in them",
        ),
        pytest.param(
            garbage(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
                + b"X-More: 1\r\n" * 300_000
            ),
            id="endless headers after the body",
        ),
        pytest.param(
            garbage(b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000), id="announcements"
        ),
    ],
)
def test_no_more_is_read_than_the_ceiling(
    registry: Server, budget: MemoryBudget, reply: Reply
) -> None:
    registry.script("/a", reply)

    with pytest.raises(TooLargeError):
        asking(budget, ceiling=MEGABYTE, deadline=timedelta(seconds=20)).get(
            registry.url("/a")
        )

    assert len(registry.asked) == 1


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param(packed(b"{}", "br"), "packed as 'br'", id="br"),
        pytest.param(packed(b"{}", "zstd"), "packed as 'zstd'", id="zstd"),
        pytest.param(packed(b"{}", "gzip, gzip"), "gzip, gzip", id="twice"),
        pytest.param(packed(b"{}", "gzip,identity"), "gzip,identity", id="chained"),
        pytest.param(
            answer(b"{}", headers={"Content-Encoding": "gzip"}), "unpacked", id="not"
        ),
        pytest.param(
            answer(b"{", headers={"Content-Encoding": "gzip"}), "breaks off", id="1 B"
        ),
        pytest.param(
            answer(gzip_bomb(1)[:-9], headers={"Content-Encoding": "gzip"}),
            "breaks off",
            id="no end",
        ),
        pytest.param(
            answer(gzip_bomb(1) + b"{}", headers={"Content-Encoding": "gzip"}),
            "unpacked",
            id="something after the end",
        ),
        pytest.param(
            answer(gzip_bomb(1)[:-8] + b"\0" * 8, headers={"Content-Encoding": "gzip"}),
            "unpacked",
            id="a wrong checksum",
        ),
    ],
)
def test_what_is_packed_badly_is_an_unusable_answer(
    registry: Server, budget: MemoryBudget, reply: Reply, why: str
) -> None:
    registry.script("/a", reply)

    with pytest.raises(OutsideError, match=f"unusable answer: .*{why}"):
        asking(budget).get(registry.url("/a"))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(gzip_bomb(1) + b"\0" * 100, id="padded"),
        pytest.param(gzip_bomb(1), id="plain"),
    ],
)
def test_a_good_packed_answer_is_read_whole(
    registry: Server, budget: MemoryBudget, body: bytes
) -> None:
    registry.script("/a", answer(body, headers={"Content-Encoding": "gzip"}))

    assert asking(budget).get(registry.url("/a")).content == bytes(MEGABYTE)


def test_bare_deflate_is_unpacked_too(registry: Server, budget: MemoryBudget) -> None:
    bare = zlib.compressobj(wbits=-15)
    body = bare.compress(b'{"name": "a"}') + bare.flush()
    registry.script("/a", answer(body, headers={"Content-Encoding": "deflate"}))

    assert asking(budget).get(registry.url("/a")).json() == {"name": "a"}


_MEASURING = r"""
import re, sys
from ipaddress import ip_network
from reviews.connectors.http import HTTPClient, Network
from reviews.ports.outside import (OutsideError)
from tests.connectors.serving import MemoryBudget

def memory(field):
    with open("/proc/self/status") as status:
        return int(re.search(field + r":\s+([0-9]+) kB", status.read())[1]) * 1024

client = HTTPClient(
    agent="best-before-tests (tests@example.com)",
    network=Network(allowed=(ip_network("127.0.0.0/8"),), ports=frozenset()),
    budget=MemoryBudget(),
)
client.get(sys.argv[1] + "/small")
before = memory("VmRSS")
try:
    client.get(sys.argv[1] + sys.argv[2])
except OutsideError as error:
    print(memory("VmHWM") - before, type(error).__name__)
else:
    print(memory("VmHWM") - before, "answered")
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's own count")
@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        pytest.param(bomb(300), "TooLargeError", id="a bomb"),
        pytest.param(
            bomb(300, 302, Location="/small"), "answered", id="a bomb on a redirect"
        ),
        pytest.param(bomb(300, 500), "OutsideError", id="a bomb on a failure"),
        pytest.param(endless_body(), "TooLargeError", id="an endless body"),
        pytest.param(
            endless_body(b"x" * 50 * MEGABYTE, chunked=True),
            "TooLargeError",
            id="an endless chunk",
        ),
        pytest.param(
            garbage(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"
                + b"x" * 50 * MEGABYTE
            ),
            "TooLargeError",
            id="a chunk up to the end",
        ),
    ],
)
def test_memory_stays_within_a_few_ceilings(
    registry: Server, reply: Reply, outcome: str
) -> None:
    registry.script("/small", json_answer({}))
    registry.script("/a", reply)

    measured = subprocess.run(
        [sys.executable, "-c", _MEASURING, registry.address, "/a"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    grown, ended = measured.stdout.split()
    assert ended == outcome
    assert int(grown) <= 20 * MEGABYTE


def test_a_body_that_breaks_off_is_never_taken_for_whole(
    registry: Server, budget: MemoryBudget
) -> None:
    registry.script("/a", truncated(b"{}", missing=1))

    with pytest.raises(OutsideError, match="broke the connection off"):
        asking(budget).get(registry.url("/a"))
