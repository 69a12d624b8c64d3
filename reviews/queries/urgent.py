"""Which flags cannot wait for a digest; the one condition that says so."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from reviews.models import Signal
from reviews.rules.signals import Severity, SignalKind
from reviews.rules.vocabulary import Cause

SHORT_DATE = timedelta(days=14)
"""How near a day has to be for a grave matter not to wait."""


def cannot_wait(today: date) -> Q:
    """
    Return the condition under which an asked flag is told at once.

    What was withdrawn, quarantined above all, and what is critical with a short date. A
    model's retirement is dated by its day, not by that of its announcement.
    """
    until = today + SHORT_DATE
    retiring = Signal.objects.filter(
        flags=OuterRef("pk"),
        ended_at=None,
        kind=SignalKind.MODEL_RETIREMENT.value,
        effective_on__lte=until,
    )
    retirement = Q(cause=Cause.MODEL_RETIREMENT.value)
    return (
        Q(cause=Cause.WITHDRAWN.value)
        | (~retirement & Q(severity=Severity.CRITICAL.value, due_on__lte=until))
        | (retirement & Q(Exists(retiring)))
    )
