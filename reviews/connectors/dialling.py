"""
Dialling: names looked up once, connections to checked addresses, and why they fail.

The only module that opens a connection outwards. What is asked, and what an answer is
worth, is the business of `http`.
"""

import http.client
import queue
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from reviews.connectors.addresses import Destination, Network
from reviews.connectors.reading import Meter
from reviews.ports.outside import OutsideError

Resolver = Callable[[str, int], tuple[str, ...]]
"""Turns a host and a port into IP addresses. :raises OSError: if it has none."""

# A name with more addresses than this is checked whole, but not dialled whole.
_TRIES = 4

_CHECK_SECONDS = 5.0

_LENGTH = re.compile(r"[0-9]{1,18}")

# A connection that ends in the middle of TLS is a dropped one like any other.
_DROPPED: tuple[type[BaseException], ...] = (
    ConnectionError,
    http.client.IncompleteRead,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
)

_REASONS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((TimeoutError,), "{name} did not answer within {seconds} seconds."),
    ((ConnectionRefusedError,), "{name} refused the connection."),
    (_DROPPED, "{name} broke the connection off."),
    ((ssl.SSLError,), "No secure connection to {name} could be made."),
    (
        (http.client.HTTPException, ValueError),
        "{name} gave an unusable answer: it is not proper HTTP.",
    ),
)

_NOT_THERE = ((TimeoutError,), (ConnectionRefusedError,))


class UnreachableError(OutsideError):
    """A host has no address, takes no connection, or says nothing for too long."""


class PassingError(OutsideError):
    """The connection was lost, or a gateway lost its own: at once it may work again."""


def system_resolver(host: str, port: int) -> tuple[str, ...]:
    """
    Return the addresses that the operating system knows for a host.

    :raises OSError: if there is none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def checked_addresses(
    destination: Destination, network: Network, resolve: Resolver, meter: Meter
) -> tuple[str, ...]:
    """
    Return the addresses of a host, every one of which may be dialled.

    One that may not be is enough to refuse them all: a name with a public and a private
    address is a trap, or a mistake.

    :raises AddressError: if the port or an address may not be dialled.
    :raises OutsideError: if the host has no address, or it takes too long to find.
    """
    network.check_port(destination.port, destination.authority)
    try:
        addresses = _in_time(resolve, destination, meter)
    except TimeoutError as error:
        raise explained(error, destination.name, meter) from error
    except (OSError, UnicodeError) as error:
        raise UnreachableError(
            f"The name {destination.name} cannot be resolved from here."
        ) from error
    for address in addresses:
        network.check_address(address, destination.authority)
    return addresses


def check_reachable(destination: Destination, network: Network) -> None:
    """
    Return if a destination may be dialled; a name that nobody knows yet may be.

    :raises AddressError: if its port or one of its addresses may not be.
    """
    meter = Meter(seconds=_CHECK_SECONDS, ceiling=0)
    try:
        checked_addresses(destination, network, system_resolver, meter)
    except OutsideError:
        # Whether it is there is seen when it is asked, and checked again then.
        return


def _in_time(
    resolve: Resolver, destination: Destination, meter: Meter
) -> tuple[str, ...]:
    """Look a name up on a thread of its own, for no look-up can be told to hurry."""
    found: queue.SimpleQueue[tuple[str, ...] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put(resolve(destination.host, destination.port))
        except (OSError, UnicodeError) as error:
            found.put(error)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = found.get(timeout=meter.left())
    except queue.Empty as error:
        raise TimeoutError("the look-up takes too long") from error
    if isinstance(answer, Exception):
        raise answer
    return answer


class _MeteredSocket(socket.socket):
    """A socket that asks before each read how much time is left for all of them."""

    meter: Meter

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        self.settimeout(self.meter.left())
        size = super().recv_into(buffer, nbytes, flags)
        self.meter.count(size)
        return size

    def sendall(self, data: Any, flags: int = 0) -> None:
        self.settimeout(self.meter.left())
        self.meter.sent = True
        super().sendall(data, flags)


class _MeteredTLSSocket(ssl.SSLSocket):
    """The same for TLS. The handshake has one timeout for the whole of it already."""

    meter: Meter

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        self.settimeout(self.meter.left())
        size = super().recv_into(buffer, nbytes, flags)
        self.meter.count(size)
        return size

    def send(self, data: Any, flags: int = 0) -> int:
        # Sending all of it is done in several of these.
        self.settimeout(self.meter.left())
        self.meter.sent = True
        return super().send(data, flags)


def trusting_context() -> ssl.SSLContext:
    """
    Return what certificates are checked with: the system's authorities and certifi's.

    A company's own authority is in the system's store; a slim container has no store but
    certifi's. SSL_CERT_FILE and SSL_CERT_DIR name another store, as OpenSSL has it.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.sslsocket_class = _MeteredTLSSocket
    return context


