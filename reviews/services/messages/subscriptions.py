"""How people want to be told: by which channels, on which days, at which hour."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from reviews.models import Message, Subscription, User
from reviews.ports.vault import Vault
from reviews.rules.outgoing import SendState
from reviews.rules.schedule import (
    DEFAULT_HOUR,
    EVERY_DAY,
    WORKING_DAYS,
    next_digest_at,
)
from reviews.rules.telling import Channel, MessageKind
from reviews.services.errors import InvalidError
from reviews.services.messages.wording import Ways, proof_message

ADDRESS_LIMIT = 2_000

# Source: Slack's API, "IDs of objects": U or W for people, C, G or D for conversations.
_SLACK_ID = re.compile(r"[UWCGD][A-Z0-9]{2,30}")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When somebody wants to be told; `weekdays` are ISO weekdays as digits."""

    is_on: bool = True
    weekdays: str = WORKING_DAYS
    hour: int = DEFAULT_HOUR
    time_zone: str = "UTC"


def ensure_subscriptions(*, now: datetime, time_zone: str) -> int:
    """
    Give everybody an e-mail subscription who can sign in, has an address, and has none.

    Return how many that were. Two statements, however many they are.
    """
    known = Subscription.objects.filter(
        user=OuterRef("pk"), channel=Channel.EMAIL.value
    )
    lacking = User.objects.filter(~Exists(known), is_active=True).exclude(email="")
    ids = list(lacking.order_by("pk").values_list("pk", flat=True))
    if not ids:
        return 0
    first_at = next_digest_at(
        now, weekdays=WORKING_DAYS, hour=DEFAULT_HOUR, zone=zone_of(time_zone)
    )
    made = Subscription.objects.bulk_create(
        (
            Subscription(
                user_id=id,
                channel=Channel.EMAIL.value,
                weekdays=WORKING_DAYS,
                hour=DEFAULT_HOUR,
                time_zone=time_zone,
                next_digest_at=first_at,
                created_at=now,
            )
            for id in ids
        ),
        ignore_conflicts=True,
    )
    return len(made)


def save_subscription(
    *,
    user_id: int,
    channel: Channel,
    schedule: Schedule,
    address: str,
    vault: Vault,
    now: datetime,
) -> Subscription:
    """
    Store how somebody wants to be told over a channel.

    An empty address keeps the one that was given before. Whether another may be asked at
    all, the door has looked.

    :raises InvalidError: for a time zone, a day or an hour that there is none of, and
        for a channel that is switched on without an address.
    """
    _check(schedule)
    known = Subscription.objects.filter(user=user_id, channel=channel.value).first()
    sealed = known.sealed_address if known else ""
    if address:
        sealed = vault.seal(_checked_address(channel, address))
    if schedule.is_on and channel is not Channel.EMAIL and not sealed:
        raise InvalidError("Without an address nothing can be sent.", field="address")
    columns = {
        "sealed_address": sealed,
        "is_on": schedule.is_on,
        "weekdays": "".join(sorted(set(schedule.weekdays))),
        "hour": schedule.hour,
        "time_zone": schedule.time_zone,
        "next_digest_at": next_digest_at(
            now,
            weekdays=schedule.weekdays,
            hour=schedule.hour,
            zone=zone_of(schedule.time_zone),
        ),
        # Whoever changes something sees the whole of it next, over the new way.
        "told": "",
        "problem": "",
    }
    subscription, _ = Subscription.objects.update_or_create(
        user_id=user_id,
        channel=channel.value,
        defaults=columns,
        create_defaults=columns | {"created_at": now},
    )
    return subscription


def stop(*, token: UUID) -> Subscription | None:
    """
    End the subscription that a message named; what was not sent yet is not sent.

    Return it, None if nothing goes by that token. To end it again changes nothing.
    """
    with transaction.atomic():
        found = Subscription.objects.filter(stop_token=token).first()
        if found is None:
            return None
        Subscription.objects.filter(pk=found.pk).update(is_on=False)
        waiting = Q(state=SendState.READY.value, first_sent_at=None)
        found.messages.filter(waiting).delete()
    found.is_on = False
    return found


def send_test(
    *, user_id: int, channel: Channel, site_url: str, now: datetime
) -> Message:
    """
    Have a message sent that only shows that messages arrive; one a minute.

    :raises InvalidError: if the channel is not set up, or is switched off.
    """
    subscription = (
        Subscription.objects.filter(
            user=user_id, user__is_active=True, channel=channel.value, is_on=True
        )
        .select_related("user")
        .first()
    )
    if subscription is None:
        raise InvalidError("Switch the channel on and save it first.")
    rendered = proof_message(
        subscription.user.label(), Ways(site_url, str(subscription.stop_token))
    )
    message, _ = Message.objects.get_or_create(
        subscription=subscription,
        key=f"test:{now:%Y-%m-%dT%H:%M}",
        defaults={
            "kind": MessageKind.TEST.value,
            "subject": rendered.subject,
            "text": rendered.text,
            "next_at": now,
            "created_at": now,
        },
    )
    return message


def readers_of(channels: Collection[Channel]) -> Q:
    """Return the condition for subscriptions over which their readers can be told."""
    open_ones = [channel.value for channel in channels]
    addressed = ~Q(channel=Channel.EMAIL.value) | ~Q(user__email="")
    return Q(addressed, channel__in=open_ones, is_on=True, user__is_active=True)


_OF_THIS_MACHINE = frozenset({"localtime", "posixrules", "Factory"})
"""Files beside the zones, which say something else on every machine."""


def zone_of(name: str) -> ZoneInfo:
    """
    Return a time zone by its name.

    :raises InvalidError: if there is none of that name.
    """
    try:
        if name in _OF_THIS_MACHINE or name.startswith(("posix/", "right/")):
            raise ZoneInfoNotFoundError(name)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        # A name with a step up, a folder, or a null in it is none either.
        raise InvalidError(
            "There is no time zone of that name: write one such as Europe/Berlin.",
            field="time_zone",
        ) from error


def zone_of_reader(subscription: Subscription) -> ZoneInfo:
    """Return a subscription's time zone; UTC where its zone has been done away with."""
    try:
        return zone_of(subscription.time_zone)
    except InvalidError:
        return ZoneInfo("UTC")


def _check(schedule: Schedule) -> None:
    if not set(schedule.weekdays) <= set(EVERY_DAY):
        raise InvalidError("Weekdays are 1 for Monday to 7.", field="weekdays")
    if not 0 <= schedule.hour <= 23:
        raise InvalidError("An hour is between 0 and 23.", field="hour")
    if len(schedule.time_zone) > 50:
        raise InvalidError("No time zone has so long a name.", field="time_zone")
    zone_of(schedule.time_zone)


def _checked_address(channel: Channel, address: str) -> str:
    if channel is Channel.EMAIL:
        raise InvalidError(
            "E-mail goes to the address of your account.", field="address"
        )
    if len(address) > ADDRESS_LIMIT:
        raise InvalidError("The address is too long.", field="address")
    if channel is Channel.SLACK_BOT and not _SLACK_ID.fullmatch(address):
        raise InvalidError(
            "A member id of Slack looks like U024BE7LH: it is in your profile there, "
            "under “Copy member ID”.",
            field="address",
        )
    return address
