"""
Asking a ticket system: one address, one set of credentials, JSON there and back.

What a request has in it is each adapter's own; how a text is made harmless is in
`texts`, how an answer is judged in `answers`.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from reviews.connectors.addresses import AddressError, Destination
from reviews.connectors.fields import Fields
from reviews.connectors.http import HTTPClient, Response, segment
from reviews.connectors.ticketing.answers import (
    GONE,
    check_status,
    document,
    lost,
    objects,
    refusal,
)
from reviews.ports.outside import OutsideError


class TooLongError(OutsideError):
    """A list goes on beyond what is looked through of one."""


class TicketAPI:
    """
    One ticket system's API: an address, and what is sent with each request.

    `name` is the system's, for messages; `base` the API's root; `headers` have the
    credentials; `secrets` is all that no message may repeat. A `url` may be given to all
    methods only if `at` made it, or if `is_here` says so.
    """

    def __init__(
        self,
        client: HTTPClient,
        *,
        name: str,
        base: str,
        headers: Mapping[str, str],
        secrets: Collection[str],
    ) -> None:
        self.name = name
        self._client = client
        self._base = base.rstrip("/")
        self._headers = {"Accept": "application/json", **headers}
        self._secrets = secrets

    def at(self, *names: str, query: Iterable[tuple[str, str]] = ()) -> str:
        """
        Return the address of a resource, each name one segment of the path.

        :raises OutsideError: for a name that is empty or no text.
        """
        return url_of(self._base, *names, query=query)

    def below(self, url: str, *names: str) -> str:
        """
        Return the address of what is below a resource.

        :raises OutsideError: for a name that is empty or no text.
        """
        return url_of(url, *names)

    def is_here(self, url: str) -> bool:
        """Return whether an address that an answer gave is on the API's own host."""
        try:
            there, here = Destination.of(url), Destination.of(self._base)
        except AddressError:
            return False
        return (there.scheme, there.authority) == (here.scheme, here.authority)

    def ask(self, url: str) -> Response:
        """
        Return the answer to a question, whatever its status.

        :raises OutsideError: if there is none, or it wants to be left alone.
        """
        return self._client.send("GET", url, headers=self._headers)

    def read(self, url: str) -> Any:
        """
        Return the document at an address.

        :raises OutsideError: for any other answer; never `unknown`.
        """
        return self.document_of(self.ask(url))

    def look(self, url: str) -> Any | None:
        """
        Return the document at an address, None where there is nothing: 404 and 410.

        :raises OutsideError: for any other answer; never `unknown`.
        """
        answer = self.ask(url)
        if answer.status in GONE:
            return None
        return self.document_of(answer)

    def pages(
        self, page_at: Callable[[int], str], *, size: int, most: int
    ) -> Iterator[Fields]:
        """
        Yield the objects of a list, page by page, until a page is not full.

        `page_at` makes the address of a page; the first is 1. They are asked for as they
        are needed.

        :raises OutsideError: for any other answer, and where `most` pages are all full:
            what comes after them is not as good as looked at.
        """
        for number in range(1, most + 1):
            found = objects(self.read(page_at(number)))
            yield from found
            if len(found) < size:
                return
        raise TooLongError(
            f"{self.name} lists more than {size * most:,} issues or comments here, which "
            "is more than are looked through."
        )

    def make(self, method: str, url: str, said: Any) -> Any:
        """
        Return the document that answers a change, which must have one.

        :raises OutsideError: for any other answer; `unknown` where the change may have
            been made all the same.
        """
        answer = self._send(method, url, said)
        return document(answer, name=self.name, changes=True, secrets=self._secrets)

    def change(self, method: str, url: str, said: Any = None) -> None:
        """
        Change something whose answer has nothing that matters, or is empty.

        :raises OutsideError: for any status but 2xx, and for a page of HTML; `unknown`
            where the change may have been made all the same.
        """
        answer = self._send(method, url, said)
        check_status(answer, name=self.name, changes=True, secrets=self._secrets)
        if answer.content.lstrip()[:1] == b"<":
            raise lost(self.name, "a page", changes=True, status=answer.status)

    def document_of(self, answer: Response) -> Any:
        """
        Return the document of an answer to a question.

        :raises OutsideError: if it has none; never `unknown`.
        """
        return document(answer, name=self.name, changes=False, secrets=self._secrets)

    def refusal(self, answer: Response) -> OutsideError:
        """Return the error that an answer is, in the system's own words."""
        return refusal(answer, name=self.name, changes=False, secrets=self._secrets)

    def _send(self, method: str, url: str, said: Any) -> Response:
        if said is None:
            return self._client.send(method, url, headers=self._headers)
        headers = self._headers | {"Content-Type": "application/json"}
        payload = json_payload(said)
        return self._client.send(method, url, headers=headers, payload=payload)


def url_of(base: str, *names: str, query: Iterable[tuple[str, str]] = ()) -> str:
    """
    Return an address under a base, each name one percent-encoded segment of the path.

    :raises OutsideError: for a name that is empty or no text.
    """
    path = "".join(f"/{segment(name)}" for name in names)
    asked = "&".join(f"{quote(key, safe='')}={quote(to, safe='')}" for key, to in query)
    return f"{base.rstrip('/')}{path}" + (f"?{asked}" if asked else "")


def json_payload(said: Any) -> bytes:
    """
    Return JSON in ASCII: half characters go as their escapes, and nothing breaks.

    :raises OutsideError: for what JSON cannot hold.
    """
    try:
        return json.dumps(said, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise OutsideError(
            "A field of the connection has a value that cannot be sent as JSON.",
            permanent=True,
        ) from error
