"""What is taken over from a ticket system, and what is not."""

from datetime import date, timedelta
from typing import Any

import pytest

from reviews.models import (
    Arrival,
    Change,
    Connection,
    Flag,
    Membership,
    Ticket,
    TicketStep,
    User,
)
from reviews.ports.outside import HostBusyError, OutsideError
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import POLL_EVERY, System
from tests.conftest import NOW, Cast
from tests.services.covering import overdue, questioned, snoozed
from tests.services.test_at_once import at_once
from tests.services.tickets.counter import Counter
from tests.ticketing import connected
from tests.trackers.issues import BOT

HOSTILE = "<b>\x00Mal\ud800lory\u202e\r\nSet-Cookie: x</b> 🦊"


def hinted(counter: Counter, ticket: Ticket) -> Ticket:
    """Have a ticket read because its system said so, and return it."""
    counter.hints(ticket.connection, ticket)
    counter.reads(ticket.connection)
    ticket.refresh_from_db()
    return ticket


def polled(counter: Counter, ticket: Ticket) -> Ticket:
    """Have a ticket read because it is time to."""
    counter.clock.advance(seconds=POLL_EVERY.total_seconds())
    counter.reads(ticket.connection)
    ticket.refresh_from_db()
    return ticket


READ = pytest.mark.parametrize("read", [hinted, polled])


@READ
def test_where_a_ticket_stands_is_taken_over(
    counter: Counter, ticket: Ticket, read: Any
) -> None:
    counter.clock.advance(minutes=1)
    counter.store.edit(1, assignee="pat")
    counter.store.close(1)

    read(counter, ticket)

    assert (ticket.standing, ticket.status, ticket.assignee) == (
        "closed",
        "closed",
        "pat",
    )
    assert ticket.read_due_at is None


@READ
def test_an_echo_of_what_was_sent_changes_nothing(
    counter: Counter, ticket: Ticket, read: Any
) -> None:
    counter.clock.advance(minutes=1)
    counter.update("1", _draft(ticket), with_text=True)
    counter.comment("1", "Due.", marker=ticket.marker)

    read(counter, ticket)

    assert not TicketStep.objects.exists()
    assert ticket.conflict == ""


def test_what_is_older_is_not_taken_over(counter: Counter, ticket: Ticket) -> None:
    later = NOW + timedelta(minutes=1)
    Ticket.objects.update(updated_at=later, read_at=NOW + timedelta(microseconds=1))
    counter.store.close(1)

    hinted(counter, ticket)

    assert ticket.standing == "open"


def test_what_its_making_answered_is_only_a_guess(
    counter: Counter, ticket: Ticket
) -> None:
    Ticket.objects.update(updated_at=NOW + timedelta(days=1), read_at=NOW)
    Ticket.objects.update(done_at=NOW)
    counter.store.close(1)

    hinted(counter, ticket)

    assert ticket.standing == "closed"
    assert ticket.updated_at == NOW


def test_of_two_answers_with_one_instant_the_one_asked_for_later_counts(
    counter: Counter, ticket: Ticket
) -> None:
    counter.store.close(1)
    hinted(counter, ticket)
    counter.store.issue(1).is_closed = False

    hinted(counter, ticket)
    assert ticket.standing == "open"

    counter.store.issue(1).is_closed = True
    Ticket.objects.update(read_at=counter.clock() + timedelta(minutes=1))
    hinted(counter, ticket)
    assert ticket.standing == "open"


def test_an_assignee_is_a_text_and_grants_nothing(
    cast: Cast, counter: Counter, ticket: Ticket
) -> None:
    before = list(Membership.objects.order_by("pk").values())
    counter.store.edit(1, assignee=cast.dora.email)

    hinted(counter, ticket)

    assert ticket.assignee == cast.dora.email
    assert ticket.flag.solution.owner is None
    assert list(Membership.objects.order_by("pk").values()) == before
    assert User.objects.filter(is_superuser=True).get() == cast.dora


def test_a_text_from_outside_becomes_one_plain_line(
    counter: Counter, ticket: Ticket
) -> None:
    counter.store.edit(1, assignee=HOSTILE + "x" * 4_000)
    counter.store.issue(1).key = HOSTILE

    hinted(counter, ticket)

    assert ticket.assignee.startswith("<b> Mal lory Set-Cookie: x</b> 🦊x")
    assert (len(ticket.assignee), len(ticket.key)) == (200, 32)


