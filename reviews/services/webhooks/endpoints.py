"""
Endpoints: made, changed, given another secret, switched, tested; and sent things again.

All of it is the administrators'. An address may hold a secret in its path, as a secret
is one itself: neither stands in the audit trail.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import transaction
from django.db.models import F

from reviews.models import Delivery, Endpoint
from reviews.models.outgoing import OutgoingQuerySet
from reviews.ports.vault import Vault
from reviews.rules.access import Actor, Permission, require
from reviews.rules.outgoing import SendState
from reviews.rules.telling import Event, Payload
from reviews.services.audit import differences, record_change
from reviews.services.errors import ConflictError, InvalidError
from reviews.services.validation import line
from reviews.services.webhooks.delivering import name_of
from reviews.services.webhooks.payloads import message
from reviews.services.webhooks.signing import new_secret

URL_LIMIT = 1_000
DESCRIPTION_LIMIT = 200
FORMER_SECRET_HOURS = 24
LONGEST_FORMER_SECRET_HOURS = 168
"""For how long the former secret signs as well, unless somebody says otherwise."""

OFFERED = [event for event in Event if event is not Event.TEST]
"""The events that an endpoint may want to be told of."""

Check = Callable[[str], None]
"""Passes an address that may be asked, and raises a ValueError that says why not."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to be told of what, and how much; no events mean all."""

    url: str
    description: str = ""
    events: Sequence[Event] = field(default_factory=tuple)
    payload: Payload = Payload.THIN


def make_endpoint(
    *, wish: Wish, actor: Actor, check: Check, vault: Vault, now: datetime
) -> tuple[Endpoint, str]:
    """
    Return a new endpoint, and its secret, which can be read nowhere afterwards.

    Whoever makes it owns it, and is told if it has to be switched off.

    :raises NotAllowedError: to anyone but administrators.
    :raises InvalidError: if the address may not be asked, or a text breaks a rule.
    """
    require(actor, Permission.CONNECT, None)
    columns = _columns(wish, check)
    secret = new_secret()
    with transaction.atomic():
        endpoint = Endpoint.objects.create(
            **columns,
            sealed_secret=vault.seal(secret),
            owner_id=actor.user_id,
            created_at=now,
            updated_at=now,
        )
        _record(endpoint, "made", actor, now, **_told(columns))
    return endpoint, secret


def change_endpoint(
    *, endpoint_id: int, wish: Wish, actor: Actor, check: Check, now: datetime
) -> Endpoint:
    """
    Change where an endpoint is, or what it is told.

    What waits for it goes to the new address; its content stays as it was made.

    :raises NotAllowedError: to anyone but administrators.
    :raises InvalidError: if the address may not be asked, or a text breaks a rule.
    """
    require(actor, Permission.CONNECT, None)
    columns = _columns(wish, check)
    with transaction.atomic():
        endpoint = locked(endpoint_id)
        before = {name: getattr(endpoint, name) for name in columns}
        if before == columns:
            return endpoint
        changed = differences(_told(before), _told(columns))
        if before["url"] != columns["url"]:
            columns["failing_since"] = None
        _write(endpoint, now, **columns)
        _record(endpoint, "changed", actor, now, **changed)
    return endpoint


def rotate_secret(
    *,
    endpoint_id: int,
    actor: Actor,
    vault: Vault,
    now: datetime,
    hours: int = FORMER_SECRET_HOURS,
) -> tuple[Endpoint, str]:
    """
    Return an endpoint and its new secret; the former one signs as well for some hours.

    With 0 hours the former one ends at once, as it has to if somebody else knows it.

    :raises NotAllowedError: to anyone but administrators.
    :raises InvalidError: if the hours are out of bounds.
    """
    require(actor, Permission.CONNECT, None)
    if not 0 <= hours <= LONGEST_FORMER_SECRET_HOURS:
        raise InvalidError(
            "The former secret signs for 0 to "
            f"{LONGEST_FORMER_SECRET_HOURS} hours more, not {hours}.",
            field="hours",
        )
    secret = new_secret()
    with transaction.atomic():
        endpoint = locked(endpoint_id)
        _write(
            endpoint,
            now,
            sealed_former_secret=endpoint.sealed_secret if hours else "",
            former_secret_until=now + timedelta(hours=hours) if hours else None,
            sealed_secret=vault.seal(secret),
        )
        _record(endpoint, "secret rotated", actor, now, hours=hours)
    return endpoint, secret


def switch_endpoint(
    *, endpoint_id: int, on: bool, actor: Actor, now: datetime
) -> Endpoint:
    """
    Switch an endpoint on or off.

    What waits for it is sent once it is on again; of what happens in between it is told
    nothing.

    :raises NotAllowedError: to anyone but administrators.
    """
    require(actor, Permission.CONNECT, None)
    with transaction.atomic():
        endpoint = locked(endpoint_id)
        if endpoint.is_on == on:
            return endpoint
        because = "" if on else f"{actor.name} switched it off."[:300]
        _write(endpoint, now, is_on=on, off_because=because, failing_since=None)
        _record(endpoint, "switched on" if on else "switched off", actor, now)
    return endpoint


