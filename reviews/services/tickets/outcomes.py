"""
What becomes of a row, and of its connection, when a ticket system fails.

Who was to be left alone is left alone by all workers; who refuses for good is asked no
more; what may have been done is never taken for undone.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from reviews.models import Connection, Ticket
from reviews.models.outgoing import Outgoing
from reviews.ports.outside import HostBusyError, OutsideError
from reviews.rules.outgoing import TICKET_PAUSES, pause_after
from reviews.services.outgoing import give_back, leave_unknown, put_off, refuse
from reviews.services.tickets.problems import note_problem, note_trouble
from reviews.services.tickets.shift import Outcome, Shift

SHORT_REST = timedelta(minutes=1)

# What is wrong with one issue; all else that is refused for good would be refused for
# every other one as well, for it lies in the credentials, the project or the address.
_OF_ONE_TICKET = frozenset({400, 413, 422})
_OF_CREDENTIALS = frozenset({0, 401})


def settle_sent(shift: Shift, row: Outgoing, error: OutsideError) -> Outcome:
    """
    Return what became of a row when the request that changes something failed.

    :raises LostClaimError: if the row is no longer this worker's.
    """
    now = shift.clock()
    if error.unknown:
        lag = max(shift.lag_after(row.attempts), _wait(error) or timedelta())
        leave_unknown(row, problem=str(error), lag=lag, now=now)
        outcome = Outcome.UNKNOWN
    else:
        outcome = _settle_undone(row, error, now)
    _settle_connection(shift, row, error, now)
    return outcome


def settle_looked(shift: Shift, row: Outgoing, error: OutsideError) -> Outcome:
    """
    Return what became of a row when it could not be looked at before it is sent.

    What went out once stays unknown, even if looking for it is forbidden.

    :raises LostClaimError: if the row is no longer this worker's.
    """
    now = shift.clock()
    if row.first_sent_at is not None:
        pause = pause_after(row.attempts, TICKET_PAUSES)
        leave_unknown(row, problem=str(error), lag=_wait(error) or pause, now=now)
        outcome = Outcome.UNKNOWN
    else:
        outcome = _settle_undone(row, error, now)
    _settle_connection(shift, row, error, now)
    return outcome


def _settle_undone(row: Outgoing, error: OutsideError, now: datetime) -> Outcome:
    wait = _wait(error)
    if wait is not None:
        give_back(row, next_at=now + wait, problem=str(error))
        return Outcome.PUT_OFF
    if error.permanent:
        refuse(row, problem=str(error), now=now)
        return Outcome.REFUSED
    put_off(row, problem=str(error), now=now, pauses=TICKET_PAUSES)
    return Outcome.PUT_OFF


def _settle_connection(
    shift: Shift, row: Outgoing, error: OutsideError, now: datetime
) -> None:
    wait = _wait(error)
    if wait is not None:
        _rest(shift.connection, now + wait)
    elif not error.permanent:
        note_trouble(connection=shift.connection, problem=str(error))
    elif problem := _problem_of_all(shift, row, error):
        note_problem(
            connection=shift.connection, problem=problem, now=now, today=shift.today
        )


def _problem_of_all(shift: Shift, row: Outgoing, error: OutsideError) -> str:
    """Return what is wrong with the whole connection, empty if only with one ticket."""
    if isinstance(row, Ticket):
        return "" if error.status in _OF_ONE_TICKET else str(error)
    if error.status in _OF_CREDENTIALS:
        return str(error)
    if error.status != 403:
        return ""
    # A locked issue is forbidden as well as a project that may only be read.
    findings = shift.system.check()
    wrong = [finding for finding in findings if not finding.is_well]
    return f"{wrong[0].what}: {wrong[0].text}" if wrong else ""


def _rest(connection: Connection, until: datetime) -> None:
    Connection.objects.filter(
        Q(rests_until=None) | Q(rests_until__lt=until), pk=connection.pk
    ).update(rests_until=until)


def _wait(error: OutsideError) -> timedelta | None:
    """Return how long the host is to be left alone, None if it did not ask for it."""
    if isinstance(error, HostBusyError):
        return error.retry_after or SHORT_REST
    return error.retry_after
