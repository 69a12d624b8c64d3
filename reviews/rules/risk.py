"""
How urgent a review is: the queue's order, as a formula that the pages show.

Risk = days × criticality × severity × dependents. Days are those over the due day,
counted from one: what is not over yet counts as one day. The three factors are powers of
two, so that their product is one of nine classes. Within a class the due day alone
decides, and an index can hand out each class in order.
"""

from datetime import date
from typing import Final

from reviews.rules.signals import Severity
from reviews.rules.vocabulary import Criticality

OF_CRITICALITY: Final = {
    Criticality.LOW: 0,
    Criticality.MEDIUM: 1,
    Criticality.HIGH: 2,
    Criticality.CRITICAL: 3,
}
OF_SEVERITY: Final = {Severity.MEDIUM: 1, Severity.HIGH: 2, Severity.CRITICAL: 3}
"""The worst severity among the open flags; what is not named here adds nothing."""

OF_DEPENDENTS: Final = ((10, 2), (2, 1))
"""From so many built components that use it, the most first."""

CLASSES: Final = range(9)
"""Every class that there is, the least first; each doubles the one before."""

FORMULA: Final = (
    "Risk = days over, counted from one × criticality (low 1, medium 2, high 4, "
    "critical 8) × worst severity of its flags (medium 2, high 4, critical 8, else 1) "
    "× dependents (from two 2, from ten 4, else 1)"
)


def risk_class(
    criticality: Criticality, severity: Severity | None = None, dependents: int = 0
) -> int:
    """Return the power of two by which a day over counts: one of CLASSES."""
    return (
        OF_CRITICALITY[criticality]
        + (OF_SEVERITY.get(severity, 0) if severity else 0)
        + next((power for least, power in OF_DEPENDENTS if dependents >= least), 0)
    )


def days_counted(due_on: date, today: date) -> int:
    """Return how many days a review counts for: those over its day, and one."""
    return max((today - due_on).days, 0) + 1


def risk(due_on: date, today: date, of_class: int) -> int:
    """Return the risk of a review that is due on a day, of a class."""
    return days_counted(due_on, today) << of_class