def delete_endpoint(*, endpoint_id: int, actor: Actor, now: datetime) -> None:
    """
    Delete an endpoint, with its ledger.

    :raises NotAllowedError: to anyone but administrators.
    """
    require(actor, Permission.CONNECT, None)
    with transaction.atomic():
        endpoint = locked(endpoint_id)
        _record(endpoint, "deleted", actor, now, host=_host(endpoint.url))
        endpoint.delete()


def send_test(*, endpoint_id: int, actor: Actor, now: datetime) -> Delivery:
    """
    Have a message sent to an endpoint that says that it is a test; return its delivery.

    :raises NotAllowedError: to anyone but administrators.
    :raises ConflictError: if the endpoint is switched off.
    """
    require(actor, Permission.CONNECT, None)
    with transaction.atomic():
        endpoint = locked(endpoint_id)
        _require_on(endpoint)
        said = {
            "webhook_id": endpoint.pk,
            "message": f"{actor.name} asked for this test. Nothing has happened.",
        }
        delivery = Delivery.objects.create(
            endpoint=endpoint,
            notice_key=f"test:{uuid4()}",
            event=Event.TEST.value,
            content=message(Event.TEST, now, said),
            next_at=now,
            created_at=now,
        )
        _record(endpoint, "tested", actor, now, delivery=delivery.pk)
    return delivery


def replay(
    *, endpoint_id: int, delivery_id: int, actor: Actor, now: datetime
) -> Delivery:
    """
    Have a delivery sent again, with the same id and content: done, failed or waiting.

    :raises NotAllowedError: to anyone but administrators.
    :raises ConflictError: if it is being sent now, or the endpoint is switched off.
    """
    require(actor, Permission.CONNECT, None)
    with transaction.atomic():
        endpoint = locked(endpoint_id)
        _require_on(endpoint)
        row = Delivery.objects.filter(endpoint=endpoint, pk=delivery_id)
        if not _ready_again(row.exclude(state=SendState.SENDING.value), now):
            row.get()
            raise ConflictError("It is being sent at this moment: look again soon.")
        _record(endpoint, "sent again", actor, now, delivery=delivery_id)
    return row.get()


def replay_failed(
    *, endpoint_id: int, since: datetime, actor: Actor, now: datetime
) -> int:
    """
    Have all sent again that failed for good since an instant; return how many.

    :raises NotAllowedError: to anyone but administrators.
    :raises ConflictError: if the endpoint is switched off.
    """
    require(actor, Permission.CONNECT, None)
    with transaction.atomic():
        endpoint = locked(endpoint_id)
        _require_on(endpoint)
        failed = Delivery.objects.refused().filter(endpoint=endpoint)
        count = _ready_again(failed.filter(refused_at__gte=since), now)
        _record(endpoint, "failed ones sent again", actor, now, deliveries=count)
    return count


def locked(endpoint_id: int) -> Endpoint:
    """
    Return an endpoint that nobody else changes until the transaction ends.

    :raises ConflictError: if it is gone.
    """
    rows = Endpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id)
    endpoint = rows.first()
    if endpoint is None:
        raise ConflictError("This webhook is no longer there.")
    return endpoint


def _require_on(endpoint: Endpoint) -> None:
    if not endpoint.is_on:
        raise ConflictError(
            "This webhook is switched off, so nothing is sent there: switch it on first."
        )


def _ready_again(rows: OutgoingQuerySet[Delivery], now: datetime) -> int:
    return rows.update(
        state=SendState.READY.value,
        attempts=0,
        next_at=now,
        first_sent_at=None,
        done_at=None,
        refused_at=None,
        problem="",
        replays=F("replays") + 1,
    )


def _columns(wish: Wish, check: Check) -> dict[str, Any]:
    """
    Return what a wish says as an endpoint's columns.

    :raises InvalidError: naming the part of it that is at fault.
    """
    url = line(wish.url, limit=URL_LIMIT, field="url")
    try:
        check(url)
    except ValueError as error:
        raise InvalidError(str(error), field="url") from error
    if Event.TEST in wish.events:
        raise InvalidError(
            "A test is sent when somebody asks for it: leave it out.", field="events"
        )
    return {
        "url": url,
        "description": line(
            wish.description, limit=DESCRIPTION_LIMIT, field="description", blank=True
        ),
        "events": [event.value for event in dict.fromkeys(wish.events)],
        "payload": wish.payload.value,
    }


def _write(endpoint: Endpoint, now: datetime, **columns: Any) -> None:
    columns["updated_at"] = now
    for name, value in columns.items():
        setattr(endpoint, name, value)
    endpoint.save(update_fields=list(columns))


def _told(columns: dict[str, Any]) -> dict[str, Any]:
    """Return what the audit trail tells of an endpoint."""
    return {
        "host": _host(columns["url"]),
        "description": columns["description"],
        "events": ", ".join(columns["events"]) or "all",
        "payload": columns["payload"],
    }


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _record(
    endpoint: Endpoint, what: str, actor: Actor, now: datetime, **details: Any
) -> None:
    record_change(
        actor=actor,
        subject=endpoint,
        label=name_of(endpoint),
        what=what,
        details=details,
        now=now,
    )
