"""Digests: written when their hour has come, skipped where nothing has changed."""

import logging
from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from reviews.models import Flag, Message, Subscription
from reviews.queries.digest import Digest, read_digests
from reviews.rules.outgoing import SendState
from reviews.rules.schedule import local_day, next_digest_at
from reviews.rules.telling import Channel, MessageKind
from reviews.services.messages.subscriptions import readers_of, zone_of_reader
from reviews.services.messages.wording import Rendered, Ways, digest_message

logger = logging.getLogger(__name__)

BATCH = 200
"""How many digests are read at one instant."""

AFTER_A_FAILURE = timedelta(hours=1)
"""When a digest that could not be written is tried again: it holds up no other."""


def write_digests(
    *, today: date, now: datetime, channels: Collection[Channel], site_url: str
) -> int:
    """
    Write the digests whose hour has come; return how many there are to be sent.

    Whoever moves a subscription on to its next hour writes its digest, in the same
    transaction: of two workers one does. However many hours went by meanwhile, one
    digest tells how it stands now. A digest that would say what the last one said, or
    nothing, is not written.
    """
    _set_first_hours(now)
    written = 0
    while due := _due(now, channels):
        digests = read_digests({row.user_id for row in due}, today=today)
        for subscription in due:
            try:
                written += _write(
                    subscription, digests.get(subscription.user_id), now, site_url
                )
            except Exception:
                logger.exception("the digest of subscription %s", subscription.pk)
                Subscription.objects.filter(pk=subscription.pk).update(
                    next_digest_at=now + AFTER_A_FAILURE
                )
    return written


def following_digest_at(subscription: Subscription, now: datetime) -> datetime | None:
    """Return when a subscription's next digest comes, None if none does."""
    return next_digest_at(
        now,
        weekdays=subscription.weekdays,
        hour=subscription.hour,
        zone=zone_of_reader(subscription),
    )


def _set_first_hours(now: datetime) -> None:
    unset = Subscription.objects.filter(is_on=True, next_digest_at=None)
    for subscription in unset.exclude(weekdays=""):
        Subscription.objects.filter(pk=subscription.pk, next_digest_at=None).update(
            next_digest_at=following_digest_at(subscription, now)
        )


def _due(now: datetime, channels: Collection[Channel]) -> list[Subscription]:
    rows = Subscription.objects.filter(readers_of(channels), next_digest_at__lte=now)
    return list(rows.order_by("next_digest_at", "pk")[:BATCH])


def _write(
    subscription: Subscription, digest: Digest | None, now: datetime, site_url: str
) -> int:
    zone = zone_of_reader(subscription)
    rendered = None
    told = digest.fingerprint() if digest else ""
    if digest and told and told != subscription.told:
        ways = Ways(site_url, str(subscription.stop_token))
        rendered = digest_message(digest, ways)
    with transaction.atomic():
        claimed = Subscription.objects.filter(
            pk=subscription.pk, is_on=True, next_digest_at=subscription.next_digest_at
        ).update(next_digest_at=following_digest_at(subscription, now))
        key = _key(now, zone)
        if not claimed or subscription.messages.filter(key=key).exists():
            return 0
        Subscription.objects.filter(pk=subscription.pk).update(told=told)
        if digest is None or rendered is None:
            return 0
        _take_back_unsent(subscription)
        _store(subscription, key, rendered, digest.urgent_ids, now)
    return 1


def _key(now: datetime, zone: ZoneInfo) -> str:
    return f"digest:{local_day(now, zone)}"


def _take_back_unsent(subscription: Subscription) -> None:
    """Delete the digests that nobody got: after an outage the latest tells it all."""
    subscription.messages.filter(
        kind=MessageKind.DIGEST.value,
        state=SendState.READY.value,
        first_sent_at=None,
        refused_at=None,
    ).delete()


def _store(
    subscription: Subscription,
    key: str,
    rendered: Rendered,
    urgent_ids: list[int],
    now: datetime,
) -> None:
    message = Message.objects.create(
        subscription=subscription,
        kind=MessageKind.DIGEST.value,
        key=key,
        subject=rendered.subject,
        text=rendered.text,
        next_at=now,
        created_at=now,
    )
    # Of the rest nobody is alerted unless it becomes urgent, and then that is news.
    message.flags.set(Flag.objects.filter(pk__in=urgent_ids))
