"""The page on which everybody says how to be told, and the way out of it."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client, override_settings

from reviews.models import Message, Subscription
from reviews.rules.telling import Channel
from reviews.wiring import vault
from tests.conftest import NOW, Cast
from tests.connectors.serving import Server, serving
from tests.pages.reading import html_of, words
from tests.services.messages.telling import subscribed

MAIL = {"host": "mail.example", "port": 25, "username": "", "password": ""}
MAIL |= {"use_tls": False, "use_ssl": False}


@pytest.fixture(autouse=True)
def _with_a_mail_server() -> Iterator[None]:
    with override_settings(EMAIL=MAIL, SITE_URL="https://tracker.example"):
        yield


@pytest.fixture
def here() -> Iterator[Server]:
    with serving() as server:
        yield server


def saves(client: Client, channel: str = "email", **said: object) -> str:
    """Save a channel with what the form sends, and return what the page then says."""
    filled: dict[str, object] = {
        "is_on": "on",
        "weekdays": ["1", "3"],
        "hour": "17",
        "time_zone": "Europe/Berlin",
        "address": "",
    }
    filled |= said
    form = {f"{channel}-{name}": value for name, value in filled.items() if value}
    response = client.post(
        "/notices/", {"channel": channel, "do": "save", **form}, follow=True
    )
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.split())


def test_the_page_takes_somebody_who_has_signed_in(client: Client, db: None) -> None:
    response = client.get("/notices/")

    assert response.headers["Location"] == "/sign-in/?next=/notices/"


def test_the_menu_leads_there(alice: Client) -> None:
    assert '<a href="/notices/">Notices</a>' in html_of(alice, "/")


def test_it_shows_each_channel_and_what_it_starts_with(
    alice: Client, cast: Cast
) -> None:
    subscribed(cast.alice)

    told = words(alice, path="/notices/")

    assert "E-mail" in told
    assert "Slack, by an incoming webhook" in told
    assert "Microsoft Teams" in told
    assert "Goes to alice@example.com." in told
    assert "Nothing was sent yet." in told
    assert "by the installation's bot" not in told


def test_it_leads_to_the_calendars(alice: Client) -> None:
    assert 'href="/calendars/"' in html_of(alice, "/notices/")


def test_what_is_chosen_is_kept(alice: Client, cast: Cast) -> None:
    subscribed(cast.alice)

    assert "Saved: e-mail." in saves(alice)

    subscription = Subscription.objects.get()
    assert (subscription.weekdays, subscription.hour) == ("13", 17)
    assert subscription.time_zone == "Europe/Berlin"
    # Monday, 17:00 in Berlin.
    assert "Monday, 2026-11-23, 17:00, Europe/Berlin" in words(alice, path="/notices/")


def test_a_channel_can_be_switched_off(alice: Client, cast: Cast) -> None:
    subscribed(cast.alice)

    saves(alice, is_on="", weekdays=[])

    assert not Subscription.objects.get().is_on
    assert Subscription.objects.get().weekdays == ""


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"time_zone": "Mars/Olympus"}, "There is no time zone of that name"),
        ({"time_zone": "../../etc/passwd"}, "There is no time zone of that name"),
        ({"time_zone": ""}, "This field is required"),
        ({"hour": "24"}, "Select a valid choice"),
        ({"weekdays": ["8"]}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    alice: Client, cast: Cast, said: dict[str, Any], why: str
) -> None:
    subscribed(cast.alice)

    assert why in saves(alice, **said)

    assert Subscription.objects.get().hour == 8


def test_nobody_changes_another_persons_channels(alice: Client, cast: Cast) -> None:
    other = subscribed(cast.bob)

    saves(alice)

    other.refresh_from_db()
    assert other.hour == 8
    assert Subscription.objects.get(user=cast.alice).hour == 17


def test_a_form_from_elsewhere_changes_nothing(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice)

    response = client.post("/notices/", {"channel": "email", "do": "save"})

    assert response.status_code == 403


@pytest.mark.parametrize("channel", ["", "pigeon"])
def test_an_unknown_channel_is_not_found(alice: Client, channel: str) -> None:
    assert alice.post("/notices/", {"channel": channel}).status_code == 404


def test_a_webhooks_address_is_never_shown_again(alice: Client, here: Server) -> None:
    url = here.url("/services/T0/secret")
    with override_settings(OUTBOUND_ALLOWED_HOSTS=[f"{here.host}:{here.port}"]):
        told = saves(alice, "slack_webhook", address=url)

    assert "Saved" in told
    html = html_of(alice, "/notices/")
    assert "secret" not in html
    assert "One is kept: leave this empty to keep it." in html
    sealed = Subscription.objects.get().sealed_address
    assert vault().open(sealed) == url


@pytest.mark.parametrize("channel", ["slack_webhook", "teams"])
@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/hook",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/hook",
        "http://10.0.0.1/hook",
    ],
)
def test_a_private_address_is_refused_and_the_setting_named(
    alice: Client, channel: str, address: str
) -> None:
    told = saves(alice, channel, address=address)

    assert "OUTBOUND_ALLOWED_HOSTS" in told or "169.254" in address
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "https://user@hooks.example/", "nonsense"]
)
def test_what_is_no_address_is_refused(alice: Client, address: str) -> None:
    saves(alice, "teams", address=address)

    assert not Subscription.objects.exists()


def test_a_channel_takes_an_address(alice: Client) -> None:
    assert "Without an address nothing can be sent." in saves(alice, "teams")


def test_the_bot_is_offered_where_there_is_one(alice: Client) -> None:
    with override_settings(SLACK_BOT_TOKEN="xoxb-1"):
        assert "Your member id" in html_of(alice, "/notices/")
        assert "Saved" in saves(alice, "slack_bot", address="U024BE7LH")
        assert "U024BE7LH" not in html_of(alice, "/notices/")


def test_it_says_plainly_where_no_mail_server_is_configured(
    alice: Client, cast: Cast
) -> None:
    subscribed(cast.alice)

    with override_settings(EMAIL={}):
        told = words(alice, path="/notices/")
        alice.post("/notices/", {"channel": "email", "do": "test"})

    assert "No mail server is configured" in told
    assert "EMAIL_URL" in told
    assert not Message.objects.exists()


def test_a_test_message_is_sent_at_a_click(alice: Client, cast: Cast) -> None:
    subscribed(cast.alice)

    response = alice.post("/notices/", {"channel": "email", "do": "test"}, follow=True)

    assert "A test message is on its way" in response.content.decode()
    assert Message.objects.get().subscription.user == cast.alice
    assert "To be sent: “Best Before: a test message”" in response.content.decode()


def test_a_test_message_takes_a_channel(alice: Client) -> None:
    response = alice.post("/notices/", {"channel": "teams", "do": "test"}, follow=True)

    assert "Switch the channel on and save it first." in response.content.decode()


def test_it_tells_what_was_sent_last_and_what_is_wrong(
    alice: Client, cast: Cast
) -> None:
    subscription = subscribed(cast.alice, problem="550 <b>No such user</b>")
    Message.objects.create(
        subscription=subscription,
        kind="digest",
        key="digest:2026-11-22",
        subject="Best Before: 3 overdue",
        text="Hello",
        next_at=NOW,
        created_at=NOW,
        state="done",
        done_at=NOW,
    )

    html = html_of(alice, "/notices/")

    assert "Last sent 2026-11-22 09:30: “Best Before: 3 overdue”." in html
    assert "550 &lt;b&gt;No such user&lt;/b&gt;" in html


def test_who_follows_the_way_out_is_asked_first(client: Client, cast: Cast) -> None:
    subscription = subscribed(cast.alice)

    html = html_of(client, f"/stop/{subscription.stop_token}/")

    assert "Stop these messages?" in html
    assert html.count("<button") == 1
    subscription.refresh_from_db()
    assert subscription.is_on


@pytest.mark.parametrize(
    "sent", [{}, {"List-Unsubscribe": "One-Click"}], ids=["button", "mail program"]
)
def test_a_click_ends_it_without_signing_in(cast: Cast, sent: dict[str, str]) -> None:
    subscription, other = subscribed(cast.alice), subscribed(cast.bob)
    client = Client(enforce_csrf_checks=True)

    response = client.post(f"/stop/{subscription.stop_token}/", sent)

    assert response.status_code == 200
    assert "No more messages" in response.content.decode()
    subscription.refresh_from_db()
    other.refresh_from_db()
    assert (subscription.is_on, other.is_on) == (False, True)


def test_the_way_out_tells_nothing_about_anybody(client: Client, cast: Cast) -> None:
    subscription = subscribed(cast.alice)

    html = html_of(client, f"/stop/{subscription.stop_token}/")

    assert "alice" not in html.lower()
    assert "example.com" not in html


def test_what_is_no_way_out_is_not_found_in_the_same_words(
    client: Client, cast: Cast
) -> None:
    answers = {
        re.sub(r"[0-9a-f-]{36}", "", client.get(path).content.decode())
        for path in (f"/stop/{uuid4()}/", "/stop/nonsense/", "/nothing/")
    }
    posted = client.post(f"/stop/{uuid4()}/")

    assert len(answers) == 1
    assert posted.status_code == 404


def test_the_channels_of_a_person_stand_in_their_order(
    alice: Client, cast: Cast
) -> None:
    for channel in reversed(Channel):
        subscribed(cast.alice, channel)

    html = html_of(alice, "/notices/")

    places = [html.index(f'id="{channel}-title"') for channel in Channel]
    assert places == sorted(places)
