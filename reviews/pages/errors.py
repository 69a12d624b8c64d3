"""
The pages for what goes wrong; machines get problem details instead.

Everything under /api/ is read by programs, and an HTML page is no answer to them
(RFC 9457 is).
"""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import Error as AnyDatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from reviews.models import User
from reviews.pages.shell import frame, visitor

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what cannot be read; a body beyond the limit has a status of its own."""
    if isinstance(exception, RequestDataTooBig):
        return _answer(
            request,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "What was sent is larger than this tracker takes in one request.",
        )
    return _answer(
        request, HTTPStatus.BAD_REQUEST, "This request could not be understood."
    )


def refused(request: HttpRequest, message: str) -> HttpResponse:
    """Answer a request whose fault can be named."""
    return _answer(request, HTTPStatus.BAD_REQUEST, message)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer who may not; a door that refuses says why in words that may be shown."""
    reason = str(exception) or "Your rights do not reach as far as this."
    return _answer(request, HTTPStatus.FORBIDDEN, reason)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, HTTPStatus.NOT_FOUND, "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer after a failure, which may well be the database's: so do not ask it."""
    return _answer(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something failed here, and nothing was half done. The log says what it was; "
        "trying again in a moment may help.",
        framed=False,
    )


def _answer(
    request: HttpRequest, status: HTTPStatus, detail: str, *, framed: bool = True
) -> HttpResponse:
    title = _TITLES.get(status, status.phrase.capitalize())
    if request.path_info.startswith("/api/"):
        return JsonResponse(
            {
                "type": "about:blank",
                "title": title,
                "status": status.value,
                "detail": detail,
                "errors": [],
            },
            status=status,
            content_type="application/problem+json",
        )
    content = {"title": title, "detail": detail, "status": status.value}
    framing = _frame(request) if framed else {}
    # Without the request no context processor runs, and so none asks the database.
    html = render_to_string(
        "error.html", content | framing, request=request if framing else None
    )
    return HttpResponse(html, status=status)


def _frame(request: HttpRequest) -> dict[str, Any]:
    try:
        # A request that failed early has not met the middleware that says who it is.
        if not isinstance(getattr(request, "user", None), User):
            return {}
        return frame(visitor(request))
    except AnyDatabaseError:
        logger.exception("an error page could not tell who is signed in")
        return {}


_TITLES = {
    HTTPStatus.BAD_REQUEST: "Request not understood",
    HTTPStatus.FORBIDDEN: "Not allowed",
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Too large",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something failed",
}