def _connected(addresses: tuple[str, ...], port: int, meter: Meter) -> socket.socket:
    """
    Return a connection to the first address that answers.

    :raises OSError: if none does.
    """
    dialled = addresses[:_TRIES]
    failure = OSError("no address to dial")
    for index, address in enumerate(dialled):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            sock = _MeteredSocket(family, socket.SOCK_STREAM)
        except OSError as error:
            failure = error  # This machine does not speak IPv6.
            continue
        sock.meter = meter
        try:
            # One address that swallows everything leaves time for the others.
            sock.settimeout(meter.left() / (len(dialled) - index))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect((address, port))
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure


class _Answer(http.client.HTTPResponse):
    """
    An answer of one length.

    Two lengths are a trick to make two readers see two answers. urllib3 refuses them as
    well, but only when it has lost hold of what has to be closed.
    """

    def begin(self) -> None:
        super().begin()
        lengths = set(self.headers.get_all("Content-Length", []))
        if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
            raise http.client.HTTPException("the length is not a number")


class _PinnedConnection(HTTPConnection):
    """A connection whose name is for the Host header alone: the addresses are given."""

    response_class = _Answer

    def __init__(
        self, *args: Any, addresses: tuple[str, ...], meter: Meter, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self._addresses = addresses
        self._meter = meter

    def _new_conn(self) -> socket.socket:
        return _connected(self._addresses, self.port, self._meter)


class _PinnedTLSConnection(_PinnedConnection, HTTPSConnection):
    """The same with TLS: the certificate is asked for, and checked, by the name."""

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, _MeteredTLSSocket):
            self.sock.meter = self._meter


class _PinnedPool(HTTPConnectionPool):
    ConnectionCls = _PinnedConnection


class _PinnedTLSPool(HTTPSConnectionPool):
    ConnectionCls = _PinnedTLSConnection


class PinnedAdapter(HTTPAdapter):
    """Sends every request to one destination, at addresses that were checked before."""

    def __init__(
        self,
        destination: Destination,
        addresses: tuple[str, ...],
        meter: Meter,
        context: ssl.SSLContext | None,
    ) -> None:
        super().__init__()
        self._target = destination.target
        pinned: dict[str, Any] = {"addresses": addresses, "meter": meter}
        host = f"[{destination.host}]" if ":" in destination.host else destination.host
        self._pool: HTTPConnectionPool
        if destination.scheme == "https":
            self._pool = _PinnedTLSPool(
                host, destination.port, ssl_context=context, **pinned
            )
        else:
            self._pool = _PinnedPool(host, destination.port, **pinned)

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: object,
        proxies: Mapping[str, str] | None = None,
        cert: object = None,
    ) -> HTTPConnectionPool:
        return self._pool

    def cert_verify(
        self, conn: object, url: object, verify: object, cert: object
    ) -> None:
        """Change nothing: the context alone decides whom to trust."""

    def request_url(self, request: object, proxies: object) -> str:
        """Return the target as it was read: no second parser rewrites it."""
        return self._target

    def close(self) -> None:
        super().close()
        self._pool.close()


def explained(error: Exception, name: str, meter: Meter) -> OutsideError:
    """
    Return why a host could not be asked, in words of this product.

    The text of the error itself is left out: it may repeat what was sent.
    """
    causes = tuple(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message
            return OutsideError(f"{name} has a certificate that is not trusted: {why}.")
    # In this order, for some of these are kinds of others.
    for kinds, reason in _REASONS:
        if any(isinstance(cause, kinds) for cause in causes):
            message = reason.format(name=name, seconds=f"{meter.seconds:g}")
            return _error_of(kinds)(message)
    return UnreachableError(f"{name} could not be reached.")


def _error_of(kinds: tuple[type[BaseException], ...]) -> type[OutsideError]:
    if kinds is _DROPPED:
        return PassingError
    return UnreachableError if kinds in _NOT_THERE else OutsideError


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Go through an error and all that it wraps, each once."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        reason = getattr(cause, "reason", None)
        waiting += [*cause.args, reason, cause.__cause__, cause.__context__]
