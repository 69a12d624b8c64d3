"""Telling one person something, over every channel that the person has."""

from datetime import datetime

from reviews.models import Message, Subscription
from reviews.rules.telling import MessageKind


def tell(
    *, user_id: int, kind: MessageKind, key: str, subject: str, text: str, now: datetime
) -> int:
    """
    Write a message for each channel of somebody who may sign in; return how many.

    What has the same key was told already, and is not told again. Call it in the
    transaction of what is told: the message is sent once that is committed.
    """
    subscriptions = Subscription.objects.filter(
        user_id=user_id, user__is_active=True, is_on=True
    )
    messages = Message.objects.bulk_create(
        (
            Message(
                subscription=subscription,
                kind=kind.value,
                key=key,
                subject=subject[:200],
                text=text,
                next_at=now,
                created_at=now,
            )
            for subscription in subscriptions
        ),
        ignore_conflicts=True,
    )
    return len(messages)
