"""What tickets are told of the fate of their flags."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from reviews.models import Connection, Flag, Ticket, TicketStep
from reviews.rules.ticketing import Standing
from reviews.services.tickets.following import follow_flags
from tests.conftest import Cast
from tests.services.building import evaluated
from tests.services.covering import (
    overdue,
    overridden,
    questioned,
    revoked,
    snoozed,
    waived,
)
from tests.ticketing import SITE, connected, ticketed

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(db: None) -> Connection:
    return connected()


def _steps() -> list[tuple[str, str]]:
    return list(TicketStep.objects.order_by("pk").values_list("kind", "key"))


def _follow(today: date, now: datetime) -> int:
    return follow_flags(today=today, now=now, site_url=SITE)


def test_a_ticket_that_says_what_its_flag_says_is_left_alone(
    cast: Cast, connection: Connection, today: date, now: datetime
) -> None:
    ticketed(overdue(cast), connection)

    assert _follow(today, now) == 0


def test_an_evaluation_closes_the_ticket_with_its_verdict(
    cast: Cast, connection: Connection, today: date, now: datetime
) -> None:
    flag = overdue(cast)
    ticketed(flag, connection)
    evaluated(flag.solution)

    written = [_follow(today, now) for _ in range(2)]

    assert written == [2, 0]
    assert _steps() == [("comment", "closed"), ("close", "close:closed")]
    comment = TicketStep.objects.get(kind="comment").text
    assert "**adopt**" in comment
    assert f"{SITE}/solutions/django/" in comment


def test_a_snooze_is_told_and_leaves_the_ticket_open(
    cast: Cast, connection: Connection, today: date, now: datetime
) -> None:
    flag = overdue(cast)
    ticketed(flag, connection)
    cover = snoozed(flag)

    _follow(today, now)
    _follow(today, now)

    assert _steps() == [("comment", f"cover:{cover.pk}")]


def test_a_waiver_closes_the_ticket_until_it_ends(
    cast: Cast, connection: Connection, today: date, now: datetime
) -> None:
    flag = overdue(cast)
    ticketed(flag, connection)
    cover = waived(flag, cast.alice, today + timedelta(days=10))

    _follow(today, now)
    covered = _steps()
    # Whether a scan has run by then or not.
    _follow(today + timedelta(days=10), now)
    _follow(today + timedelta(days=10), now)

    assert covered == [
        ("comment", f"cover:{cover.pk}"),
        ("close", f"close:cover:{cover.pk}"),
    ]
    assert _steps()[2:] == [
        ("comment", f"asked-again:{cover.pk}"),
        ("reopen", f"reopen:{cover.pk}"),
    ]


def test_an_override_that_is_taken_back_opens_the_ticket_again(
    cast: Cast, connection: Connection, today: date, now: datetime
) -> None:
    flag = questioned(cast)
    ticketed(flag, connection)
    cover = overridden(flag)
    _follow(today, now)
    revoked(cover)

    _follow(today, now)

    assert [kind for kind, _ in _steps()] == ["comment", "close", "comment", "reopen"]


@pytest.mark.parametrize(
    "changed",
    [
        {"due_on": date(2027, 1, 1)},
        {"severity": "critical"},
        {"action": "deprecate"},
        {"reason": "Something else is said now."},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_the_tracker_owns_is_sent_once_when_it_changes(
    cast: Cast,
    connection: Connection,
    today: date,
    now: datetime,
    changed: dict[str, object],
) -> None:
    flag = questioned(cast)
    ticketed(flag, connection)
    Flag.objects.filter(pk=flag.pk).update(**changed)

    written = [_follow(today, now + timedelta(minutes=i)) for i in range(3)]

    assert written == [1, 0, 0]
    assert [kind for kind, _ in _steps()] == ["update"]


@pytest.mark.parametrize(
    "said",
    [{"standing": Standing.GONE.value}, {"conflict": "Both changed the due day."}],
    ids=["gone", "in conflict"],
)
def test_a_ticket_that_waits_for_somebody_is_sent_nothing(
    cast: Cast, connection: Connection, today: date, now: datetime, said: dict[str, Any]
) -> None:
    flag = overdue(cast)
    ticketed(flag, connection, **said)
    Flag.objects.filter(pk=flag.pk).update(due_on=date(2027, 1, 1))

    assert _follow(today, now) == 0


def test_a_ticket_that_is_not_there_yet_is_sent_nothing(
    cast: Cast, connection: Connection, today: date, now: datetime
) -> None:
    flag = overdue(cast)
    ticketed(flag, connection, state="ready", done_at=None)
    evaluated(flag.solution)

    assert _follow(today, now) == 0
    assert Ticket.objects.get().told_closed is False
