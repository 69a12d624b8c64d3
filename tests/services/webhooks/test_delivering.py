"""Delivering over real sockets: signed, tried again, given up, and sent again."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from standardwebhooks import WebhookVerificationError

from reviews.connectors.http import Network
from reviews.connectors.webhooks import EXCERPT_LIMIT, WebhookSender
from reviews.ports.webhooks import Reply
from reviews.rules.outgoing import WEBHOOK_PAUSES
from reviews.services.outgoing import LEASE
from reviews.services.webhooks.delivering import (
    TRIES,
    Sent,
)
from reviews.services.webhooks.endpoints import (
    switch_endpoint,
)
from tests.conftest import NOW
from tests.connectors.serving import (
    Server,
    answer,
    bomb,
    hang_up,
    page,
    redirect,
    silence,
    too_many,
)
from tests.services.building import OPERATOR
from tests.services.webhooks.receiving import (
    DyingSender,
    Killed,
    Receiver,
    client,
    one_more,
    receiver,
    tries,
    try_to_the_end,
)

pytestmark = pytest.mark.django_db

REMEDY = "name it in the setting OUTBOUND_ALLOWED_HOSTS"


class TestArriving:
    def test_a_message_arrives_as_the_library_verifies_it(self, hook: Receiver) -> None:
        assert hook.deliver() == Sent(done=1)

        told = hook.told()
        assert told == [hook.delivery().content]
        assert told[0]["type"] == "test"
        asked = hook.asked[0]
        assert asked.method == "POST"
        assert asked.headers["content-type"] == "application/json"
        assert asked.headers["webhook-id"] == f"msg_{hook.delivery().message_id.hex}"

    def test_another_secret_does_not_verify_it(self, hook: Receiver) -> None:
        hook.deliver()

        with pytest.raises(WebhookVerificationError):
            hook.verified(hook.asked[0], "whsec_" + "A" * 44)

    def test_the_ledger_says_what_came_of_it(self, hook: Receiver) -> None:
        hook.deliver()

        delivery = hook.delivery()
        assert (delivery.state, delivery.done_at) == ("done", NOW)
        assert (delivery.status, delivery.answer) == (200, "thanks")
        assert tries(hook) == [("done", 200)]

    def test_what_arrived_is_not_sent_again(self, hook: Receiver) -> None:
        hook.deliver()

        assert hook.deliver_later(timedelta(days=3)) == Sent()
        assert len(hook.asked) == 1

    @pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
    def test_any_success_is_one(self, hook: Receiver, status: int) -> None:
        hook.answers(answer(b"", status))

        assert hook.deliver() == Sent(done=1)

    def test_messages_arrive_in_the_order_in_which_things_happened(
        self, hook: Receiver
    ) -> None:
        others = [one_more(hook) for _ in range(4)]

        hook.deliver()

        ids = [hook.deliveries()[0], *others]
        assert hook.ids == [f"msg_{each.message_id.hex}" for each in ids]

    def test_an_odd_answer_is_kept_as_one_line(self, hook: Receiver) -> None:
        hook.answers(answer(b"a\0b\n\n <b>c</b>\xff " + b"x" * 5_000))

        hook.deliver()

        kept = hook.delivery().answer
        assert kept.startswith("ab <b>c</b>")
        assert len(kept) == EXCERPT_LIMIT

    def test_one_that_is_switched_off_is_sent_nothing(self, hook: Receiver) -> None:
        switch_endpoint(endpoint_id=hook.endpoint.pk, on=False, actor=OPERATOR, now=NOW)

        assert hook.deliver() == Sent()
        assert hook.asked == []

    def test_nothing_is_begun_once_the_time_is_up(self, hook: Receiver) -> None:
        assert hook.deliver(until=NOW) == Sent()
        assert hook.asked == []


class TestFailing:
    @pytest.mark.parametrize(
        ("reply", "outcome", "status"),
        [
            pytest.param(answer(b"no", 500), "passing", 500, id="500"),
            pytest.param(answer(b"no", 400), "passing", 400, id="400"),
            pytest.param(page(404), "passing", 404, id="404"),
            pytest.param(too_many("30"), "passing", 429, id="429"),
            pytest.param(redirect("/elsewhere"), "passing", 302, id="redirect"),
            pytest.param(hang_up(), "unknown", None, id="no answer"),
            pytest.param(silence(), "unknown", None, id="silence"),
            pytest.param(bomb(20), "unknown", None, id="an endless answer"),
        ],
    )
    def test_it_is_tried_again_with_the_same_id(
        self, hook: Receiver, reply: Any, outcome: str, status: int | None
    ) -> None:
        hook.answers(reply, answer())
        sender = WebhookSender(client(deadline=timedelta(seconds=0.5)))

        first = hook.deliver(sender)
        too_early = hook.deliver_later(WEBHOOK_PAUSES[0] / 2)
        second = hook.deliver_later(timedelta(minutes=5))

        assert (first, too_early, second) == (Sent(failed=1), Sent(), Sent(done=1))
        assert tries(hook) == [(outcome, status), ("done", 200)]
        assert len(set(hook.ids)) == 1
        stamps = [each.headers["webhook-timestamp"] for each in hook.asked]
        assert stamps[0] != stamps[1]
        assert len(hook.told()) == 2

    def test_the_pauses_grow_and_then_it_is_given_up(self, hook: Receiver) -> None:
        hook.answers(answer(b"broken", 500))

        try_to_the_end(hook)
        assert hook.deliver_later(timedelta(days=1)) == Sent()

        delivery = hook.delivery()
        assert len(hook.asked) == delivery.attempts == TRIES == 10
        assert delivery.refused_at is not None
        assert (delivery.status, delivery.answer) == (500, "broken")
        assert "status 500" in delivery.problem
        assert tries(hook)[-1] == ("refused", 500)
        assert len(set(hook.ids)) == 1

    def test_it_is_left_alone_for_as_long_as_it_wants(self, hook: Receiver) -> None:
        hook.answers(too_many("3600"), answer())
        hook.deliver()

        assert hook.deliver_later(timedelta(minutes=59)) == Sent()
        assert hook.deliver_later(timedelta(minutes=1)) == Sent(done=1)

    def test_a_redirect_is_not_followed(self, server: Server, hook: Receiver) -> None:
        hook.answers(redirect(server.url("/canary")))

        hook.deliver()

        assert server.paths() == ["/hook"]
        assert "redirect" in hook.delivery().problem

    def test_where_nobody_answers_the_others_keep_their_tries(
        self, hook: Receiver
    ) -> None:
        one_more(hook)
        hook.answers(hang_up())

        assert hook.deliver() == Sent(failed=1)
        assert [each.attempts for each in hook.deliveries()] == [1, 0]

    def test_one_that_is_refused_does_not_hold_up_the_next(
        self, hook: Receiver
    ) -> None:
        one_more(hook)
        hook.answers(answer(b"", 422), answer())

        assert hook.deliver() == Sent(done=1, failed=1)

    def test_a_busy_host_costs_no_try(self, hook: Receiver) -> None:
        from reviews.ports.outside import HostBusyError

        class Busy:
            def send(self, *_: object) -> Reply:
                raise HostBusyError("Later.", retry_after=timedelta(minutes=2))

        hook.deliver(Busy())

        delivery = hook.delivery()
        assert (delivery.attempts, delivery.state) == (0, "ready")
        assert delivery.next_at == NOW + timedelta(minutes=2)
        assert hook.seen().failing_since is None
        assert tries(hook) == []

    def test_success_ends_a_run_of_failures(self, hook: Receiver) -> None:
        hook.answers(answer(b"", 500), answer())
        hook.deliver()
        failing = hook.seen().failing_since

        hook.deliver_later(timedelta(minutes=5))

        assert failing == NOW
        assert hook.seen().failing_since is None


class TestDying:
    def test_a_worker_that_dies_after_sending_has_it_sent_again_with_the_same_id(
        self, hook: Receiver
    ) -> None:
        with pytest.raises(Killed):
            hook.deliver(DyingSender())
        held = hook.deliver_later(LEASE / 2)

        after = hook.deliver_later(LEASE / 2)

        assert (held, after) == (Sent(), Sent(done=1))
        assert len(hook.ids) == 2
        assert len(set(hook.ids)) == 1

    def test_a_worker_that_comes_back_too_late_writes_nothing(
        self, hook: Receiver
    ) -> None:
        class Sleepy:
            def send(self, *_: object) -> Reply:
                hook.clock.go_on(LEASE)
                assert hook.deliver() == Sent(done=1)
                return Reply(500)

        assert hook.deliver(Sleepy()) == Sent()
        assert hook.delivery().state == "done"
        assert tries(hook) == [("done", 200)]


class TestPrivateAddresses:
    @pytest.fixture
    def closed(self) -> Callable[..., WebhookSender]:
        """Return what makes a sender that dials nothing private."""

        def make(**more: Any) -> WebhookSender:
            network = Network(
                ports=frozenset(),
                remedy="If it is a host of your own, name it in the setting "
                "OUTBOUND_ALLOWED_HOSTS.",
            )
            return WebhookSender(client(network=network, **more))

        return make

    def test_one_is_refused_at_connect(
        self, server: Server, hook: Receiver, closed: Callable[..., WebhookSender]
    ) -> None:
        assert hook.deliver(closed()) == Sent(failed=1)

        assert server.asked == []
        assert REMEDY in hook.delivery().problem

    def test_a_name_that_leads_there_is_refused_at_connect(
        self, server: Server, hook: Receiver, closed: Callable[..., WebhookSender]
    ) -> None:
        hook.endpoint.url = server.named("rebound.example", "/hook")
        hook.endpoint.save()

        hook.deliver(closed(resolve=lambda host, port: ("127.0.0.1",)))

        assert server.asked == []
        assert "private address" in hook.delivery().problem


@pytest.mark.django_db(transaction=True)
def test_a_slow_endpoint_holds_no_other_up(server: Server) -> None:
    slow = receiver(server, path="/slow")
    quick = receiver(server, path="/quick")
    for hook in (slow, quick):
        for _ in range(3):
            one_more(hook)
    slow.answers(silence())

    def deliver(hook: Receiver) -> tuple[Sent, float]:
        try:
            sent = hook.deliver(WebhookSender(client(deadline=timedelta(seconds=1))))
        finally:
            connections.close_all()
        return sent, time.monotonic()

    with ThreadPoolExecutor(2) as pool:
        (stuck, slow_at), (done, quick_at) = pool.map(deliver, (slow, quick))

    assert (stuck, done) == (Sent(failed=1), Sent(done=3))
    assert quick_at < slow_at


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_endpoint_send_each_message_once(server: Server) -> None:
    hook = receiver(server)
    for _ in range(10):
        one_more(hook)

    def deliver(_: int) -> Sent:
        try:
            return hook.deliver()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        sent = list(pool.map(deliver, range(3)))

    assert sum(each.done for each in sent) == 10
    assert len(hook.ids) == len(set(hook.ids)) == 10
