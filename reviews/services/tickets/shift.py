"""
One worker's stretch of work for one connection, and the ledger that it keeps.

Every request goes through `Shift.ask`, which writes a line about it. What is asked for,
and what becomes of it, is for `sending` and `steps`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from django.db.models import Q

from reviews.models import Attempt, Connection
from reviews.models.connection import ConnectionQuerySet
from reviews.ports.outside import HostBusyError, OutsideError
from reviews.ports.tickets import RemoteTicket, TicketSystem
from reviews.rules.outgoing import TICKET_PAUSES, pause_after
from reviews.rules.telling import AttemptOutcome
from reviews.rules.ticketing import SEARCH_LAG, System

DETAIL_LIMIT = 500

Answer = TypeVar("Answer")


class Outcome(StrEnum):
    """What came of a row that was taken up; left: it was somebody else's, or moot."""

    DONE = "done"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    PUT_OFF = "put off"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Shift:
    """
    What a worker has at hand while it works for a connection, until an instant.

    The connection is as it was when the work began; whether it is still to be worked
    for is asked anew before each row.
    """

    connection: Connection
    system: TicketSystem
    clock: Callable[[], datetime]
    today: date
    site_url: str
    until: datetime

    @property
    def lag(self) -> timedelta:
        """Return how long a new issue may stay out of a search."""
        seconds = self.connection.lag_seconds
        if seconds is None:
            return SEARCH_LAG[System(self.connection.system)]
        return timedelta(seconds=seconds)

    def lag_after(self, attempts: int) -> timedelta:
        """
        Return how long an unknown outcome is waited out after so many attempts.

        The first time only as long as it may take to be seen; whatever goes wrong again
        and again is asked ever less often.
        """
        if attempts < 2:
            return self.lag
        return max(self.lag, pause_after(attempts - 1, TICKET_PAUSES))

    def goes_on(self) -> bool:
        """Return whether there is time left, and nobody asked for a rest or a stop."""
        now = self.clock()
        return now < self.until and _may_be_worked_for(self.connection, now).exists()

    def rests(self) -> bool:
        """Return whether the host wants to be left alone."""
        of_this = Connection.objects.filter(pk=self.connection.pk)
        return of_this.filter(rests_until__gt=self.clock()).exists()

    def ask(self, what: str, flag_id: int, call: Callable[[], Answer]) -> Answer:
        """
        Return what a call to the system gives, with a line in the ledger.

        :raises OutsideError: as the call does.
        """
        try:
            answer = call()
        except HostBusyError:
            # Nothing went out.
            raise
        except OutsideError as error:
            self._note(what, flag_id, _outcome_of(error), error.status, str(error))
            raise
        self._note(what, flag_id, AttemptOutcome.DONE, None, _shown(what, answer))
        return answer

    def _note(
        self,
        what: str,
        flag_id: int,
        outcome: AttemptOutcome,
        status: int | None,
        detail: str,
    ) -> None:
        Attempt.objects.create(
            connection_id=self.connection.pk,
            flag_id=flag_id,
            at=self.clock(),
            what=what,
            outcome=outcome.value,
            status=status or None,
            detail=detail[:DETAIL_LIMIT],
        )


def _may_be_worked_for(connection: Connection, now: datetime) -> ConnectionQuerySet:
    rested = Q(rests_until=None) | Q(rests_until__lte=now)
    return Connection.objects.live().filter(rested, pk=connection.pk, problem_at=None)


def _outcome_of(error: OutsideError) -> AttemptOutcome:
    if error.unknown:
        return AttemptOutcome.UNKNOWN
    return AttemptOutcome.REFUSED if error.permanent else AttemptOutcome.PASSING


def _shown(what: str, answer: object) -> str:
    """Return what the ledger says of an answer: never the whole of it."""
    if isinstance(answer, RemoteTicket):
        return answer.key
    return "It is not there." if answer is None and what in ("find", "read") else ""
