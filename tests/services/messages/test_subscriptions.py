"""Who gets which messages, and how that is changed and ended."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from reviews.models import Message, Subscription, User
from reviews.rules.telling import Channel, MessageKind
from reviews.services.errors import InvalidError
from reviews.services.messages.subscriptions import (
    Schedule,
    ensure_subscriptions,
    save_subscription,
    send_test,
    stop,
)
from reviews.services.messages.telling import tell
from tests.conftest import NOW, Cast
from tests.services.messages.telling import SITE, VAULT, subscribed, told

HOOK = "https://hooks.example/services/T0/B0/secret"


def saved(
    user: User,
    channel: Channel = Channel.SLACK_WEBHOOK,
    address: str = HOOK,
    **schedule: object,
) -> Subscription:
    return save_subscription(
        user_id=user.pk,
        channel=channel,
        schedule=Schedule(**schedule),  # type: ignore[arg-type]
        address=address,
        vault=VAULT,
        now=NOW,
    )


def test_everybody_gets_a_digest_by_e_mail_on_working_days(cast: Cast) -> None:
    made = ensure_subscriptions(now=NOW, time_zone="Europe/Berlin")

    assert made == User.objects.count()
    subscription = Subscription.objects.get(user=cast.alice)
    assert (subscription.channel, subscription.weekdays) == ("email", "12345")
    assert (subscription.hour, subscription.time_zone) == (8, "Europe/Berlin")
    assert subscription.next_digest_at == datetime(2026, 11, 23, 7, tzinfo=UTC)


def test_what_somebody_chose_stays(cast: Cast) -> None:
    ensure_subscriptions(now=NOW, time_zone="UTC")
    Subscription.objects.filter(user=cast.alice).update(is_on=False, hour=20)

    assert ensure_subscriptions(now=NOW, time_zone="UTC") == 0

    alice = Subscription.objects.get(user=cast.alice)
    assert (alice.is_on, alice.hour) == (False, 20)


def test_no_subscription_for_who_has_left_or_has_no_address(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    User.objects.filter(pk=cast.bob.pk).update(email="")

    ensure_subscriptions(now=NOW, time_zone="UTC")

    assert not Subscription.objects.filter(user__in=[cast.alice, cast.bob]).exists()


def test_everybody_at_once_costs_two_statements(
    cast: Cast, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator]
        ensure_subscriptions(now=NOW, time_zone="UTC")


def test_an_address_is_kept_sealed(cast: Cast) -> None:
    subscription = saved(cast.alice)

    assert HOOK not in subscription.sealed_address
    assert VAULT.open(subscription.sealed_address) == HOOK


def test_an_empty_address_keeps_the_one_that_was_given(cast: Cast) -> None:
    saved(cast.alice)

    changed = saved(cast.alice, address="", hour=17, weekdays="51")

    assert VAULT.open(changed.sealed_address) == HOOK
    assert (changed.hour, changed.weekdays) == (17, "15")
    assert changed.next_digest_at == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert Subscription.objects.count() == 1


def test_a_change_lets_the_next_digest_tell_everything(cast: Cast) -> None:
    subscribed(cast.alice, Channel.EMAIL, told="x" * 64, problem="It bounced.")

    changed = saved(cast.alice, Channel.EMAIL, address="")

    assert (changed.told, changed.problem) == ("", "")


@pytest.mark.parametrize(
    ("channel", "address", "schedule", "field"),
    [
        (Channel.EMAIL, "", {"time_zone": "Mars/Olympus"}, "time_zone"),
        (Channel.EMAIL, "", {"time_zone": "../../etc/passwd"}, "time_zone"),
        (Channel.EMAIL, "", {"time_zone": ""}, "time_zone"),
        (Channel.EMAIL, "", {"time_zone": "Europe"}, "time_zone"),
        (Channel.EMAIL, "", {"time_zone": "x" * 51}, "time_zone"),
        (Channel.EMAIL, "", {"weekdays": "8"}, "weekdays"),
        (Channel.EMAIL, "", {"hour": 24}, "hour"),
        (Channel.EMAIL, "someone@else.example", {}, "address"),
        (Channel.SLACK_WEBHOOK, "", {}, "address"),
        (Channel.TEAMS, "https://x.example/" + "x" * 2_000, {}, "address"),
        (Channel.SLACK_BOT, "@alice", {}, "address"),
        (Channel.SLACK_BOT, "U1\nX", {}, "address"),
    ],
)
def test_what_makes_no_sense_is_refused(
    cast: Cast,
    channel: Channel,
    address: str,
    schedule: dict[str, object],
    field: str,
) -> None:
    with pytest.raises(InvalidError) as refusal:
        saved(cast.alice, channel, address, **schedule)

    assert refusal.value.field == field
    assert not Subscription.objects.exists()


def test_to_stop_ends_one_subscription_and_what_waits_for_it(cast: Cast) -> None:
    mine, other = subscribed(cast.alice), subscribed(cast.bob)
    for user in (cast.alice, cast.bob):
        tell(
            user_id=user.pk,
            kind=MessageKind.TROUBLE,
            key="trouble:1",
            subject="It fails",
            text="It does.",
            now=NOW,
        )

    ended = stop(token=mine.stop_token)
    again = stop(token=mine.stop_token)

    assert ended is not None
    assert again is not None
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.is_on, other.is_on) == (False, True)
    assert (len(told(mine)), len(told(other))) == (0, 1)


def test_an_unknown_token_ends_nothing(cast: Cast) -> None:
    subscribed(cast.alice)

    assert stop(token=uuid4()) is None
    assert Subscription.objects.get().is_on


def test_a_test_message_is_written_once_a_minute(cast: Cast) -> None:
    subscribed(cast.alice)

    for seconds in (0, 10, 40):
        send_test(
            user_id=cast.alice.pk,
            channel=Channel.EMAIL,
            site_url=SITE,
            now=NOW.replace(second=0) + timedelta(seconds=seconds),
        )

    assert Message.objects.get().subject == "Best Before: a test message"


@pytest.mark.parametrize("lack", ["nothing set up", "off", "left"])
def test_no_test_message_where_nothing_is_sent(cast: Cast, lack: str) -> None:
    if lack != "nothing set up":
        subscribed(cast.alice, is_on=lack != "off")
    User.objects.filter(pk=cast.alice.pk).update(is_active=lack != "left")

    with pytest.raises(InvalidError, match="Switch the channel on"):
        send_test(user_id=cast.alice.pk, channel=Channel.EMAIL, site_url=SITE, now=NOW)
