"""How somebody is told, and what became of the last message, as the page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reviews.models import Message, Subscription
from reviews.rules.outgoing import SendState
from reviews.rules.telling import Channel


@dataclass(frozen=True, slots=True)
class LastMessage:
    """
    The last message over a channel.

    `sent_at` is None as long as it has not arrived; then `problem` says why, empty if it
    is merely to be sent. `is_refused` says that it will not be sent again.
    """

    subject: str
    written_at: datetime
    sent_at: datetime | None
    problem: str
    is_refused: bool


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A channel of a person; the address itself is nowhere to be read."""

    channel: Channel
    is_on: bool
    weekdays: str
    hour: int
    time_zone: str
    has_address: bool
    next_digest_at: datetime | None
    problem: str
    last: LastMessage | None


def subscriptions_of(user_id: int) -> Mapping[Channel, SubscriptionRow]:
    """Return the channels that somebody has, by name; a query each and one for all."""
    found = {}
    for row in Subscription.objects.filter(user=user_id):
        found[Channel(row.channel)] = SubscriptionRow(
            channel=Channel(row.channel),
            is_on=row.is_on,
            weekdays=row.weekdays,
            hour=row.hour,
            time_zone=row.time_zone,
            has_address=row.sealed_address != "",
            next_digest_at=row.next_digest_at if row.is_on else None,
            problem=row.problem,
            last=_last(row),
        )
    return found


def _last(subscription: Subscription) -> LastMessage | None:
    message: Message | None = subscription.messages.order_by("-pk").first()
    if message is None:
        return None
    return LastMessage(
        subject=message.subject,
        written_at=message.created_at,
        sent_at=message.done_at if message.state == SendState.DONE else None,
        problem=message.problem,
        is_refused=message.refused_at is not None,
    )
