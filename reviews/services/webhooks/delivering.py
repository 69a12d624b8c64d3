"""
Delivering: what waits for an endpoint is signed, sent, and tried again on a schedule.

A delivery may arrive twice (a receiver tells by its id) and is never lost: one of which
the outcome was not heard is simply sent again. What fails to the end stays in the
ledger, where somebody may send it again.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from reviews.models import Attempt, Delivery, Endpoint, User
from reviews.ports.outside import HostBusyError, OutsideError
from reviews.ports.vault import SealedError, Vault
from reviews.ports.webhooks import Reply, Sender
from reviews.rules.outgoing import WEBHOOK_PAUSES
from reviews.rules.telling import AttemptOutcome, MessageKind
from reviews.services.messages.telling import tell
from reviews.services.outgoing import (
    LostClaimError,
    finish,
    give_back,
    intend,
    put_off,
    refuse,
    take,
)
from reviews.services.webhooks.signing import secrets_of, signed_headers

logger = logging.getLogger(__name__)

TRIES = len(WEBHOOK_PAUSES) + 1
"""How often a delivery is tried before somebody has to say: again."""

LASTING = timedelta(days=5)
"""After how long of nothing but failure an endpoint is switched off."""

MOST_AT_ONCE = 500

_GONE = 410
_WHAT = "deliver"
_NOTHING = timedelta()

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Sent:
    """How many deliveries arrived, and how many failed."""

    done: int = 0
    failed: int = 0


class _Course(Enum):
    """What a delivery means for those behind it."""

    ARRIVED = auto()
    FAILED = auto()
    # Nobody answers, or wants to: the others would fare no better now.
    STUCK = auto()


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a try failed; `may_have_arrived` where the answer was not heard."""

    why: str
    status: int | None = None
    answer: str = ""
    retry_after: timedelta | None = None
    may_have_arrived: bool = False
    nobody_answers: bool = False

    @property
    def is_for_good(self) -> bool:
        return self.status == _GONE


def send_deliveries(
    *,
    endpoint_id: int,
    sender: Sender,
    vault: Vault,
    clock: Clock,
    until: datetime,
) -> Sent:
    """
    Send what is due to one endpoint, until an instant; return what came of it.

    It ends earlier where nobody answers, or the host wants to be left alone: what is
    left keeps its tries. An endpoint that is switched off is sent nothing.
    """
    due = Delivery.objects.filter(endpoint=endpoint_id).to_take_up_at(clock())
    ids = due.order_by("next_at", "pk").values_list("pk", flat=True)
    done = failed = 0
    for id in list(ids[:MOST_AT_ONCE]):
        now = clock()
        endpoint = Endpoint.objects.filter(pk=endpoint_id, is_on=True).first()
        if endpoint is None or now >= until:
            break
        delivery = take(Delivery, id, now=now, lag=_NOTHING)
        if delivery is None:
            continue
        try:
            course = _send(endpoint, delivery, sender, vault, clock)
        except LostClaimError:
            # It took so long that another worker sends it again, with the same id.
            logger.warning("delivery %s was taken by another worker", id)
            continue
        done += course is _Course.ARRIVED
        failed += course is not _Course.ARRIVED
        if course is _Course.STUCK:
            break
    return Sent(done, failed)


def _send(
    endpoint: Endpoint, delivery: Delivery, sender: Sender, vault: Vault, clock: Clock
) -> _Course:
    now = clock()
    try:
        secrets = secrets_of(endpoint, vault=vault, now=now)
    except SealedError as error:
        give_back(delivery, next_at=now, problem=str(error))
        switch_off_failing(endpoint, because=str(error), now=now)
        return _Course.STUCK
    body = json.dumps(delivery.content, separators=(",", ":"))
    headers = signed_headers(delivery.message_id, body, secrets=secrets, now=now)
    intend(delivery, now=now)
    try:
        reply = sender.send(endpoint.url, headers, body.encode())
    except HostBusyError as error:
        # Nothing was sent: that is no try.
        now = clock()
        Delivery.objects.filter(pk=delivery.pk).update(attempts=F("attempts") - 1)
        wait = error.retry_after or WEBHOOK_PAUSES[0]
        give_back(delivery, next_at=now + wait, problem=str(error))
        return _Course.STUCK
    except OutsideError as error:
        return _failed(endpoint, delivery, _failure_of(error), clock())
    if 200 <= reply.status < 300:
        _arrived(endpoint, delivery, reply, clock())
        return _Course.ARRIVED
    return _failed(endpoint, delivery, _refusal_of(reply), clock())


