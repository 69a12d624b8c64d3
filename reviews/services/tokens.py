"""Making and recognising API tokens."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from reviews.models import APIToken, User
from reviews.rules.access import Actor, NotAllowedError, Scope
from reviews.services.audit import record_change
from reviews.services.errors import InvalidError
from reviews.services.validation import line

PREFIX = "bb_"
LONGEST_DAYS = 366


def create_token(
    *,
    user: User,
    scopes: Sequence[Scope],
    days: int,
    actor: Actor,
    now: datetime,
    name: str = "",
) -> tuple[APIToken, str]:
    """
    Return a new token's row, and the token itself, which is stored nowhere.

    The token has 256 bits of randomness, so a plain SHA-256 keeps it safe at rest.

    :raises NotAllowedError: for somebody else's token, to anyone but an administrator.
    :raises InvalidError: if the user is deactivated, or the days are out of bounds.
    """
    if actor.scopes is not None or not (
        actor.is_administrator or actor.user_id == user.pk
    ):
        raise NotAllowedError("Only administrators make tokens for others.")
    if not user.is_active:
        raise InvalidError(f"{user.get_username()} is deactivated.", field="user")
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidError(
            f"A token lasts 1 to {LONGEST_DAYS} days, not {days}.", field="days"
        )
    name = line(name, limit=100, field="name", blank=True)
    token = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = APIToken.objects.create(
            digest=digest_of(token),
            user=user,
            name=name,
            scopes=[scope.value for scope in scopes],
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        record_change(
            actor=actor,
            subject=user,
            label=user.get_username(),
            what="token made",
            details={"token": row.pk, "scopes": row.scopes, "days": days},
            now=now,
        )
    return row, token


def revoke_token(*, token: APIToken, actor: Actor, now: datetime) -> None:
    """
    End a token now.

    :raises NotAllowedError: to anyone but its owner and the administrators.
    """
    if actor.scopes is not None or not (
        actor.is_administrator or actor.user_id == token.user_id
    ):
        raise NotAllowedError("Only its owner and administrators revoke a token.")
    with transaction.atomic():
        APIToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
        record_change(
            actor=actor,
            subject=token.user,
            label=token.user.get_username(),
            what="token revoked",
            details={"token": token.pk},
            now=now,
        )


def find_token(token: str, *, now: datetime) -> APIToken | None:
    """Return the row of a token that is in force, with its user, or None."""
    found = APIToken.objects.select_related("user").filter(
        digest=digest_of(token),
        expires_at__gt=now,
        revoked_at=None,
        user__is_active=True,
    )
    # Not first(), which would have the database sort the one row there can be.
    return next(iter(found), None)


def digest_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()
