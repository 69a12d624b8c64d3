"""
What the adapters of all ticket systems share: asking, and judging an answer.

What an answer means for a ticket, and what a request has in it, is each adapter's own;
how a text is made harmless is in `ticket_texts`, what a refusal says in
`ticket_refusals`.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from reviews.connectors import fields
from reviews.connectors.addresses import AddressError, Destination
from reviews.connectors.fields import Fields
from reviews.connectors.http import HTTPClient, Response, segment
from reviews.connectors.ticket_refusals import explanation
from reviews.ports.outside import OutsideError
from reviews.rules.answers.quoting import sentence

Kind = TypeVar("Kind")

PERMANENT = frozenset({400, 401, 403, 404, 405, 410, 413, 422})
"""The statuses that stay until somebody changes something."""

GONE = frozenset({404, 410})

LEAST_WAIT = timedelta(minutes=1)
"""
The wait after a refusal that speaks of a rate limit, and of no time.

Source: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

_FORBIDDEN = 403
_LIMITED = "rate limit"

# RFC 9110, 15.5.9: it was not heard in time, so nobody says what became of it.
_TIMED_OUT = 408

_REMEDIES = {
    401: "Enter a token that is good.",
    403: "Give the token's account the right to do this.",
    404: "Look at the address, the project, and whether the token's account sees them.",
    410: "Look whether the project still has issues.",
}


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
        raise OutsideError(
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
            raise _lost(self.name, "a page", changes=True, status=answer.status)

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


# Requests.


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


# Answers.


def document(
    answer: Response, *, name: str, changes: bool, secrets: Collection[str] = ()
) -> Any:
    """
    Return the JSON of an answer that must have one: an object or a list.

    `name` is the system's, for the message. `changes` says that the request was to
    change something.

    :raises OutsideError: for a status that is not 2xx, and for an answer that is empty,
        a page, broken off, or neither object nor list.
    """
    check_status(answer, name=name, changes=changes, secrets=secrets)
    if not answer.content.strip():
        raise _lost(name, "nothing", changes=changes, status=answer.status)
    try:
        said = answer.json()
    except OutsideError as error:
        what = "a page" if answer.content.lstrip()[:1] == b"<" else "no proper JSON"
        raise _lost(name, what, changes=changes, status=answer.status) from error
    if not isinstance(said, dict | list):
        raise _lost(name, "no document", changes=changes, status=answer.status)
    return said


def objects(said: Any) -> list[Fields]:
    """
    Return a document that must be a list of objects.

    :raises OutsideError: if it is none.
    """
    return fields.mappings({"list": said}, "list")


def after_change(read: Callable[[Fields], Kind], said: Any) -> Kind:
    """
    Return what `read` makes of the document that answered a change.

    :raises OutsideError: if it cannot be read; `unknown`, for the change may be made.
    """
    try:
        return read(fields.document(said))
    except OutsideError as error:
        error.unknown = True
        raise


def instant(said: Fields, name: str) -> datetime:
    """
    Return an instant in UTC; one without an offset counts as UTC.

    :raises OutsideError: if it is absent or none.
    """
    told = fields.required_text(said, name)
    try:
        at = datetime.fromisoformat(told)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise OutsideError(f"unusable answer: {name} is no instant") from error


def stamp(at: datetime) -> str:
    """Return an instant as GitHub and GitLab are asked about it, in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(said: Fields, name: str) -> date | None:
    """
    Return a calendar day, None where it is absent or empty.

    :raises OutsideError: if it is there and none.
    """
    told = fields.text(said, name)
    if not told:
        return None
    try:
        return date.fromisoformat(told)
    except ValueError as error:
        raise OutsideError(f"unusable answer: {name} is no day") from error


def check_status(
    answer: Response, *, name: str, changes: bool, secrets: Collection[str] = ()
) -> None:
    """:raises OutsideError: for every status but 2xx, as `refusal` has it."""
    if not 200 <= answer.status < 300:
        raise refusal(answer, name=name, changes=changes, secrets=secrets)


def refusal(
    answer: Response, *, name: str, changes: bool, secrets: Collection[str] = ()
) -> OutsideError:
    """
    Return the error that an answer is whose status is not 2xx.

    400, 401, 403, 404, 405, 410, 413 and 422 are permanent, but not a 403 that speaks of
    a rate limit: GitHub's secondary limits may come without a Retry-After. A redirect,
    408 and 5xx leave a change unknown. With any other 4xx nothing was done, and may be
    yet.
    """
    status = answer.status
    if 300 <= status < 400:
        return OutsideError(
            f"{name} redirects this address (status {status}), which is not followed. "
            "Enter in the connection what it leads to: https instead of http, the host's "
            "present name, the project's present name.",
            unknown=changes,
            status=status,
        )
    said = explanation(_json_or_none(answer), secrets=secrets)
    if status == _FORBIDDEN and _LIMITED in said.lower():
        return OutsideError(
            f"{name} wants to be left alone (status {status}): {said}",
            retry_after=LEAST_WAIT,
            status=status,
        )
    told = sentence(
        f"{name} answered with status {status}{f': {said}' if said else ''}"
    )
    remedy = _REMEDIES.get(status, "")
    return OutsideError(
        f"{told} {remedy}".strip(),
        permanent=status in PERMANENT,
        unknown=changes and (status >= 500 or status == _TIMED_OUT),
        status=status,
    )


def _json_or_none(answer: Response) -> Any:
    try:
        return answer.json()
    except OutsideError:
        return None


def _lost(name: str, what: str, *, changes: bool, status: int) -> OutsideError:
    return OutsideError(
        f"{name} answered with {what} where a document was to come (status {status}). "
        "Look whether the address is its API's and no sign-in page comes before it.",
        unknown=changes,
        status=status,
    )
