"""Tickets whose making nobody heard the end of: looked for, before they are made."""

from datetime import timedelta

import pytest

from reviews.models import (
    Ticket,
    TicketStep,
)
from reviews.rules.outgoing import SendState
from reviews.services.outgoing import LEASE, intend, take
from tests.conftest import TODAY, Cast
from tests.services.building import evaluated
from tests.services.covering import overdue
from tests.services.tickets.desk import Desk, ledger
from tests.trackers.serving import Fault

pytestmark = pytest.mark.django_db

STORED = [
    Fault.ERROR_AFTER,
    Fault.TIMEOUT_AFTER,
    Fault.DROPPED_AFTER,
    Fault.TRUNCATED,
    Fault.DRIPPING,
    Fault.HTML,
    Fault.EMPTY,
]
LOST = [Fault.ERROR_BEFORE, Fault.DROPPED_BEFORE, Fault.REDIRECT]


@pytest.mark.parametrize("fault", STORED)
def test_one_that_was_made_though_nobody_heard_is_found(
    cast: Cast, desk: Desk, fault: Fault
) -> None:
    ticket = desk.intend(overdue(cast))
    desk.tracker.faults.append(fault)

    first = desk.send()
    too_soon = desk.send_later(30)
    later = desk.send_later(31)

    ticket.refresh_from_db()
    assert (first.unknown, too_soon.made, later.made) == (1, 0, 1)
    assert len(desk.tracker.created) == 1
    assert ticket.remote_id == "1"
    assert ledger()[1:] == [("find", "done")]


@pytest.mark.parametrize("fault", LOST)
def test_one_that_was_not_made_is_made_once_it_must_have_been_found(
    cast: Cast, desk: Desk, fault: Fault
) -> None:
    desk.intend(overdue(cast))
    desk.tracker.faults.append(fault)

    first = desk.send()
    later = desk.send_later(61)

    assert (first.unknown, later.made) == (1, 1)
    assert len(desk.tracker.created) == 1
    assert [what for what, _ in ledger()] == ["create", "find", "create"]


def test_what_goes_wrong_again_and_again_is_asked_ever_less_often(
    cast: Cast, desk: Desk
) -> None:
    ticket = desk.intend(overdue(cast))
    desk.tracker.faults.extend([Fault.ERROR_BEFORE] * 4)
    waits = []

    for _ in range(4):
        desk.send()
        ticket.refresh_from_db()
        waits.append(ticket.next_at - desk.clock())
        desk.clock.at = ticket.next_at

    assert waits == [timedelta(minutes=minutes) for minutes in (1, 1, 2, 5)]


def test_a_lost_ticket_is_not_taken_for_unsent_when_looking_fails(
    cast: Cast, desk: Desk
) -> None:
    ticket = desk.intend(overdue(cast))
    desk.tracker.faults.append(Fault.TIMEOUT_AFTER)
    desk.send()
    desk.token = "one that ran out"

    refused = desk.send_later(61)

    ticket.refresh_from_db()
    assert refused.unknown == 1
    assert ticket.state == SendState.UNKNOWN
    assert ticket.first_sent_at is not None
    assert ticket.refused_at is None
    desk.connection.refresh_from_db()
    assert "401" in desk.connection.problem


def test_a_lost_ticket_of_a_closed_flag_is_linked_if_it_was_made(
    cast: Cast, desk: Desk
) -> None:
    flag = overdue(cast)
    desk.intend(flag)
    desk.tracker.faults.append(Fault.DROPPED_AFTER)
    desk.send()
    evaluated(flag.solution)

    desk.send_later(61)

    assert Ticket.objects.get().remote_id == "1"


def test_a_lost_ticket_of_a_closed_flag_is_forgotten_if_it_was_not_made(
    cast: Cast, desk: Desk
) -> None:
    flag = overdue(cast)
    desk.intend(flag)
    desk.tracker.faults.append(Fault.DROPPED_BEFORE)
    desk.send()
    evaluated(flag.solution)

    desk.send_later(61)

    assert not Ticket.objects.exists()
    assert desk.tracker.created == []


def test_a_found_ticket_that_says_something_else_by_now_is_updated(
    cast: Cast, desk: Desk
) -> None:
    flag = overdue(cast)
    desk.intend(flag)
    desk.tracker.faults.append(Fault.DROPPED_AFTER)
    desk.send()
    type(flag).objects.filter(pk=flag.pk).update(due_on=TODAY)

    sent = desk.send_later(61)

    assert (sent.made, sent.stepped) == (1, 1)
    assert f"- Due: {TODAY}" in desk.tracker.created[0].body
    assert TicketStep.objects.get().key == "update:found"


def test_a_worker_that_died_before_it_sent_anything_costs_nothing(
    cast: Cast, desk: Desk
) -> None:
    ticket = desk.intend(overdue(cast))
    take(Ticket, ticket.pk, now=desk.clock(), lag=timedelta())

    held = desk.send_later(60)
    after = desk.send_later(LEASE.total_seconds())

    assert (held.made, after.made) == (0, 1)
    assert ledger() == [("create", "done")]


def test_a_worker_that_died_after_its_intent_leaves_something_to_look_for(
    cast: Cast, desk: Desk
) -> None:
    ticket = desk.intend(overdue(cast))
    row = take(Ticket, ticket.pk, now=desk.clock(), lag=timedelta())
    assert row is not None
    intend(row, now=desk.clock())

    after = desk.send_later(LEASE.total_seconds())

    assert after.made == 1
    assert [what for what, _ in ledger()] == ["find", "create"]


def test_a_worker_whose_claim_was_taken_over_gives_up_in_silence(
    cast: Cast, desk: Desk
) -> None:
    ticket = desk.intend(overdue(cast))
    desk.meanwhile = lambda _: Ticket.objects.filter(pk=ticket.pk).update(
        claimed_until=desk.clock() + 2 * LEASE
    )

    sent = desk.send()

    ticket.refresh_from_db()
    assert (sent.made, sent.unknown, sent.refused) == (0, 0, 0)
    assert ticket.state == SendState.SENDING
