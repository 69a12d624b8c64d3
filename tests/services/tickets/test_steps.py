"""What is done to tickets that are there, and what happens when both sides changed one."""

from datetime import date, timedelta

import pytest

from reviews.models import Attempt, Flag, Ticket, TicketStep
from reviews.ports.tickets import Fields
from reviews.rules.outgoing import SendState
from reviews.rules.signals import Severity
from reviews.rules.ticketing import Standing, StepKind
from reviews.services.outgoing import LEASE, intend, take
from reviews.services.tickets.problems import try_again
from reviews.services.tickets.steps import COMMENT_LAG
from tests.conftest import TODAY, Cast
from tests.services.building import evaluated
from tests.services.covering import overdue
from tests.services.tickets.desk import Desk
from tests.trackers.serving import Fault, Kind

pytestmark = pytest.mark.django_db

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def ticket(cast: Cast, desk: Desk) -> Ticket:
    """A ticket that was made, of an overdue review of Django."""
    ticket = desk.intend(overdue(cast))
    desk.send()
    ticket.refresh_from_db()
    desk.tracker.faults_on = frozenset({Kind.COMMENT, Kind.UPDATE})
    desk.tracker.requests.clear()
    return ticket


def asked(desk: Desk) -> list[str]:
    return [request.method for request in desk.tracker.requests]


def changed(ticket: Ticket, **columns: object) -> None:
    Flag.objects.filter(pk=ticket.flag_id).update(**columns)


def severe(desk: Desk, ticket: Ticket, sent: Severity) -> None:
    """Have the severity sent as a label from now on, and this one sent already."""
    desk.fields = Fields(severity="yes")
    Ticket.objects.filter(pk=ticket.pk).update(sent_severity=sent.value)
    desk.tracker.edit(1, labels=[f"severity: {sent.value}"])
    changed(ticket, severity=sent.value)


def test_a_comment_is_written_once(desk: Desk, ticket: Ticket) -> None:
    step = desk.step(ticket, StepKind.COMMENT, "It is **done**.")

    sent = desk.send()
    desk.send_later(3600)

    (comment,) = desk.tracker.created[0].comments
    assert sent.stepped == 1
    assert "It is **done**." in comment.text
    assert step.marker in comment.text


@pytest.mark.parametrize(
    "fault", [Fault.TIMEOUT_AFTER, Fault.DROPPED_AFTER, Fault.EMPTY, Fault.ERROR_AFTER]
)
def test_a_comment_that_was_written_though_nobody_heard_is_found(
    desk: Desk, ticket: Ticket, fault: Fault
) -> None:
    desk.step(ticket, StepKind.COMMENT, "It is done.")
    desk.tracker.faults.append(fault)

    first = desk.send()
    later = desk.send_later(61)

    assert (first.unknown, later.stepped) == (1, 1)
    assert len(desk.tracker.created[0].comments) == 1


def test_a_comment_that_was_lost_is_written_again(desk: Desk, ticket: Ticket) -> None:
    desk.step(ticket, StepKind.COMMENT, "It is done.")
    desk.tracker.faults.append(Fault.DROPPED_BEFORE)

    first = desk.send()
    later = desk.send_later(61)

    assert (first.unknown, later.stepped) == (1, 1)
    assert len(desk.tracker.created[0].comments) == 1


def test_a_worker_that_died_while_commenting_leaves_something_to_look_for(
    desk: Desk, ticket: Ticket
) -> None:
    step = desk.step(ticket, StepKind.COMMENT, "It is done.")
    row = take(TicketStep, step.pk, now=desk.clock(), lag=COMMENT_LAG)
    assert row is not None
    intend(row, now=desk.clock())
    desk.tracker.comment(1, "best-before", f"It is done. {step.marker}")

    sent = desk.send_later(LEASE.total_seconds())

    assert sent.stepped == 1
    assert len(desk.tracker.created[0].comments) == 1


@pytest.mark.parametrize(
    ("kind", "is_closed", "standing"),
    [
        (StepKind.CLOSE, True, Standing.CLOSED),
        (StepKind.REOPEN, False, Standing.OPEN),
    ],
)
def test_a_ticket_is_closed_and_opened_again(
    desk: Desk, ticket: Ticket, kind: StepKind, is_closed: bool, standing: Standing
) -> None:
    if kind is StepKind.REOPEN:
        desk.tracker.close(1)
    desk.step(ticket, kind)

    desk.send()

    ticket.refresh_from_db()
    assert desk.tracker.created[0].is_closed is is_closed
    assert ticket.standing == standing


