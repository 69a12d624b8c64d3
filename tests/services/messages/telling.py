"""Subscriptions and messages for the tests, written and sent as the task does it."""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Any

from reviews.connectors.vault import SecretVault
from reviews.models import Message, Solution, Subscription, User
from reviews.ports.notices import Messenger
from reviews.rules.telling import Channel
from reviews.services.messages.alerts import write_alerts
from reviews.services.messages.digests import write_digests
from reviews.services.messages.sending import SentMessages, send_messages
from tests.conftest import NOW, TODAY
from tests.evidence import flagged

SITE = "https://tracker.example"
VAULT = SecretVault(["only-for-the-tests"])
EVERYTHING = frozenset(Channel)


def subscribed(
    user: User, channel: Channel = Channel.EMAIL, **more: Any
) -> Subscription:
    given = {"time_zone": "UTC", "next_digest_at": NOW, "created_at": NOW}
    return Subscription.objects.create(user=user, channel=channel.value, **given | more)


def digests(
    now: datetime = NOW,
    today: date | None = None,
    channels: Collection[Channel] = EVERYTHING,
) -> int:
    return write_digests(
        today=today or now.date(), now=now, channels=channels, site_url=SITE
    )


def alerts(now: datetime = NOW, channels: Collection[Channel] = EVERYTHING) -> int:
    return write_alerts(today=now.date(), now=now, channels=channels, site_url=SITE)


def sent(
    messenger: Messenger | Callable[[Channel], Messenger],
    *,
    now: datetime = NOW,
    clock: Callable[[], datetime] | None = None,
    channels: Collection[Channel] = EVERYTHING,
) -> SentMessages:
    chosen: Any = messenger if callable(messenger) else lambda channel: messenger
    return send_messages(
        messengers=chosen,
        channels=channels,
        vault=VAULT,
        clock=clock or (lambda: now),
        until=now + timedelta(seconds=50),
        site_url=SITE,
    )


def told(subscription: Subscription) -> list[Message]:
    return list(subscription.messages.order_by("pk"))


def quarantined(solution: Solution, **more: Any) -> Any:
    """Return a flag that cannot wait."""
    given = {
        "cause": "withdrawn",
        "severity": "critical",
        "due_on": TODAY,
        "reason": "PyPI has quarantined it.",
    }
    return flagged(solution, **given | more)
