"""
A real HTTP server for the tests of connectors: it answers as scripted and takes note.

Every answer is a function that writes to the connection, so that a fault (a body that
breaks off, that drips, that never ends) is scripted like any other. What a source says
in them is for the connectors' own tests to write.
"""

import contextlib
import gzip
import json
import ssl
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from reviews.ports.outside import OutsideError

HTML = b"<!doctype html><html><title>Sign in</title><p>Please sign in.</html>"

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived. The names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Connection(BaseHTTPRequestHandler):
    """One connection, on which one request is answered."""

    server: "_HTTPServer"
    # Nobody may keep the server from stopping by saying nothing.
    timeout = 5

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(
            method=self.command,
            path=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
        )
        self.close_connection = True
        try:
            self.server.owner.reply_to(asked)(self)
        except OSError:
            pass  # The other side has hung up, as it should on most faults.

    # The names are the ones that http.server looks for.
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the status line and the headers, and close the connection afterwards."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()

    def send(self, body: bytes) -> None:
        self.wfile.write(body)
        self.wfile.flush()

    def pause(self, seconds: float) -> bool:
        """Return whether to go on after so long: not once the server is to stop."""
        return not self.server.owner.stopping.wait(seconds)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: what arrived is in `Server.asked`."""


Reply = Callable[[Connection], None]


class _HTTPServer(ThreadingHTTPServer):
    # Threads are waited for, so that no connection outlives its test.
    daemon_threads = False
    owner: "Server"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up in the middle is what is tested."""


