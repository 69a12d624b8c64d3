"""Sending once: what a row tells of how far its worker came."""

from datetime import datetime, timedelta

import pytest

from reviews.models import Connection, Ticket
from reviews.rules.outgoing import TICKET_PAUSES, SendState
from reviews.services.outgoing import (
    LEASE,
    LostClaimError,
    finish,
    free_all_claims_of,
    give_back,
    intend,
    leave_unknown,
    put_off,
    refuse,
    take,
)
from tests.conftest import Cast
from tests.services.covering import overdue
from tests.ticketing import connected

pytestmark = pytest.mark.django_db

LAG = timedelta(seconds=90)
LATER = LEASE + timedelta(seconds=1)


@pytest.fixture
def ticket(cast: Cast, now: datetime) -> Ticket:
    connection: Connection = connected()
    return Ticket.objects.create(
        flag=overdue(cast),
        connection=connection,
        marker="bb-1",
        next_at=now,
        created_at=now,
    )


def _taken(ticket: Ticket, now: datetime) -> Ticket:
    row = take(Ticket, ticket.pk, now=now, lag=LAG)
    assert row is not None
    return row


def test_a_row_that_is_taken_is_taken_by_one(ticket: Ticket, now: datetime) -> None:
    first = take(Ticket, ticket.pk, now=now, lag=LAG)
    second = take(Ticket, ticket.pk, now=now, lag=LAG)

    assert first is not None
    assert second is None


def test_a_row_is_not_taken_before_its_time(ticket: Ticket, now: datetime) -> None:
    assert take(Ticket, ticket.pk, now=now - timedelta(seconds=1), lag=LAG) is None


def test_a_worker_that_died_before_it_sent_leaves_the_row_ready(
    ticket: Ticket, now: datetime
) -> None:
    _taken(ticket, now)

    again = _taken(ticket, now + LATER)

    assert again.first_sent_at is None
    assert again.attempts == 0


def test_a_worker_that_died_after_it_sent_leaves_the_row_unknown(
    ticket: Ticket, now: datetime
) -> None:
    intend(_taken(ticket, now), now=now)

    at_once = take(Ticket, ticket.pk, now=now + LATER, lag=timedelta(hours=1))
    ticket.refresh_from_db()
    then = take(Ticket, ticket.pk, now=now + timedelta(hours=1), lag=LAG)

    assert at_once is None
    assert ticket.state == SendState.UNKNOWN
    assert ticket.next_at == now + timedelta(hours=1)
    assert then is not None
    assert then.first_sent_at == now


def test_a_claim_of_a_run_that_is_over_is_ended_at_the_next_start(
    ticket: Ticket, now: datetime
) -> None:
    _taken(ticket, now)

    free_all_claims_of(Ticket, now=now)

    assert take(Ticket, ticket.pk, now=now, lag=LAG) is not None


def test_a_claim_that_was_lost_writes_nothing(ticket: Ticket, now: datetime) -> None:
    slow = _taken(ticket, now)
    _taken(ticket, now + LATER)

    with pytest.raises(LostClaimError):
        intend(slow, now=now + LATER)
    with pytest.raises(LostClaimError):
        finish(slow, now=now + LATER, remote_id="7")

    ticket.refresh_from_db()
    assert ticket.remote_id == ""
    assert ticket.state == SendState.SENDING


def test_what_is_done_is_not_taken_again(ticket: Ticket, now: datetime) -> None:
    row = _taken(ticket, now)
    intend(row, now=now)

    finish(row, now=now, remote_id="7")

    ticket.refresh_from_db()
    assert (ticket.state, ticket.remote_id) == (SendState.DONE, "7")
    assert take(Ticket, ticket.pk, now=now + LATER, lag=LAG) is None


def test_an_unknown_outcome_is_waited_out(ticket: Ticket, now: datetime) -> None:
    row = _taken(ticket, now)
    intend(row, now=now)

    leave_unknown(row, problem="No answer.", lag=LAG, now=now)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.next_at) == (SendState.UNKNOWN, now + LAG)
    assert take(Ticket, ticket.pk, now=now + LAG / 2, lag=LAG) is None
    assert _taken(ticket, now + LAG).first_sent_at == now


def test_what_was_not_done_is_tried_again_after_longer_pauses(
    ticket: Ticket, now: datetime
) -> None:
    at, pauses = now, []
    for _ in range(7):
        row = _taken(ticket, at)
        intend(row, now=at)
        put_off(row, problem="Refused the connection.", now=at, pauses=TICKET_PAUSES)
        ticket.refresh_from_db()
        pauses.append(ticket.next_at - at)
        at = ticket.next_at

    assert pauses == [*TICKET_PAUSES, TICKET_PAUSES[-1], TICKET_PAUSES[-1]]
    assert ticket.first_sent_at is None


def test_a_host_that_wants_longer_gets_longer(ticket: Ticket, now: datetime) -> None:
    row = _taken(ticket, now)
    intend(row, now=now)

    put_off(
        row,
        problem="429",
        now=now,
        pauses=TICKET_PAUSES,
        retry_after=timedelta(hours=2),
    )

    ticket.refresh_from_db()
    assert ticket.next_at == now + timedelta(hours=2)


def test_what_is_given_back_is_ready(ticket: Ticket, now: datetime) -> None:
    row = _taken(ticket, now)

    give_back(row, next_at=now + timedelta(minutes=1))

    ticket.refresh_from_db()
    assert (ticket.state, ticket.claimed_until) == (SendState.READY, None)


def test_what_is_refused_waits_for_somebody(ticket: Ticket, now: datetime) -> None:
    row = _taken(ticket, now)
    intend(row, now=now)

    refuse(row, problem="422: the field is not known. " * 40, now=now)

    ticket.refresh_from_db()
    assert ticket.refused_at == now
    assert len(ticket.problem) == 500
    assert take(Ticket, ticket.pk, now=now + timedelta(days=30), lag=LAG) is None
