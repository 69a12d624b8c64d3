"""Connections to ticket systems: changed, switched, renewed, deleted."""

from datetime import timedelta
from typing import Any

import pytest

from reviews.models import Attempt, Connection, Ticket, User
from reviews.rules.access import NotAllowedError
from reviews.rules.ticketing import System
from reviews.services.connections import (
    check_connection,
    check_soon,
    delete_connection,
    rotate_webhook_secret,
    set_live,
    switch_connection,
)
from reviews.services.errors import ConflictError, InvalidError
from reviews.services.tickets.problems import try_connection_again
from tests.conftest import NOW, Cast
from tests.services.connecting import LATER, VAULT, changed, made, trail
from tests.services.covering import overdue
from tests.ticketing import asked_for, ticketed

# --- Changing ---


def test_what_is_not_given_anew_is_kept(cast: Cast) -> None:
    connection = made(cast)

    saved = changed(cast, connection, name="The shop", team_ids=[cast.platform.pk])

    assert not saved.was_emptied
    assert VAULT.open(connection.sealed_token) == "token-1"
    assert VAULT.open(connection.sealed_secret) == "secret-1"
    assert list(connection.teams.all()) == [cast.platform]
    what, details = trail()[-1]
    assert what == "connection changed"
    assert details["name"] == ["Shop on GitHub", "The shop"]


def test_nothing_said_anew_leaves_no_trace(cast: Cast) -> None:
    connection = made(cast)

    changed(cast, connection)

    assert len(trail()) == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "https://api.github.com:8443",
        "http://api.github.com",
        "https://api.github.com.evil.example",
    ],
)
def test_u26_another_host_is_not_sent_the_secrets(cast: Cast, address: str) -> None:
    connection = made(cast)

    saved = changed(cast, connection, address=address)

    assert saved.was_emptied
    assert (connection.sealed_token, connection.sealed_secret) == ("", "")
    assert "removed" in trail()[-1][1]["secrets"]


def test_u26_secrets_given_with_another_host_are_for_it(cast: Cast) -> None:
    connection = made(cast)

    saved = changed(
        cast,
        connection,
        address="https://ghe.example/api/v3",
        token="token-2",
        secret="secret-2",
    )

    assert not saved.was_emptied
    assert VAULT.open(connection.sealed_token) == "token-2"
    assert VAULT.open(connection.sealed_secret) == "secret-2"
    assert connection.sealed_former_secret == ""


def test_another_path_on_the_host_keeps_them(cast: Cast) -> None:
    connection = made(cast, said={"address": "https://ghe.example"})

    saved = changed(cast, connection, address="https://GHE.example/api/v3")

    assert not saved.was_emptied
    assert VAULT.open(connection.sealed_token) == "token-1"


@pytest.mark.parametrize(
    "said",
    [
        {"project": "acme/other"},
        {"address": "https://ghe.example/api/v3"},
        {"address": "https://api.github.com/other"},
    ],
)
def test_what_leads_elsewhere_with_tickets_stands_still_until_somebody_says_go(
    cast: Cast, said: dict[str, Any]
) -> None:
    connection = made(cast)
    asked_for(overdue(cast), connection)
    Ticket.objects.update(state="unknown", first_sent_at=NOW)

    changed(cast, connection, **said)

    assert connection.problem_at == LATER
    assert "another name" in connection.problem
    try_connection_again(
        connection_id=connection.pk, actor=cast.actor(cast.dora), now=LATER
    )
    connection.refresh_from_db()
    assert not connection.problem


def test_what_has_sent_nothing_yet_may_lead_elsewhere_at_once(cast: Cast) -> None:
    connection = made(cast)
    asked_for(overdue(cast), connection)

    changed(cast, connection, project="acme/other")

    assert connection.problem_at is None


def test_what_stays_where_it_is_goes_on_with_its_tickets(cast: Cast) -> None:
    connection = made(cast)
    asked_for(overdue(cast), connection)
    Ticket.objects.update(state="unknown", first_sent_at=NOW)

    changed(cast, connection, name="Another name", project=connection.project.upper())

    assert connection.problem_at is None


def test_a_token_can_be_taken_away(cast: Cast) -> None:
    connection = made(cast)

    changed(cast, connection, token="")

    assert connection.sealed_token == ""
    assert trail()[-1][1]["token"] == "removed"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("slug", {"slug": "other"}),
        ("system", {"system": System.GITLAB}),
        ("project", {"project": "shop"}),
    ],
)
def test_what_makes_a_connection_what_it_is_stays(
    cast: Cast, field: str, said: dict[str, Any]
) -> None:
    connection = made(cast)

    with pytest.raises(InvalidError) as refusal:
        changed(cast, connection, **said)

    assert refusal.value.field == field
    assert VAULT.open(connection.sealed_token) == "token-1"


@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "frank"])
def test_u26_nobody_else_changes_one(cast: Cast, name: str) -> None:
    connection = made(cast, said={"owner_id": cast.alice.pk})

    with pytest.raises(NotAllowedError):
        changed(
            cast, connection, by=getattr(cast, name), address="https://evil.example"
        )

    connection.refresh_from_db()
    assert connection.address == "https://api.github.com"


