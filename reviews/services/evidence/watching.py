"""Which solution is asked about next, and by which worker."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q

from reviews.models import Signal, Solution, SourceCheck, Watch
from reviews.rules.evidence.collecting import CLAIM, asked_every, next_asking
from reviews.rules.signals import HOLD
from reviews.rules.vocabulary import Criticality, Kind, Verdict

# Whatever came into the register, by whatever door, is asked about at once.
_WATCH_NEW = f"""
    INSERT INTO reviews_watch (solution_id, ask_at)
    SELECT id, %(now)s FROM reviews_solution AS solution
    WHERE state <> '{Verdict.RETIRE}' AND NOT EXISTS (
        SELECT 1 FROM reviews_watch AS watch WHERE watch.solution_id = solution.id
    )
    ON CONFLICT DO NOTHING
"""


def watch_new_solutions(*, now: datetime) -> int:
    """Begin to watch what nobody watches yet; return how many that were."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WATCH_NEW, {"now": connection.ops.adapt_datetimefield_value(now)}
        )
        return int(cursor.rowcount)


def claim_due(*, now: datetime, limit: int) -> list[tuple[int, datetime]]:
    """
    Take the solutions that are to be asked about, the longest waiting first.

    Returns each with the instant until which it is taken. A worker that dies gives it
    back by that; nobody else gets it before.
    """
    waiting = (
        Watch.objects.due_at(now)
        .exclude(solution__state=Verdict.RETIRE.value)
        .order_by("ask_at", "solution_id")
        .values_list("solution_id", flat=True)[:limit]
    )
    claimed = []
    for solution_id in waiting:
        until = claim(solution_id=solution_id, now=now)
        if until is not None:
            claimed.append((solution_id, until))
    return claimed


def claim(*, solution_id: int, now: datetime) -> datetime | None:
    """Take one solution; return until when, or None where another worker has it."""
    until = now + CLAIM
    free = Watch.objects.filter(solution_id=solution_id).free_at(now)
    return until if free.update(taken_until=until) else None


def take_claimed(*, solution_id: int, until: datetime, now: datetime) -> bool:
    """
    Return whether a claim still holds; it is used up by that.

    A message that the broker delivers twice finds the claim used the second time.
    """
    claimed = Watch.objects.filter(solution_id=solution_id, taken_until=until)
    return claimed.update(taken_until=now + CLAIM + timedelta(microseconds=1)) == 1


def free_all_claims() -> None:
    """End every claim: for whoever knows that no worker is left that holds one."""
    Watch.objects.exclude(taken_until=None).update(taken_until=None)


def give_back(*, solution_id: int) -> None:
    """End a claim without a word on when to ask next."""
    Watch.objects.filter(solution_id=solution_id).update(taken_until=None)


def ask_soon(*, solution_ids: Sequence[int], now: datetime) -> None:
    """Have the sources asked anew about solutions whose version or names changed."""
    Watch.objects.filter(solution_id__in=solution_ids, ask_at__gt=now).update(
        ask_at=now
    )


def note_asked(*, solution_id: int, now: datetime) -> None:
    """Say that the sources were asked, and when they are asked again."""
    solution = Solution.objects.get(pk=solution_id)
    every = asked_every(Kind(solution.kind), Criticality(solution.criticality))
    ask_at = next_asking(now, every, share_of_day(solution.slug))
    failing = (
        SourceCheck.objects.filter(solution_id=solution_id, retry_at__gt=now)
        .order_by("retry_at")
        .values_list("retry_at", flat=True)
        .first()
    )
    if failing is not None:
        ask_at = min(ask_at, failing)
    if solution.updated_at > now:
        # Edited while it was asked about: the sources may have been asked for the old.
        ask_at = now
    Watch.objects.update_or_create(
        solution_id=solution_id,
        defaults={"ask_at": ask_at, "asked_at": now, "taken_until": None},
    )


def share_of_day(slug: str) -> float:
    """Return a solution's place in the day, from 0 to 1, the same every day."""
    digest = hashlib.sha256(slug.encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32


def not_judged_on(*, today: date, after: int, limit: int) -> list[int]:
    """Return watched solutions that the rules have not spoken of today, by their id."""
    return list(
        Watch.objects.filter(solution_id__gt=after)
        .filter(Q(judged_on__lt=today) | Q(judged_on=None))
        .order_by("solution_id")
        .values_list("solution_id", flat=True)[:limit]
    )


def note_judged(*, solution_ids: Sequence[int], today: date) -> None:
    """Say that the rules have spoken of solutions on a day."""
    Watch.objects.filter(solution_id__in=solution_ids).update(judged_on=today)


def hold_over(*, now: datetime, since: datetime) -> list[int]:
    """Return the solutions with something that ended, and whose hold is over since."""
    return list(
        Signal.objects.filter(ended_at__range=(since - HOLD, now - HOLD))
        .values_list("solution_id", flat=True)
        .distinct()
    )