@pytest.mark.parametrize("kind", [StepKind.CLOSE, StepKind.REOPEN])
def test_what_stands_so_already_is_left(
    desk: Desk, ticket: Ticket, kind: StepKind
) -> None:
    if kind is StepKind.CLOSE:
        desk.tracker.close(1)
    desk.step(ticket, kind)

    sent = desk.send()

    assert sent.stepped == 1
    assert asked(desk) == ["GET"]


def test_steps_of_a_ticket_come_one_after_the_other(desk: Desk, ticket: Ticket) -> None:
    desk.step(ticket, StepKind.COMMENT, "It is done.")
    desk.step(ticket, StepKind.CLOSE)
    desk.tracker.faults.append(Fault.DROPPED_BEFORE)

    first = desk.send()
    closed_too_soon = desk.tracker.created[0].is_closed
    later = desk.send_later(61)

    assert (first.stepped, later.stepped) == (0, 2)
    assert not closed_too_soon
    assert desk.tracker.created[0].is_closed


def test_a_refused_step_holds_up_its_own_ticket_only(
    cast: Cast, desk: Desk, ticket: Ticket
) -> None:
    another = desk.intend(overdue(cast, "Flask"))
    desk.send()
    desk.tracker.faults.append(Fault.UNPROCESSABLE)
    desk.step(ticket, StepKind.COMMENT, "It is done.")
    desk.step(ticket, StepKind.CLOSE)
    another.refresh_from_db()
    desk.step(another, StepKind.CLOSE)

    sent = desk.send()

    assert (sent.refused, sent.stepped) == (1, 1)
    assert [issue.is_closed for issue in desk.tracker.created] == [False, True]


def test_steps_wait_for_their_ticket(cast: Cast, desk: Desk) -> None:
    ticket = desk.intend(overdue(cast))
    desk.step(ticket, StepKind.CLOSE)
    desk.tracker.faults.append(Fault.DROPPED_BEFORE)

    first = desk.send()
    later = desk.send_later(61)

    assert (first.stepped, later.made, later.stepped) == (0, 1, 1)


def test_an_update_sends_what_the_flag_says_now(desk: Desk, ticket: Ticket) -> None:
    changed(ticket, due_on=TOMORROW)
    desk.step(ticket, StepKind.UPDATE)

    desk.send()

    ticket.refresh_from_db()
    assert f"- Due: {TOMORROW}" in desk.tracker.created[0].body
    assert ticket.marker in desk.tracker.created[0].body
    assert ticket.sent_due_on == TOMORROW


def test_an_update_that_changes_nothing_sends_nothing(
    desk: Desk, ticket: Ticket
) -> None:
    desk.step(ticket, StepKind.UPDATE)

    sent = desk.send()

    assert sent.stepped == 1
    assert asked(desk) == ["GET"]


def test_an_update_whose_answer_was_lost_is_sent_once_more_at_most(
    desk: Desk, ticket: Ticket
) -> None:
    changed(ticket, due_on=TOMORROW)
    desk.step(ticket, StepKind.UPDATE)
    desk.tracker.faults.append(Fault.DROPPED_AFTER)

    first = desk.send()
    later = desk.send_later(61)

    assert (first.unknown, later.stepped) == (1, 1)
    assert asked(desk).count("PATCH") == 1
    assert not TicketStep.objects.filter(kind=StepKind.COMMENT.value).exists()


def test_an_update_that_the_flag_no_longer_needs_is_let_go(
    desk: Desk, ticket: Ticket
) -> None:
    desk.step(ticket, StepKind.UPDATE)
    evaluated(ticket.flag.solution)

    sent = desk.send()

    assert sent.stepped == 1
    assert asked(desk) == []


def test_what_they_changed_alone_is_put_right(desk: Desk, ticket: Ticket) -> None:
    desk.tracker.edit(1, title="Buy milk")
    desk.step(ticket, StepKind.UPDATE)

    desk.send()

    assert desk.tracker.created[0].title == ticket.sent_title


def test_what_both_sides_changed_is_a_conflict_and_nothing_is_sent(
    desk: Desk, ticket: Ticket
) -> None:
    severe(desk, ticket, Severity.LOW)
    changed(ticket, severity=Severity.HIGH.value)
    desk.tracker.edit(1, labels=["severity: critical"])
    desk.step(ticket, StepKind.UPDATE)

    sent = desk.send()
    desk.send_later(86_400)

    ticket.refresh_from_db()
    step = TicketStep.objects.get()
    assert sent.refused == 1
    assert ticket.conflict == step.problem
    assert "severity" in ticket.conflict
    assert "high" in ticket.conflict
    assert "critical" in ticket.conflict
    assert asked(desk) == ["GET"]


