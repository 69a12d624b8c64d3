"""The worker's door: what happens is told over a real socket, a task for each endpoint."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from reviews import wiring
from reviews.models import Delivery, Notice
from reviews.services.webhooks.endpoints import switch_endpoint
from reviews.tasks.outgoing import events
from tests.conftest import NOW, Cast
from tests.connectors.serving import Server
from tests.services.building import OPERATOR
from tests.services.covering import overdue
from tests.services.webhooks.receiving import VAULT, Receiver, receiver

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def hook(server: Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """An endpoint on this machine, which the settings allow by name."""
    settings.OUTBOUND_ALLOWED_HOSTS = [f"127.0.0.1:{server.port}"]
    monkeypatch.setattr(wiring, "_vault", lambda keys: VAULT)
    return receiver(server)


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The endpoints for which a task was queued."""
    ids: list[int] = []

    def note(*, kwargs: dict[str, int], expires: int) -> None:
        assert expires < 60
        ids.append(kwargs["endpoint_id"])

    monkeypatch.setattr(events.deliver_to, "apply_async", note)
    return ids


def test_what_happened_arrives(cast: Cast, hook: Receiver, queued: list[int]) -> None:
    flag = overdue(cast)

    events.tell_of_events()
    events.deliver_to(endpoint_id=hook.endpoint.pk)

    assert queued == [hook.endpoint.pk]
    told = {each["type"]: each["data"] for each in hook.told()}
    assert set(told) == {"evaluation.recorded", "flag.opened"}
    assert told["flag.opened"]["flag_id"] == flag.pk
    assert told["flag.opened"]["api_url"].startswith("http://127.0.0.1:8000/api/v1/")


def test_each_endpoint_has_a_task_of_its_own(
    cast: Cast, server: Server, hook: Receiver, queued: list[int]
) -> None:
    other = receiver(server, path="/other")
    overdue(cast)

    events.tell_of_events()

    assert queued == [hook.endpoint.pk, other.endpoint.pk]


def test_where_nothing_is_due_no_task_is_queued(
    cast: Cast, hook: Receiver, queued: list[int]
) -> None:
    overdue(cast)
    events.tell_of_events()
    events.deliver_to(endpoint_id=hook.endpoint.pk)
    queued.clear()

    events.tell_of_events()

    assert queued == []
    assert Delivery.objects.filter(state="done").count() == 2


def test_one_that_is_switched_off_has_no_task(
    cast: Cast, hook: Receiver, queued: list[int]
) -> None:
    overdue(cast)
    events.tell_of_events()
    queued.clear()
    switch_endpoint(endpoint_id=hook.endpoint.pk, on=False, actor=OPERATOR, now=NOW)

    events.tell_of_events()

    assert queued == []


def test_an_endpoint_that_is_gone_is_passed_over(db: None) -> None:
    events.deliver_to(endpoint_id=10**12)


def test_without_endpoints_nothing_is_left_to_tell(
    cast: Cast, queued: list[int]
) -> None:
    overdue(cast)

    events.tell_of_events()

    assert queued == []
    assert not Notice.objects.filter(handled_at=None).exists()


def test_the_default_settings_send_nothing_to_this_machine(
    cast: Cast,
    server: Server,
    queued: list[int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(wiring, "_vault", lambda keys: VAULT)
    hook = receiver(server)
    overdue(cast)

    events.tell_of_events()
    events.deliver_to(endpoint_id=hook.endpoint.pk)

    assert server.asked == []
    problem = Delivery.objects.exclude(problem="").earliest("pk").problem
    assert "OUTBOUND_ALLOWED_HOSTS" in problem
    assert "0 delivered" in caplog.text
