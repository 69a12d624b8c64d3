"""
Alerts: what cannot wait for a digest, told to who is asked now, once a day at most.

Nobody is alerted of the same flag twice. What comes up after the day's alert waits for
the next digest or the next day's alert, and a digest that is near carries it instead.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone

from reviews.models import Flag, Message, Subscription
from reviews.queries.told import Reader, ToldFlag, concerning, readers, told_flags
from reviews.queries.urgent import cannot_wait
from reviews.rules.schedule import local_day
from reviews.rules.telling import Channel, MessageKind
from reviews.services.messages.subscriptions import readers_of, zone_of_reader
from reviews.services.messages.wording import Ways, alert_message

CARRIED_WITHIN = timedelta(hours=3)
"""How near the next digest has to be to tell what an alert would."""

NIGHT_ENDS_AT = 7
"""Until this hour a digest of the same day is waited for, however late in it."""

DIGEST_IN_TIME = timedelta(days=3)
"""How near it has to be to tell what has climbed; a weekend is shorter."""

LOOK_MINUTES = 10
"""How long into a reader's hour it is looked whether anything has climbed."""

_TELLING = (MessageKind.DIGEST.value, MessageKind.ALERT.value)


@dataclass(frozen=True, slots=True)
class _News:
    """What one subscription is to be alerted of."""

    urgent: list[ToldFlag]
    climbed: list[ToldFlag]


def write_alerts(
    *, today: date, now: datetime, channels: Collection[Channel], site_url: str
) -> int:
    """
    Write the alerts that are called for; return how many there are to be sent.

    Urgent flags call for one. What has climbed to a reader is named in it, unless their
    digest falls on the day; where their next digest is days away or never comes, it
    calls for an alert itself.
    """
    urgent = told_flags(
        Flag.objects.asked_on(today).filter(cannot_wait(today)), today=today
    )
    asked = {id for flag in urgent for id in flag.asked_ids}
    open_to = _open_to_alerts(asked, now, channels)
    known = _known(open_to, urgent)
    fresh = {
        row.pk: [
            flag
            for flag in urgent
            if row.user_id in flag.asked_ids and (row.pk, flag.id) not in known
        ]
        for row in open_to
    }
    called_for = [row for row in open_to if fresh[row.pk] or _is_to_look(row, now)]
    if not called_for:
        return 0
    people = readers({row.user_id for row in called_for})
    climbed = _climbed(called_for, people, today=today, now=now)
    return sum(
        _write(
            row,
            people[row.user_id],
            _News(fresh[row.pk], climbed[row.pk]),
            Ways(site_url, str(row.stop_token)),
            today=today,
            now=now,
        )
        for row in called_for
        if row.user_id in people
    )


def _open_to_alerts(
    asked: Collection[int], now: datetime, channels: Collection[Channel]
) -> list[Subscription]:
    """Return the subscriptions to look at that have had no alert on their day."""
    far = Q(next_digest_at=None) | Q(next_digest_at__gt=now + DIGEST_IN_TIME)
    found = Subscription.objects.filter(
        readers_of(channels), Q(user__in=asked) | far
    ).exclude(next_digest_at__lte=now + CARRIED_WITHIN)
    rows = [row for row in found.order_by("pk") if not _is_carried_at_night(row, now)]
    keys = {row.pk: _key(row, now) for row in rows}
    had = set(
        Message.objects.filter(
            subscription__in=rows, key__in=set(keys.values())
        ).values_list("subscription_id", "key")
    )
    return [row for row in rows if (row.pk, keys[row.pk]) not in had]


def _is_carried_at_night(subscription: Subscription, now: datetime) -> bool:
    here = now.astimezone(zone_of_reader(subscription))
    return here.hour < NIGHT_ENDS_AT and _has_digest_today(subscription, now)


def _known(
    subscriptions: Iterable[Subscription], urgent: Iterable[ToldFlag]
) -> set[tuple[int, int]]:
    """Return of which of some flags which subscriptions have been alerted."""
    through = Message.flags.through.objects.filter(
        message__subscription__in=[row.pk for row in subscriptions],
        flag__in=[flag.id for flag in urgent],
    )
    return set(through.values_list("message__subscription_id", "flag_id"))


def _is_to_look(subscription: Subscription, now: datetime) -> bool:
    at = subscription.next_digest_at
    if at is not None and at - now <= DIGEST_IN_TIME:
        return False
    here = now.astimezone(zone_of_reader(subscription))
    return here.hour == subscription.hour and here.minute < LOOK_MINUTES


def _climbed(
    subscriptions: Collection[Subscription],
    people: dict[int, Reader],
    *,
    today: date,
    now: datetime,
) -> dict[int, list[ToldFlag]]:
    """Return what has climbed to each reader since the last message, by subscription."""
    found: dict[int, list[ToldFlag]] = defaultdict(list)
    without = [row for row in subscriptions if not _has_digest_today(row, now)]
    ids = {row.user_id for row in without}
    wanted = [reader for id, reader in people.items() if id in ids]
    if not wanted:
        return found
    latest = dict(
        Message.objects.filter(subscription__in=without, kind__in=_TELLING)
        .values_list("subscription_id")
        .annotate(Max("created_at"))
    )
    flags = told_flags(concerning(wanted, today), today=today)
    for row in without:
        told_on = timezone.localtime(latest.get(row.pk, row.created_at)).date()
        found[row.pk] = [
            flag
            for flag in flags
            if flag.has_climbed_to(row.user_id) and flag.climb.rung.since > told_on
        ]
    return found


def _has_digest_today(subscription: Subscription, now: datetime) -> bool:
    at = subscription.next_digest_at
    zone = zone_of_reader(subscription)
    return at is not None and local_day(at, zone) == local_day(now, zone)


def _write(
    subscription: Subscription,
    reader: Reader,
    news: _News,
    ways: Ways,
    *,
    today: date,
    now: datetime,
) -> int:
    named = {flag.id for flag in news.urgent}
    climbed = [flag for flag in news.climbed if flag.id not in named]
    if not (news.urgent or climbed):
        return 0
    rendered = alert_message(reader, news.urgent, climbed, ways, today=today)
    try:
        with transaction.atomic():
            message = Message.objects.create(
                subscription=subscription,
                kind=MessageKind.ALERT.value,
                key=_key(subscription, now),
                subject=rendered.subject,
                text=rendered.text,
                next_at=now,
                created_at=now,
            )
            message.flags.set(Flag.objects.filter(pk__in=named))
    except IntegrityError:
        # Another worker has written the day's alert in the same moment.
        return 0
    return 1


def _key(subscription: Subscription, now: datetime) -> str:
    return f"alert:{local_day(now, zone_of_reader(subscription))}"
