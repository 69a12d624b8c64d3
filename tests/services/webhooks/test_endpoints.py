"""Endpoints: who may do what with them, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from reviews.models import Change, Delivery, Endpoint
from reviews.rules.access import Actor, NotAllowedError, Role, Scope
from reviews.rules.telling import Event, Payload
from reviews.services.errors import ConflictError, InvalidError
from reviews.services.webhooks.endpoints import (
    OFFERED,
    Check,
    Wish,
    change_endpoint,
    delete_endpoint,
    make_endpoint,
    replay,
    replay_failed,
    rotate_secret,
    send_test,
    switch_endpoint,
)
from tests.conftest import NOW
from tests.connectors.serving import Server
from tests.services.building import OPERATOR
from tests.services.webhooks.receiving import (
    LATER,
    VAULT,
    Receiver,
    anything_goes,
    receiver,
)

pytestmark = pytest.mark.django_db

URL = "https://receiver.example/hook"
LEAD = Actor(name="Alice", door="test", user_id=1, roles={1: Role.LEAD})
READER = Actor(
    name="Dora",
    door="test",
    is_administrator=True,
    scopes=frozenset({Scope.READ, Scope.TICKETS}),
)
Work = Callable[[int, Actor], Any]

WORKS: dict[str, Work] = {
    "make": lambda id, actor: make_endpoint(
        wish=Wish(URL), actor=actor, check=anything_goes, vault=VAULT, now=NOW
    ),
    "change": lambda id, actor: changed(id, Wish(URL), actor),
    "rotate": lambda id, actor: rotate_secret(
        endpoint_id=id, actor=actor, vault=VAULT, now=NOW
    ),
    "switch": lambda id, actor: switch_endpoint(
        endpoint_id=id, on=False, actor=actor, now=NOW
    ),
    "delete": lambda id, actor: delete_endpoint(endpoint_id=id, actor=actor, now=NOW),
    "test": lambda id, actor: send_test(endpoint_id=id, actor=actor, now=NOW),
    "replay": lambda id, actor: replay(
        endpoint_id=id, delivery_id=1, actor=actor, now=NOW
    ),
    "replay failed": lambda id, actor: replay_failed(
        endpoint_id=id, since=NOW, actor=actor, now=NOW
    ),
}


def changed(
    id: int, wish: Wish, actor: Actor = OPERATOR, check: Check = anything_goes
) -> Endpoint:
    return change_endpoint(
        endpoint_id=id, wish=wish, actor=actor, check=check, now=LATER
    )


@pytest.fixture
def hook(server: Server) -> Receiver:
    return receiver(server)


def rows() -> list[Any]:
    return [*Endpoint.objects.values(), *Delivery.objects.values(), lines()]


def lines() -> list[str]:
    return list(Change.objects.order_by("pk").values_list("what", flat=True))


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
@pytest.mark.parametrize("actor", [LEAD, READER], ids=["a lead", "another scope"])
def test_nobody_but_administrators_may(
    hook: Receiver, work: Work, actor: Actor
) -> None:
    before = rows()

    with pytest.raises(NotAllowedError):
        work(hook.endpoint.pk, actor)

    assert rows() == before


@pytest.mark.parametrize("name", [name for name in WORKS if name != "make"])
def test_what_is_gone_is_a_conflict(hook: Receiver, name: str) -> None:
    with pytest.raises(ConflictError, match="no longer there"):
        WORKS[name](10**12, OPERATOR)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish(""), "url"),
        (Wish("https://a.example/" + "x" * 1_000), "url"),
        (Wish("https://a.example/\0"), "url"),
        (Wish(URL, description="x" * 201), "description"),
        (Wish(URL, description="two\nlines"), "description"),
        (Wish(URL, events=[Event.TEST]), "events"),
    ],
)
def test_an_odd_wish_is_refused(hook: Receiver, wish: Wish, field: str) -> None:
    before = rows()

    for work in (
        lambda: changed(hook.endpoint.pk, wish),
        lambda: make_endpoint(
            wish=wish, actor=OPERATOR, check=anything_goes, vault=VAULT, now=NOW
        ),
    ):
        with pytest.raises(InvalidError) as refusal:
            work()
        assert refusal.value.field == field

    assert rows() == before


def test_an_address_that_may_not_be_asked_is_refused(hook: Receiver) -> None:
    def refuse(url: str) -> None:
        raise ValueError("The host has a private address.")

    with pytest.raises(InvalidError, match="private") as refusal:
        changed(hook.endpoint.pk, Wish(URL), check=refuse)

    assert refusal.value.field == "url"


def test_each_endpoint_has_a_secret_of_its_own(server: Server) -> None:
    hooks = [receiver(server, path=f"/{number}") for number in range(5)]

    assert len({hook.secret for hook in hooks}) == 5
    assert len({hook.endpoint.sealed_secret for hook in hooks}) == 5


def test_an_event_that_is_named_twice_is_named_once(hook: Receiver) -> None:
    twice = [Event.FLAG_CLOSED, Event.FLAG_OPENED, Event.FLAG_CLOSED]

    endpoint = changed(hook.endpoint.pk, Wish(URL, events=twice))

    assert endpoint.events == ["flag.closed", "flag.opened"]


def test_a_test_is_no_event_to_choose() -> None:
    assert Event.TEST not in OFFERED
    assert len(OFFERED) == len(Event) - 1


def test_what_changes_nothing_is_not_told(hook: Receiver) -> None:
    before = rows()

    changed(hook.endpoint.pk, Wish(hook.endpoint.url))

    assert rows() == before


def test_another_address_has_not_failed_yet(hook: Receiver) -> None:
    Endpoint.objects.update(failing_since=NOW)

    changed(hook.endpoint.pk, Wish(hook.endpoint.url, payload=Payload.FULL))
    same = hook.seen().failing_since
    changed(hook.endpoint.pk, Wish(URL))

    assert same == NOW
    assert hook.seen().failing_since is None


def test_the_history_tells_what_was_done_and_no_secret(hook: Receiver) -> None:
    id = hook.endpoint.pk
    _, secret = rotate_secret(endpoint_id=id, actor=OPERATOR, vault=VAULT, now=NOW)
    switch_endpoint(endpoint_id=id, on=False, actor=OPERATOR, now=NOW)
    switch_endpoint(endpoint_id=id, on=False, actor=OPERATOR, now=NOW)
    switch_endpoint(endpoint_id=id, on=True, actor=OPERATOR, now=NOW)
    send_test(endpoint_id=id, actor=OPERATOR, now=NOW)
    delete_endpoint(endpoint_id=id, actor=OPERATOR, now=NOW)

    assert lines() == [
        "made",
        "secret rotated",
        "switched off",
        "switched on",
        "tested",
        "deleted",
    ]
    told = str(list(Change.objects.values()))
    assert secret not in told
    assert hook.secret not in told
    assert "/hook" not in told


@pytest.mark.parametrize("hours", [-1, 169, 10**6])
def test_odd_hours_are_refused(hook: Receiver, hours: int) -> None:
    with pytest.raises(InvalidError, match="0 to 168 hours"):
        rotate_secret(
            endpoint_id=hook.endpoint.pk,
            hours=hours,
            actor=OPERATOR,
            vault=VAULT,
            now=NOW,
        )
