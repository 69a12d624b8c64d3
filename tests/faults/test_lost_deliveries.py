"""
Deliveries out of order, twice, lost, altered: over a real socket and the real door.

A fake GitHub tells what happened in signed webhooks, and is asked over HTTP.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from reviews import wiring
from reviews.models import Arrival, Connection, Evaluation, Solution, Ticket, TicketStep
from reviews.rules.ticketing import POLL_EVERY
from reviews.services.tickets.reading import read_tickets
from tests.conftest import NOW, TODAY, Cast
from tests.faults.register import open_flags
from tests.ticketing import SITE, connected, ticketed
from tests.trackers.exchanges import Delivery
from tests.trackers.github import GitHubTracker

TICKETS = 40
LOST = 0.3
MUTATIONS = 1_000

pytestmark = pytest.mark.django_db


@dataclass
class World:
    """The product and a GitHub, with a clock for both."""

    at: datetime = NOW
    tracker: GitHubTracker = field(init=False)
    connection: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.tracker = GitHubTracker(clock=self.timestamp)

    def timestamp(self) -> float:
        return self.at.timestamp()

    def passes(self, **time: float) -> None:
        self.at += timedelta(**time)

    def posts(self, *deliveries: Delivery) -> list[int]:
        """Return how deliveries are answered by the product's own door."""
        client = Client()
        with time_machine.travel(self.at, tick=False):
            return [
                client.post(
                    f"/hooks/github/{self.connection.slug}/",
                    delivery.body,
                    content_type="application/json",
                    headers=dict(delivery.headers),
                ).status_code
                for delivery in deliveries
            ]

    def reads(self) -> int:
        """Have the tickets read, as a worker does."""
        self.connection.refresh_from_db()
        return read_tickets(
            connection=self.connection,
            system=wiring.ticket_system(self.connection),
            clock=lambda: self.at,
            today=TODAY,
            site_url=SITE,
            until=self.at + timedelta(minutes=1),
        )


@pytest.fixture
def world(cast: Cast, settings: Any) -> Iterator[World]:
    world = World()
    with world.tracker:
        host = world.tracker.origin.removeprefix("http://")
        settings.OUTBOUND_ALLOWED_HOSTS = [host]
        seal = wiring.vault().seal
        world.connection = connected(
            address=world.tracker.address,
            project="acme/payments",
            sealed_token=seal(world.tracker.token),
            sealed_secret=seal(world.tracker.secret),
            owner=cast.alice,
            polled_at=NOW,
            lag_seconds=1,
            writes_per_minute=60_000,
        )
        yield world


def tickets(world: World, cast: Cast, number: int) -> list[Ticket]:
    """Return tickets whose issues are there, with what they say."""
    made = []
    for flag in open_flags(number, NOW):
        issue = world.tracker.add(title="Review", body="It is due.")
        given: dict[str, Any] = {
            "remote_id": str(issue.number),
            "key": issue.key,
            "read_at": None,
        }
        made.append(ticketed(flag, world.connection, sent_title="Review", **given))
    Solution.objects.update(team=cast.platform)
    return made


def differing(world: World) -> list[int]:
    """Return the numbers of the issues that the product shows otherwise."""
    shown = {
        int(ticket.remote_id): (ticket.standing, ticket.assignee)
        for ticket in Ticket.objects.all()
    }
    return [
        issue.number
        for issue in world.tracker.created
        if shown[issue.number]
        != ("closed" if issue.is_closed else "open", issue.assignee)
    ]


