"""Sending messages: each to its reader at least once, under one Message-ID."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import Exists, OuterRef

from reviews.models import Flag, Message, Subscription
from reviews.ports.notices import Letter, Messenger
from reviews.ports.outside import OutsideError
from reviews.ports.vault import SealedError, Vault
from reviews.rules.outgoing import MESSAGE_PAUSES, pause_after
from reviews.rules.telling import Channel, MessageKind
from reviews.services import outgoing
from reviews.services.messages.wording import Ways

logger = logging.getLogger(__name__)

LOOKED_AT = 500
"""How many messages are looked at in one round."""

TOO_LATE = timedelta(days=7)
"""From when on a message that nobody could be given says nothing new."""

KEPT = timedelta(days=90)

PROBLEM_LIMIT = 300


@dataclass(slots=True)
class SentMessages:
    """What came of a round: how many were sent, put off, and refused for good."""

    sent: int = 0
    put_off: int = 0
    refused: int = 0
    # Channels whose server nobody reached: the other messages need not wait for it.
    silent: set[str] = field(default_factory=set)


def send_messages(
    *,
    messengers: Callable[[Channel], Messenger],
    channels: Collection[Channel],
    vault: Vault,
    clock: Callable[[], datetime],
    until: datetime,
    site_url: str,
) -> SentMessages:
    """
    Send what is to be sent, until an instant; return what came of it.

    A message whose outcome nobody heard goes out again under the same id. One that is
    refused holds up no other. Nothing goes to who has left or has said stop.
    """
    outcome = SentMessages()
    due = (
        Message.objects.to_take_up_at(clock())
        .filter(subscription__channel__in=[channel.value for channel in channels])
        .order_by("next_at", "pk")
    )
    rows = due.values_list("pk", "subscription__channel")[:LOOKED_AT]
    made: dict[str, Messenger] = {}
    for id, channel in list(rows):
        if clock() >= until:
            break
        if channel in outcome.silent:
            continue
        message = outgoing.take(Message, id, now=clock(), lag=MESSAGE_PAUSES[0])
        if message is None:
            continue
        try:
            if channel not in made:
                made[channel] = messengers(Channel(channel))
            _send(message, made[channel], vault, clock, site_url, outcome)
        except outgoing.LostClaimError:
            logger.info("message %s was taken by another worker", id)
    return outcome


def forget_messages(*, now: datetime) -> int:
    """
    Delete the messages that are more than ninety days old; return how many rows went.

    What told of a flag that is still open stays: nobody is alerted of it twice. What was
    never sent, for want of a channel, says nothing new after so long.
    """
    old = Message.objects.filter(created_at__lt=now - KEPT)
    still_open = Message.flags.through.objects.filter(
        message=OuterRef("pk"), flag__in=Flag.objects.open()
    )
    deleted, _ = old.filter(~Exists(still_open)).delete()
    return deleted


def _send(
    message: Message,
    messenger: Messenger,
    vault: Vault,
    clock: Callable[[], datetime],
    site_url: str,
    outcome: SentMessages,
) -> None:
    subscription = Subscription.objects.select_related("user").get(
        pk=message.subscription_id
    )
    obstacle = _obstacle(message, subscription, clock())
    try:
        to = _address(subscription, vault)
    except SealedError as error:
        to, obstacle = "", obstacle or str(error)
        _note(subscription, str(error))
    if obstacle or not to:
        _refuse(message, obstacle or "There is no address.", clock(), outcome)
        return
    letter = Letter(
        id=f"<{message.message_id}@{urlsplit(site_url).hostname or 'localhost'}>",
        to=to,
        subject=message.subject,
        text=message.text,
        stop_url=Ways(site_url, str(subscription.stop_token)).stop,
    )
    outgoing.intend(message, now=clock())
    try:
        messenger.send(letter)
    except OutsideError as error:
        _failed(message, subscription, error, clock(), outcome)
        return
    outgoing.finish(message, now=clock())
    if subscription.problem:
        _note(subscription, "")
    outcome.sent += 1


def _obstacle(message: Message, subscription: Subscription, now: datetime) -> str:
    """Return why a message is not to be sent any more, empty if it is."""
    if not subscription.user.is_active:
        return "Its reader has left."
    if not subscription.is_on:
        return "Its reader has said stop."
    if now - message.created_at > TOO_LATE:
        return f"It could not be sent for {TOO_LATE.days} days. {message.problem}"
    return ""


def _address(subscription: Subscription, vault: Vault) -> str:
    if subscription.channel == Channel.EMAIL:
        return subscription.user.email
    return vault.open(subscription.sealed_address)


def _failed(
    message: Message,
    subscription: Subscription,
    error: OutsideError,
    now: datetime,
    outcome: SentMessages,
) -> None:
    said = str(error)
    logger.info("message %s: %s", message.pk, said)
    if error.permanent:
        _note(subscription, said)
        _refuse(message, said, now, outcome)
        return
    outcome.put_off += 1
    if error.unknown:
        lag = pause_after(message.attempts, MESSAGE_PAUSES)
        outgoing.leave_unknown(message, problem=said, lag=lag, now=now)
        return
    outgoing.put_off(
        message,
        problem=said,
        now=now,
        pauses=MESSAGE_PAUSES,
        retry_after=error.retry_after,
    )
    if not error.status and subscription.channel == Channel.EMAIL:
        # There is one mail server: whoever comes next would wait for it as long.
        outcome.silent.add(subscription.channel)


def _refuse(
    message: Message, problem: str, now: datetime, outcome: SentMessages
) -> None:
    outgoing.refuse(message, problem=problem, now=now)
    outcome.refused += 1
    if message.kind == MessageKind.DIGEST:
        # Nobody was told: the next digest is not to be skipped as if somebody were.
        Subscription.objects.filter(pk=message.subscription_id).update(told="")


def _note(subscription: Subscription, problem: str) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(
        problem=problem[:PROBLEM_LIMIT]
    )
