"""Making tickets: once each, over real sockets, in order, and as long as asked to."""

from dataclasses import replace

import pytest
from django.db import connection

from reviews.models import (
    Attempt,
    Ticket,
)
from reviews.ports.tickets import Draft
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import Standing
from tests.conftest import NOW, Cast
from tests.services.building import evaluated
from tests.services.covering import overdue, snoozed
from tests.services.tickets.desk import Desk, ledger, states
from tests.trackers.serving import Fault

pytestmark = pytest.mark.django_db


def test_a_ticket_is_made_and_linked(cast: Cast, desk: Desk) -> None:
    flag = overdue(cast)
    ticket = desk.intend(flag)

    sent = desk.send()

    ticket.refresh_from_db()
    (issue,) = desk.tracker.having(ticket.marker)
    assert sent.made == 1
    assert ticket.state == SendState.DONE
    assert ticket.remote_id == str(issue.number)
    assert ticket.key == f"{desk.tracker.project}#{issue.number}"
    assert ticket.standing == Standing.OPEN
    assert ticket.sent_title == issue.title
    assert ticket.sent_due_on == flag.due_on
    assert ticket.sent_action == flag.action
    assert ledger() == [("create", "done")]


@pytest.mark.django_db(transaction=True)
def test_the_intent_is_committed_and_no_transaction_open_when_the_request_goes_out(
    cast: Cast, desk: Desk
) -> None:
    ticket = desk.intend(overdue(cast))
    seen: list[tuple[bool, str]] = []

    def look(draft: Draft) -> None:
        ticket.refresh_from_db()
        seen.append((connection.in_atomic_block, ticket.state))

    desk.meanwhile = look

    desk.send()

    assert seen == [(False, SendState.SENDING)]
    assert ticket.first_sent_at == NOW


def test_the_same_ticket_is_not_made_again(cast: Cast, desk: Desk) -> None:
    desk.intend(overdue(cast))
    desk.send()

    again = desk.send_later(3600)

    assert again.made == 0
    assert len(desk.tracker.creating_posts) == 1


def test_a_flag_that_was_closed_meanwhile_gets_no_ticket(
    cast: Cast, desk: Desk
) -> None:
    flag = overdue(cast)
    desk.intend(flag)
    evaluated(flag.solution)

    desk.send()

    assert not Ticket.objects.exists()
    assert desk.tracker.requests == []


def test_a_flag_that_was_covered_meanwhile_waits_for_another_day(
    cast: Cast, desk: Desk
) -> None:
    flag = overdue(cast)
    desk.intend(flag)
    snoozed(flag)

    desk.send()

    assert not Ticket.objects.exists()
    assert desk.tracker.requests == []


def test_a_row_that_goes_wrong_does_not_stop_the_others(cast: Cast, desk: Desk) -> None:
    poisoned = desk.intend(overdue(cast, "Django"))
    desk.intend(overdue(cast, "Flask"))

    def break_down(draft: Draft) -> None:
        if draft.marker == poisoned.marker:
            raise KeyError("a bug")

    desk.meanwhile = break_down

    sent = desk.send()

    assert sent.made == 1
    assert states() == [SendState.SENDING, SendState.DONE]


def test_the_oldest_intent_comes_first_and_no_row_after_the_time_is_up(
    cast: Cast, desk: Desk
) -> None:
    for name in ("Django", "Flask", "Celery"):
        desk.intend(overdue(cast, name))
        desk.clock.advance(1)
    desk.tracker.on_request = lambda asked: desk.clock.advance(10)

    sent = desk.send(seconds=15)

    assert sent.made == 2
    assert [issue.title.split()[1] for issue in desk.tracker.created] == [
        "Django:",
        "Flask:",
    ]


def test_the_ledger_has_no_secret(cast: Cast, desk: Desk) -> None:
    desk.intend(overdue(cast))
    desk.tracker.faults.append(Fault.UNAUTHORIZED)
    desk.fields = replace(desk.fields, extra={"milestone": 3})

    desk.send()

    (line,) = Attempt.objects.all()
    assert (line.what, line.outcome, line.status) == ("create", "refused", 401)
    assert desk.tracker.token not in f"{line.detail} {line.request}"
