"""
Spreading first reviews, so that no week gets more than its share.

The riskiest come first. Nothing is ever put off beyond the policy's months.
"""

from datetime import date, timedelta

from reviews.rules.staleness import Policy, due_date
from reviews.rules.vocabulary import Criticality

_FIRST_REVIEW_DAYS = {
    Criticality.CRITICAL: 7,
    Criticality.HIGH: 14,
    Criticality.MEDIUM: 30,
    Criticality.LOW: 60,
}
_RISK_ORDER = tuple(_FIRST_REVIEW_DAYS)


def first_review_day(
    registered_on: date, criticality: Criticality, policy: Policy
) -> date:
    """
    Return the day by which a solution that was registered by itself is first reviewed.

    A week for what is critical, up to sixty days for what matters least.
    """
    day = registered_on + timedelta(days=_FIRST_REVIEW_DAYS[criticality])
    return min(day, due_date(registered_on, policy))


def first_review_days(
    registered_on: date, solutions: list[tuple[Criticality, Policy]]
) -> list[date]:
    """
    Return the day of the first review of each of many solutions, in the order given.

    They are spread evenly from tomorrow to the end of each one's window, the more
    critical before the less; equals keep their order.
    """
    queue = sorted(
        range(len(solutions)),
        key=lambda index: _RISK_ORDER.index(solutions[index][0]),
    )
    windows = {
        months: _days_of_window(registered_on, Policy(months))
        for months in {policy.months for _, policy in solutions}
    }
    days = [registered_on] * len(solutions)
    for place, index in enumerate(queue):
        window = windows[solutions[index][1].months]
        days[index] = window[place * len(window) // len(solutions)]
    return days


def _days_of_window(registered_on: date, policy: Policy) -> list[date]:
    """Return the days from tomorrow to the one by which a review would be owed."""
    length = (due_date(registered_on, policy) - registered_on).days
    return [registered_on + timedelta(days=n) for n in range(1, length + 1)]
