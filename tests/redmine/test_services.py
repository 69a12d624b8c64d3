"""The product and the real Redmine, both ways: from an overdue review to its verdict."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from reviews.models import Connection, Evaluation, Ticket
from reviews.ports.tickets import TicketSystem
from reviews.rules.outgoing import SendState
from reviews.rules.ticket_defaults import default_mapping
from reviews.rules.ticketing import POLL_EVERY, System
from reviews.services.tickets.following import follow_flags
from reviews.services.tickets.planning import plan_tickets
from reviews.services.tickets.reading import read_tickets
from reviews.services.tickets.sending import Sent, send_tickets
from reviews.wiring import ticket_system, vault
from tests.conftest import TODAY, Cast
from tests.redmine.server import PROJECT, RealRedmine
from tests.services.covering import overdue
from tests.ticketing import SITE, connected

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(cast: Cast, real: RealRedmine, settings: Any) -> Connection:
    settings.OUTBOUND_ALLOWED_HOSTS = [urlsplit(real.address).netloc]
    now = datetime.now(UTC)
    return connected(
        "redmine",
        system=System.REDMINE.value,
        address=real.address,
        project=PROJECT,
        issue_type="Support",
        sealed_token=vault().seal(real.robot),
        fields=default_mapping(System.REDMINE).stored(),
        owner=cast.alice,
        writes_per_minute=6_000,
        created_at=now - timedelta(days=1),
    )


@pytest.fixture
def system(connection: Connection) -> TicketSystem:
    return ticket_system(connection)


def worked(connection: Connection, system: TicketSystem, minutes: int = 0) -> Sent:
    """Do what a worker does at a time so many minutes from now."""

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(minutes=minutes)

    connection.refresh_from_db()
    given: dict[str, Any] = {
        "connection": connection,
        "system": system,
        "clock": clock,
        "today": TODAY,
        "site_url": SITE,
        "until": clock() + timedelta(minutes=1),
    }
    read_tickets(**given)
    follow_flags(today=TODAY, now=clock(), site_url=SITE)
    return send_tickets(**given)


def test_a_verdict_in_redmine_ends_the_review_and_closes_the_issue(
    cast: Cast, connection: Connection, system: TicketSystem, real: RealRedmine
) -> None:
    flag = overdue(cast)
    plan_tickets(today=TODAY, now=datetime.now(UTC))

    made = worked(connection, system)

    ticket = Ticket.objects.get(flag=flag)
    assert made.made == 1
    assert ticket.state == SendState.DONE.value
    issue = system.read(ticket.remote_id)
    assert issue is not None
    assert (issue.due_on, issue.is_closed) == (flag.due_on, False)

    real.change(ticket.remote_id, notes="/verdict adopt because it does its job")
    later = int(POLL_EVERY / timedelta(minutes=1)) + 1
    worked(connection, system, later)
    worked(connection, system, later)

    assert Evaluation.objects.latest("pk").verdict == "adopt"
    closed = system.read(ticket.remote_id)
    assert closed is not None
    assert closed.is_closed
    *_, last = system.comments(ticket.remote_id)
    assert "**adopt**" in last.text
    assert worked(connection, system, 2 * later) == Sent()


def test_a_lost_answer_makes_no_second_issue(
    cast: Cast, connection: Connection, system: TicketSystem
) -> None:
    flag = overdue(cast)
    plan_tickets(today=TODAY, now=datetime.now(UTC))
    worked(connection, system)
    ticket = Ticket.objects.get(flag=flag)
    first = ticket.remote_id
    Ticket.objects.filter(pk=ticket.pk).update(
        state=SendState.UNKNOWN.value, remote_id="", key="", done_at=None
    )

    worked(connection, system, minutes=10)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.remote_id) == (SendState.DONE.value, first)


def test_an_issue_deleted_in_redmine_is_known_as_gone(
    cast: Cast, connection: Connection, system: TicketSystem, real: RealRedmine
) -> None:
    flag = overdue(cast)
    plan_tickets(today=TODAY, now=datetime.now(UTC))
    worked(connection, system)
    ticket = Ticket.objects.get(flag=flag)
    real.delete(ticket.remote_id)
    Ticket.objects.filter(pk=ticket.pk).update(read_due_at=datetime.now(UTC))

    worked(connection, system, minutes=1)

    ticket.refresh_from_db()
    assert ticket.standing == "gone"
