"""What is switched off, signed anew and sent again, over real sockets."""

from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from reviews.connectors.vault import SecretVault
from reviews.connectors.webhooks import WebhookSender
from reviews.models import Delivery, Message, Subscription, User
from reviews.services.errors import ConflictError
from reviews.services.webhooks.delivering import (
    LASTING,
    Sent,
    send_deliveries,
)
from reviews.services.webhooks.endpoints import (
    replay_failed,
    rotate_secret,
    switch_endpoint,
)
from tests.conftest import NOW, Cast
from tests.connectors.serving import (
    Server,
    answer,
)
from tests.services.building import OPERATOR
from tests.services.webhooks.receiving import (
    VAULT,
    DyingSender,
    Killed,
    Receiver,
    again,
    client,
    one_more,
    receiver,
    try_to_the_end,
)

pytestmark = pytest.mark.django_db

REMEDY = "name it in the setting OUTBOUND_ALLOWED_HOSTS"


class TestSwitchingOff:
    @pytest.fixture
    def owner(self, cast: Cast, hook: Receiver) -> User:
        """Dora, who owns the endpoint and reads e-mails."""
        hook.endpoint.owner = cast.dora
        hook.endpoint.save()
        Subscription.objects.create(
            user=cast.dora, channel="email", time_zone="UTC", created_at=NOW
        )
        return cast.dora

    def told(self) -> list[tuple[str, str]]:
        return list(Message.objects.values_list("kind", "key"))

    def test_one_that_says_it_is_gone_is_switched_off_at_once(
        self, hook: Receiver, owner: User
    ) -> None:
        one_more(hook)
        hook.answers(answer(b"", 410))

        assert hook.deliver() == Sent(failed=1)

        assert not hook.seen().is_on
        assert "410" in hook.seen().off_because
        assert self.told() == [
            ("trouble", f"trouble:endpoint:{hook.endpoint.pk}:2026-11-22")
        ]
        assert len(hook.asked) == 1

    def test_lasting_failure_switches_it_off_and_tells_its_owner(
        self, hook: Receiver, owner: User
    ) -> None:
        hook.answers(answer(b"", 500))
        hook.deliver()
        hook.clock.go_on(LASTING - timedelta(hours=1))
        one_more(hook)
        hook.deliver()
        still_on = hook.seen().is_on

        hook.deliver_later(timedelta(hours=1))

        assert still_on
        assert not hook.seen().is_on
        assert "5 days" in hook.seen().off_because
        assert len(self.told()) == 1
        assert "https" not in Message.objects.get().text

    def test_one_success_in_between_keeps_it_on(
        self, hook: Receiver, owner: User
    ) -> None:
        hook.answers(answer(b"", 500), answer(), answer(b"", 500))
        hook.deliver()
        hook.deliver_later(timedelta(days=3))
        one_more(hook)

        hook.deliver_later(timedelta(days=3))

        assert hook.seen().is_on
        assert self.told() == []

    def test_without_an_owner_the_administrators_are_told(
        self, hook: Receiver, owner: User
    ) -> None:
        hook.endpoint.owner = None
        hook.endpoint.save()
        hook.answers(answer(b"", 410))

        hook.deliver()

        assert len(self.told()) == 1

    def test_a_secret_that_cannot_be_read_switches_it_off_unsent(
        self, hook: Receiver, owner: User
    ) -> None:
        send_deliveries(
            endpoint_id=hook.endpoint.pk,
            sender=WebhookSender(client()),
            vault=SecretVault(("another key",)),
            clock=hook.clock,
            until=NOW + timedelta(minutes=1),
        )

        assert hook.asked == []
        assert "SECRET_KEY" in hook.seen().off_because
        assert hook.delivery().attempts == 0

    def test_what_waits_is_sent_once_it_is_on_again(
        self, hook: Receiver, owner: User
    ) -> None:
        one_more(hook)
        hook.answers(answer(b"", 410), answer())
        hook.deliver()

        switch_endpoint(endpoint_id=hook.endpoint.pk, on=True, actor=OPERATOR, now=NOW)

        assert hook.deliver() == Sent(done=1)
        assert hook.seen().off_because == ""


class TestRotating:
    def rotated(self, hook: Receiver, hours: int) -> str:
        _, secret = rotate_secret(
            endpoint_id=hook.endpoint.pk,
            hours=hours,
            actor=OPERATOR,
            vault=VAULT,
            now=NOW,
        )
        return secret

    def test_both_secrets_sign_while_the_receiver_changes_over(
        self, hook: Receiver
    ) -> None:
        secret = self.rotated(hook, 24)

        hook.deliver_later(timedelta(hours=23))

        asked = hook.asked[0]
        assert len(asked.headers["webhook-signature"].split(" ")) == 2
        assert hook.verified(asked) == hook.verified(asked, secret)

    @pytest.mark.parametrize(("hours", "then"), [(24, 24), (0, 0)])
    def test_afterwards_only_the_new_one_does(
        self, hook: Receiver, hours: int, then: int
    ) -> None:
        secret = self.rotated(hook, hours)

        hook.deliver_later(timedelta(hours=then))

        assert hook.verified(hook.asked[0], secret)
        with pytest.raises(WebhookVerificationError):
            hook.verified(hook.asked[0])


class TestSendingAgain:
    def test_what_arrived_is_sent_again_with_the_same_id_and_content(
        self, hook: Receiver
    ) -> None:
        hook.deliver()

        again(hook, hook.delivery())
        hook.deliver_later(timedelta(minutes=1))

        assert len(hook.ids) == 2
        assert len(set(hook.ids)) == 1
        first, second = hook.told()
        assert first == second
        assert hook.delivery().replays == 1

    def test_what_was_given_up_begins_anew(self, hook: Receiver) -> None:
        hook.answers(answer(b"", 500))
        try_to_the_end(hook)

        again(hook, hook.delivery())
        hook.answers(answer())

        assert hook.deliver() == Sent(done=1)

    def test_all_that_failed_since_an_instant_is_sent_again(
        self, hook: Receiver
    ) -> None:
        hook.answers(answer(b"", 500))
        try_to_the_end(hook)
        at = hook.clock.now

        def replayed(since: Any) -> int:
            return replay_failed(
                endpoint_id=hook.endpoint.pk, since=since, actor=OPERATOR, now=at
            )

        assert replayed(at + timedelta(seconds=1)) == 0
        assert replayed(NOW) == 1
        assert hook.delivery().refused_at is None

    def test_what_is_being_sent_is_not_sent_again_meanwhile(
        self, hook: Receiver
    ) -> None:
        with pytest.raises(Killed):
            hook.deliver(DyingSender())

        with pytest.raises(ConflictError, match="at this moment"):
            again(hook, hook.delivery())

    def test_one_of_another_endpoint_is_not_found(
        self, server: Server, hook: Receiver
    ) -> None:
        other = receiver(server, path="/other")

        with pytest.raises(Delivery.DoesNotExist):
            again(other, hook.delivery())

    def test_nothing_is_sent_to_what_is_switched_off(self, hook: Receiver) -> None:
        switch_endpoint(endpoint_id=hook.endpoint.pk, on=False, actor=OPERATOR, now=NOW)

        with pytest.raises(ConflictError, match="switch it on first"):
            again(hook, hook.delivery())
        with pytest.raises(ConflictError, match="switch it on first"):
            one_more(hook)
