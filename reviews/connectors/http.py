"""
The one door through which this product asks others over HTTP.

It asks within limits of time, size and rate, dials only what it may, and turns every
failure into a `OutsideError`. What an answer means is for the connector that asked.
"""

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from random import SystemRandom
from urllib.parse import quote

import requests
from urllib3.exceptions import HTTPError

from reviews.connectors.addresses import AddressError, Destination, Network
from reviews.connectors.dialling import (
    PassingError,
    PinnedAdapter,
    Resolver,
    UnreachableError,
    checked_addresses,
    explained,
    system_resolver,
    trusting_context,
)
from reviews.connectors.headers import (
    check_head,
    check_headers,
    check_token,
    is_line,
    sendable,
)
from reviews.connectors.limits import wait_asked_for
from reviews.connectors.reading import (
    Meter,
    Response,
    TooLargeError,
    UnusableError,
    body,
)
from reviews.ports.outside import HostBudget, OutsideError, Validators

__all__ = ["HTTPClient", "Network", "Response", "TooLargeError", "segment"]

REDIRECTS = 3
"""How many times an answer may send its reader elsewhere."""

UNREACHABLE_HOLD = timedelta(minutes=1)
"""How long a host that cannot be reached is left alone."""

_MOVED = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({502, 504})
_FORBIDDEN = frozenset({401, 403})
# Refused before anything was done.
_NOT_DONE = frozenset({403, 429})

# Before a lost request is asked again, in seconds: short, and not all at once.
_PAUSE = (0.1, 0.5)

_NOTHING = Validators()

_FAILURES = (requests.RequestException, HTTPError, OSError)


@dataclass(frozen=True, slots=True)
class _Question:
    method: str
    headers: Mapping[str, str]
    token: str
    expect: frozenset[int]
    conditional: bool = False
    payload: bytes | None = None
    # Neither followed nor judged: the caller knows what each status means.
    as_it_comes: bool = False