def _arrived(
    endpoint: Endpoint, delivery: Delivery, reply: Reply, now: datetime
) -> None:
    with transaction.atomic():
        finish(delivery, now=now, status=reply.status, answer=reply.excerpt)
        _note_try(
            delivery, AttemptOutcome.DONE, now, status=reply.status, why=reply.excerpt
        )
        failing = Endpoint.objects.filter(pk=endpoint.pk, failing_since__isnull=False)
        failing.update(failing_since=None)


def _failed(
    endpoint: Endpoint, delivery: Delivery, failure: _Failure, now: datetime
) -> _Course:
    is_last = failure.is_for_good or delivery.attempts >= TRIES
    outcome = AttemptOutcome.PASSING
    if failure.may_have_arrived:
        outcome = AttemptOutcome.UNKNOWN
    if is_last:
        outcome = AttemptOutcome.REFUSED
    with transaction.atomic():
        if is_last:
            refuse(delivery, problem=failure.why, now=now)
        else:
            put_off(
                delivery,
                problem=failure.why,
                now=now,
                pauses=WEBHOOK_PAUSES,
                retry_after=failure.retry_after,
            )
        Delivery.objects.filter(pk=delivery.pk).update(
            status=failure.status, answer=failure.answer
        )
        _note_try(delivery, outcome, now, status=failure.status, why=failure.why)
        _note_failing(endpoint, failure, now)
    is_stuck = failure.nobody_answers or failure.retry_after is not None
    return _Course.STUCK if is_stuck else _Course.FAILED


def _note_try(
    delivery: Delivery,
    outcome: AttemptOutcome,
    now: datetime,
    *,
    status: int | None,
    why: str,
) -> None:
    Attempt.objects.create(
        delivery=delivery,
        at=now,
        what=_WHAT,
        outcome=outcome.value,
        status=status,
        detail=why[:500],
    )


def _note_failing(endpoint: Endpoint, failure: _Failure, now: datetime) -> None:
    """Remember since when an endpoint fails, and switch it off once that lasts."""
    well = Endpoint.objects.filter(pk=endpoint.pk, failing_since=None)
    well.update(failing_since=now)
    endpoint.refresh_from_db(fields=["failing_since"])
    since = endpoint.failing_since or now
    if failure.is_for_good:
        switch_off_failing(
            endpoint,
            because="It answered that it is gone (status 410) and wants no more.",
            now=now,
        )
    elif now - since >= LASTING:
        switch_off_failing(
            endpoint,
            because=f"Nothing has arrived since {since:%Y-%m-%d %H:%M} UTC, for "
            f"{LASTING.days} days. Last: {failure.why}",
            now=now,
        )


def switch_off_failing(endpoint: Endpoint, *, because: str, now: datetime) -> None:
    """Switch an endpoint off that cannot be used, and tell whoever answers for it."""
    because = because[:300]
    with transaction.atomic():
        on = Endpoint.objects.filter(pk=endpoint.pk, is_on=True)
        if not on.update(is_on=False, off_because=because, updated_at=now):
            return
        today = timezone.localtime(now).date()
        for user_id in _answerable(endpoint):
            tell(
                user_id=user_id,
                kind=MessageKind.TROUBLE,
                key=f"trouble:endpoint:{endpoint.pk}:{today}",
                subject=f"The webhook {name_of(endpoint)} is switched off",
                text=f"{because}\n\nNothing more is sent there. What was not delivered "
                "is kept: mend the receiver, switch the webhook on again in the staff "
                "pages, and send again what failed.",
                now=now,
            )


def _answerable(endpoint: Endpoint) -> list[int]:
    """Return who answers for an endpoint: its owner, or else the administrators."""
    active = User.objects.filter(is_active=True)
    owner = active.filter(endpoints=endpoint).values_list("pk", flat=True)
    return list(owner) or list(
        active.filter(is_superuser=True).values_list("pk", flat=True)
    )


def name_of(endpoint: Endpoint) -> str:
    """Return what an endpoint is called where its address must not be repeated."""
    return endpoint.description or f"number {endpoint.pk}"


def _failure_of(error: OutsideError) -> _Failure:
    return _Failure(
        str(error),
        status=error.status or None,
        retry_after=error.retry_after,
        may_have_arrived=error.unknown,
        nobody_answers=not error.status,
    )


def _refusal_of(reply: Reply) -> _Failure:
    why = f"It answered with status {reply.status}."
    if 300 <= reply.status < 400:
        why = (
            f"It answered with a redirect (status {reply.status}), which is not "
            "followed: give the address that it leads to."
        )
    return _Failure(why, reply.status, reply.excerpt)
