"""
Answering a repeated request once: what a caller asks under a key happens one time.

The answer is stored in the transaction of the change, so either both are there or
neither is. What was refused changed nothing, so it is not stored and may be tried again.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from reviews.models import IdempotencyKey
from reviews.services.errors import ConflictError, DomainError

KEPT = timedelta(hours=24)
"""How long an answer is kept at least."""

HEADER = "Idempotency-Key"


class ReusedKeyError(DomainError):
    """A key came again with another request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door answers; `replayed` says that it did so before."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    replayed: bool = False


def answer_once(
    *,
    user_id: int,
    key: str,
    digest: str,
    now: datetime,
    work: Callable[[], Answer],
) -> Answer:
    """
    Return the work's answer, or the one that it gave when it was asked for before.

    The digest tells one request from another. Keys of two users have nothing to do with
    each other.

    :raises ReusedKeyError: if the key was used for another request.
    :raises ConflictError: while another process works on the same request.
    """
    with transaction.atomic():
        _claim(f"{user_id}:{key}")
        stored = IdempotencyKey.objects.filter(user_id=user_id, key=key).first()
        if stored is not None:
            if stored.request_digest != digest:
                raise ReusedKeyError(
                    "This key was used for another request: choose a new one.",
                    field=HEADER,
                )
            return replace(Answer(**stored.answer), replayed=True)
        answer = work()
        _store(user_id, key, digest, answer, now)
    return answer


def forget_answers(*, now: datetime) -> int:
    """Delete the answers that were kept for a day, and return how many those were."""
    old = IdempotencyKey.objects.filter(created_at__lt=now - KEPT)
    deleted, _ = old.delete()
    return deleted


def _claim(name: str) -> None:
    """
    Hold the key until the transaction ends.

    SQLite lets one transaction write at a time, so there the transaction is the claim.
    """
    if connection.vendor != "postgresql":
        return
    digest = hashlib.sha256(name.encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise _in_flight()


def _store(user_id: int, key: str, digest: str, answer: Answer, now: datetime) -> None:
    content = {
        "status": answer.status,
        "body": answer.body,
        "headers": dict(answer.headers),
    }
    try:
        IdempotencyKey.objects.create(
            user_id=user_id,
            key=key,
            request_digest=digest,
            status=answer.status,
            answer=content,
            created_at=now,
        )
    except IntegrityError as error:
        raise _in_flight() from error


def _in_flight() -> ConflictError:
    return ConflictError(
        "A request with this key is being answered: ask again in a moment.",
        field=HEADER,
    )
