"""
What the schema says of every operation: its errors are alike, and so said once.

The committed copy, tests/openapi.json, is made with

    manage.py spectacular --validate --fail-on-warn --format openapi-json \\
        --file tests/openapi.json
"""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from reviews.api.filters import Parameter
from reviews.api.problems import MEDIA_TYPE
from reviews.rules.outgoing import SendState
from reviews.rules.vocabulary import CoverKind, Kind

KINDS = list(Kind)
COVER_KINDS = list(CoverKind)
SEND_STATES = list(SendState)
"""Named in the settings: of each, two closed sets stand in fields of one name."""

PAGED = ("cursor", "page_size")
"""These the pagination documents itself."""

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=(
        "Up to 255 printable ASCII characters of your choice. The same request with the "
        "same key is carried out once, and its answer repeated for 24 hours."
    ),
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag that you read: nothing happens if it is not the current one.",
)
ETAG = OpenApiParameter(
    "ETag",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="The solution's version, for If-Match.",
)
LOCATION = OpenApiParameter(
    "Location",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    response=[201],
    description="The path of what was added.",
)


class FaultSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    field = serializers.CharField(required=False)
    pointer = serializers.CharField(required=False, help_text="A JSON pointer.")


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    slug = serializers.CharField(
        required=False, help_text="The solution that is registered already."
    )

    def get_fields(self) -> dict[str, Any]:
        # `errors` is what REST framework calls a serializer's own mistakes.
        return {**super().get_fields(), "errors": FaultSerializer(many=True)}


_MEANING = {
    400: "Something in the request is wrong; `errors` says what.",
    401: "No token, or none that is in force.",
    403: "The token's scopes or its owner's roles do not reach as far.",
    404: "There is nothing at this address.",
    409: "It contradicts what the register holds.",
    412: "Somebody changed it since you read it.",
    413: "The body is too large.",
    415: "The body is not sent as application/json in UTF-8.",
    422: "The idempotency key was used for another request.",
}
_WITH_EVERY_BODY = (413, 415)


def documented(
    summary: str,
    *,
    tag: str,
    answer: Any,
    status: int = HTTPStatus.OK,
    body: Any = None,
    errors: Sequence[int] = (),
    parameters: Sequence[Parameter] = (),
    headers: Sequence[OpenApiParameter] = (),
    description: str = "",
) -> Callable[[Any], Any]:
    """Return the decorator that describes an operation in the schema."""
    with_body = _WITH_EVERY_BODY if body is not None else ()
    # Keyed like the errors, or drf-spectacular would take one of those for the answer.
    success = int(status) if answer is None else (int(status), "application/json")
    responses: dict[Any, Any] = {success: answer}
    for code in sorted({400, 401, 403, *errors, *with_body}):
        responses[code, MEDIA_TYPE] = OpenApiResponse(ProblemSerializer, _MEANING[code])
    documented_parameters = [
        parameter.documented()
        for parameter in parameters
        if parameter.name not in PAGED
    ]
    decorate: Callable[[Any], Any] = extend_schema(
        summary=summary,
        # Without one, that of the class would stand there, which is for programmers.
        description=description or f"{summary}.",
        tags=[tag],
        request=body,
        responses=responses,
        parameters=[*documented_parameters, *headers],
    )
    return decorate


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "reviews.api.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API token, as `manage.py create_token` prints it.",
        }