def test_a_ticket_that_moved_has_its_link_repaired(
    counter: Counter, ticket: Ticket
) -> None:
    counter.store.move(1, "acme/elsewhere")

    hinted(counter, ticket)

    assert ticket.key == "acme/elsewhere#1"
    assert ticket.url == "https://issues.example/acme/elsewhere/1"
    assert ticket.remote_id == "1"


def test_a_deleted_ticket_is_gone_and_its_flag_stays_open(
    counter: Counter, ticket: Ticket
) -> None:
    counter.store.delete(1)

    hinted(counter, ticket)

    assert ticket.standing == "gone"
    assert Flag.objects.get().closed_at is None
    assert Ticket.objects.count() == 1
    assert not TicketStep.objects.exists()


def test_what_a_poll_does_not_name_is_not_gone(
    counter: Counter, ticket: Ticket
) -> None:
    counter.store.delete(1)

    polled(counter, ticket)

    assert ticket.standing == "open"


def test_a_deletion_that_nobody_told_is_found_within_a_day(
    counter: Counter, ticket: Ticket
) -> None:
    Ticket.objects.update(read_at=NOW)
    counter.store.delete(1)
    counter.clock.advance(days=1)
    polled(counter, ticket)

    counter.reads(ticket.connection)

    ticket.refresh_from_db()
    assert ticket.standing == "gone"


def test_a_ticket_that_was_gone_comes_back(counter: Counter, ticket: Ticket) -> None:
    counter.store.delete(1)
    hinted(counter, ticket)
    counter.store.issue(1).is_deleted = False
    counter.store.edit(1, assignee="pat")
    counter.clock.advance(days=1)
    polled(counter, ticket)

    counter.reads(ticket.connection)

    ticket.refresh_from_db()
    assert ticket.standing == "open"


# What the tracker owns.


def test_a_title_that_was_changed_over_there_is_put_right(
    counter: Counter, ticket: Ticket
) -> None:
    counter.store.edit(1, title="Mine now")

    hinted(counter, ticket)
    polled(counter, ticket)
    hinted(counter, ticket)

    step = TicketStep.objects.get()
    assert step.kind == "update"
    assert step.key.startswith("put-right:2026-11-22T09:30")
    assert (ticket.put_right, ticket.conflict) == (1, "")


def test_what_is_changed_again_and_again_is_a_conflict_and_no_fight(
    counter: Counter, ticket: Ticket
) -> None:
    for number in range(8):
        counter.clock.advance(minutes=1)
        counter.store.edit(1, title=f"Robot {number}")
        hinted(counter, ticket)
        TicketStep.objects.update(state=SendState.DONE.value, done_at=NOW)

    assert TicketStep.objects.count() == 3
    assert ticket.conflict.startswith("The title was put right 3 times today and")
    assert ticket.sent_title in ticket.conflict
    assert "in the ticket it is Robot 3." in ticket.conflict


def test_a_conflict_ends_when_both_sides_agree(
    counter: Counter, ticket: Ticket
) -> None:
    Ticket.objects.update(conflict="The title was put right.", put_right=3)
    counter.store.edit(1, labels=["news"])

    hinted(counter, ticket)

    assert ticket.conflict == ""


def test_on_another_day_it_is_put_right_again(counter: Counter, ticket: Ticket) -> None:
    Ticket.objects.update(put_right=3, put_right_on=NOW.date() - timedelta(days=1))
    counter.store.edit(1, title="Mine now")

    hinted(counter, ticket)

    assert ticket.put_right == 1


def test_nothing_is_put_right_while_an_update_is_on_its_way(
    counter: Counter, ticket: Ticket
) -> None:
    TicketStep.objects.create(
        ticket=ticket, kind="update", key="u", marker="m", next_at=NOW, created_at=NOW
    )
    counter.store.edit(1, title="Mine now")

    hinted(counter, ticket)

    assert TicketStep.objects.count() == 1


def test_nothing_is_put_right_for_a_flag_that_is_not_asked(
    counter: Counter, ticket: Ticket
) -> None:
    snoozed(ticket.flag)
    counter.store.edit(1, title="Mine now")

    hinted(counter, ticket)

    assert not TicketStep.objects.exists()