@dataclass
class Server:
    """
    A running server.

    `asked` is everything that arrived, in order. A path that nobody scripted is
    answered with 404 and a page.
    """

    host: str
    port: int
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    _script: dict[str, deque[Reply]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        """Return the address without a final slash, such as http://127.0.0.1:4711."""
        return f"{self.scheme}://{self.host}:{self.port}"

    def url(self, path: str) -> str:
        return self.address + path

    def named(self, name: str, path: str) -> str:
        """Return the address of a path under a host's name that leads here."""
        return f"{self.scheme}://{name}:{self.port}{path}"

    def script(self, path: str, *replies: Reply) -> None:
        """
        Answer a path with these in turn, and for ever with the last.

        The path is as it comes over the wire, percent-encoded. With a query it is for
        that query alone; without one, for every query that has no script of its own.
        """
        with self._lock:
            self._script[path] = deque(replies)

    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order."""
        return [asked.path for asked in self.asked]

    def reply_to(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            replies = self._script.get(asked.path)
            if replies is None:
                replies = self._script.get(asked.path.partition("?")[0])
            if not replies:
                return page(404)
            return replies.popleft() if len(replies) > 1 else replies[0]


@contextlib.contextmanager
def serving(
    host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """Run a server on a free port for as long as the block lasts."""
    with _HTTPServer((host, 0), Connection) as httpd:
        if tls is not None:
            # The handshake is left to the connection's own thread.
            httpd.socket = tls.wrap_socket(
                httpd.socket, server_side=True, do_handshake_on_connect=False
            )
        server = Server(host, httpd.server_port, "https" if tls else "http")
        httpd.owner = server
        thread = threading.Thread(target=httpd.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            httpd.shutdown()
            thread.join()


# What a server may say.


def answer(
    body: bytes = b"",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    content_type: str = "application/json",
) -> Reply:
    """
    Answer with this body.

    If the headers have an ETag or a Last-Modified and the request names the same one,
    the answer is 304 and has no body.
    """
    more = dict(headers or {})

    def reply(to: Connection) -> None:
        asked_for = to.headers
        etag = more.get("ETag")
        changed = more.get("Last-Modified")
        if (etag and asked_for.get("If-None-Match") == etag) or (
            changed and asked_for.get("If-Modified-Since") == changed
        ):
            to.head(304, more)
            return
        sent = {"Content-Type": content_type, "Content-Length": str(len(body))} | more
        to.head(status, sent)
        to.send(body)

    return reply


def json_answer(
    said: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Reply:
    return answer(json.dumps(said).encode(), status, headers)


def page(status: int = 200) -> Reply:
    """Answer with HTML, as a sign-in page or a proxy does, whatever was asked for."""
    return answer(HTML, status, content_type="text/html")


def redirect(
    to_url: str, status: int = 302, headers: Mapping[str, str] | None = None
) -> Reply:
    return answer(b"", status, {"Location": to_url, **(headers or {})})


def too_many(retry_after: str = "", status: int = 429, **headers: str) -> Reply:
    """Answer that it is too much; `retry_after` is seconds or an HTTP date."""
    asked = {"Retry-After": retry_after} if retry_after else {}
    return answer(b"{}", status, asked | headers)


def packed(body: bytes, encoding: str = "gzip") -> Reply:
    """Answer with a body that says it is packed so; gzip and deflate really are."""
    if encoding == "gzip":
        body = gzip.compress(body)
    elif encoding == "deflate":
        body = zlib.compress(body)
    return answer(body, headers={"Content-Encoding": encoding})


def gzip_bomb(megabytes: int = 300, encoding: str = "gzip") -> bytes:
    """Return so many megabytes of zeros, packed about a thousandfold."""
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(MEGABYTE)
    parts = [packer.compress(zeros) for _ in range(megabytes)]
    return b"".join([*parts, packer.flush()])


def bomb(megabytes: int = 300, status: int = 200, **headers: str) -> Reply:
    body = gzip_bomb(megabytes)
    return answer(body, status, {"Content-Encoding": "gzip"} | headers)


# Faults.


def truncated(body: bytes, missing: int = 100) -> Reply:
    """Promise so many bytes more than are sent, then hang up."""
    return answer(body, headers={"Content-Length": str(len(body) + missing)})


def hang_up() -> Reply:
    """Close the connection without a word."""

    def reply(to: Connection) -> None:
        to.close_connection = True

    return reply


def silence(seconds: float = 30) -> Reply:
    """Say nothing and keep the connection open."""

    def reply(to: Connection) -> None:
        to.pause(seconds)

    return reply


def garbage(sent: bytes) -> Reply:
    """Send these very bytes, which need not be HTTP."""

    def reply(to: Connection) -> None:
        to.send(sent)

    return reply


def kept_open(sent: bytes, closed: threading.Event) -> Reply:
    """Send these bytes and keep the connection until the other side closes it."""

    def reply(to: Connection) -> None:
        to.send(sent)
        if to.rfile.read(1) == b"":
            closed.set()

    return reply


def dripping_body(body: bytes, seconds: float = 0.2) -> Reply:
    """Send the body byte by byte with a pause before each."""

    def reply(to: Connection) -> None:
        to.head(200, {"Content-Length": str(len(body))})
        for index in range(len(body)):
            if not to.pause(seconds):
                return
            to.send(body[index : index + 1])

    return reply


def dripping_head(seconds: float = 0.2, size: int = 1000) -> Reply:
    """Send the headers byte by byte with a pause before each."""

    def reply(to: Connection) -> None:
        to.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(size):
            if not to.pause(seconds):
                return
            to.send(b"a")

    return reply


def endless_body(piece: bytes = b"[" * 65_536, *, chunked: bool = False) -> Reply:
    """Send the same piece again and again until the other side hangs up."""

    def reply(to: Connection) -> None:
        to.head(200, {"Transfer-Encoding": "chunked"} if chunked else {})
        framed = b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece
        while not to.server.owner.stopping.is_set():
            to.send(framed)

    # Chunks are of HTTP 1.1; a client takes an answer in 1.0 at its word and reads on.
    def as_http_1_1(to: Connection) -> None:
        to.protocol_version = "HTTP/1.1"
        reply(to)

    return as_http_1_1


def many_headers(count: int = 101, value: str = "x") -> Reply:
    return answer(b"{}", headers={f"X-More-{index}": value for index in range(count)})


class MemoryBudget:
    """
    A budget that lets everything through and takes note.

    `taken` is every request by host and port, in order; `held` is how long which host
    was to be left alone. A host in `closed` is refused.
    """

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.held: dict[str, timedelta] = {}
        self.closed: set[str] = set()
        self._lock = threading.Lock()

    def take(self, host: str) -> None:
        with self._lock:
            self.taken.append(host)
            if host in self.closed:
                raise OutsideError(f"{host} wants to be left alone.")

    def hold(self, host: str, wait: timedelta) -> None:
        with self._lock:
            self.held[host] = wait
