"""E-mail over a real mail server; Slack and Teams over real HTTP."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from reviews.connectors.http import HTTPClient
from reviews.connectors.notices.email import Email, MailServer
from reviews.connectors.notices.slack import SlackBot, SlackWebhook
from reviews.connectors.notices.teams import Teams
from reviews.ports.notices import Letter
from reviews.ports.outside import OutsideError
from tests.conftest import NOW
from tests.connectors.serving import (
    Server,
    answer,
    hang_up,
    json_answer,
    page,
    redirect,
    too_many,
)
from tests.mailing import SENDER, Mailbox, mail_server, text_of

STOP = "https://tracker.example/stop/1/"
HOSTILE = "<!channel> <@U1> <http://evil|bank.com> ``` & {{7*7}} %(x)s ${y}"


@pytest.fixture
def mail() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


def letter(**more: str) -> Letter:
    given = {
        "id": "<1@tracker.example>",
        "to": "alice@example.com",
        "subject": "Best Before: 1 overdue",
        "text": "Hello Alice,\n\nhttps://tracker.example/queue/?show=due&whose=mine\n",
        "stop_url": STOP,
    }
    return Letter(**given | more)


def refusal(send: object, given: Letter) -> OutsideError:
    with pytest.raises(OutsideError) as caught:
        send.send(given)  # type: ignore[attr-defined]
    return caught.value


def test_an_e_mail_has_the_headers_that_programs_go_by(mail: Mailbox) -> None:
    mail.messenger().send(letter())

    [(to, content)] = mail.taken
    [message] = mail.messages
    assert to == "alice@example.com"
    assert message["Message-ID"] == "<1@tracker.example>"
    assert message["Date"].datetime == NOW
    assert message["From"] == SENDER
    assert message["To"] == "alice@example.com"
    assert message["List-Unsubscribe"] == f"<{STOP}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert b"<html" not in content
    assert all(line.endswith(b"\r") for line in content.split(b"\n")[:-1])


@pytest.mark.parametrize(
    "text",
    [
        "Zażółć gęślą jaźń\n",
        "one\n.\ntwo\n..three\n",
        "x" * 3_000 + "\n",
        HOSTILE + "\n",
        "From here\n",
    ],
    ids=["letters", "dots", "long line", "hostile", "from"],
)
def test_a_text_arrives_as_it_was_written(mail: Mailbox, text: str) -> None:
    mail.messenger().send(letter(text=text))

    assert text_of(mail.messages[0]) == text
    assert max(map(len, mail.taken[0][1].splitlines())) <= 998


@pytest.mark.parametrize(
    "subject",
    [
        "One\r\nBcc: eve@example.com",
        "One\nBcc: eve@example.com",
        "One\x00\x0b\x85\u2028Bcc: eve@example.com",
        "=?utf-8?q?Bcc:_eve=40example.com?=",
        "x" * 1_000,
        "Zażółć " * 40,
    ],
)
def test_a_subject_adds_no_header(mail: Mailbox, subject: str) -> None:
    mail.messenger().send(letter(subject=subject))

    [message] = mail.messages
    assert message["Bcc"] is None
    assert sorted(map(str.lower, message.keys())) == sorted(
        [
            "message-id",
            "date",
            "from",
            "to",
            "subject",
            "list-unsubscribe",
            "list-unsubscribe-post",
            "auto-submitted",
            "content-type",
            "content-transfer-encoding",
            "mime-version",
        ]
    )
    assert max(map(len, mail.taken[0][1].splitlines())) <= 998


@pytest.mark.parametrize(
    "to",
    [
        "",
        "alice",
        "alice@example.com\r\nRCPT TO:<eve@example.com>",
        "alice@example.com, eve@example.com",
        "älice@example.com",
        "@",
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(
    mail: Mailbox, to: str
) -> None:
    error = refusal(mail.messenger(), letter(to=to))

    assert error.permanent
    assert error.status
    assert mail.taken == []


@pytest.mark.parametrize(
    ("answered", "permanent"),
    [("550 No such user", True), ("451 Try later", False)],
)
def test_a_reader_is_refused_for_good_or_for_now(
    mail: Mailbox, answered: str, permanent: bool
) -> None:
    mail.refused["alice@example.com"] = answered

    error = refusal(mail.messenger(), letter())

    assert (error.permanent, error.unknown) == (permanent, False)
    assert answered in str(error)
    assert error.status == int(answered[:3])


@pytest.mark.parametrize(
    ("answered", "permanent"),
    [("554 Looks like spam", True), ("452 No room", False)],
)
def test_a_text_is_refused_for_good_or_for_now(
    mail: Mailbox, answered: str, permanent: bool
) -> None:
    mail.to_data = answered

    error = refusal(mail.messenger(), letter())

    assert (error.permanent, error.unknown) == (permanent, False)


def test_a_sender_that_is_refused_is_nobodys_fault_who_reads(mail: Mailbox) -> None:
    mail.to_sender = "550 Not from here"

    error = refusal(mail.messenger(), letter())

    assert (error.permanent, error.status) == (False, 0)
    assert "EMAIL_FROM" in str(error)


def test_a_server_that_dies_after_the_text_leaves_it_unknown(mail: Mailbox) -> None:
    mail.deaths = 1

    error = refusal(mail.messenger(), letter())

    assert (error.unknown, error.permanent) == (True, False)
    assert len(mail.taken) == 1


def test_a_server_that_is_not_there_may_come_back() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    error = refusal(_email(port), letter())

    assert (error.unknown, error.permanent, error.status) == (False, False, 0)


def _email(port: int, seconds: float = 5, **more: Any) -> Email:
    return Email(
        MailServer("127.0.0.1", port, **more),
        sender=SENDER,
        name="tracker.example",
        clock=lambda: NOW,
        seconds=seconds,
    )


@pytest.mark.parametrize(
    "more",
    [{"use_tls": True}, {"username": "tracker", "password": "secret"}],
    ids=["no STARTTLS", "no login"],
)
def test_what_the_server_cannot_do_is_not_done_without(
    mail: Mailbox, more: dict[str, Any]
) -> None:
    error = refusal(_email(mail.port, **more), letter())

    assert (error.permanent, error.status) == (False, 0)
    assert "secret" not in str(error)
    assert mail.taken == []


def test_a_server_that_drips_is_left_when_the_time_is_over() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            while not stopping.wait(0.05):
                try:
                    connection.sendall(b"220-wait\r\n")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    started = time.monotonic()

    error = refusal(_email(listener.getsockname()[1], seconds=0.5), letter())

    took = time.monotonic() - started
    stopping.set()
    thread.join()
    listener.close()
    assert took < 3
    assert not error.permanent


def test_slack_takes_nothing_for_a_mention_or_a_link(
    registry: Server, http: HTTPClient
) -> None:
    registry.script("/hook", answer(b"ok", content_type="text/plain"))

    SlackWebhook(http).send(letter(to=registry.url("/hook"), text=HOSTILE))

    [asked] = registry.asked
    assert asked.json() == {
        "text": "&lt;!channel&gt; &lt;@U1&gt; &lt;http://evil|bank.com&gt; ``` &amp; "
        "{{7*7}} %(x)s ${y}",
        "mrkdwn": False,
    }
    assert asked.method == "POST"


@pytest.mark.parametrize(
    ("status", "body", "permanent"),
    [
        (400, b"invalid_payload", True),
        (403, b"action_prohibited", True),
        (404, b"no_service", True),
        (410, b"channel_is_archived", True),
        (500, b"rollup_error", False),
    ],
)
def test_a_webhook_of_slack_says_what_is_wrong(
    registry: Server, http: HTTPClient, status: int, body: bytes, permanent: bool
) -> None:
    registry.script("/hook", answer(body, status, content_type="text/plain"))

    error = refusal(SlackWebhook(http), letter(to=registry.url("/hook")))

    assert (error.permanent, error.status) == (permanent, status)
    assert body.decode() in str(error)
    assert "/hook" not in str(error)


def test_a_redirect_is_not_followed(registry: Server, http: HTTPClient) -> None:
    registry.script("/hook", redirect("/elsewhere"))

    error = refusal(SlackWebhook(http), letter(to=registry.url("/hook")))

    assert error.permanent
    assert len(registry.asked) == 1


def test_a_connection_that_is_lost_leaves_it_unknown(
    registry: Server, http: HTTPClient
) -> None:
    registry.script("/hook", hang_up())

    error = refusal(Teams(http), letter(to=registry.url("/hook")))

    assert (error.unknown, error.permanent) == (True, False)


def test_a_wait_is_passed_on(registry: Server, http: HTTPClient) -> None:
    registry.script("/hook", too_many("30"))

    error = refusal(SlackWebhook(http), letter(to=registry.url("/hook")))

    assert error.retry_after is not None
    assert error.retry_after.total_seconds() == 30
    assert not error.permanent


def bot(server: Server, http: HTTPClient) -> SlackBot:
    return SlackBot(http, base=server.url("/api"), token="xoxb-secret")


def test_the_bot_writes_to_a_member(registry: Server, http: HTTPClient) -> None:
    registry.script("/api/chat.postMessage", json_answer({"ok": True, "ts": "1.2"}))

    bot(registry, http).send(letter(to="U024BE7LH"))

    [asked] = registry.asked
    assert asked.headers["authorization"] == "Bearer xoxb-secret"
    assert asked.headers["content-type"] == "application/json; charset=utf-8"
    sent = asked.json()
    assert sent["channel"] == "U024BE7LH"
    assert "?show=due&amp;whose=mine" in sent["text"]
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)


@pytest.mark.parametrize(
    ("said", "permanent"),
    [
        ("channel_not_found", True),
        ("not_in_channel", True),
        ("invalid_auth", True),
        ("is_archived", True),
        ("something_new", True),
        ("ratelimited", False),
        ("internal_error", False),
    ],
)
def test_the_bots_errors_pass_or_stay(
    registry: Server, http: HTTPClient, said: str, permanent: bool
) -> None:
    registry.script("/api/chat.postMessage", json_answer({"ok": False, "error": said}))

    error = refusal(bot(registry, http), letter(to="U024BE7LH"))

    assert error.permanent is permanent
    assert "xoxb" not in str(error)


@pytest.mark.parametrize(
    "reply",
    [page(), json_answer([]), json_answer({}), json_answer({"ok": False, "error": 7})],
    ids=["page", "list", "empty", "number"],
)
def test_an_answer_that_says_nothing_is_no_success(
    registry: Server, http: HTTPClient, reply: object
) -> None:
    registry.script("/api/chat.postMessage", reply)  # type: ignore[arg-type]

    assert not refusal(bot(registry, http), letter(to="U024BE7LH")).permanent


def test_teams_gets_a_card_that_shows_the_text_as_typed(
    registry: Server, http: HTTPClient
) -> None:
    registry.script("/flow", answer(b"", 202))
    text = (
        "Hello [you](https://evil.example), *now*\n"
        "- no list\n"
        "1. no list\n\n"
        "https://tracker.example/queue/?show=due&whose=mine\n"
    )

    Teams(http).send(letter(to=registry.url("/flow"), text=text))

    sent = registry.asked[0].json()
    [attachment] = sent["attachments"]
    assert sent["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    subject, said, link = (block["text"] for block in card["body"])
    assert subject == "Best Before: 1 overdue"
    assert said.split("\n\n") == [
        "Hello \\[you\\]\\([https://evil.example](https://evil.example)\\), \\*now\\*",
        "\\- no list",
        "\\1. no list",
    ]
    address = "https://tracker.example/queue/?show=due&whose=mine"
    assert link == f"[{address}]({address})"


def test_a_card_stays_below_what_teams_takes(
    registry: Server, http: HTTPClient
) -> None:
    registry.script("/flow", answer(b"", 202))

    Teams(http).send(letter(to=registry.url("/flow"), text="ż" * 200 + "\n\n" * 400))
    Teams(http).send(
        letter(to=registry.url("/flow"), text="\n\n".join(["ż" * 200] * 400))
    )

    assert len(registry.asked[1].body) < 28_000
    assert "It goes on in the queue." in str(registry.asked[1].json())