@pytest.mark.parametrize(
    ("fields", "theirs", "steps"),
    [
        ({}, None, 0),
        ({"due_on": "customfield_1"}, None, 1),
        ({}, date(2030, 1, 1), 1),
        ({"due_on": "customfield_1"}, "ours", 0),
    ],
)
def test_a_due_day_is_compared_where_the_system_has_one(
    counter: Counter, ticket: Ticket, fields: dict[str, str], theirs: Any, steps: int
) -> None:
    Connection.objects.update(fields=fields)
    counter.due_on[1] = ticket.flag.due_on if theirs == "ours" else theirs
    counter.store.edit(1, labels=["news"])

    hinted(counter, ticket)

    assert TicketStep.objects.count() == steps


@pytest.mark.parametrize(("theirs", "steps"), [("", 0), ("medium", 0), ("low", 1)])
def test_a_severity_is_compared_where_the_system_has_one(
    cast: Cast, counter: Counter, connection: Connection, theirs: str, steps: int
) -> None:
    ticket = counter.ticket(questioned(cast), connection, sent_severity="medium")
    counter.store.edit(1, severity=theirs)

    hinted(counter, ticket)

    assert TicketStep.objects.count() == steps


# The inbox.


def arrived(connection: Connection, body: str, event: str = "issues") -> Arrival:
    return Arrival.objects.create(
        connection=connection,
        delivery_id=f"d-{Arrival.objects.count()}",
        event=event,
        digest="0" * 64,
        body=body,
        received_at=NOW,
    )


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ('{"issue": {"number": 4711}}', "Not one of this connection's tickets."),
        ('{"issue": {"number": "1 OR 1=1"}}', "Broken: it names no issue."),
        ('{"issue": {"number": "\\u0000\\ud800"}}', "Broken: it names no issue."),
        ('{"issue": null}', "Broken: it names no issue."),
        ('{"zen": "x"}', "Broken: it names no issue."),
        ("[]", "Broken: The JSON is not an object."),
        ("[" * 100_000, "Broken: The JSON is nested too deeply."),
        ("{", "Broken: The body is not JSON."),
    ],
    ids=lambda text: text[:40],
)
def test_what_means_no_ticket_is_taken_up_and_said_so(
    counter: Counter, connection: Connection, ticket: Ticket, body: str, outcome: str
) -> None:
    arrival = arrived(connection, body)

    assert counter.reads(connection) == 0

    arrival.refresh_from_db()
    assert (arrival.handled_at, arrival.outcome) == (NOW, outcome)
    assert counter.asked == []


def test_what_is_not_about_an_issue_is_taken_up_and_said_so(
    counter: Counter, connection: Connection
) -> None:
    arrival = arrived(connection, '{"zen": "x"}', event="ping")

    counter.reads(connection)

    arrival.refresh_from_db()
    assert arrival.outcome == "Not about an issue."


@pytest.mark.parametrize(
    ("system", "remote_id", "key", "body"),
    [
        (System.GITHUB, "7", "#7", '{"issue": {"number": 7, "id": 99}}'),
        (System.GITHUB, "99", "#7", '{"issue": {"number": 7, "id": 99}}'),
        (System.GITHUB, "I_7", "#7", '{"issue": {"number": 8, "node_id": "I_7"}}'),
        (System.JIRA, "10001", "PAY-1", '{"issue": {"id": "10001", "key": "NEW-9"}}'),
        (System.JIRA, "1", "PAY-1", '{"issue": {"key": "PAY-1"}}'),
        (
            System.GITLAB,
            "7",
            "#7",
            '{"object_kind": "issue", "object_attributes": {"iid": 7}}',
        ),
        (
            System.GITLAB,
            "7",
            "#7",
            '{"object_kind": "note", "object_attributes": {"id": 1}, '
            '"issue": {"iid": 7}}',
        ),
        (System.REDMINE, "7", "#7", '{"data": {"issue": {"id": 7}}}'),
        (System.REDMINE, "7", "#7", '{"payload": {"issue": {"id": 7}}}'),
    ],
)
def test_a_ticket_is_known_by_any_of_its_names(
    cast: Cast, counter: Counter, system: System, remote_id: str, key: str, body: str
) -> None:
    connection = connected(system=system.value, polled_at=NOW)
    ticket = counter.ticket(overdue(cast), connection, remote_id=remote_id, key=key)
    arrived(connection, body)
    counter.failing = OutsideError("It is down.")

    counter.reads(connection)

    assert counter.asked == ["read"]
    ticket.refresh_from_db()
    assert ticket.read_due_at is not None
    assert Arrival.objects.get().outcome == f"Read {key}."


