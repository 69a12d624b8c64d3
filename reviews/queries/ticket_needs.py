"""Which flags a connection would make tickets for, and how many have to wait."""

from datetime import date, datetime, time

from django.db.models import (
    Case,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils import timezone

from reviews.models import Attempt, Connection, Flag, Ticket
from reviews.rules.signals import Severity
from reviews.rules.telling import AttemptOutcome
from reviews.rules.vocabulary import Action

_WEIGHT = Case(
    *(
        When(severity=severity.value, then=Value(weight))
        for weight, severity in enumerate(Severity, start=1)
    ),
    default=Value(0),
    output_field=IntegerField(),
)
_ENDS_IT = Case(
    When(action=Action.DEPRECATE.value, then=Value(1)),
    default=Value(0),
    output_field=IntegerField(),
)


def wanted_by(connection: Connection, *, today: date) -> QuerySet[Flag]:
    """
    Return the flags that a connection would make a ticket for, and that have none.

    The gravest come first, then what asks for a deprecation, then the longest due. A
    connection that simulates leaves out what its ledger has already.
    """
    flags = Flag.objects.asked_on(today).filter(ticket=None)
    for column in ("causes", "actions", "severities"):
        if words := getattr(connection, column):
            flags = flags.filter(**{f"{column_of(column)}__in": words})
    teams = connection.teams.all()
    if teams:
        flags = flags.filter(solution__team__in=teams)
    if not connection.is_live:
        told = Attempt.objects.filter(
            connection=connection,
            flag=OuterRef("pk"),
            outcome=AttemptOutcome.SIMULATED.value,
        )
        flags = flags.exclude(Exists(told))
    return flags.order_by(_WEIGHT.desc(), _ENDS_IT.desc(), "due_on", "pk")


def column_of(words: str) -> str:
    """Return the flag's column for a connection's list of words."""
    return {"causes": "cause", "actions": "action", "severities": "severity"}[words]


def room_left(connection: Connection, *, today: date) -> int:
    """Return how many tickets more a connection may make, or simulate, on a day."""
    midnight = timezone.make_aware(datetime.combine(today, time.min))
    if connection.is_live:
        made = Ticket.objects.filter(
            connection=connection, created_at__gte=midnight
        ).count()
    else:
        made = Attempt.objects.filter(
            connection=connection,
            outcome=AttemptOutcome.SIMULATED.value,
            at__gte=midnight,
        ).count()
    return max(connection.tickets_per_day - made, 0)


def held_back(today: date) -> dict[int, int]:
    """
    Return how many flags wait until another day for their ticket, by connection id.

    What there is still room for today waits for the next minute alone and is not counted.
    Of several live connections that a flag fits, the first counts it.
    """
    taken: list[Q] = []
    waiting = {}
    for connection in Connection.objects.in_use():
        flags = wanted_by(connection, today=today)
        if connection.is_live:
            for fits in taken:
                flags = flags.exclude(fits)
            taken.append(_fits(connection))
        count = flags.order_by().count()
        room = room_left(connection, today=today) if count else 0
        waiting[connection.pk] = max(count - room, 0)
    return waiting


def _fits(connection: Connection) -> Q:
    fits = Q(pk__isnull=False)
    for column in ("causes", "actions", "severities"):
        if words := getattr(connection, column):
            fits &= Q(**{f"{column_of(column)}__in": words})
    teams = list(connection.teams.values_list("pk", flat=True))
    return fits & Q(solution__team__in=teams) if teams else fits
