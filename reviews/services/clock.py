"""
Winding the clock: bringing a solution's dates into line with its log and the policies.

The dates themselves are worked out by `rules.staleness`; here they are put into the
solution's fields, which the caller stores.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from reviews.models import ReviewPolicy, Solution
from reviews.queries.log import logs_of
from reviews.rules.staleness import (
    Policy,
    PolicyScope,
    Pull,
    clock,
    contract_pull,
    policy_for,
)
from reviews.rules.verdicts import LoggedVerdict, standing_verdict
from reviews.rules.vocabulary import UNREVIEWED, Criticality, Kind, Verdict

CLOCK_FIELDS = (
    "state",
    "last_evaluated_on",
    "clock_due_on",
    "next_review_on",
    "pulled_by",
    "trust_ends_on",
    "evidence_due_on",
    "evidence_reason",
    "unpulled_on",
    "planned_on",
    "assumption_due_on",
    "assumption_reason",
)


def policy_scopes() -> list[PolicyScope]:
    """Return every review policy as the rules see it."""
    return [row.scope() for row in ReviewPolicy.objects.select_related("tag")]


def policy_of(solution: Solution, tags: Iterable[str]) -> Policy:
    """Return how long a verdict holds for a solution."""
    return policy_for(
        Kind(solution.kind),
        Criticality(solution.criticality),
        frozenset(tags),
        policy_scopes(),
    )


def log_of(solution: Solution) -> list[LoggedVerdict]:
    """Return a solution's log as far as it bears on its state."""
    return logs_of([solution.pk]).get(solution.pk, [])


def wind_clock(
    solution: Solution, *, policy: Policy, log: Iterable[LoggedVerdict]
) -> None:
    """
    Set a solution's state and dates from its log; the caller saves CLOCK_FIELDS.

    The review that was planned, or that an assumption asked for, has been done by that:
    both are cleared, and what is assumed now is for the caller to have judged anew.
    """
    standing = standing_verdict(log)
    solution.state = standing.verdict.value if standing else UNREVIEWED
    solution.last_evaluated_on = standing.evaluated_on if standing else None
    _forget_what_was_asked(solution)
    set_dates(solution, policy=policy)


def set_dates(solution: Solution, *, policy: Policy) -> None:
    """Set a solution's dates from its state; the caller saves CLOCK_FIELDS."""
    if solution.verdict() is Verdict.RETIRE:
        _forget_what_was_asked(solution)
    dates = clock(
        verdict=solution.verdict(),
        last_evaluated_on=solution.last_evaluated_on,
        first_review_on=solution.first_review_on,
        registered_on=solution.registered_on,
        policy=policy,
        pulls=_pulls(solution),
        evidence=(
            Pull(solution.evidence_due_on, solution.evidence_reason)
            if solution.evidence_due_on
            else None
        ),
    )
    solution.clock_due_on = dates.clock_due_on
    solution.next_review_on = dates.next_review_on
    solution.trust_ends_on = dates.trust_ends_on
    solution.pulled_by = dates.pulled_by
    solution.unpulled_on = dates.unpulled_on


def _pulls(solution: Solution) -> Iterator[Pull]:
    """Return all that wants a review on a day, apart from evidence."""
    contract = contract_pull(
        solution.contract_ends_on,
        solution.notice_period_days,
        solution.last_evaluated_on,
    )
    if contract:
        yield contract
    if solution.assumption_due_on:
        yield Pull(solution.assumption_due_on, solution.assumption_reason)
    if solution.planned_on:
        monday = solution.planned_on - timedelta(days=solution.planned_on.weekday())
        yield Pull(solution.planned_on, f"it is planned for the week of {monday}")


def _forget_what_was_asked(solution: Solution) -> None:
    solution.planned_on = None
    solution.assumption_due_on = None
    solution.assumption_reason = ""
