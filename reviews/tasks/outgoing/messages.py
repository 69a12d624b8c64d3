"""Messages: digests and alerts, written and sent."""

import logging
from collections.abc import Callable
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from reviews.services.messages.alerts import write_alerts
from reviews.services.messages.digests import write_digests
from reviews.services.messages.sending import send_messages
from reviews.services.messages.subscriptions import ensure_subscriptions
from reviews.wiring import messenger, open_channels, vault

logger = logging.getLogger(__name__)

WORKS_FOR = timedelta(seconds=50)
"""How long a round lasts: the next one begins after a minute."""


@shared_task
def write_messages() -> None:
    """Write what people are to be told now, and send what was written."""
    now, today = timezone.now(), timezone.localdate()
    until = now + WORKS_FOR
    channels = open_channels()

    def ensure() -> int:
        return ensure_subscriptions(now=now, time_zone=settings.TRACKER_TIME_ZONE)

    def alert() -> int:
        return write_alerts(
            today=today, now=now, channels=channels, site_url=settings.SITE_URL
        )

    def digest() -> int:
        return write_digests(
            today=today, now=now, channels=channels, site_url=settings.SITE_URL
        )

    def send() -> int:
        outcome = send_messages(
            messengers=messenger,
            channels=channels,
            vault=vault(),
            clock=timezone.now,
            until=until,
            site_url=settings.SITE_URL,
        )
        return outcome.sent

    for what, step in (
        ("new subscriptions", ensure),
        ("alerts written", alert),
        ("digests written", digest),
        ("messages sent", send),
    ):
        _guarded(what, step)


def _guarded(what: str, step: Callable[[], int]) -> None:
    """Take a step; one that fails keeps the next from nothing."""
    try:
        if number := step():
            logger.info("%s: %s", what, number)
    except Exception:
        logger.exception("%s", what)
