"""Who may say "again", of what, and what stays as it is."""

import pytest

from reviews.models import Change, Connection, Message, Subscription, Ticket
from reviews.rules.access import NotAllowedError
from reviews.rules.telling import Channel
from reviews.rules.ticketing import Standing, StepKind
from reviews.services.errors import ConflictError
from reviews.services.tickets.problems import (
    note_problem,
    note_trouble,
    note_well,
    try_again,
    try_connection_again,
)
from tests.conftest import NOW, TODAY, Cast
from tests.services.covering import overdue
from tests.ticketing import connected, ticketed

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(cast: Cast) -> Connection:
    return connected(owner=cast.dora)


@pytest.fixture
def refused(cast: Cast, connection: Connection) -> Ticket:
    """A ticket that its system refused to make."""
    return Ticket.objects.create(
        connection=connection,
        flag=overdue(cast),
        marker="bb-1",
        attempts=1,
        refused_at=NOW,
        problem="GitHub answered with status 422.",
        next_at=NOW,
        created_at=NOW,
    )


def stopped(connection: Connection) -> Connection:
    note_problem(
        connection=connection, problem="No such project.", now=NOW, today=TODAY
    )
    connection.refresh_from_db()
    return connection


@pytest.mark.parametrize("name", ["alice", "bob", "dora"])
def test_who_works_in_the_team_tries_again(
    cast: Cast, refused: Ticket, name: str
) -> None:
    actor = cast.actor(getattr(cast, name))

    ticket = try_again(ticket_id=refused.pk, actor=actor, now=NOW)

    assert (ticket.refused_at, ticket.problem, ticket.attempts) == (None, "", 0)
    assert Ticket.objects.to_take_up_at(NOW).get() == ticket
    assert Change.objects.filter(what="ticket tried again").count() == 1


@pytest.mark.parametrize("name", ["charlie", "eve", "frank"])
def test_nobody_else_does(cast: Cast, refused: Ticket, name: str) -> None:
    actor = cast.actor(getattr(cast, name))

    with pytest.raises(NotAllowedError):
        try_again(ticket_id=refused.pk, actor=actor, now=NOW)

    refused.refresh_from_db()
    assert refused.refused_at == NOW


def test_what_was_not_refused_is_not_tried_again(
    cast: Cast, connection: Connection
) -> None:
    ticket = ticketed(overdue(cast), connection)

    with pytest.raises(ConflictError, match="Nothing of this ticket was refused"):
        try_again(ticket_id=ticket.pk, actor=cast.actor(cast.bob), now=NOW)


def test_a_ticket_that_left_the_register_is_not_tried_again(cast: Cast) -> None:
    with pytest.raises(ConflictError, match="no longer in the register"):
        try_again(ticket_id=1, actor=cast.actor(cast.bob), now=NOW)


def test_a_conflict_that_reading_found_is_decided_by_an_update_of_its_own(
    cast: Cast, connection: Connection
) -> None:
    ticket = ticketed(overdue(cast), connection, conflict="Both changed the title.")

    try_again(ticket_id=ticket.pk, actor=cast.actor(cast.bob), now=NOW)

    ticket.refresh_from_db()
    step = ticket.steps.get()
    assert ticket.conflict == ""
    assert (step.kind, step.key.split(":")[0]) == (StepKind.UPDATE, "ours")


def test_a_ticket_that_was_gone_is_looked_for_once_more(
    cast: Cast, connection: Connection
) -> None:
    ticket = ticketed(
        overdue(cast), connection, standing=Standing.GONE.value, problem="Deleted."
    )

    try_again(ticket_id=ticket.pk, actor=cast.actor(cast.bob), now=NOW)

    ticket.refresh_from_db()
    assert (ticket.standing, ticket.problem) == (Standing.OPEN, "")
    assert ticket.read_due_at == NOW


@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "frank"])
def test_only_administrators_let_a_connection_go_on(
    cast: Cast, connection: Connection, name: str
) -> None:
    stopped(connection)

    with pytest.raises(NotAllowedError):
        try_connection_again(
            connection_id=connection.pk, actor=cast.actor(getattr(cast, name)), now=NOW
        )

    connection.refresh_from_db()
    assert connection.problem_at == NOW


def test_a_connection_goes_on_with_all_that_it_was_refused(
    cast: Cast, connection: Connection, refused: Ticket
) -> None:
    stopped(connection)

    again = try_connection_again(
        connection_id=connection.pk, actor=cast.actor(cast.dora), now=NOW
    )

    connection.refresh_from_db()
    refused.refresh_from_db()
    assert again == 1
    assert (connection.problem, connection.problem_at) == ("", None)
    assert refused.refused_at is None
    assert Change.objects.get(what="connection tried again").details == {
        "problem": "No such project.",
        "sent again": 1,
    }


def test_a_connection_that_is_not_there_is_not_tried_again(cast: Cast) -> None:
    with pytest.raises(ConflictError, match="no longer there"):
        try_connection_again(connection_id=1, actor=cast.actor(cast.dora), now=NOW)


def test_reading_well_does_not_undo_what_was_refused(connection: Connection) -> None:
    stopped(connection)

    note_well(connection=connection, now=NOW)

    connection.refresh_from_db()
    assert (connection.problem, connection.problem_at) == ("No such project.", NOW)


def test_a_trouble_does_not_hide_what_was_refused(connection: Connection) -> None:
    stopped(connection)

    note_trouble(connection=connection, problem="It was slow.")

    connection.refresh_from_db()
    assert connection.problem == "No such project."


def test_a_trouble_passes(connection: Connection) -> None:
    note_trouble(connection=connection, problem="It was slow.")

    note_well(connection=connection, now=NOW)

    connection.refresh_from_db()
    assert connection.problem == ""


def test_a_connection_that_nobody_owns_stops_all_the_same(cast: Cast) -> None:
    connection = stopped(connected())

    assert connection.problem_at == NOW
    assert not Message.objects.exists()


def test_an_owner_who_left_is_told_nothing(cast: Cast, connection: Connection) -> None:
    Subscription.objects.create(
        user=cast.dora, channel=Channel.EMAIL.value, created_at=NOW
    )
    cast.dora.is_active = False
    cast.dora.save()

    stopped(connection)

    assert not Message.objects.exists()
