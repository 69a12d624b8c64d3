"""A receiver of webhooks for the tests: a real server, and the library that verifies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import time_machine
from standardwebhooks import Webhook

from reviews.connectors.http import HTTPClient, Network
from reviews.connectors.vault import SecretVault
from reviews.connectors.webhooks import WebhookSender
from reviews.models import Attempt, Delivery, Endpoint
from reviews.ports.webhooks import Reply as Heard
from reviews.ports.webhooks import Sender
from reviews.rules.outgoing import WEBHOOK_PAUSES
from reviews.rules.telling import Event, Payload
from reviews.services.webhooks.delivering import Sent, send_deliveries
from reviews.services.webhooks.endpoints import (
    Wish,
    make_endpoint,
    replay,
    send_test,
)
from reviews.services.webhooks.events import tell_endpoints
from tests.conftest import NOW
from tests.connectors.serving import Asked, MemoryBudget, Reply, Server, answer
from tests.services.building import OPERATOR

HERE = Network(allowed=(ip_network("127.0.0.0/8"),), ports=frozenset())
SITE = "https://tracker.example"
VAULT = SecretVault(("a key of the tests",))
BEFORE = NOW - timedelta(days=1)
LATER = NOW + timedelta(hours=1)


def anything_goes(url: str) -> None:
    """Pass every address."""


def client(
    *, network: Network = HERE, budget: MemoryBudget | None = None, **more: Any
) -> HTTPClient:
    return HTTPClient(
        agent="best-before-tests (tests@example.com)",
        network=network,
        budget=budget or MemoryBudget(),
        **{"deadline": timedelta(seconds=2)} | more,
    )


@dataclass
class Clock:
    """Stands still until it is told to go on."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Receiver:
    """An endpoint whose address is a path of a server, and what arrived there."""

    server: Server
    endpoint: Endpoint
    secret: str
    path: str
    clock: Clock = field(default_factory=Clock)

    def answers(self, *replies: Reply) -> None:
        self.server.script(self.path, *replies)

    @property
    def asked(self) -> list[Asked]:
        return [each for each in self.server.asked if each.path == self.path]

    @property
    def ids(self) -> list[str]:
        return [each.headers["webhook-id"] for each in self.asked]

    def verified(self, asked: Asked, secret: str = "") -> Any:
        """Return what arrived, as the library has verified it at the time it says."""
        at = datetime.fromtimestamp(int(asked.headers["webhook-timestamp"]), NOW.tzinfo)
        with time_machine.travel(at, tick=False):
            return Webhook(secret or self.secret).verify(
                asked.body, dict(asked.headers)
            )

    def told(self) -> list[Any]:
        return [self.verified(each) for each in self.asked]

    def deliver(
        self,
        sender: Sender | None = None,
        *,
        until: datetime | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> Sent:
        return send_deliveries(
            endpoint_id=self.endpoint.pk,
            sender=sender or WebhookSender(client()),
            vault=VAULT,
            clock=clock or self.clock,
            until=until or self.clock.now + timedelta(seconds=50),
        )

    def deliver_later(self, by: timedelta, sender: Sender | None = None) -> Sent:
        self.clock.go_on(by)
        return self.deliver(sender)

    def deliveries(self) -> list[Delivery]:
        return list(Delivery.objects.filter(endpoint=self.endpoint).order_by("pk"))

    def delivery(self) -> Delivery:
        return Delivery.objects.get(endpoint=self.endpoint)

    def seen(self) -> Endpoint:
        self.endpoint.refresh_from_db()
        return self.endpoint


def receiver(
    server: Server,
    *events: Event,
    path: str = "/hook",
    payload: Payload = Payload.THIN,
    now: datetime = BEFORE,
    **more: Any,
) -> Receiver:
    """Return an endpoint that the tests' operator has made, which answers 200."""
    endpoint, secret = make_endpoint(
        wish=Wish(server.url(path), events=events, payload=payload, **more),
        actor=OPERATOR,
        check=anything_goes,
        vault=VAULT,
        now=now,
    )
    made = Receiver(server, endpoint, secret, path)
    made.answers(answer(b"thanks"))
    return made


def taken_up(now: datetime = NOW, limit: int = 10_000) -> int:
    return tell_endpoints(now=now, site_url=SITE, limit=limit)


def one_more(hook: Receiver) -> Delivery:
    return send_test(endpoint_id=hook.endpoint.pk, actor=OPERATOR, now=hook.clock.now)


def again(hook: Receiver, delivery: Delivery) -> Delivery:
    return replay(
        endpoint_id=hook.endpoint.pk,
        delivery_id=delivery.pk,
        actor=OPERATOR,
        now=hook.clock.now,
    )


def tries(hook: Receiver) -> list[tuple[str, int | None]]:
    rows = Attempt.objects.filter(delivery__endpoint=hook.endpoint).order_by("pk")
    return list(rows.values_list("outcome", "status"))


def try_to_the_end(hook: Receiver, sender: WebhookSender | None = None) -> None:
    for pause in (timedelta(), *WEBHOOK_PAUSES):
        hook.deliver_later(pause, sender)


class Killed(BaseException):
    """What the death of a worker looks like from within."""


class DyingSender:
    """Sends, and dies before it hears the answer."""

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Heard:
        WebhookSender(client()).send(url, headers, body)
        raise Killed