class HTTPClient:
    """
    Asks other hosts. Safe to share between threads: each call has its own connection.

    `agent` says who asks and whom to write to. `deadline` is for a whole call, with
    look-up, redirects and body; a wait for the budget is not counted. `ceiling` is how
    many bytes of content are read. `resolve` looks names up.
    """

    def __init__(
        self,
        *,
        agent: str,
        network: Network,
        budget: HostBudget,
        deadline: timedelta = timedelta(seconds=20),
        ceiling: int = 5_000_000,
        resolve: Resolver = system_resolver,
    ) -> None:
        if not agent or not is_line(agent):
            raise ValueError("The agent must be one line of printable ASCII.")
        self._agent = agent
        self._network = network
        self._budget = budget
        self._deadline = deadline
        self._ceiling = ceiling
        self._resolve = resolve

    def get(
        self,
        url: str,
        *,
        accept: str = "application/json",
        known: Validators = _NOTHING,
        token: str = "",
        expect: frozenset[int] = frozenset({200, 304, 404}),
        ceiling: int | None = None,
    ) -> Response:
        """
        Return what an address has to say, after up to three redirects.

        With `known` the answer may be 304: what was known still holds. A lost
        connection, 502 and 504 are asked once more. `token` goes to this host alone.
        `ceiling` takes the place of the client's own.

        :raises TooLargeError: if there is more of it than is read.
        :raises OutsideError: for every other failure and every status not expected.
        """
        conditions = sendable(known)
        headers = {"Accept": accept}
        if conditions.etag:
            headers["If-None-Match"] = conditions.etag
        if conditions.last_modified:
            headers["If-Modified-Since"] = conditions.last_modified
        question = _Question(
            "GET", headers, token, expect, conditional=conditions != _NOTHING
        )
        meter = self._meter(ceiling)
        pause = SystemRandom().uniform(*_PAUSE)
        try:
            return self._follow(question, url, meter)
        except PassingError:
            if not meter.has(pause):
                raise
        time.sleep(pause)
        return self._follow(question, url, meter)

    def post(
        self,
        url: str,
        *,
        payload: object,
        token: str = "",
        expect: frozenset[int] = frozenset({200}),
    ) -> Response:
        """
        Return what an address answers to a payload, which is sent as JSON.

        It is asked once, and never sent elsewhere.

        :raises TooLargeError: if there is more of the answer than is read.
        :raises OutsideError: for every other failure and every status not expected.
        """
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        sent = json.dumps(payload, separators=(",", ":")).encode()
        question = _Question("POST", headers, token, expect, payload=sent)
        return self._follow(question, url, self._meter())

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        payload: bytes | None = None,
    ) -> Response:
        """
        Return what an address answers, whatever the status, for what changes something.

        It is asked once, and a redirect is an answer like any other: what stands in
        `headers` goes to this host alone. Where it wants to be left alone, that is
        kept to and raised.

        :raises TooLargeError: if there is more of the answer than is read.
        :raises OutsideError: for every other failure. It is `unknown` where the request
            went out, so that it may have been done.
        """
        check_headers(headers)
        question = _Question(
            method, headers, "", frozenset(), payload=payload, as_it_comes=True
        )
        meter = self._meter()
        try:
            return self._follow(question, url, meter)
        except OutsideError as error:
            not_done = error.status in _NOT_DONE
            error.unknown = meter.sent and method != "GET" and not not_done
            raise

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return trusting_context()

    def _meter(self, ceiling: int | None = None) -> Meter:
        seconds = self._deadline.total_seconds()
        return Meter(seconds=seconds, ceiling=ceiling or self._ceiling)

    def _follow(self, question: _Question, url: str, meter: Meter) -> Response:
        check_token(question.token)
        try:
            first = here = Destination.of(url)
        except AddressError as error:
            raise OutsideError(str(error), permanent=True) from error
        for _ in range(REDIRECTS + 1):
            try:
                answer = self._exchange(question, first, here, meter)
            except UnreachableError:
                # Whoever comes next need not wait for it as long.
                self._budget.hold(here.authority, UNREACHABLE_HOLD)
                raise
            if isinstance(answer, Response):
                return answer
            here = answer
        raise OutsideError(f"{first.name} redirects more than {REDIRECTS} times.")

    def _exchange(
        self, question: _Question, first: Destination, here: Destination, meter: Meter
    ) -> Response | Destination:
        """Return the answer of one address, or where it sends its reader."""
        try:
            addresses = checked_addresses(here, self._network, self._resolve, meter)
        except AddressError as error:
            # What a host redirects to may be another the next time.
            asked = here == first
            whom = (
                here.name if asked else f"{here.name}, to which {first.name} redirects,"
            )
            raise OutsideError(
                f"{whom} is not asked. {error}", permanent=asked
            ) from error
        with meter.stopped():
            self._budget.take(here.authority)
        meter.expect_head()
        context = self._context if here.scheme == "https" else None
        with _Session() as session:
            adapter = PinnedAdapter(here, addresses, meter, context)
            session.mount(f"{here.scheme}://", adapter)
            request = self._request(question, first, here)
            try:
                with session.send(request, stream=True, timeout=meter.left()) as answer:
                    return self._read(question, first, here, answer, meter)
            except _FAILURES as error:
                raise explained(error, here.name, meter) from error

    def _request(
        self, question: _Question, first: Destination, here: Destination
    ) -> requests.PreparedRequest:
        headers = {
            **question.headers,
            "User-Agent": self._agent,
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }
        if question.token and here.trusted_by(first):
            headers["Authorization"] = f"Bearer {question.token}"
        if question.payload is not None:
            headers["Content-Length"] = str(len(question.payload))
        request = requests.PreparedRequest()
        request.prepare_method(question.method)
        # Set as it was read, not prepared: no second parser has a say, and to the one of
        # requests %2E%2E is a step up.
        request.url = here.url
        request.prepare_headers(headers)
        request.body = question.payload
        return request

    def _read(
        self,
        question: _Question,
        first: Destination,
        here: Destination,
        answer: requests.Response,
        meter: Meter,
    ) -> Response | Destination:
        check_head(answer.headers, here)
        location = answer.headers.get("Location", "")
        followed = question.method == "GET" and not question.as_it_comes
        if followed and answer.status_code in _MOVED and location:
            # The body stays unread, however large it unpacks.
            try:
                return here.redirected(location)
            except AddressError as error:
                raise OutsideError(
                    f"{here.name} redirects to where it is not followed. {error}"
                ) from error
        self._check_status(question, here, answer)
        meter.expect_body()
        given = Validators(
            etag=answer.headers.get("ETag", ""),
            last_modified=answer.headers.get("Last-Modified", ""),
        )
        content = b""
        if answer.status_code not in (204, 304):
            content = body(
                lambda size: answer.raw.read1(size, decode_content=False),
                packed=answer.headers.get("Content-Encoding", ""),
                name=here.name,
                meter=meter,
            )
        return Response(
            url=here.url,
            status=answer.status_code,
            content=content,
            validators=sendable(given),
            redirected=here != first,
        )

    def _check_status(
        self, question: _Question, here: Destination, answer: requests.Response
    ) -> None:
        """:raises OutsideError: for a status that the caller does not expect."""
        status = answer.status_code
        wait = wait_asked_for(status, answer.headers)
        if wait is not None:
            self._budget.hold(here.authority, wait)
            raise OutsideError(
                f"{here.name} wants to be left alone for {wait.total_seconds():.0f} "
                f"seconds (status {status}).",
                retry_after=wait,
                status=status,
            )
        if question.as_it_comes:
            return
        if status == 304 and not question.conditional:
            raise UnusableError(here.name, "nothing changed, but nothing was known")
        if status in question.expect:
            return
        if status in _PASSING:
            raise PassingError(
                f"{here.name} answered with status {status}.", status=status
            )
        raise OutsideError(
            f"{here.name} answered with status {status}.",
            permanent=status in _FORBIDDEN,
            status=status,
        )


class _Session(requests.Session):
    """A session that takes nothing from the environment and follows nothing itself."""

    def __init__(self) -> None:
        super().__init__()
        # Neither a proxy from a variable nor a password from .netrc.
        self.trust_env = False

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None: otherwise the body of a redirect is read, even unfollowed."""


def segment(text: str) -> str:
    """
    Return a name as one segment of a path, with everything in it percent-encoded.

    So are the dots of a name that has nothing else, which would be a step up.

    :raises OutsideError: for an empty name, and for one that is no text.
    """
    if not text:
        raise OutsideError(
            "A source cannot be asked for an empty name.", permanent=True
        )
    try:
        encoded = quote(text, safe="")
    except UnicodeEncodeError as error:
        raise OutsideError("The name is not proper text.", permanent=True) from error
    return encoded if encoded.strip(".") else "%2E" * len(encoded)
