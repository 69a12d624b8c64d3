"""
The six-month clock: when a review is owed, and how a day stands to that.

Days in, days out. What pulls a review forward is handed in; who may do what, and what
is stored, is decided elsewhere.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from reviews.rules.days import FIRST_DAY
from reviews.rules.vocabulary import Criticality, Freshness, Kind, Verdict

LONGEST_MONTHS = 6
DECAY_MONTHS = 12
DUE_SOON_DAYS = 30
CONTRACT_LEAD_DAYS = 30

_LAST_MONTH = date.max.year * 12 + date.max.month - 1


@dataclass(frozen=True, slots=True)
class Policy:
    """How many calendar months a verdict holds: one to six."""

    months: int

    def __post_init__(self) -> None:
        if not 1 <= self.months <= LONGEST_MONTHS:
            raise ValueError(
                f"A verdict holds 1 to {LONGEST_MONTHS} months, not {self.months}."
            )


SIX_MONTHS = Policy(LONGEST_MONTHS)


@dataclass(frozen=True, slots=True)
class PolicyScope:
    """
    The solutions that a policy is for; what it leaves empty, it leaves open.

    The days are those of `rules.escalation`, None where the policy says nothing of them.
    """

    policy: Policy
    kind: Kind | None = None
    criticality: Criticality | None = None
    tag: str | None = None
    lead_after_days: int | None = None
    head_after_days: int | None = None

    def covers(
        self, kind: Kind, criticality: Criticality, tags: frozenset[str]
    ) -> bool:
        """Return whether a solution with these properties falls under the policy."""
        return (
            self.kind in (None, kind)
            and self.criticality in (None, criticality)
            and (self.tag is None or self.tag in tags)
        )


@dataclass(frozen=True, slots=True)
class Pull:
    """A day on which something outside the clock wants a review, and what that is."""

    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Clock:
    """
    What the clock says of one solution.

    `next_review_on` is the earlier of `clock_due_on` and the pulls, and `pulled_by` says
    which pull it was, or nothing. All three days are None for what is retired, and
    `trust_ends_on` alone for what is already being deprecated. Where evidence is what
    pulls, `unpulled_on` is the day on which a review would be owed without it.
    """

    clock_due_on: date | None
    next_review_on: date | None
    trust_ends_on: date | None
    pulled_by: str = ""
    unpulled_on: date | None = None


def policy_for(
    kind: Kind,
    criticality: Criticality,
    tags: frozenset[str],
    scopes: Iterable[PolicyScope],
) -> Policy:
    """Return the shortest policy that covers a solution, six months if none does."""
    covering = (
        scope.policy.months for scope in scopes if scope.covers(kind, criticality, tags)
    )
    return Policy(min(covering, default=LONGEST_MONTHS))


def months_after(day: date, months: int) -> date:
    """
    Return the day so many calendar months later.

    A day that the target month lacks moves back to that month's last day. Beyond the
    last year that a date can hold, the answer is its last day, 9999-12-31.
    """
    month = day.year * 12 + day.month - 1 + months
    if month > _LAST_MONTH:
        return date.max
    year, month_index = divmod(month, 12)
    last_day = monthrange(year, month_index + 1)[1]
    return date(year, month_index + 1, min(day.day, last_day))


def due_date(last_reviewed: date, policy: Policy) -> date:
    """
    Return the day by which the next review is owed.

    Months are calendar months. A day that the target month lacks moves back to
    its last day: reviewed 31 August, due 28 (or 29) February.
    """
    return months_after(last_reviewed, policy.months)


def trust_end(last_vouched: date) -> date:
    """
    Return the day from which nobody has vouched for a solution for twelve months.

    For one that was never evaluated, the months count from its registration.
    """
    return months_after(last_vouched, DECAY_MONTHS)


def contract_notice_day(contract_ends_on: date, notice_period_days: int) -> date:
    """Return the last day on which notice ends a contract at its own end."""
    return _earlier(contract_ends_on, notice_period_days)


def contract_pull(
    contract_ends_on: date | None,
    notice_period_days: int | None,
    last_evaluated_on: date | None,
) -> Pull | None:
    """
    Return what a contract's end asks for: a review thirty days before notice is due.

    A review on that day or later answers the question, so there is no pull after it.
    Without a notice period the contract's end itself is the last day.
    """
    if contract_ends_on is None:
        return None
    notice_on = contract_notice_day(contract_ends_on, notice_period_days or 0)
    day = _earlier(notice_on, CONTRACT_LEAD_DAYS)
    if last_evaluated_on is not None and last_evaluated_on >= day:
        return None
    return Pull(
        on=day,
        reason=f"the contract ends on {contract_ends_on}, notice is due by {notice_on}",
    )


def clock(
    *,
    verdict: Verdict | None,
    last_evaluated_on: date | None,
    first_review_on: date,
    registered_on: date,
    policy: Policy,
    pulls: Iterable[Pull] = (),
    evidence: Pull | None = None,
) -> Clock:
    """
    Return what the clock says of a solution with this verdict, None for none yet.

    A pull brings the review forward and never pushes it back. A first review is never
    owed later than the policy's months after registration. `evidence` pulls like the
    others, and apart from them: it has flags of its own.
    """
    if verdict is Verdict.RETIRE:
        return Clock(None, None, None)
    if last_evaluated_on is None:
        clock_due_on = min(first_review_on, due_date(registered_on, policy))
    else:
        clock_due_on = due_date(last_evaluated_on, policy)
    trust_ends_on = (
        None
        if verdict is Verdict.DEPRECATE
        else trust_end(last_evaluated_on or registered_on)
    )
    earliest = min(pulls, key=lambda pull: pull.on, default=None)
    due_on, reason = clock_due_on, ""
    if earliest is not None and earliest.on < clock_due_on:
        due_on, reason = earliest.on, earliest.reason
    if evidence is None or evidence.on >= due_on:
        return Clock(clock_due_on, due_on, trust_ends_on, reason)
    return Clock(clock_due_on, evidence.on, trust_ends_on, evidence.reason, due_on)


def is_due(due_on: date, today: date) -> bool:
    """Return whether a review is owed now: from its due day on."""
    return due_on <= today


def is_overdue(due_on: date, today: date) -> bool:
    """Return whether a review is late: from the day after its due day."""
    return due_on < today


def freshness(
    *, verdict: Verdict | None, next_review_on: date | None, today: date
) -> Freshness | None:
    """
    Return how a solution stands to its clock; None for what is retired.

    Never reviewed is a standing of its own: it is not fresh, however far off the first
    review may lie.
    """
    if verdict is Verdict.RETIRE or next_review_on is None:
        return None
    if verdict is None:
        return Freshness.UNREVIEWED
    if is_overdue(next_review_on, today):
        return Freshness.OVERDUE
    if next_review_on <= due_soon_until(today):
        return Freshness.DUE_SOON
    return Freshness.FRESH


def due_soon_until(today: date) -> date:
    """Return the last day that counts as soon: thirty days from today."""
    return _later(today, DUE_SOON_DAYS)


def reviewed_since(today: date) -> date:
    """
    Return the first day on which an evaluation still counts as within six months.

    It is the earliest day whose due date, six months on, is today or later.
    """
    first = today.toordinal() - 7 * 31
    candidates = (date.fromordinal(n) for n in range(max(first, 1), today.toordinal()))
    return next(
        (day for day in candidates if due_date(day, SIX_MONTHS) >= today), today
    )


def _earlier(day: date, days: int) -> date:
    """Return the day so many days before, but none that the register cannot hold."""
    return max(date.fromordinal(max(day.toordinal() - days, 1)), FIRST_DAY)


def _later(day: date, days: int) -> date:
    return day + min(timedelta(days), date.max - day)
