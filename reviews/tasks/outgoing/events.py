"""Events: made into deliveries to webhooks, and delivered, each endpoint by itself."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from reviews.connectors.webhooks import WebhookSender
from reviews.queries.webhooks import endpoints_with_something_due
from reviews.services.webhooks.delivering import send_deliveries
from reviews.services.webhooks.events import note_climbs, tell_endpoints
from reviews.wiring import outside_client, vault

logger = logging.getLogger(__name__)

NOTICE_LIMIT = 20_000
"""How many notices are made into deliveries in one minute."""

SENDING = timedelta(seconds=50)
"""How long one endpoint is sent to before the next look for what is due."""


@shared_task
def tell_of_events() -> None:
    """Make what happened into deliveries, and have each endpoint sent what is due."""
    note_climbs(today=timezone.localdate(), now=timezone.now())
    told = tell_endpoints(
        now=timezone.now(), site_url=settings.SITE_URL, limit=NOTICE_LIMIT
    )
    if told:
        logger.info("events: %s taken up", told)
    for endpoint_id in endpoints_with_something_due(timezone.now()):
        # A task each, so that a slow one holds nobody up; just under the minute after
        # which the next look asks again.
        deliver_to.apply_async(kwargs={"endpoint_id": endpoint_id}, expires=55)


@shared_task
def deliver_to(*, endpoint_id: int) -> None:
    """Send what is due to one endpoint."""
    sent = send_deliveries(
        endpoint_id=endpoint_id,
        sender=WebhookSender(outside_client()),
        vault=vault(),
        clock=timezone.now,
        until=timezone.now() + SENDING,
    )
    if sent.failed:
        logger.warning(
            "webhook %s: %s delivered, %s failed",
            endpoint_id,
            sent.done,
            sent.failed,
        )
