"""The worker's door: read the clock, call one service. The queue is only a hint."""

import logging
from datetime import datetime, time

from celery import shared_task
from django.utils import timezone

from reviews.models import Scan
from reviews.services.errors import BusyError
from reviews.services.idempotency import forget_answers
from reviews.services.scanning import scan as run_scan

logger = logging.getLogger(__name__)


@shared_task
def scan() -> None:
    """Scan for today, in the team's time zone."""
    today = timezone.localdate()
    try:
        outcome = run_scan(on=today, today=today, now=timezone.now())
    except BusyError:
        logger.info("scan of %s: another one is running, this one is not needed", today)
        return
    logger.info(
        "scan of %s: opened %s, closed %s, left out %s",
        today,
        outcome.settlement.opened,
        outcome.settlement.closed,
        len(outcome.problems),
    )


@shared_task
def scan_if_missed() -> None:
    """Scan unless today's scan is done: asked at every start, and every hour."""
    today = timezone.localdate()
    midnight = timezone.make_aware(datetime.combine(today, time.min))
    if not Scan.objects.covers(today, midnight, timezone.now()):
        scan()


@shared_task
def clear_away() -> None:
    """Delete what was kept for a day only."""
    forget_answers(now=timezone.now())