def test_another_connection_s_ticket_is_not_meant(
    cast: Cast, counter: Counter, ticket: Ticket
) -> None:
    other = connected("other", polled_at=NOW)
    arrived(other, '{"issue": {"number": 1}}')

    counter.reads(other)

    assert counter.asked == []
    assert Arrival.objects.get().outcome == "Not one of this connection's tickets."


def test_what_changes_while_it_is_read_is_read_again(
    counter: Counter, ticket: Ticket
) -> None:
    counter.hints(ticket.connection, ticket)
    read = counter.read

    def interrupted(id: str) -> Any:
        Ticket.objects.update(read_due_at=counter.clock() + timedelta(microseconds=1))
        return read(id)

    counter.read = interrupted  # type: ignore[method-assign]
    counter.reads(ticket.connection)
    ticket.refresh_from_db()
    assert ticket.read_due_at is not None


# Polling.


def test_a_poll_is_due_every_while(counter: Counter, ticket: Ticket) -> None:
    counter.clock.advance(minutes=4, seconds=59)
    counter.reads(ticket.connection)
    assert "changed" not in counter.asked

    counter.clock.advance(seconds=1)
    counter.reads(ticket.connection)
    counter.reads(ticket.connection)
    assert counter.asked.count("changed") == 1


def test_a_poll_reaches_back_beyond_the_last_one(
    counter: Counter, ticket: Ticket
) -> None:
    counter.clock.advance(minutes=30)
    counter.store.edit(1, assignee="pat")
    polled(counter, ticket)
    assert ticket.connection.read_until == NOW + timedelta(minutes=30)

    # A search that lagged: it shows now what happened before the last poll.
    counter.store.issue(1).updated_at = NOW + timedelta(minutes=30)
    counter.store.issue(1).assignee = "kim"
    polled(counter, ticket)

    assert ticket.assignee == "kim"


def test_what_is_settled_is_asked_about_no_more(
    counter: Counter, ticket: Ticket
) -> None:
    Flag.objects.update(closed_at=NOW, closed_because="evaluated")
    Ticket.objects.update(standing="closed", updated_at=NOW - timedelta(days=31))

    polled(counter, ticket)

    assert counter.asked == []


def test_a_worker_out_of_time_leaves_the_rest_to_the_next(
    cast: Cast, counter: Counter, connection: Connection
) -> None:
    tickets = [
        counter.ticket(overdue(cast, f"Django {n}"), connection) for n in range(3)
    ]
    for ticket in tickets:
        counter.store.edit(int(ticket.remote_id), assignee="pat")
    counter.clock.advance(minutes=5)
    comments = counter.comments

    def slow(id: str) -> Any:
        counter.clock.advance(seconds=1)
        return comments(id)

    counter.comments = slow  # type: ignore[method-assign]

    # Each has time for one: none may begin with the same one as the one before.
    for read in range(1, 4):
        until = counter.clock() + timedelta(seconds=1)
        assert counter.reads(connection, until=until) == 1
        assert Ticket.objects.filter(assignee="pat").count() == read
    assert counter.reads(connection) == 0
    assert counter.asked.count("changed") == 1
    assert connection.polled_at == NOW + timedelta(minutes=5)


# Failing.


@pytest.mark.parametrize(
    ("error", "problem", "stopped"),
    [
        (OutsideError("It is down."), "It is down.", False),
        (OutsideError("Bad token.", permanent=True, status=401), "Bad token.", True),
        (OutsideError("Wait.", retry_after=timedelta(seconds=90)), "", False),
        (HostBusyError("Others come first."), "", False),
    ],
)
@READ
def test_a_failure_is_noted_and_nothing_is_lost(
    counter: Counter,
    ticket: Ticket,
    read: Any,
    error: OutsideError,
    problem: str,
    stopped: bool,
) -> None:
    counter.store.close(1)
    counter.failing = error
    read(counter, ticket)
    connection = Connection.objects.get()
    assert (connection.problem, connection.problem_at is not None) == (problem, stopped)

    counter.failing = None
    Connection.objects.update(problem_at=None)
    counter.clock.advance(minutes=5)
    counter.reads(connection)

    ticket.refresh_from_db()
    assert ticket.standing == "closed"
    assert Connection.objects.get().problem == ""


