"""What every door of the API does alike: who calls, what is asked, how it is answered."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from reviews.api.authentication import door_of
from reviews.api.fields import StrictSerializer, validated
from reviews.api.filters import Parameter, query_pairs, read_query
from reviews.api.pagination import KeysetPagination, link_to
from reviews.api.problems import refuse
from reviews.models import APIToken
from reviews.rules.access import Actor, Permission, require
from reviews.services.access import actor_of
from reviews.services.idempotency import HEADER, Answer, answer_once

Row = TypeVar("Row")
Stored = TypeVar("Stored", bound=Model)

_KEY = re.compile(r"[\x20-\x7e]{1,255}")


class JSONOnly(BaseContentNegotiation):
    """The API speaks JSON, whatever a caller would rather have."""

    def select_parser(
        self, request: Request, parsers: Iterable[BaseParser]
    ) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class Door(APIView):
    """
    An address of the API.

    `parameters` are those that its GET understands; no other method has any.
    """

    content_negotiation_class = JSONOnly
    metadata_class = None
    parameters: Sequence[Parameter] = ()
    pairs: Sequence[tuple[str, str]] = ()
    query: Mapping[str, Any] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.pairs = query_pairs(request.META)
        is_read = request.method in ("GET", "HEAD")
        self.query = read_query(self.pairs, self.parameters if is_read else ())

    def options(  # type: ignore[override]
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)

    def finalize_response(  # type: ignore[override]
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        answer: HttpResponseBase = super().finalize_response(
            request, response, *args, **kwargs
        )
        answer["Cache-Control"] = "private, no-store"
        patch_vary_headers(answer, ["Authorization"])
        return answer

    @property
    def token(self) -> APIToken:
        """The token that was shown; without one nobody comes this far."""
        token = self.request.auth
        if not isinstance(token, APIToken):
            raise TypeError("This door is open to tokens only.")
        return token

    @cached_property
    def actor(self) -> Actor:
        """Who calls, with the roles that the person has now."""
        return actor_of(self.token.user, door=door_of(self.token), token=self.token)

    def require_scope(self, permission: Permission) -> None:
        """
        Return if the token may be used for something at all, whatever the roles.

        :raises NotAllowedError: otherwise, naming the scope.
        """
        anyone = Actor(
            name=self.actor.name,
            door=self.actor.door,
            is_administrator=True,
            scopes=self.actor.scopes,
        )
        require(anyone, permission, None)

    def fields(
        self, serializer: type[StrictSerializer], *, partial: bool = False
    ) -> dict[str, Any]:
        """
        Return the fields of the body.

        :raises RequestError: if there is none, or none that can be read.
        :raises ValidationError: naming every field that is at fault.
        """
        if self.request.stream is None:
            raise refuse("There is no body: send a JSON object.")
        body: Any = self.request.data
        return validated(serializer, body, partial=partial)

    def page(
        self,
        pages: KeysetPagination,
        found: QuerySet[Stored, Any],
        read: Callable[[Any], list[Row]],
        shown: Callable[[Row], Any],
    ) -> HttpResponse:
        """Return the page of a query that the parameters ask for."""
        page = pages.page(found, self.query, read)
        return answered(
            {
                "next": link_to(self.request, self.pairs, page.next),
                "previous": link_to(self.request, self.pairs, page.previous),
                "results": [shown(row) for row in page.rows],
            }
        )

    def once(self, work: Callable[[], Answer]) -> HttpResponse:
        """Return the work's answer, and only repeat it under a key that was answered."""
        key = self.request.headers.get(HEADER)
        if key is None:
            return _sent(work())
        if not _KEY.fullmatch(key):
            raise refuse(
                f"{HEADER} takes 1 to 255 printable ASCII characters.", field=HEADER
            )
        answer = answer_once(
            user_id=self.token.user_id,
            key=key,
            digest=self._digest(),
            now=timezone.now(),
            work=work,
        )
        return _sent(answer)

    def _digest(self) -> str:
        asked = [self.request.method, self.request.path, self.request.data]
        # Not msgspec, which writes no number beyond 64 bits.
        return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def encoded(content: Any) -> str:
    """Return content as the JSON that the API sends."""
    return msgspec.json.encode(content).decode()


def answered(
    content: Any,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a successful answer."""
    return HttpResponse(
        msgspec.json.encode(content),
        status=status,
        content_type="application/json",
        headers=headers,
    )


def _sent(answer: Answer) -> HttpResponse:
    response = HttpResponse(
        answer.body,
        status=answer.status,
        content_type="application/json",
        headers=dict(answer.headers),
    )
    if answer.replayed:
        response["Idempotency-Replayed"] = "true"
    return response
