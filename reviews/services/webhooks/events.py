"""
Making what happened into what webhooks are sent, once for each endpoint.

The notices are the outbox: each is made into deliveries and marked in one transaction,
so whatever dies in between, none is lost and none doubled. Sending is in
`services.webhooks.delivering`.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from reviews.models import Attempt, Delivery, Endpoint, Flag, Notice
from reviews.queries.escalation import climbs
from reviews.rules.escalation import Level
from reviews.rules.outgoing import SendState
from reviews.rules.telling import AttemptOutcome, Event, Payload
from reviews.services.webhooks.happenings import Happening, happenings
from reviews.services.webhooks.payloads import (
    Register,
    content_of,
    read_register,
)

logger = logging.getLogger(__name__)

BATCH = 500
KEPT = timedelta(days=90)
"""How long the outbox and the ledger are kept once all is done."""

_CLIMBS = "climbs:"


def tell_endpoints(*, now: datetime, site_url: str, limit: int) -> int:
    """
    Make what happened into deliveries, at most `limit` notices; return how many.

    Every endpoint that is switched on and wants an event gets a delivery of it, with
    its content. One that was added later is told nothing of what was before.
    """
    if not Endpoint.objects.filter(is_on=True).exists():
        return Notice.objects.filter(handled_at=None).update(handled_at=now)
    taken = 0
    while taken < limit:
        found = _tell_some(min(BATCH, limit - taken), now=now, site_url=site_url)
        taken += found
        if found < BATCH:
            break
    return taken


def _tell_some(count: int, *, now: datetime, site_url: str) -> int:
    with transaction.atomic():
        notices = list(_pending()[:count])
        if not notices:
            return 0
        endpoints = list(Endpoint.objects.filter(is_on=True).order_by("pk"))
        found = happenings(notices)
        today = timezone.localtime(now).date()
        register = read_register(found, today=today, site_url=site_url)
        Delivery.objects.bulk_create(
            _deliveries(found, endpoints, register, now), ignore_conflicts=True
        )
        keys = [notice.key for notice in notices]
        Notice.objects.filter(key__in=keys).update(handled_at=now)
    return len(notices)


def _pending() -> QuerySet[Notice]:
    pending = Notice.objects.filter(handled_at=None).order_by("created_at", "key")
    if connection.vendor == "postgresql":
        return pending.select_for_update(skip_locked=True)
    # SQLite lets one transaction write at a time; what another one has told already
    # is kept from doubling by the deliveries' own constraint.
    return pending


def _deliveries(
    found: Sequence[Happening],
    endpoints: Sequence[Endpoint],
    register: Register,
    now: datetime,
) -> Iterator[Delivery]:
    for each in found:
        cover = register.covers.get(each.cover_id or 0)
        # That a flag is asked again is told of the flag; its cover only goes along.
        about_cover = cover is not None and each.flag_id is None
        happening = each.of_cover(cover) if cover and about_cover else each
        wanting = [one for one in endpoints if _wants(one, happening)]
        if not wanting:
            continue
        try:
            contents = {
                kind: content_of(happening, register, Payload(kind))
                for kind in {one.payload for one in wanting}
            }
        except Exception:
            # One that cannot be told must not keep the others from being told.
            logger.exception("no webhook is told of %s", each.key)
            continue
        for one in wanting:
            content = contents[one.payload]
            if content is not None:
                yield _delivery(one, happening, content, now)


def _wants(endpoint: Endpoint, happening: Happening) -> bool:
    if endpoint.events and happening.event.value not in endpoint.events:
        return False
    return endpoint.created_at <= happening.at


def _delivery(
    endpoint: Endpoint, happening: Happening, content: dict[str, Any], now: datetime
) -> Delivery:
    return Delivery(
        endpoint=endpoint,
        notice_key=happening.key,
        event=happening.event.value,
        content=content,
        next_at=now,
        created_at=now,
    )


def note_climbs(*, today: date, now: datetime) -> int:
    """
    Ask for it to be told which flags have climbed to somebody else; return how many.

    Done once a day. Days on which nothing ran are made up for; those on which no
    endpoint wanted to know, and all before the first one, are passed over.
    """
    done = f"{_CLIMBS}{today}"
    if Notice.objects.filter(key=done).exists():
        return 0
    last = Notice.objects.filter(key__startswith=_CLIMBS).aggregate(key=Max("key"))
    keys = []
    if last["key"] and _wanted(Event.FLAG_CLIMBED):
        after = date.fromisoformat(last["key"].removeprefix(_CLIMBS))
        found = climbs(Flag.objects.asked_on(today), today=today)
        keys = [
            f"flag:{id}:climbed:{climb.level.value}:{climb.rung.since}"
            for id, climb in found.items()
            if climb.level is not Level.OWNER and after < climb.rung.since <= today
        ]
    with transaction.atomic():
        Notice.objects.bulk_create(
            (Notice(key=key, created_at=now) for key in keys),
            ignore_conflicts=True,
            batch_size=BATCH,
        )
        Notice.objects.bulk_create(
            [Notice(key=done, created_at=now, handled_at=now)], ignore_conflicts=True
        )
    return len(keys)


def _wanted(event: Event) -> bool:
    wishes = Endpoint.objects.filter(is_on=True).values_list("events", flat=True)
    return any(not events or event.value in events for events in wishes)


def forget_deliveries(*, now: datetime) -> int:
    """
    Delete what was done, told and tried longer ago than KEPT; return how many rows.

    What waits, or was refused and may be sent again, stays. So does what was simulated:
    it is written once.
    """
    before = now - KEPT
    old: Sequence[QuerySet[Any]] = (
        Attempt.objects.filter(at__lt=before).exclude(
            outcome=AttemptOutcome.SIMULATED.value
        ),
        Delivery.objects.filter(state=SendState.DONE.value, done_at__lt=before),
        Notice.objects.filter(handled_at__lt=before),
    )
    return sum(_delete(rows) for rows in old)


def _delete(rows: QuerySet[Any]) -> int:
    """Delete rows some at a time, so that nobody waits for long."""
    deleted = 0
    while ids := list(rows.values_list("pk", flat=True)[:BATCH]):
        deleted += rows.model._default_manager.filter(pk__in=ids).delete()[0]
    return deleted
