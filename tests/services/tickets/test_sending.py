"""Making tickets: once each, over real sockets, whatever the other side does."""

import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from reviews.models import (
    Attempt,
    Connection,
    Message,
    Subscription,
    Ticket,
    TicketStep,
)
from reviews.ports.tickets import Draft
from reviews.rules.outgoing import SendState
from reviews.rules.telling import Channel
from reviews.rules.ticketing import Standing
from reviews.services.outgoing import LEASE, intend, take
from reviews.services.tickets.problems import try_connection_again
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import evaluated
from tests.services.covering import overdue, snoozed
from tests.services.tickets.desk import Desk
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
OF_THE_CONNECTION = [Fault.UNAUTHORIZED, Fault.FORBIDDEN, Fault.NOT_FOUND]


def states() -> list[str]:
    return list(Ticket.objects.order_by("pk").values_list("state", flat=True))


def ledger() -> list[tuple[str, str]]:
    return list(Attempt.objects.order_by("pk").values_list("what", "outcome"))


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


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "a date"])
def test_a_limit_is_kept_to_by_the_whole_connection(
    cast: Cast, desk: Desk, as_date: bool
) -> None:
    for name in ("Django", "Flask", "Celery"):
        desk.intend(overdue(cast, name))
    desk.tracker.faults.append(Fault.LIMITED)
    desk.tracker.retry_after, desk.tracker.retry_after_as_date = 7, as_date

    first = desk.send()
    inside = desk.send_later(6)
    after = desk.send_later(3)

    assert (first.put_off, first.rests) == (1, True)
    assert (inside.made, inside.rests) == (0, True)
    assert (after.made, after.rests) == (3, False)
    assert desk.tracker.requests_inside_a_hold == []
    assert len(desk.tracker.creating_posts) == 4


@pytest.mark.parametrize("fault", OF_THE_CONNECTION)
def test_what_every_ticket_would_be_refused_stops_the_connection(
    cast: Cast, desk: Desk, fault: Fault
) -> None:
    tickets = [desk.intend(overdue(cast, name)) for name in ("Django", "Flask")]
    desk.tracker.fault_for = lambda *_: fault

    sent = desk.send()
    later = desk.send_later(86_400)

    first, second = (Ticket.objects.get(pk=ticket.pk) for ticket in tickets)
    desk.connection.refresh_from_db()
    assert (sent.refused, later.refused) == (1, 0)
    assert len(desk.tracker.creating_posts) == 1
    assert first.refused_at == NOW
    assert fault.value in first.problem
    assert (second.state, second.refused_at) == (SendState.READY, None)
    assert desk.connection.problem_at == NOW
    assert fault.value in desk.connection.problem


def test_what_one_ticket_is_refused_stops_that_one_alone(
    cast: Cast, desk: Desk
) -> None:
    refused = desk.intend(overdue(cast, "Django"))
    desk.intend(overdue(cast, "Flask"))
    desk.tracker.faults.append(Fault.UNPROCESSABLE)

    sent = desk.send()

    refused.refresh_from_db()
    desk.connection.refresh_from_db()
    assert (sent.refused, sent.made) == (1, 1)
    assert "title: missing_field" in refused.problem
    assert desk.connection.problem_at is None


def test_one_click_lets_a_stopped_connection_go_on(cast: Cast, desk: Desk) -> None:
    for name in ("Django", "Flask"):
        desk.intend(overdue(cast, name))
    desk.tracker.faults.append(Fault.UNAUTHORIZED)
    desk.send()

    again = try_connection_again(
        connection_id=desk.connection.pk,
        actor=cast.actor(cast.dora),
        now=desk.clock(),
    )
    sent = desk.send()

    assert (again, sent.made) == (1, 2)
    assert states() == [SendState.DONE, SendState.DONE]


def test_the_owner_of_a_stopped_connection_is_told_once_a_day(
    cast: Cast, desk: Desk
) -> None:
    Subscription.objects.create(
        user=cast.dora,
        channel=Channel.EMAIL.value,
        created_at=NOW,
    )
    desk.intend(overdue(cast))
    desk.tracker.fault_for = lambda *_: Fault.UNAUTHORIZED

    for _ in range(3):
        desk.send()
        try_connection_again(
            connection_id=desk.connection.pk,
            actor=cast.actor(cast.dora),
            now=desk.clock(),
        )

    (message,) = Message.objects.all()
    assert message.key == f"trouble:connection:{desk.connection.pk}:{TODAY}"
    assert "401" in message.text
    assert desk.tracker.token not in message.text


def test_a_trouble_that_may_pass_is_shown_until_it_has(cast: Cast, desk: Desk) -> None:
    desk.intend(overdue(cast))
    desk.tracker.faults.append(Fault.ERROR_BEFORE)
    desk.send()
    desk.connection.refresh_from_db()
    shown = desk.connection.problem

    desk.send_later(61)

    desk.connection.refresh_from_db()
    assert "500" in shown
    assert (desk.connection.problem, desk.connection.problem_at) == ("", None)


def test_a_host_that_is_down_for_a_day_costs_no_ticket_and_a_request_a_minute(
    cast: Cast, desk: Desk
) -> None:
    tickets = [desk.intend(overdue(cast, name)) for name in ("Django", "Flask")]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        desk.address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    for _ in range(10):
        desk.send_later(60)
    tried = Attempt.objects.count()
    desk.connection.refresh_from_db()
    shown = desk.connection.problem

    desk.address = ""
    sent = desk.send_later(86_400)

    assert 2 <= tried <= 10
    assert "127.0.0.1" in shown
    assert sent.made == 2
    assert [desk.tracker.having(ticket.marker)[0].number for ticket in tickets] == [
        1,
        2,
    ]


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


@pytest.mark.parametrize("column", ["is_on", "is_live"])
def test_a_connection_that_is_switched_off_meanwhile_sends_no_more(
    cast: Cast, desk: Desk, column: str
) -> None:
    for name in ("Django", "Flask"):
        desk.intend(overdue(cast, name))
    desk.meanwhile = lambda _: Connection.objects.update(**{column: False})

    sent = desk.send()

    assert sent.made == 1
    assert states() == [SendState.DONE, SendState.READY]


def test_the_ledger_has_no_secret(cast: Cast, desk: Desk) -> None:
    desk.intend(overdue(cast))
    desk.tracker.faults.append(Fault.UNAUTHORIZED)
    desk.fields = replace(desk.fields, extra={"milestone": 3})

    desk.send()

    (line,) = Attempt.objects.all()
    assert (line.what, line.outcome, line.status) == ("create", "refused", 401)
    assert desk.tracker.token not in f"{line.detail} {line.request}"
