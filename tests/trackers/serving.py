"""
A fake ticket system behind a real socket: faults, a lag, a pace, and webhooks.

What it answers is for the module of each system: `GitHubTracker`, `GitLabTracker`,
`JiraTracker`, `RedmineTracker`. A test uses one so:

    with GitHubTracker(lag=2) as tracker:
        tracker.faults.extend([Fault.TIMEOUT_AFTER, Fault.OK])
        ...
        assert len(tracker.having(marker)) == 1
"""

import math
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.trackers.exchanges import (
    REFUSED,
    STORING,
    Answer,
    Asked,
    Delivery,
    Fault,
    Kind,
)
from tests.trackers.issues import BOT, Change, Event, Issue, IssueStore, Note

__all__ = [
    "BOT",
    "Answer",
    "Asked",
    "Change",
    "Delivery",
    "Event",
    "Fault",
    "Issue",
    "Kind",
    "Note",
    "Tracker",
]

PAGE = b"<!doctype html><html><title>Sign in</title><p>Please sign in.</html>"


FaultFor = Callable[[str, str, bytes], Fault | None]


class Tracker(IssueStore):
    """
    What all fake ticket systems share. A module for a system says what is answered.

    Faults come from `fault_for` (method, path, body), if it is set, or else from the
    queue `faults`; only requests whose kind is in `faults_on` take one. `stores_on` has
    those with which the request is carried out all the same.

    `on_request` is called before anything is stored, `on_stored` right after an issue
    was stored and before anything is answered. `writes_per_window` writes may be made
    in `window_seconds`, the next is answered 429; a request that comes while it is to
    wait is in `requests_inside_a_hold`. `grace_seconds` is for those on their way.
    """

    faults_on: frozenset[Kind] = frozenset({Kind.CREATE})
    stores_on: frozenset[Fault] = STORING

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        lag: float = 0.0,
        token: str = "the-token",
        secret: str = "the-webhook-secret",
    ) -> None:
        super().__init__(clock=clock, lag=lag)
        self.token = token
        self.secret = secret
        self.faults: deque[Fault] = deque()
        self.fault_for: FaultFor | None = None
        self.retry_after: float = 1
        self.retry_after_as_date = False
        self.drip_seconds = 0.5
        self.writes_per_window: int | None = None
        self.window_seconds: float = 60
        self.grace_seconds: float = 0
        self.on_request: Callable[[Asked], None] | None = None
        self.on_stored: Callable[[Issue, Asked], None] | None = None
        self.requests: list[Asked] = []
        self.requests_inside_a_hold: list[Asked] = []
        self.failures: list[Exception] = []
        self.stopping = threading.Event()
        self._writes: deque[float] = deque()
        self._held: tuple[float, float] = (0.0, 0.0)
        self._httpd: _HTTPServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._httpd = _HTTPServer(("127.0.0.1", 0), _Connection)
        self._httpd.owner = self
        self._thread = threading.Thread(target=self._httpd.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        assert self._httpd is not None
        assert self._thread is not None
        self.stopping.set()
        self._httpd.shutdown()
        self._thread.join()
        self._httpd.server_close()
        if self.failures and error is None:
            raise self.failures[0]

    @property
    def origin(self) -> str:
        """Return where it listens, such as http://127.0.0.1:4711; port 0 if it does not."""
        port = 0 if self._httpd is None else self._httpd.server_port
        return f"http://127.0.0.1:{port}"

    @property
    def address(self) -> str:
        """Return what a connection has as its address."""
        return self.origin

    @property
    def creating_posts(self) -> list[Asked]:
        """Return the requests to make an issue, whatever became of them."""
        return [a for a in self.requests if self.kind_of(a) is Kind.CREATE]

    # For the module of each system.

    def kind_of(self, asked: Asked) -> Kind:
        raise NotImplementedError

    def route(self, asked: Asked) -> Answer:
        """Return the answer, and do what was asked; called with the lock held."""
        raise NotImplementedError

    def refusal(self, status: int) -> Any:
        """Return what the system says with a status that refuses."""
        raise NotImplementedError

    def delivery_of(self, change: Change) -> Delivery | None:
        """Return a change as the system's webhook tells it, signed; None if it is not."""
        raise NotImplementedError

    def deliveries(self, since: int = 0) -> list[Delivery]:
        """Return the webhooks of all changes, but for so many of the first."""
        with self.lock:
            told = [self.delivery_of(change) for change in self.changes[since:]]
            return [delivery for delivery in told if delivery is not None]

    # What happens to a request.

    def take_in(self, asked: Asked) -> tuple[Fault, Answer]:
        """Return what goes wrong with a request and what is answered to it."""
        with self.lock:
            self.requests.append(asked)
            since, until = self._held
            if since <= asked.at < until:
                self.requests_inside_a_hold.append(asked)
            kind = self.kind_of(asked)
            if kind is not Kind.READ and self._is_over_the_limit(asked.at):
                return Fault.LIMITED, self.refused(429)
            fault = self._fault(asked, kind)
            if fault is Fault.LIMITED:
                self._hold(self.retry_after)
        if self.on_request is not None:
            self.on_request(asked)
        if fault not in self.stores_on:
            return fault, self.refused(REFUSED.get(fault, 429))
        with self.lock:
            before = len(self.created)
            answer = self.route(asked)
            stored = self.created[before:]
        if self.on_stored is not None and answer.status < 300:
            for issue in stored:
                self.on_stored(issue, asked)
        return fault, answer

    def refused(self, status: int) -> Answer:
        """Return the answer of the system with a status that refuses."""
        headers: dict[str, str] = {}
        if status == 429:
            wait = max(self._held[1] - self.clock(), 0)
            # Rounded up: who comes back after it must not be early.
            seconds = math.ceil(wait)
            headers["Retry-After"] = str(seconds)
            if self.retry_after_as_date:
                # A second more: the header Date may be one later already.
                headers["Retry-After"] = formatdate(
                    self.clock() + seconds + 1, usegmt=True
                )
        return Answer(status, self.refusal(status), headers)

    def _fault(self, asked: Asked, kind: Kind) -> Fault:
        if kind not in self.faults_on:
            return Fault.OK
        if self.fault_for is not None:
            return self.fault_for(asked.method, asked.path, asked.body) or Fault.OK
        return self.faults.popleft() if self.faults else Fault.OK

    def _is_over_the_limit(self, at: float) -> bool:
        if self.writes_per_window is None:
            return False
        while self._writes and self._writes[0] <= at - self.window_seconds:
            self._writes.popleft()
        if len(self._writes) < self.writes_per_window:
            self._writes.append(at)
            return False
        oldest = self._writes[0] if self._writes else at
        self._hold(oldest + self.window_seconds - at)
        return True

    def _hold(self, seconds: float) -> None:
        now = self.clock()
        self._held = (now + self.grace_seconds, now + max(seconds, 0.0))


class _HTTPServer(ThreadingHTTPServer):
    # Threads are waited for, so that no connection outlives its test.
    daemon_threads = False
    request_queue_size = 128
    owner: Tracker

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up in the middle is what is tested."""


class _Connection(BaseHTTPRequestHandler):
    """One connection, on which one request is answered."""

    server: _HTTPServer
    # Nobody may keep the server from stopping by saying nothing.
    timeout = 5

    def _answer(self) -> None:
        tracker = self.server.owner
        self.close_connection = True
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            return  # Whoever asked died over it.
        asked = Asked(
            method=self.command,
            path=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            at=tracker.clock(),
        )
        try:
            fault, answer = tracker.take_in(asked)
        except Exception as error:  # noqa: BLE001
            # A fake that is wrong must not look like a system that is down.
            tracker.failures.append(error)
            fault, answer = Fault.ERROR_BEFORE, Answer(500, str(error))
        try:
            self._give(fault, answer)
        except OSError:
            pass  # The other side has hung up, as it should on most faults.

    # The names are the ones that http.server looks for.
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

    def _give(self, fault: Fault, answer: Answer) -> None:
        tracker = self.server.owner
        match fault:
            case Fault.DROPPED_BEFORE | Fault.DROPPED_AFTER:
                return
            case Fault.TIMEOUT_AFTER:
                self._keep_waiting()
            case Fault.HTML:
                self._head(200, len(PAGE), {"Content-Type": "text/html"})
                self.wfile.write(PAGE)
            case Fault.TRUNCATED:
                self._head(answer.status, len(answer.body), answer.headers)
                self.wfile.write(answer.body[: len(answer.body) // 2])
            case Fault.DRIPPING:
                self._head(answer.status, len(answer.body), answer.headers)
                self._drip(answer.body)
            case _:
                instead = {
                    Fault.ERROR_AFTER: tracker.refused(500),
                    Fault.REDIRECT: Answer(302, None, {"Location": "/elsewhere"}),
                    Fault.EMPTY: Answer(201),
                }
                self._send(instead.get(fault, answer))

    def _send(self, answer: Answer) -> None:
        self._head(answer.status, len(answer.body), answer.headers)
        self.wfile.write(answer.body)
        self.wfile.flush()

    def _head(self, status: int, length: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        sent = {"Content-Type": "application/json; charset=utf-8"} | dict(headers)
        for name, value in sent.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        self.end_headers()

    def _drip(self, body: bytes) -> None:
        for index in range(len(body)):
            if self.server.owner.stopping.wait(self.server.owner.drip_seconds):
                return
            self.wfile.write(body[index : index + 1])
            self.wfile.flush()

    def _keep_waiting(self) -> None:
        """Say nothing until the other side hangs up or the server stops."""
        while not self.server.owner.stopping.wait(0.02):
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the instant for the header Date: by the tracker's own clock."""
        at = self.server.owner.clock() if timestamp is None else timestamp
        return formatdate(at, usegmt=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: what arrived is in `Tracker.requests`."""
