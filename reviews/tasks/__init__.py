"""The worker's door: read the clock, call one service. The queue is only a hint."""

import logging
from datetime import datetime, time

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from reviews.models import Scan
from reviews.services.assumptions import watch_assumptions
from reviews.services.errors import BusyError, ConflictError
from reviews.services.evidence.collecting import collect_evidence
from reviews.services.evidence.nightly import judge_register
from reviews.services.evidence.watching import (
    claim_due,
    take_claimed,
    watch_new_solutions,
)
from reviews.services.idempotency import forget_answers
from reviews.services.messages.sending import forget_messages
from reviews.services.scanning import scan as run_scan
from reviews.services.tickets.receiving import forget_arrivals
from reviews.services.webhooks.events import forget_deliveries
from reviews.services.weighing import weigh_register as weigh_all
from reviews.wiring import evidence_sources

logger = logging.getLogger(__name__)

CLAIM_LIMIT = 500
"""How many solutions are taken in five minutes: 144,000 a day."""


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
        "scan of %s: opened %s, closed %s, asked again %s, left out %s",
        today,
        outcome.settlement.opened,
        outcome.settlement.closed,
        outcome.settlement.asked_again,
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
def collect_due_evidence() -> None:
    """Have each solution asked about whose time has come."""
    if not settings.EVIDENCE:
        return
    now = timezone.now()
    watch_new_solutions(now=now)
    for solution_id, until in claim_due(now=now, limit=CLAIM_LIMIT):
        collect_evidence_of.delay(solution_id=solution_id, until=until.isoformat())


@shared_task
def collect_evidence_of(*, solution_id: int, until: str) -> None:
    """Ask the sources about a solution, if the claim on it still holds."""
    now = timezone.now()
    if not take_claimed(
        solution_id=solution_id, until=datetime.fromisoformat(until), now=now
    ):
        return
    try:
        collection = collect_evidence(
            solution_id=solution_id,
            sources=evidence_sources(),
            today=timezone.localdate(),
            now=now,
        )
    except ConflictError:
        logger.info("solution %s left the register while asked about", solution_id)
        return
    for source, error in collection.failed.items():
        logger.info("evidence of solution %s from %s: %s", solution_id, source, error)


@shared_task
def judge_evidence() -> None:
    """Bring flags into line with what the evidence asks today, once for each day."""
    today, now = timezone.localdate(), timezone.now()
    settlement = judge_register(today=today, now=now)
    settlement += watch_assumptions(today=today, now=now)
    if settlement.opened or settlement.closed:
        logger.info(
            "evidence: opened %s, closed %s", settlement.opened, settlement.closed
        )


@shared_task
def weigh_register() -> None:
    """Put every solution in its place in the queue: imports move the dependents."""
    moved = weigh_all(today=timezone.localdate())
    logger.info("weighed the register: %s solutions changed their place", moved)


@shared_task
def clear_away() -> None:
    """Delete what was kept for a while only."""
    now = timezone.now()
    forget_answers(now=now)
    forget_messages(now=now)
    forget_arrivals(now=now)
    forget_deliveries(now=now)