def test_who_wants_to_be_left_alone_is_left_alone(
    counter: Counter, ticket: Ticket
) -> None:
    counter.failing = OutsideError("Wait.", retry_after=timedelta(seconds=600))
    polled(counter, ticket)
    counter.asked.clear()

    for _ in range(9):
        counter.clock.advance(minutes=1)
        counter.hints(ticket.connection, ticket)
        counter.reads(ticket.connection)

    assert counter.asked == []
    assert not Arrival.objects.filter(handled_at=None).exists()


def test_a_stopped_connection_is_asked_nothing(
    counter: Counter, ticket: Ticket
) -> None:
    Connection.objects.update(problem="Bad token.", problem_at=NOW)

    hinted(counter, ticket)
    polled(counter, ticket)

    assert counter.asked == []


@READ
def test_a_ticket_that_cannot_be_read_holds_no_other_up(
    cast: Cast, counter: Counter, connection: Connection, read: Any
) -> None:
    one, two = (counter.ticket(overdue(cast, name), connection) for name in ("A", "B"))
    counter.store.edit(1, assignee="pat")
    counter.store.edit(2, assignee="pat")
    counter.failing_for["2"] = OutsideError("Locked.", permanent=True, status=403)
    counter.hints(connection, two)

    read(counter, one)

    assert one.assignee == "pat"
    connection.refresh_from_db()
    assert (connection.problem, connection.problem_at) == ("Locked.", None)
    assert Ticket.objects.filter(pk=two.pk, read_due_at__gt=counter.clock()).exists()


def test_tickets_that_cannot_be_read_do_not_stop_a_connection(
    cast: Cast, counter: Counter, connection: Connection
) -> None:
    tickets = [counter.ticket(overdue(cast, f"P{n}"), connection) for n in range(5)]
    for ticket in tickets[:4]:
        locked = OutsideError("Locked.", permanent=True, status=403)
        counter.failing_for[ticket.remote_id] = locked
    counter.hints(connection, *tickets)

    counter.reads(connection)
    counter.reads(connection)

    connection.refresh_from_db()
    assert (connection.problem, connection.problem_at) == ("Locked.", None)
    assert Ticket.objects.exclude(read_at=None).get() == tickets[4]


def test_a_project_that_may_not_be_read_stops_its_connection(
    counter: Counter, ticket: Ticket
) -> None:
    counter.failing_for[""] = OutsideError("No project.", permanent=True, status=404)

    polled(counter, ticket)

    assert Connection.objects.get().problem_at is not None


def test_a_failed_poll_does_not_count_as_read(counter: Counter, ticket: Ticket) -> None:
    counter.store.edit(1, assignee="pat")
    counter.clock.advance(days=2)
    counter.store.edit(1, by=BOT, labels=["news"])
    counter.failing = OutsideError("It is down.")
    polled(counter, ticket)
    counter.failing = None
    assert Connection.objects.get().read_until is None

    polled(counter, ticket)

    assert ticket.assignee == "pat"


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_put_right_once_and_poll_once(cast: Cast) -> None:
    counter = Counter()
    connection = connected(owner=cast.alice)
    ticket = counter.ticket(overdue(cast), connection)
    counter.store.edit(1, title="Mine now", assignee="pat")
    counter.hints(connection, ticket)

    raised = at_once(
        *[lambda: counter.reads(Connection.objects.get(pk=connection.pk))] * 5
    )

    assert raised == []
    assert counter.asked.count("changed") == 1
    assert TicketStep.objects.count() == 1
    assert Ticket.objects.get().assignee == "pat"


def test_reading_writes_no_line_of_the_audit_trail(
    counter: Counter, ticket: Ticket
) -> None:
    before = Change.objects.count()
    counter.store.edit(1, assignee="pat")

    hinted(counter, ticket)

    assert Change.objects.count() == before


def _draft(ticket: Ticket) -> Any:
    class Same:
        title = ticket.sent_title

    return Same()
