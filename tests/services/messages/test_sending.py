"""Messages go out: each at least once, under one id, whatever the others come to."""

from datetime import timedelta

import pytest

from reviews.connectors.notices.email import Email
from reviews.models import Message, Subscription, User
from reviews.ports.notices import Letter
from reviews.ports.outside import OutsideError
from reviews.rules.outgoing import SendState
from reviews.rules.telling import Channel, MessageKind
from reviews.services import outgoing
from reviews.services.messages.sending import forget_messages
from reviews.services.messages.telling import tell
from tests.conftest import NOW, Cast
from tests.mailing import Mailbox
from tests.services.building import registered
from tests.services.messages.telling import (
    SITE,
    VAULT,
    alerts,
    digests,
    quarantined,
    sent,
    subscribed,
    told,
)

LATER = NOW + timedelta(hours=4)


class Scripted:
    """A channel that does what it is told to, and remembers what it was given."""

    def __init__(self, *errors: OutsideError) -> None:
        self.errors = list(errors)
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)
        if self.errors:
            raise self.errors.pop(0)


def written(user: User, key: str = "trouble:1", text: str = "It fails.") -> Message:
    if not Subscription.objects.filter(user=user).exists():
        subscribed(user)
    tell(
        user_id=user.pk,
        kind=MessageKind.TROUBLE,
        key=key,
        subject="Trouble",
        text=text,
        now=NOW,
    )
    return Message.objects.filter(subscription__user=user, key=key)[0]


def test_a_message_arrives_once(cast: Cast, mail: Mailbox) -> None:
    message = written(cast.alice, text="Zażółć gęślą jaźń")

    for _ in range(3):
        sent(mail.messenger())

    [arrived] = mail.of("alice@example.com")
    assert arrived["Subject"] == "Trouble"
    assert arrived["Message-ID"] == f"<{message.message_id}@tracker.example>"
    assert arrived.get_content().strip() == "Zażółć gęślą jaźń"
    assert (
        f"{SITE}/stop/{message.subscription.stop_token}/"
        in (arrived["List-Unsubscribe"])
    )
    message.refresh_from_db()
    assert message.state == SendState.DONE


def test_one_bad_address_of_fifty_stops_no_other(db: None, mail: Mailbox) -> None:
    people = [
        User.objects.create_user(f"reader{n}", f"reader{n}@example.com")
        for n in range(50)
    ]
    for user in people:
        written(user)
    mail.refused["reader7@example.com"] = "550 No such user here"

    outcome = sent(mail.messenger())

    assert (outcome.sent, outcome.refused) == (49, 1)
    assert len({to for to, _ in mail.taken}) == 49
    subscription = Subscription.objects.get(user__username="reader7")
    assert "does not take mail for reader7@example.com" in subscription.problem
    assert "550 No such user here" in subscription.problem
    assert sent(mail.messenger(), now=LATER).sent == 0


def test_a_digest_that_was_refused_is_not_taken_for_told(
    cast: Cast, mail: Mailbox
) -> None:
    subscribed(cast.bob)
    quarantined(registered(team=cast.platform, owner_id=cast.bob.pk))
    digests()
    mail.refused["bob@example.com"] = "550 No such user"
    sent(mail.messenger())
    mail.refused.clear()

    digests(NOW + timedelta(days=1))

    assert sent(mail.messenger(), now=NOW + timedelta(days=1)).sent == 1


def test_a_problem_is_gone_once_a_message_arrives(cast: Cast, mail: Mailbox) -> None:
    subscribed(cast.alice, problem="It bounced.")
    written(cast.alice)

    sent(mail.messenger())

    assert Subscription.objects.get().problem == ""


def test_a_reader_who_is_refused_for_now_is_written_to_later(
    cast: Cast, mail: Mailbox
) -> None:
    written(cast.alice)
    mail.refused["alice@example.com"] = "451 Greylisted"
    assert sent(mail.messenger()).put_off == 1
    mail.refused.clear()

    assert sent(mail.messenger()).sent == 0
    assert sent(mail.messenger(), now=NOW + timedelta(minutes=1)).sent == 1


def test_a_server_that_nobody_reaches_is_left_alone_for_the_round(
    cast: Cast, mail: Mailbox
) -> None:
    for user in (cast.alice, cast.bob, cast.eve):
        written(user)
    dead = Scripted(OutsideError("It cannot be reached."))

    outcome = sent(dead)

    assert len(dead.letters) == 1
    assert outcome.silent == {"email"}
    assert sent(mail.messenger(), now=LATER).sent == 3


def test_what_nobody_heard_of_goes_out_again_under_the_same_id(cast: Cast) -> None:
    written(cast.alice)
    channel = Scripted(OutsideError("Lost.", unknown=True))

    sent(channel)
    assert Message.objects.get().state == SendState.UNKNOWN
    sent(channel, now=LATER)
    sent(channel, now=LATER + timedelta(hours=9))

    assert len(channel.letters) == 2
    assert len({letter.id for letter in channel.letters}) == 1


