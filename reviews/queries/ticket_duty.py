"""Which connections there is something to do for now, in one query for those that send."""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q

from reviews.models import Arrival, Connection, Ticket, TicketStep
from reviews.queries.ticket_needs import room_left, wanted_by
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import POLL_EVERY


def connections_with_work(*, today: date, now: datetime) -> list[int]:
    """
    Return the connections for which something is due, by id.

    One that sends is left out while it stands still and while its host wants to be left
    alone. One that simulates is named as long as its ledger lacks something.
    """
    tickets = Ticket.objects.filter(connection=OuterRef("pk"))
    steps = TicketStep.objects.filter(ticket__connection=OuterRef("pk"))
    arrivals = Arrival.objects.filter(connection=OuterRef("pk"), handled_at=None)
    made = tickets.filter(state=SendState.DONE.value)
    unpolled = Q(polled_at=None) | Q(polled_at__lte=now - POLL_EVERY)
    sending = (
        Connection.objects.live()
        .filter(Q(rests_until=None) | Q(rests_until__lte=now), problem_at=None)
        .filter(
            Exists(tickets.to_take_up_at(now))
            | Exists(steps.to_take_up_at(now))
            | Exists(made.filter(read_due_at__lte=now))
            | Exists(arrivals)
            | unpolled & Exists(made)
        )
    )
    simulating = [
        connection.pk
        for connection in Connection.objects.in_use().filter(is_live=False)
        if _lacks_something(connection, today)
    ]
    return [*sending.values_list("pk", flat=True), *simulating]


def _lacks_something(connection: Connection, today: date) -> bool:
    """Return whether its ledger lacks a flag; also where that cannot be told."""
    try:
        return (
            room_left(connection, today=today) > 0
            and wanted_by(connection, today=today).exists()
        )
    except (TypeError, ValueError, LookupError):
        # Spoilt past the application: its own task is to fail, and nobody else's.
        return True
