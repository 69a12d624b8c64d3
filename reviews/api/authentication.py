"""Who calls: bearer tokens, and nothing else. No session opens the API."""

import re
from typing import TYPE_CHECKING

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from reviews.models import APIToken, User
from reviews.rules.access import Actor, Permission, require
from reviews.services.access import scopes_of
from reviews.services.tokens import find_token

if TYPE_CHECKING:
    # The views import their default classes, of which these are two.
    from rest_framework.views import APIView

# One scheme and one token (RFC 6750). Servers join two headers with a comma, which this
# does not match, and no token of this tracker is nearly so long.
_CREDENTIALS = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,200}) *", re.IGNORECASE)


def door_of(token: APIToken) -> str:
    """Return how the audit trail names calls with a token."""
    return f"API token {token.pk}"


class BearerToken(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, APIToken] | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        credentials = _CREDENTIALS.fullmatch(header)
        if credentials is None:
            raise AuthenticationFailed
        token = find_token(credentials[1], now=timezone.now())
        if token is None:
            raise AuthenticationFailed
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        challenge = 'Bearer realm="Best Before"'
        if "HTTP_AUTHORIZATION" in request.META:
            return f'{challenge}, error="invalid_token"'
        return challenge


class SignedIn(BasePermission):
    """
    Open to everyone with a token; reading takes the scope for it.

    What a write takes is for the services to say, which know what it is about.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.auth, APIToken):
            return False
        if request.method in SAFE_METHODS:
            # Everyone reads everything, so the roles need not be asked for.
            reader = Actor(
                name=request.user.get_username(),
                door=door_of(request.auth),
                scopes=scopes_of(request.auth),
            )
            require(reader, Permission.READ, None)
        return True
