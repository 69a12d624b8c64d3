"""
Errors as problem details (RFC 9457): the one place that knows which status is whose.

Every message is bounded, and repeats at most eighty characters of what was sent.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from http import HTTPStatus
from typing import Any

import msgspec
from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import OperationalError
from django.http import Http404, HttpResponse, UnreadablePostError
from rest_framework import exceptions

from reviews.rules.access import NotAllowedError
from reviews.services.errors import (
    AlreadyRegisteredError,
    BusyError,
    ConflictError,
    DomainError,
)
from reviews.services.idempotency import ReusedKeyError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
MESSAGE_LIMIT = 1_000
FIELD_LIMIT = 80
FAULTS_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One thing that is wrong with a request.

    `field` is the name of a parameter or of a field of the body; `pointer` says where
    within the body (RFC 6901) when that is deeper.
    """

    message: str
    code: str = "invalid"
    field: str = ""
    pointer: str = ""


class RequestError(Exception):
    """A request that a door refuses before any service is asked."""

    def __init__(self, status: HTTPStatus, *faults: Fault) -> None:
        super().__init__(faults[0].message)
        self.status = status
        self.faults = faults


def refuse(message: str, *, field: str = "", code: str = "invalid") -> RequestError:
    """Return the error for a request that can never be right."""
    return RequestError(HTTPStatus.BAD_REQUEST, Fault(message, code, field))


def problem(
    status: HTTPStatus,
    detail: str,
    faults: Sequence[Fault] = (),
    *,
    headers: Mapping[str, str] | None = None,
    slug: str = "",
) -> HttpResponse:
    """Return an answer that says what is wrong; `slug` is what is registered already."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": _clipped(detail, MESSAGE_LIMIT),
        "errors": [_member(fault) for fault in faults[:FAULTS_LIMIT]],
    }
    return HttpResponse(
        msgspec.json.encode(content | ({"slug": slug} if slug else {})),
        status=status,
        content_type=MEDIA_TYPE,
        headers=headers,
    )


def problem_response(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Return the answer to any error within the API; REST framework calls this."""
    answer = _answer(error)
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("The API could not answer.", exc_info=error)
    # REST framework leaves the challenge on the exception.
    challenge = getattr(error, "auth_header", None)
    if challenge:
        answer["WWW-Authenticate"] = challenge
    return answer


@singledispatch
def _answer(error: Exception) -> HttpResponse:
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong here, and nothing was changed. The log says what.",
    )


@_answer.register
def _(error: RequestError) -> HttpResponse:
    return _faulty(error.status, error.faults)


@_answer.register
def _(error: DomainError) -> HttpResponse:
    return _refused(HTTPStatus.BAD_REQUEST, error, "invalid")


@_answer.register
def _(error: ConflictError) -> HttpResponse:
    return _refused(HTTPStatus.CONFLICT, error, "conflict")


@_answer.register
def _(error: AlreadyRegisteredError) -> HttpResponse:
    return _refused(HTTPStatus.CONFLICT, error, "already_registered", slug=error.slug)


@_answer.register
def _(error: ReusedKeyError) -> HttpResponse:
    return _refused(HTTPStatus.UNPROCESSABLE_ENTITY, error, "reused_key")


@_answer.register
def _(error: BusyError) -> HttpResponse:
    answer = _refused(HTTPStatus.SERVICE_UNAVAILABLE, error, "busy")
    answer["Retry-After"] = "5"
    return answer


@_answer.register
def _(error: OperationalError) -> HttpResponse:
    return _answer(BusyError("The database is busy or away; try again."))


@_answer.register
def _(error: NotAllowedError) -> HttpResponse:
    return _faulty(HTTPStatus.FORBIDDEN, [Fault(str(error), "not_allowed")])


@_answer.register
def _(error: PermissionDenied) -> HttpResponse:
    return problem(HTTPStatus.FORBIDDEN, "Your rights do not reach as far as this.")


@_answer.register(Http404)
@_answer.register(ObjectDoesNotExist)
def _(error: Exception) -> HttpResponse:
    return problem(HTTPStatus.NOT_FOUND, "There is nothing at this address.")


@_answer.register
def _(error: RequestDataTooBig) -> HttpResponse:
    return problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The body is larger than this tracker takes in one request.",
    )


@_answer.register
def _(error: SuspiciousOperation) -> HttpResponse:
    return problem(HTTPStatus.BAD_REQUEST, "This request could not be understood.")


@_answer.register
def _(error: UnreadablePostError) -> HttpResponse:
    return problem(HTTPStatus.BAD_REQUEST, "The body ended before it was complete.")


@_answer.register
def _(error: exceptions.ValidationError) -> HttpResponse:
    return _faulty(HTTPStatus.BAD_REQUEST, list(_faults(error.detail, ())))


@_answer.register
def _(error: exceptions.MethodNotAllowed) -> HttpResponse:
    return problem(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "This address does not take that method; the header Allow lists what it takes.",
    )


@_answer.register
def _(error: exceptions.APIException) -> HttpResponse:
    # A text that is not the caller's own: REST framework's may repeat a whole header.
    status = HTTPStatus(error.status_code)
    detail = _DETAILS.get(status, str(error.default_detail))
    return problem(status, detail)


_DETAILS = {
    HTTPStatus.UNAUTHORIZED: (
        "This takes an API token: send the header Authorization: Bearer TOKEN."
    )
}


def _refused(
    status: HTTPStatus, error: DomainError, code: str, slug: str = ""
) -> HttpResponse:
    fault = Fault(error.message, code, error.field)
    return problem(status, error.message, [fault], slug=slug)


def _faulty(status: HTTPStatus, faults: Sequence[Fault]) -> HttpResponse:
    if len(faults) == 1:
        return problem(status, faults[0].message, faults)
    return problem(status, f"{len(faults):,} things are wrong; see errors.", faults)


def _faults(detail: Any, path: tuple[str, ...]) -> Iterator[Fault]:
    """Yield what REST framework's nested lists and objects of messages say."""
    if isinstance(detail, dict):
        for name, within in detail.items():
            here = () if name == "non_field_errors" else (str(name),)
            yield from _faults(within, (*path, *here))
    elif isinstance(detail, list):
        for position, within in enumerate(detail):
            here = (str(position),) if isinstance(within, dict) and within else ()
            yield from _faults(within, (*path, *here))
    else:
        pointer = pointer_to(path) if len(path) > 1 else ""
        field = path[0] if path else ""
        yield Fault(str(detail), getattr(detail, "code", "invalid"), field, pointer)


def pointer_to(path: Sequence[str | int]) -> str:
    """Return the JSON pointer to a place in a body (RFC 6901)."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return "".join(f"/{step}" for step in steps)


def _member(fault: Fault) -> dict[str, str]:
    member = {"code": fault.code, "message": _clipped(fault.message, MESSAGE_LIMIT)}
    if fault.field:
        member["field"] = _clipped(fault.field, FIELD_LIMIT)
    if fault.pointer:
        member["pointer"] = _clipped(fault.pointer, 2 * FIELD_LIMIT)
    return member


def _clipped(text: str, limit: int) -> str:
    # Half a character cannot be sent, not even to say that it was received.
    sendable = text.encode("utf-8", "backslashreplace").decode()
    return sendable if len(sendable) <= limit else sendable[: limit - 1] + "…"