def test_a_wait_that_is_asked_for_is_kept_to(cast: Cast) -> None:
    written(cast.alice)
    channel = Scripted(
        OutsideError("Busy.", retry_after=timedelta(hours=2), status=429)
    )
    sent(channel)

    sent(channel, now=NOW + timedelta(minutes=119))
    assert len(channel.letters) == 1
    sent(channel, now=NOW + timedelta(minutes=120))

    assert len(channel.letters) == 2


@pytest.mark.parametrize("gone", ["left", "stopped", "has no address"])
def test_between_writing_and_sending_a_reader_may_be_gone(
    cast: Cast, mail: Mailbox, gone: str
) -> None:
    message = written(cast.alice)
    match gone:
        case "left":
            User.objects.filter(pk=cast.alice.pk).update(is_active=False)
        case "stopped":
            Subscription.objects.update(is_on=False)
        case _:
            User.objects.filter(pk=cast.alice.pk).update(email="")

    outcome = sent(mail.messenger())

    assert (outcome.sent, outcome.refused) == (0, 1)
    assert mail.taken == []
    message.refresh_from_db()
    assert message.refused_at == NOW


def test_what_could_not_be_sent_for_a_week_is_not_sent(
    cast: Cast, mail: Mailbox
) -> None:
    written(cast.alice)

    outcome = sent(mail.messenger(), now=NOW + timedelta(days=8))

    assert (outcome.refused, mail.taken) == (1, [])


def test_a_channel_that_is_closed_here_is_left_alone(cast: Cast) -> None:
    written(cast.alice)
    channel = Scripted()

    sent(channel, channels=[Channel.TEAMS])

    assert channel.letters == []
    assert Message.objects.get().state == SendState.READY


def test_each_channel_is_told_at_its_own_address(cast: Cast) -> None:
    hook = "https://hooks.example/services/T0"
    subscribed(cast.alice, Channel.SLACK_WEBHOOK, sealed_address=VAULT.seal(hook))
    subscribed(cast.alice)
    written(cast.alice)
    channels = {Channel.EMAIL: Scripted(), Channel.SLACK_WEBHOOK: Scripted()}

    sent(channels.__getitem__)

    assert channels[Channel.EMAIL].letters[0].to == "alice@example.com"
    assert channels[Channel.SLACK_WEBHOOK].letters[0].to == hook


def test_an_address_that_cannot_be_opened_any_more_is_told(cast: Cast) -> None:
    subscribed(cast.alice, Channel.TEAMS, sealed_address="gAAAAA-of-another-key")
    written(cast.alice)

    outcome = sent(Scripted())

    assert outcome.refused == 1
    assert "SECRET_KEY has changed" in Subscription.objects.get().problem


def test_a_round_ends_when_its_time_is_over(cast: Cast) -> None:
    for user in (cast.alice, cast.bob, cast.eve):
        written(user)
    channel = Scripted()
    seconds = iter(range(0, 1_000, 20))

    sent(channel, clock=lambda: NOW + timedelta(seconds=next(seconds)))

    assert len(channel.letters) == 1
    assert Message.objects.filter(state=SendState.READY).count() == 2


def test_a_claim_that_was_lost_stops_nobody(
    cast: Cast, mail: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(cast.alice)
    written(cast.bob)
    intend = outgoing.intend

    def lost_once(*args: object, **more: object) -> None:
        monkeypatch.setattr(outgoing, "intend", intend)
        raise outgoing.LostClaimError("It was taken by another worker.")

    monkeypatch.setattr(outgoing, "intend", lost_once)

    assert sent(mail.messenger()).sent == 1


def test_what_was_sent_long_ago_is_forgotten(cast: Cast, mail: Mailbox) -> None:
    written(cast.alice)
    sent(mail.messenger())
    # Nobody will be given this one: its channel is closed here.
    written(cast.alice, "trouble:2")

    assert forget_messages(now=NOW + timedelta(days=90)) == 0
    assert forget_messages(now=NOW + timedelta(days=91)) == 2

    assert not Message.objects.exists()


def test_what_told_of_an_open_flag_is_kept(cast: Cast, mail: Mailbox) -> None:
    subscription = subscribed(cast.bob, next_digest_at=None, weekdays="")
    quarantined(registered(team=cast.platform, owner_id=cast.bob.pk))
    alerts()
    sent(mail.messenger())

    forget_messages(now=NOW + timedelta(days=200))

    assert len(told(subscription)) == 1


def test_the_message_reads_as_plain_text(cast: Cast, mail: Mailbox) -> None:
    subscribed(cast.bob, next_digest_at=None)
    quarantined(
        registered("Zażółć <b>& Co</b>", team=cast.platform, owner_id=cast.bob.pk)
    )
    alerts()

    messenger: Email = mail.messenger()
    sent(messenger)

    [arrived] = mail.of("bob@example.com")
    assert arrived.get_content_type() == "text/plain"
    text = arrived.get_content()
    lines = [line for line in text.splitlines() if "https://" not in line]
    assert max(map(len, lines)) <= 78
    assert "Zażółć <b>& Co</b>: withdrawn upstream" in text
    assert arrived["Subject"] == ("Best Before: Zażółć <b>& Co</b>: withdrawn upstream")
