"""
What the answers of all ticket systems have in common, and how they are judged.

What an answer means for a ticket is each adapter's own.
"""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from reviews.connectors import fields
from reviews.connectors.fields import Fields
from reviews.connectors.http import Response
from reviews.connectors.ticketing.refusals import explanation
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
        raise lost(name, "nothing", changes=changes, status=answer.status)
    try:
        said = answer.json()
    except OutsideError as error:
        what = "a page" if answer.content.lstrip()[:1] == b"<" else "no proper JSON"
        raise lost(name, what, changes=changes, status=answer.status) from error
    if not isinstance(said, dict | list):
        raise lost(name, "no document", changes=changes, status=answer.status)
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


def lost(name: str, what: str, *, changes: bool, status: int) -> OutsideError:
    """
    Return the error that an answer is which says well done, but not what was done.

    `what` came instead of a document. It is `unknown` if the request was to change
    something.
    """
    return OutsideError(
        f"{name} answered with {what} where a document was to come (status {status}). "
        "Look whether the address is its API's and no sign-in page comes before it.",
        unknown=changes,
        status=status,
    )
