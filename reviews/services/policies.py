"""Changing how long verdicts hold, and what follows from it for the register."""

from datetime import date, datetime

from django.db import transaction

from reviews.models import ReviewPolicy, Solution
from reviews.rules.access import Actor, Permission, require
from reviews.rules.staleness import policy_for
from reviews.rules.vocabulary import Criticality, Kind, Verdict
from reviews.services.audit import record_change
from reviews.services.clock import CLOCK_FIELDS, policy_scopes, set_dates
from reviews.services.flags import settle_flags
from reviews.services.validation import validate
from reviews.services.weighing import weigh_solutions

BATCH = 2_000


def set_policy(
    *, policy: ReviewPolicy, actor: Actor, today: date, now: datetime
) -> None:
    """
    Add or change a review policy, and wind every clock that it bears on.

    :raises NotAllowedError: to anyone but administrators.
    :raises InvalidError: for months out of bounds, or a scope that has a policy.
    """
    require(actor, Permission.ADMINISTER, None)
    validate(policy)
    with transaction.atomic():
        what = "changed" if policy.pk else "added"
        policy.save()
        _record(policy, what, actor, now)
        _wind_all(today=today, now=now)


def remove_policy(
    *, policy: ReviewPolicy, actor: Actor, today: date, now: datetime
) -> None:
    """
    Take a review policy away, and wind every clock that it bore on.

    :raises NotAllowedError: to anyone but administrators.
    """
    require(actor, Permission.ADMINISTER, None)
    with transaction.atomic():
        _record(policy, "removed", actor, now)
        policy.delete()
        _wind_all(today=today, now=now)


def _record(policy: ReviewPolicy, what: str, actor: Actor, now: datetime) -> None:
    record_change(
        actor=actor,
        subject=policy,
        label=str(policy),
        what=what,
        details={
            name: value
            for name in ("months", "lead_after_days", "head_after_days")
            if (value := getattr(policy, name)) is not None
        },
        now=now,
    )


def _wind_all(*, today: date, now: datetime) -> None:
    """Derive every date anew, a batch at a time; only what moved is written."""
    scopes = policy_scopes()
    last = 0
    while True:
        batch = list(
            Solution.objects.exclude(state=Verdict.RETIRE.value)
            .filter(pk__gt=last)
            .order_by("pk")
            .prefetch_related("tags")
            .select_for_update(of=("self",), no_key=True)[:BATCH]
        )
        if not batch:
            return
        last = batch[-1].pk
        moved = []
        for solution in batch:
            before = [getattr(solution, name) for name in CLOCK_FIELDS]
            policy = policy_for(
                Kind(solution.kind),
                Criticality(solution.criticality),
                frozenset(tag.name for tag in solution.tags.all()),
                scopes,
            )
            set_dates(solution, policy=policy)
            if before != [getattr(solution, name) for name in CLOCK_FIELDS]:
                moved.append(solution)
        Solution.objects.bulk_update(moved, CLOCK_FIELDS, batch_size=200)
        ids = [solution.pk for solution in moved]
        settle_flags(solution_ids=ids, today=today, now=now)
        weigh_solutions(solution_ids=ids, today=today)
