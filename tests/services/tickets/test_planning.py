"""Which flags get a ticket, and how many in a day."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from reviews.models import Attempt, Connection, Flag, Ticket
from reviews.ports.tickets import Draft, Request
from reviews.queries.ticket_needs import held_back
from reviews.rules.access import NotAllowedError
from reviews.rules.outgoing import SendState
from reviews.rules.signals import Severity
from reviews.rules.vocabulary import Action, Cause
from reviews.services.errors import ConflictError, InvalidError
from reviews.services.tickets.planning import (
    ask_for_ticket,
    plan_tickets,
    simulate_tickets,
)
from tests.conftest import NOW, Cast
from tests.services.covering import overdue, questioned, snoozed
from tests.ticketing import SITE, connected

pytestmark = pytest.mark.django_db


class Telling:
    """A ticket system that only says what it would send."""

    def request_of(self, draft: Draft) -> Request:
        return Request("POST", "https://issues.example/new", {"title": draft.title})


def _overdue(cast: Cast, *names: str) -> list[Flag]:
    return [overdue(cast, name) for name in names]


def _planned() -> set[int]:
    return set(Ticket.objects.values_list("flag_id", flat=True))


def test_an_open_flag_gets_one_ticket_however_often_it_is_planned(
    cast: Cast, today: date, now: datetime
) -> None:
    flag = overdue(cast)
    connected()

    planned = [plan_tickets(today=today, now=now) for _ in range(3)]

    assert planned == [1, 0, 0]
    ticket = Ticket.objects.get()
    assert (ticket.flag, ticket.state) == (flag, SendState.READY)
    assert ticket.first_sent_at is None


@pytest.mark.parametrize(
    "said",
    [
        {"is_live": False},
        {"is_on": False},
        {"problem": "401: the token is not known.", "problem_at": NOW},
        {"causes": [Cause.END_OF_LIFE.value]},
        {"actions": [Action.DEPRECATE.value]},
        {"severities": [Severity.CRITICAL.value]},
        {"tickets_per_day": 0},
    ],
    ids=lambda said: next(iter(said)),
)
def test_a_flag_that_a_connection_does_not_take_gets_no_ticket(
    cast: Cast, today: date, now: datetime, said: dict[str, Any]
) -> None:
    overdue(cast)
    connected(**said)

    plan_tickets(today=today, now=now)

    assert not _planned()


def test_a_connection_that_was_spoilt_stops_no_other(
    cast: Cast, today: date, now: datetime
) -> None:
    flag = overdue(cast)
    connected("spoilt", position=1, causes=5)
    well = connected("well", position=2)

    plan_tickets(today=today, now=now)

    assert Ticket.objects.get().connection == well
    assert _planned() == {flag.pk}


def test_a_flag_of_another_team_gets_no_ticket(
    cast: Cast, today: date, now: datetime
) -> None:
    overdue(cast)
    connected().teams.add(cast.data)

    plan_tickets(today=today, now=now)

    assert not _planned()


def test_a_snoozed_flag_gets_no_ticket_before_its_day(
    cast: Cast, today: date, now: datetime
) -> None:
    flag = overdue(cast)
    snoozed(flag, today + timedelta(days=3))
    connected()

    plan_tickets(today=today, now=now)
    before = _planned()
    plan_tickets(today=today + timedelta(days=3), now=now + timedelta(days=3))

    assert not before
    assert _planned() == {flag.pk}


def test_of_two_connections_the_first_takes_the_flag(
    cast: Cast, today: date, now: datetime
) -> None:
    overdue(cast)
    connected("later", position=20)
    first = connected("sooner", position=5)

    plan_tickets(today=today, now=now)

    assert Ticket.objects.get().connection == first


def test_what_a_day_does_not_hold_waits_and_is_counted(
    cast: Cast, today: date, now: datetime
) -> None:
    flags = _overdue(cast, "One", "Two", "Three", "Four", "Five")
    connection = connected(tickets_per_day=2)

    plan_tickets(today=today, now=now)
    plan_tickets(today=today, now=now + timedelta(hours=1))
    first, waiting = len(_planned()), held_back(today)
    plan_tickets(today=today + timedelta(days=1), now=now + timedelta(days=1))

    assert (first, waiting) == (2, {connection.pk: 3})
    assert len(_planned()) == 4
    assert len(flags) - len(_planned()) == 1


def test_the_gravest_flags_come_first(cast: Cast, today: date, now: datetime) -> None:
    _overdue(cast, "One", "Two")
    grave = questioned(cast)
    Flag.objects.filter(pk=grave.pk).update(severity=Severity.HIGH.value)
    connected(tickets_per_day=1)

    plan_tickets(today=today, now=now)

    assert _planned() == {grave.pk}


def test_of_two_live_connections_only_one_counts_what_waits(
    cast: Cast, today: date
) -> None:
    overdue(cast)
    first = connected("first", position=1, tickets_per_day=0)
    second = connected("second", position=2, tickets_per_day=0)

    assert held_back(today) == {first.pk: 1, second.pk: 0}


@pytest.mark.parametrize("is_live", [True, False])
def test_what_a_day_still_holds_is_not_held_back(
    cast: Cast, today: date, *, is_live: bool
) -> None:
    _overdue(cast, "One", "Two", "Three")
    connection = connected(is_live=is_live, tickets_per_day=2)

    assert held_back(today) == {connection.pk: 1}


class TestSimulating:
    def test_writes_what_would_be_sent_once_for_each_flag(
        self, cast: Cast, today: date, now: datetime
    ) -> None:
        flag = overdue(cast)
        connection = connected(is_live=False)

        written = [_simulate(connection, today, now) for _ in range(2)]

        assert written == [1, 0]
        line = Attempt.objects.get()
        assert (line.flag, line.outcome) == (flag, "simulated")
        assert line.request == {
            "method": "POST",
            "url": "https://issues.example/new",
            "payload": {"title": "Review Django: review due"},
        }
        assert not Ticket.objects.exists()

    def test_keeps_to_what_a_day_holds(
        self, cast: Cast, today: date, now: datetime
    ) -> None:
        _overdue(cast, "One", "Two", "Three")
        connection = connected(is_live=False, tickets_per_day=2)

        _simulate(connection, today, now)

        assert Attempt.objects.count() == 2
        assert held_back(today) == {connection.pk: 1}

    def test_leaves_the_flag_to_the_live_connection(
        self, cast: Cast, today: date, now: datetime
    ) -> None:
        flag = overdue(cast)
        connection = connected(is_live=False)
        _simulate(connection, today, now)

        Connection.objects.update(is_live=True)
        plan_tickets(today=today, now=now)

        assert _planned() == {flag.pk}


class TestAskingByHand:
    def test_makes_the_ticket_beyond_what_a_day_holds(
        self, cast: Cast, today: date, now: datetime
    ) -> None:
        flag = overdue(cast)
        connection = connected(tickets_per_day=0)

        ticket = ask_for_ticket(
            flag_id=flag.pk,
            connection_id=None,
            actor=cast.actor(cast.bob),
            today=today,
            now=now,
        )

        assert (ticket.flag, ticket.connection) == (flag, connection)

    @pytest.mark.parametrize("who", ["charlie", "eve", "frank"])
    def test_takes_the_right_in_the_owning_team(
        self, cast: Cast, today: date, now: datetime, who: str
    ) -> None:
        flag = overdue(cast)
        connected()

        with pytest.raises(NotAllowedError):
            ask_for_ticket(
                flag_id=flag.pk,
                connection_id=None,
                actor=cast.actor(getattr(cast, who)),
                today=today,
                now=now,
            )

        assert not _planned()

    def test_refuses_a_second_ticket(
        self, cast: Cast, today: date, now: datetime
    ) -> None:
        flag = overdue(cast)
        connected()
        plan_tickets(today=today, now=now)

        with pytest.raises(ConflictError, match="ticket already"):
            ask_for_ticket(
                flag_id=flag.pk,
                connection_id=None,
                actor=cast.actor(cast.alice),
                today=today,
                now=now,
            )

    @pytest.mark.parametrize("chosen", [None, 987_654])
    def test_refuses_where_no_connection_can_take_it(
        self, cast: Cast, today: date, now: datetime, chosen: int | None
    ) -> None:
        flag = overdue(cast)
        connected(causes=[Cause.END_OF_LIFE.value])

        with pytest.raises(InvalidError, match="connection") as refused:
            ask_for_ticket(
                flag_id=flag.pk,
                connection_id=chosen,
                actor=cast.actor(cast.alice),
                today=today,
                now=now,
            )

        assert refused.value.field == "connection"


def _simulate(connection: Connection, today: date, now: datetime) -> int:
    return simulate_tickets(
        connection=connection,
        system=Telling(),  # type: ignore[arg-type]
        today=today,
        now=now,
        site_url=SITE,
    )
