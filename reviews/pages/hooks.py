"""
Where ticket systems deliver what happened to issues.

For machines: no session, no cookie, no form token, but a signature over the bytes as
they came. A delivery is stored before it is answered, and nothing else is done with it
while its sender waits. What is not about one of this tracker's tickets is welcome all
the same: GitLab switches a webhook off that is answered 4xx again and again.
"""

import logging
import re
from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from reviews import wiring
from reviews.models import Connection
from reviews.ports.vault import SealedError
from reviews.rules.signatures import SignatureError, Signed, delivery_id, verify
from reviews.rules.ticketing import System
from reviews.services.tickets.hints import UnreadableError, body_of, hint_of
from reviews.services.tickets.receiving import receive

logger = logging.getLogger(__name__)

BODY_LIMIT = 5 * 1024 * 1024
"""How many bytes a delivery may have; GitHub alone would send up to 25 million."""

_ID = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
_EVENT_HEADERS = {System.GITHUB: "x-github-event", System.GITLAB: "x-gitlab-event"}


@csrf_exempt
@never_cache
@require_POST
def hook(request: HttpRequest, system: str, connection: str) -> HttpResponse:
    now = timezone.now()
    row = Connection.objects.filter(slug=connection, system=system).first()
    if row is None:
        return _said(HTTPStatus.NOT_FOUND, "There is no such webhook.")
    if (
        not request.META.get("CONTENT_LENGTH")
        and "Transfer-Encoding" in request.headers
    ):
        # Django reads none of it, and a good signature would look like a forged one.
        return _said(HTTPStatus.LENGTH_REQUIRED, "The body has to have a length.")
    raw = _raw(request)
    if raw is None:
        return _said(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.")
    secrets = _secrets(row, now)
    if not secrets:
        return _said(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "This webhook has no secret here that can be used, so nothing it is sent "
            "is believed: an administrator has to set one.",
        )
    signed = Signed({name.lower(): said for name, said in request.headers.items()}, raw)
    try:
        verify(System(system), signed, secrets=secrets, now=now)
    except SignatureError as error:
        logger.warning("connection %s: a delivery is not believed: %s", row.slug, error)
        return _said(HTTPStatus.UNAUTHORIZED, "The signature is not valid.")
    if not row.is_on:
        return _said(HTTPStatus.ACCEPTED, "Ignored: this connection is switched off.")
    return _stored(row, signed, now)


def _stored(row: Connection, signed: Signed, now: datetime) -> HttpResponse:
    """Store what is believed, and say what it was taken for."""
    system = System(row.system)
    id = delivery_id(system, signed)
    if not _ID.fullmatch(id):
        return _said(
            HTTPStatus.BAD_REQUEST, "The delivery has no id of 1 to 200 characters."
        )
    said = signed.headers.get(_EVENT_HEADERS.get(system, ""), "")
    try:
        body = body_of(signed.raw, content_type=signed.headers.get("content-type", ""))
        hint = hint_of(system, body, event=said)
    except UnreadableError as error:
        return _said(HTTPStatus.BAD_REQUEST, str(error))
    if hint.is_broken and system is not System.GITLAB:
        return _said(HTTPStatus.BAD_REQUEST, "The delivery does not name its issue.")
    is_new = receive(
        connection=row, delivery_id=id, event=hint.event, body=body, now=now
    )
    if not is_new:
        return _said(HTTPStatus.OK, "Known already.")
    if not hint.names:
        return _said(HTTPStatus.ACCEPTED, "Ignored: it is not about an issue.")
    return _said(HTTPStatus.ACCEPTED, "Stored.")


def _raw(request: HttpRequest) -> bytes | None:
    """
    Return the bytes of a request, None if they are more than BODY_LIMIT.

    Django's own limit is for forms, and lower. What breaks off in the middle is as long
    as it got, and no signature fits it.
    """
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length[:20]) > BODY_LIMIT:
        return None
    try:
        raw = request.read(BODY_LIMIT + 1)
    except UnreadablePostError:
        return b""
    return raw if len(raw) <= BODY_LIMIT else None


def _secrets(row: Connection, now: datetime) -> list[str]:
    """Return what a delivery may be signed with: now, and until the change is over."""
    sealed = [] if wiring.given_secret_of(row) else [row.sealed_secret]
    if row.former_secret_until is not None and now < row.former_secret_until:
        sealed.append(row.sealed_former_secret)
    opened = [wiring.given_secret_of(row)]
    for each in sealed:
        try:
            opened.append(wiring.vault().open(each))
        except SealedError as error:
            logger.warning("connection %s: its secret: %s", row.slug, error)
    return [secret for secret in opened if secret]


def _said(status: HTTPStatus, text: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain")