def test_who_left_may_stay_the_one_who_answers_for_it(cast: Cast) -> None:
    connection = made(cast, said={"owner_id": cast.alice.pk})
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)

    changed(cast, connection, name="The shop")

    assert connection.owner_id == cast.alice.pk


def test_a_worker_that_writes_meanwhile_is_not_written_over(cast: Cast) -> None:
    connection = made(cast)
    Connection.objects.filter(pk=connection.pk).update(problem="Broken.", polled_at=NOW)

    changed(cast, connection, name="The shop")

    assert (connection.problem, connection.polled_at) == ("Broken.", NOW)


# --- Switching ---


def test_going_live_keeps_what_was_simulated(cast: Cast) -> None:
    connection = made(cast)
    Attempt.objects.create(
        connection=connection, at=NOW, what="create", outcome="simulated"
    )

    set_live(
        connection=connection, is_live=True, actor=cast.actor(cast.dora), now=LATER
    )

    connection.refresh_from_db()
    assert connection.is_live
    assert Attempt.objects.count() == 1
    assert trail()[-1][0] == "connection goes live"


@pytest.mark.parametrize("stop", ["simulate", "switch off"])
def test_what_was_never_sent_is_given_up_where_it_stops(cast: Cast, stop: str) -> None:
    connection = made(cast)
    Connection.objects.update(is_live=True)
    connection.refresh_from_db()
    asked_for(overdue(cast, "Never sent"), connection)
    unknown = asked_for(
        overdue(cast, "Unknown"), connection, state="unknown", first_sent_at=NOW
    )
    there = ticketed(overdue(cast, "There"), connection)
    actor = cast.actor(cast.dora)

    if stop == "simulate":
        set_live(connection=connection, is_live=False, actor=actor, now=LATER)
    else:
        switch_connection(connection=connection, is_on=False, actor=actor, now=LATER)

    assert set(Ticket.objects.all()) == {unknown, there}
    assert trail()[-1][1] == {"tickets given up": 1}


def test_switching_twice_is_told_once(cast: Cast) -> None:
    connection = made(cast)

    for _ in range(2):
        switch_connection(
            connection=connection, is_on=False, actor=cast.actor(cast.dora), now=LATER
        )

    connection.refresh_from_db()
    assert not connection.is_on
    assert [what for what, _ in trail()][1:] == ["connection switched off"]


def test_checking_now_is_the_next_minutes_work(cast: Cast) -> None:
    connection = made(cast)
    Connection.objects.filter(pk=connection.pk).update(polled_at=NOW)

    check_soon(connection=connection, actor=cast.actor(cast.dora))

    connection.refresh_from_db()
    assert connection.polled_at is None


@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "frank"])
def test_nobody_else_switches_renews_checks_or_deletes(cast: Cast, name: str) -> None:
    connection = made(cast)
    actor = cast.actor(getattr(cast, name))
    said: dict[str, Any] = {"connection": connection, "actor": actor}

    for refused in (
        lambda: set_live(is_live=True, now=NOW, **said),
        lambda: switch_connection(is_on=False, now=NOW, **said),
        lambda: check_soon(**said),
        lambda: rotate_webhook_secret(vault=VAULT, now=NOW, **said),
        lambda: delete_connection(now=NOW, **said),
        lambda: check_connection(system=None, actor=actor),  # type: ignore[arg-type]
    ):
        with pytest.raises(NotAllowedError):
            refused()

    assert len(trail()) == 1


# --- Secrets of webhooks ---


def test_a_new_webhook_secret_leaves_the_former_one_good_for_a_day(cast: Cast) -> None:
    connection = made(cast)

    secret = rotate_webhook_secret(
        connection=connection, actor=cast.actor(cast.dora), vault=VAULT, now=LATER
    )

    connection.refresh_from_db()
    assert len(secret) >= 40
    assert VAULT.open(connection.sealed_secret) == secret
    assert VAULT.open(connection.sealed_former_secret) == "secret-1"
    assert connection.former_secret_until == LATER + timedelta(hours=24)
    assert secret not in str(trail())


def test_a_first_webhook_secret_has_no_former(cast: Cast) -> None:
    connection = made(cast, secret="")

    rotate_webhook_secret(
        connection=connection, actor=cast.actor(cast.dora), vault=VAULT, now=LATER
    )

    connection.refresh_from_db()
    assert connection.sealed_former_secret == ""
    assert connection.former_secret_until is None


# --- Deleting ---


def test_a_connection_without_tickets_goes_with_its_ledger(cast: Cast) -> None:
    connection = made(cast)
    Attempt.objects.create(
        connection=connection, at=NOW, what="create", outcome="simulated"
    )

    delete_connection(connection=connection, actor=cast.actor(cast.dora), now=LATER)

    assert not Connection.objects.exists()
    assert not Attempt.objects.exists()
    assert trail()[-1][0] == "connection deleted"


def test_one_with_tickets_is_switched_off_and_not_deleted(cast: Cast) -> None:
    connection = made(cast)
    asked_for(overdue(cast), connection)

    with pytest.raises(ConflictError, match=r"has 1 ticket.*switch it off"):
        delete_connection(connection=connection, actor=cast.actor(cast.dora), now=LATER)

    assert Ticket.objects.count() == 1
