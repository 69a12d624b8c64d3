"""What the evidence asks on a new day, for the whole register, a batch at a time."""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import DatabaseError, InterfaceError, OperationalError

from reviews.services.evidence.forecasting import forecast
from reviews.services.evidence.judging import judge_solutions
from reviews.services.evidence.watching import hold_over, not_judged_on, note_judged
from reviews.services.flags import Settlement

logger = logging.getLogger(__name__)

BATCH = 500
HOLD_WINDOW = timedelta(hours=26)


def judge_register(*, today: date, now: datetime) -> Settlement:
    """
    Judge every watched solution that was not judged today, and those whose hold is over.

    It may run twice, twice at once, or be broken off: what it did is done, and the next
    one does the rest. A solution that the database refuses is reported and left out.
    """
    settlement = Settlement()
    last = 0
    while batch := not_judged_on(today=today, after=last, limit=BATCH):
        last = batch[-1]
        settlement += _judge(batch, today, now)
        note_judged(solution_ids=batch, today=today)
    ended = hold_over(now=now, since=now - HOLD_WINDOW)
    return settlement + judge_again(solution_ids=ended, today=today, now=now)


def judge_again(
    *, solution_ids: Sequence[int], today: date, now: datetime
) -> Settlement:
    """Judge some solutions, and leave out and report those that cannot be judged."""
    settlement = Settlement()
    for start in range(0, len(solution_ids), BATCH):
        settlement += _judge(list(solution_ids[start : start + BATCH]), today, now)
    return settlement


def _judge(solution_ids: list[int], today: date, now: datetime) -> Settlement:
    """Judge some at once, and halve where one of them is refused."""
    try:
        forecast(solution_ids=solution_ids, today=today, now=now)
        return judge_solutions(solution_ids=solution_ids, today=today, now=now)
    except (OperationalError, InterfaceError):
        raise
    except (DatabaseError, ValueError, TypeError, LookupError, ArithmeticError):
        if len(solution_ids) == 1:
            logger.exception("evidence of solution %s left out", solution_ids[0])
            return Settlement()
    half = len(solution_ids) // 2
    return _judge(solution_ids[:half], today, now) + _judge(
        solution_ids[half:], today, now
    )
