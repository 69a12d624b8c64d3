"""What the worker does every minute for messages."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import override_settings

from reviews.models import Message, Subscription
from reviews.rules.telling import Channel
from reviews.tasks.outgoing import messages
from reviews.wiring import open_channels, vault
from tests.conftest import NOW, Cast
from tests.connectors.serving import Reply, Server, answer, json_answer, serving
from tests.mailing import Mailbox
from tests.services.building import registered
from tests.services.messages.telling import quarantined, subscribed


@pytest.fixture(autouse=True)
def _a_mail_server(mail: Mailbox) -> Iterator[None]:
    server = {"host": mail.host, "port": mail.port, "username": "", "password": ""}
    with override_settings(
        EMAIL=server | {"use_tls": False, "use_ssl": False},
        SITE_URL="https://tracker.example",
    ):
        yield


def minute() -> None:
    with time_machine.travel(NOW):
        messages.write_messages()


def test_a_round_subscribes_writes_and_sends(cast: Cast, mail: Mailbox) -> None:
    quarantined(registered(team=cast.platform, owner_id=cast.bob.pk))

    minute()
    minute()

    [message] = mail.messages
    assert message["To"] == "bob@example.com"
    assert "https://tracker.example/queue/django/" in message.get_content()


@pytest.mark.parametrize(
    "step", ["ensure_subscriptions", "write_alerts", "write_digests"]
)
def test_a_step_that_fails_keeps_no_other_from_its_work(
    cast: Cast, mail: Mailbox, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    quarantined(registered(team=cast.platform, owner_id=cast.bob.pk))
    with monkeypatch.context() as patched:
        patched.setattr(messages, "send_messages", broken)
        minute()
    assert Message.objects.count() == 1

    monkeypatch.setattr(messages, step, broken)
    minute()

    assert len(mail.taken) == 1


def broken(**said: object) -> int:
    raise RuntimeError("this step is broken")


def test_without_a_mail_server_nothing_is_written(cast: Cast, mail: Mailbox) -> None:
    quarantined(registered(team=cast.platform, owner_id=cast.bob.pk))

    with override_settings(EMAIL={}):
        minute()

    assert Subscription.objects.filter(user=cast.bob).exists()
    assert not Message.objects.exists()


def test_the_open_channels_follow_from_the_settings() -> None:
    with override_settings(EMAIL={}, SLACK_BOT_TOKEN="xoxb-1"):
        assert open_channels() == frozenset(Channel) - {Channel.EMAIL}
    with override_settings(SLACK_BOT_TOKEN=""):
        assert Channel.SLACK_BOT not in open_channels()


@pytest.fixture
def here() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.mark.parametrize(
    ("channel", "path", "address", "answered"),
    [
        (Channel.SLACK_WEBHOOK, "/hook", "", answer(b"ok")),
        (Channel.TEAMS, "/hook", "", answer(b"", 202)),
        (Channel.SLACK_BOT, "/chat.postMessage", "U1", json_answer({"ok": True})),
    ],
    ids=["slack webhook", "teams", "slack bot"],
)
def test_each_channel_reaches_its_reader_over_the_network(
    cast: Cast, here: Server, channel: Channel, path: str, address: str, answered: Reply
) -> None:
    here.script(path, answered)
    subscribed(
        cast.bob,
        channel,
        next_digest_at=None,
        weekdays="",
        sealed_address=vault().seal(address or here.url(path)),
    )
    quarantined(registered(team=cast.platform, owner_id=cast.bob.pk))

    with override_settings(
        OUTBOUND_ALLOWED_HOSTS=[f"{here.host}:{here.port}"],
        SLACK_API_URL=here.address,
        SLACK_BOT_TOKEN="xoxb-1",
    ):
        minute()
        minute()

    [asked] = here.asked
    assert "PyPI has quarantined it." in str(asked.json())
    assert "https://tracker.example/queue/django/" in str(asked.json())


def test_an_address_that_became_private_is_not_asked(cast: Cast, here: Server) -> None:
    here.script("/hook", answer(b"ok"))
    subscription = subscribed(
        cast.bob,
        Channel.TEAMS,
        next_digest_at=None,
        weekdays="",
        sealed_address=vault().seal(here.url("/hook")),
    )
    quarantined(registered(team=cast.platform, owner_id=cast.bob.pk))

    minute()

    subscription.refresh_from_db()
    assert here.asked == []
    assert "OUTBOUND_ALLOWED_HOSTS" in subscription.problem