def test_one_click_on_a_conflict_lets_the_flag_win(
    cast: Cast, desk: Desk, ticket: Ticket
) -> None:
    severe(desk, ticket, Severity.LOW)
    changed(ticket, severity=Severity.HIGH.value)
    desk.tracker.edit(1, labels=["severity: critical"])
    desk.step(ticket, StepKind.UPDATE)
    desk.send()

    try_again(ticket_id=ticket.pk, actor=cast.actor(cast.bob), now=desk.clock())
    sent = desk.send()

    ticket.refresh_from_db()
    assert sent.stepped == 1
    assert desk.tracker.created[0].labels == ["severity: high"]
    assert (ticket.conflict, ticket.sent_severity) == ("", "high")


def test_a_conflict_does_not_keep_a_ticket_open_whose_flag_is_answered(
    cast: Cast, desk: Desk, ticket: Ticket
) -> None:
    severe(desk, ticket, Severity.LOW)
    changed(ticket, severity=Severity.HIGH.value)
    desk.tracker.edit(1, labels=["severity: critical"])
    desk.step(ticket, StepKind.UPDATE)
    desk.send()
    evaluated(ticket.flag.solution)
    desk.step(ticket, StepKind.CLOSE)

    desk.send()

    assert desk.tracker.created[0].is_closed


def test_a_text_that_somebody_edited_is_left_and_the_news_is_a_comment(
    desk: Desk, ticket: Ticket
) -> None:
    desk.tracker.edit(1, body="Our own words.")
    changed(ticket, due_on=TOMORROW)
    desk.step(ticket, StepKind.UPDATE)

    desk.send()

    (issue,) = desk.tracker.created
    (comment,) = issue.comments
    assert issue.body == "Our own words."
    assert f"- Due: {TOMORROW}" in comment.text


def test_a_system_without_due_days_is_not_told_of_one(
    desk: Desk, ticket: Ticket
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(sent_due_on=date(2026, 1, 1))
    desk.step(ticket, StepKind.UPDATE)

    desk.send()

    ticket.refresh_from_db()
    assert asked(desk) == ["GET"]
    assert ticket.sent_due_on == ticket.flag.due_on


@pytest.mark.parametrize("kind", [StepKind.CLOSE, StepKind.UPDATE])
def test_a_deleted_ticket_is_shown_as_gone_and_no_other_one_is_made(
    desk: Desk, ticket: Ticket, kind: StepKind
) -> None:
    desk.tracker.delete(1)
    desk.step(ticket, kind)

    sent = desk.send()
    desk.send_later(86_400)

    ticket.refresh_from_db()
    assert sent.refused == 1
    assert ticket.standing == Standing.GONE
    assert "deleted" in ticket.problem
    assert len(desk.tracker.created) == 1


def test_a_locked_ticket_does_not_stop_the_connection(
    desk: Desk, ticket: Ticket
) -> None:
    desk.step(ticket, StepKind.COMMENT, "It is done.")
    desk.tracker.faults.append(Fault.FORBIDDEN)

    sent = desk.send()

    desk.connection.refresh_from_db()
    assert sent.refused == 1
    assert desk.connection.problem_at is None


@pytest.mark.parametrize(
    ("fault", "can_push", "is_archived"),
    [(Fault.UNAUTHORIZED, True, False), (Fault.OK, False, True)],
)
def test_credentials_that_no_longer_do_stop_the_connection(
    desk: Desk, ticket: Ticket, fault: Fault, can_push: bool, is_archived: bool
) -> None:
    desk.tracker.can_push, desk.tracker.is_archived = can_push, is_archived
    desk.step(ticket, StepKind.COMMENT, "It is done.")
    desk.tracker.faults.append(fault)

    sent = desk.send()

    desk.connection.refresh_from_db()
    assert sent.refused == 1
    assert desk.connection.problem_at is not None


def test_a_step_put_off_keeps_its_state_and_the_ledger_tells_of_it(
    desk: Desk, ticket: Ticket
) -> None:
    step = desk.step(ticket, StepKind.COMMENT, "It is done.")
    desk.tracker.faults.append(Fault.LIMITED)
    desk.tracker.retry_after = 30

    sent = desk.send()

    step.refresh_from_db()
    last = Attempt.objects.order_by("-pk")[0]
    assert (sent.put_off, sent.rests) == (1, True)
    assert step.state == SendState.READY
    assert (last.what, last.outcome, last.status) == ("comment", "passing", 429)
