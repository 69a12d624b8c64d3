"""
Bounded reading: how much time and how many bytes one call may cost, and unpacking.

Sockets ask the `Meter` before and after each read, so that neither a server that drips
nor one that never ends can pass it. What is read, and from whom, is decided in `http`;
what it hands on is a `Response`.
"""

import hashlib
import json
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from reviews.ports.outside import OutsideError, Validators

HEAD_LIMIT = 65_536
"""How many bytes the headers of an answer may have, all together."""

# Headers are read ahead of, and an answer may be announced by others (103, 100).
_HEAD_ALLOWANCE = 4 * HEAD_LIMIT

_PIECE = 65_536


class TooLargeError(OutsideError):
    """An answer is larger than what is read of one."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class UnusableError(OutsideError):
    """An answer came whole, but is not what was asked for."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} gave an unusable answer: {why}.")


@dataclass(frozen=True, slots=True)
class Response:
    """
    An answer, unpacked and whole.

    `url` is the address that gave it. A 204 and a 304 have no content.
    """

    url: str
    status: int
    content: bytes
    validators: Validators
    redirected: bool

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()

    def json(self) -> Any:
        """
        Return the content, read as JSON in UTF-8.

        :raises OutsideError: for HTML, for what breaks off, and for any other content.
        """
        try:
            return json.loads(self.content.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            page = self.content.lstrip()[:1] == b"<"
            why = "it is a page, not JSON" if page else "it is not JSON"
            raise UnusableError(self.url, why) from error


class Meter:
    """
    What one call may still cost.

    `ceiling` is how many bytes of a body are read, in the clear. On the wire it may be
    twice that, for the framing of chunks; more of it would be padding. `sent` says
    whether anything of a request has gone out.
    """

    def __init__(self, *, seconds: float, ceiling: int) -> None:
        self.seconds = seconds
        self.ceiling = ceiling
        self.sent = False
        self._ends = time.monotonic() + seconds
        self._bytes = 0

    def left(self) -> float:
        """
        Return how many seconds are left.

        :raises TimeoutError: if none are.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for this call is up")
        return left

    def has(self, seconds: float) -> bool:
        """Return whether more than these seconds are left."""
        return self._ends - time.monotonic() > seconds

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Leave out of account the time that the block takes."""
        since = time.monotonic()
        try:
            yield
        finally:
            self._ends += time.monotonic() - since

    def count(self, size: int) -> None:
        """
        Count bytes that came over the wire.

        :raises TooLargeError: if there are more than were to come.
        """
        self._bytes -= size
        if self._bytes < 0:
            raise TooLargeError("The answer is larger than what is read of one.")

    def expect_head(self) -> None:
        """Let the headers of the next answer come in, and no more."""
        self._bytes = _HEAD_ALLOWANCE

    def expect_body(self) -> None:
        """Let the body come in too, now that the headers were found good."""
        self._bytes += 2 * self.ceiling


class _Plain:
    """A body that is sent as it is."""

    def feed(self, piece: bytes, room: int) -> bytes:
        return piece

    def finish(self) -> None:
        """Pass: whether all of it came is known from its length."""


class _Packed:
    """
    A body in gzip or deflate, unpacked piece by piece.

    :raises zlib.error: from all its methods, if the body is damaged.
    """

    # Source: zlib's manual, inflateInit2: 31 is gzip, 15 is zlib and -15 bare deflate.
    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._start = b""
        self._unpacker = zlib.decompressobj(wbits=31)
        self._begun = False
        self._whole = False

    def feed(self, piece: bytes, room: int) -> bytes:
        """Return what a piece unpacks to, of that no more than fits and one byte."""
        if not self._begun:
            piece = self._start = self._start + piece
            if len(piece) < 2:
                return b""
            self._begin(piece)
        out = bytearray()
        while piece and len(out) <= room:
            if self._unpacker.eof:
                # RFC 1952, 2.2: a gzip file may be several, one after the other. Zeros
                # after the last are padding.
                piece = piece.lstrip(b"\0")
                if not piece or self._encoding == "deflate":
                    break
                self._unpacker = zlib.decompressobj(wbits=31)
            out += self._unpacker.decompress(piece, room + 1 - len(out))
            eof = self._unpacker.eof
            piece = (
                self._unpacker.unused_data if eof else self._unpacker.unconsumed_tail
            )
        self._whole = self._unpacker.eof
        return bytes(out)

    def finish(self) -> None:
        """:raises EOFError: if the end is missing."""
        if self._start and not self._whole:
            raise EOFError("the packed body has no end")

    def _begin(self, start: bytes) -> None:
        self._begun = True
        if self._encoding == "deflate":
            # RFC 9110, 8.4.1.2 means zlib's format; some servers leave its header off.
            headed = start[0] & 15 == 8 and int.from_bytes(start[:2], "big") % 31 == 0
            self._unpacker = zlib.decompressobj(wbits=15 if headed else -15)


def body(
    read: Callable[[int], bytes], *, packed: str, name: str, meter: Meter
) -> bytes:
    """
    Return a whole body in the clear, from something to read that ends with b"".

    `packed` is the header Content-Encoding. Only gzip and deflate are unpacked, once.

    :raises TooLargeError: as soon as it is larger than the ceiling.
    :raises UnusableError: if it is damaged, or packed in another way.
    """
    unpacker = _unpacker(packed, name)
    whole = bytearray()
    try:
        while piece := read(_PIECE):
            whole += unpacker.feed(piece, meter.ceiling - len(whole))
            if len(whole) > meter.ceiling:
                raise TooLargeError(
                    f"The answer of {name} is larger than {meter.ceiling} bytes."
                )
        unpacker.finish()
    except zlib.error as error:
        raise UnusableError(name, "it cannot be unpacked") from error
    except EOFError as error:
        raise UnusableError(name, "it breaks off") from error
    except ValueError as error:
        # What http.client makes of a chunk of negative size.
        raise UnusableError(name, "it is not proper HTTP") from error
    return bytes(whole)


def _unpacker(packed: str, name: str) -> _Plain | _Packed:
    encoding = packed.strip().lower()
    match encoding:
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Packed("gzip")
        case "deflate":
            return _Packed("deflate")
    # Brotli and zstd unpack a thousandfold in one step, and two in a row a millionfold.
    raise UnusableError(name, f"it is packed as {encoding[:40]!a}")