@pytest.mark.slow
def test_the_order_of_deliveries_and_their_repetition_do_not_matter(
    world: World, cast: Cast
) -> None:
    """INV-W1: five events, all in one second, in all 120 orders, each twice."""
    (ticket,) = tickets(world, cast, 1)
    since = len(world.tracker.changes)
    world.tracker.edit(1, assignee="pat")
    world.tracker.close(1)
    world.tracker.reopen(1)
    world.tracker.comment(1, "pat", "/verdict adopt because it is fine")
    world.tracker.close(1)
    events = world.tracker.deliveries(since)
    newest = 0

    for order in permutations(events):
        with transaction.atomic():
            world.passes(seconds=1)
            # The worker comes in between, when some came once and some twice.
            first = world.posts(*order[:3], *order[:2])
            world.reads()
            then = world.posts(*order[2:], *order[3:])
            world.reads()
            assert sorted(first + then) == [200] * 5 + [202] * 5
            ticket.refresh_from_db()
            evaluations = Evaluation.objects.filter(
                author_name="pat in acme/payments#1"
            )
            newest += (
                (ticket.standing, ticket.status, ticket.assignee)
                == ("closed", "closed", "pat")
                and evaluations.count() == 1
                and Arrival.objects.filter(handled_at__isnull=False).count() == 5
                and not TicketStep.objects.exists()
            )
            transaction.set_rollback(True)

    assert len(events) == 5
    assert newest == 120


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lost_deliveries_are_made_good_within_one_poll(
    world: World, cast: Cast, seed: int
) -> None:
    """INV-W4: a part of the deliveries never arrives, and nobody sends them again."""
    luck = random.Random(seed)
    tickets(world, cast, TICKETS)
    since = len(world.tracker.changes)
    for _ in range(3 * TICKETS):
        world.passes(seconds=1)
        act(world, luck)
    deliveries = world.tracker.deliveries(since)
    arriving = [each for each in deliveries if luck.random() > LOST]
    luck.shuffle(arriving)

    answers = world.posts(*arriving)
    world.passes(seconds=30)
    world.reads()
    world.passes(seconds=POLL_EVERY.total_seconds())
    world.reads()

    assert set(answers) == {202}
    assert len(arriving) < len(deliveries)
    assert differing(world) == []


def test_without_any_delivery_polling_alone_is_enough(world: World, cast: Cast) -> None:
    tickets(world, cast, TICKETS)
    luck = random.Random(4)
    for _ in range(TICKETS):
        act(world, luck)
    assert differing(world) != []

    world.passes(seconds=POLL_EVERY.total_seconds())
    world.reads()

    assert differing(world) == []


def act(world: World, luck: random.Random) -> None:
    """Do one thing that a person does to one of the issues."""
    number = luck.randrange(1, TICKETS + 1)
    match luck.randrange(4):
        case 0:
            world.tracker.close(number)
        case 1:
            world.tracker.reopen(number)
        case 2:
            world.tracker.comment(number, "pat", "I am at it.")
        case _:
            world.tracker.edit(number, assignee=luck.choice(["pat", "kim", ""]))


@pytest.mark.slow
def test_what_was_altered_on_the_way_has_no_effect(world: World, cast: Cast) -> None:
    """INV-W2 at the door; each scheme by itself is in tests/rules/test_signatures.py."""
    (ticket,) = tickets(world, cast, 1)
    since = len(world.tracker.changes)
    world.tracker.close(1)
    (delivery,) = world.tracker.deliveries(since)
    luck = random.Random(5)

    answers = world.posts(*(altered(delivery, luck) for _ in range(MUTATIONS)))
    world.reads()

    assert set(answers) == {401}
    assert not Arrival.objects.exists()
    ticket.refresh_from_db()
    assert (ticket.standing, ticket.read_at) == ("open", None)


def altered(delivery: Delivery, luck: random.Random) -> Delivery:
    """Return a delivery of which one byte of body or signature is another."""
    headers, body = dict(delivery.headers), bytearray(delivery.body)
    signature = headers["X-Hub-Signature-256"]
    if luck.random() < 0.7:
        at = luck.randrange(len(body))
        body[at] = (body[at] + luck.randrange(1, 256)) % 256
    else:
        at = luck.randrange(len(signature))
        other = luck.choice([c for c in "0123456789abcdefgF=" if c != signature[at]])
        headers["X-Hub-Signature-256"] = signature[:at] + other + signature[at + 1 :]
    return Delivery(delivery.id, delivery.event, headers, bytes(body))


def test_an_issue_that_moved_away_is_linked_where_it_is(
    world: World, cast: Cast
) -> None:
    """W-14, as GitHub tells it: the address of old leads to the new one."""
    (ticket,) = tickets(world, cast, 1)
    since = len(world.tracker.changes)
    world.tracker.move(1, "acme/elsewhere")

    world.posts(*world.tracker.deliveries(since))
    world.reads()

    ticket.refresh_from_db()
    assert ticket.url == "https://github.example/acme/elsewhere/issues/1"
    assert (ticket.standing, ticket.remote_id) == ("open", "1")


def test_an_issue_that_was_deleted_is_gone(world: World, cast: Cast) -> None:
    (ticket,) = tickets(world, cast, 1)
    since = len(world.tracker.changes)
    world.tracker.delete(1)

    world.posts(*world.tracker.deliveries(since))
    world.reads()

    ticket.refresh_from_db()
    assert ticket.standing == "gone"
