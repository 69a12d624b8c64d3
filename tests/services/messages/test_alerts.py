"""Alerts: what cannot wait, once, to who is asked now, and one a day at most."""

from datetime import UTC, date, datetime, timedelta

import pytest

from reviews.models import Flag, Message, Solution, Subscription, User
from reviews.rules.signals import SignalKind
from reviews.rules.telling import Channel
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged, said
from tests.services.building import registered
from tests.services.messages.telling import (
    alerts,
    digests,
    quarantined,
    subscribed,
    told,
)

AFTERNOON = NOW + timedelta(hours=5)


def owned(user: User, cast: Cast, name: str = "Django") -> Solution:
    return registered(name, team=cast.platform, owner_id=user.pk)


@pytest.fixture
def bob(cast: Cast) -> Subscription:
    return subscribed(cast.bob, next_digest_at=NOW + timedelta(days=1))


@pytest.fixture
def alice(cast: Cast) -> Subscription:
    return subscribed(cast.alice, next_digest_at=NOW + timedelta(days=1))


def test_what_was_quarantined_is_told_at_once(
    cast: Cast, bob: Subscription, alice: Subscription
) -> None:
    flag = quarantined(owned(cast.bob, cast))

    assert alerts() == 1

    [message] = told(bob)
    assert message.kind == "alert"
    assert message.subject == "Best Before: Django: withdrawn upstream"
    assert "PyPI has quarantined it." in message.text
    assert "https://tracker.example/queue/django/" in message.text
    assert "You get this because you are asked about them now." in message.text
    assert list(message.flags.all()) == [flag]
    assert told(alice) == []


@pytest.mark.parametrize(
    "flag",
    [
        {"cause": "end_of_life", "severity": "high"},
        {
            "cause": "vulnerability",
            "severity": "critical",
            "due_on": TODAY + timedelta(days=15),
        },
        {"cause": "model_retirement", "severity": "critical"},
        {"cause": "review_due", "severity": "", "due_on": TODAY - timedelta(days=99)},
        {
            "cause": "withdrawn",
            "covered_by": "snooze",
            "covered_until": TODAY + timedelta(days=1),
        },
        {"cause": "withdrawn", "closed_at": NOW, "closed_because": "withdrawn"},
    ],
    ids=["high", "far off", "retirement far off", "clock", "snoozed", "closed"],
)
def test_what_can_wait_waits(
    cast: Cast, bob: Subscription, flag: dict[str, object]
) -> None:
    flagged(owned(cast.bob, cast), **flag)

    assert alerts() == 0


def test_a_model_that_retires_within_fourteen_days_cannot_wait(
    cast: Cast, bob: Subscription
) -> None:
    solution = owned(cast.bob, cast)
    day = TODAY + timedelta(days=14)
    signal = said(solution, SignalKind.MODEL_RETIREMENT, str(day), effective_on=day)
    flagged(solution, signal, cause="model_retirement", severity="critical")

    assert alerts() == 1


def test_nobody_is_alerted_of_the_same_twice(cast: Cast, bob: Subscription) -> None:
    quarantined(owned(cast.bob, cast))

    for hours in range(20):
        alerts(NOW + timedelta(hours=hours))

    assert len(told(bob)) == 1


def test_a_second_matter_waits_for_the_next_days_alert(
    cast: Cast, bob: Subscription
) -> None:
    bob.weekdays = ""
    bob.next_digest_at = None
    bob.save()
    quarantined(owned(cast.bob, cast, "One"))
    alerts()
    quarantined(owned(cast.bob, cast, "Two"))

    assert alerts(AFTERNOON) == 0
    assert alerts(NOW + timedelta(days=1)) == 1

    first, second = told(bob)
    assert "at most one such message a day" in first.text
    assert "Two" in second.text
    assert "One" not in second.text


def test_what_a_digest_told_of_is_no_alert(cast: Cast, bob: Subscription) -> None:
    quarantined(owned(cast.bob, cast))
    digests(NOW + timedelta(days=1))

    assert alerts(NOW + timedelta(days=1, hours=1)) == 0


def test_what_turns_grave_after_a_digest_told_of_it_is_an_alert(
    cast: Cast, bob: Subscription
) -> None:
    flagged(owned(cast.bob, cast), cause="vulnerability", severity="medium")
    digests(NOW + timedelta(days=1))
    Flag.objects.update(severity="critical")

    assert alerts(NOW + timedelta(days=1, hours=1)) == 1


def test_it_is_told_who_is_asked_now(
    cast: Cast, bob: Subscription, alice: Subscription
) -> None:
    quarantined(
        owned(cast.bob, cast),
        opened_at=NOW - timedelta(days=10),
        due_on=TODAY - timedelta(days=10),
    )

    alerts()

    assert told(bob) == []
    assert len(told(alice)) == 1


def test_one_message_tells_of_many(cast: Cast, bob: Subscription) -> None:
    for number in range(25):
        quarantined(owned(cast.bob, cast, f"Solution {number}"))

    alerts()

    [message] = told(bob)
    assert message.subject == "Best Before: 25 not to wait"
    assert "And 15 more." in message.text
    assert message.flags.count() == 25


def climbed(cast: Cast, since: date) -> Flag:
    """Return a flag of Bob's that climbs to Alice on a day."""
    due_on = since - timedelta(days=7)
    return flagged(
        owned(cast.bob, cast, "Climbing"),
        due_on=due_on,
        opened_at=datetime.combine(due_on, NOW.time(), tzinfo=UTC),
    )


def test_what_climbed_is_named_in_an_alert_that_is_due_anyway(
    cast: Cast, alice: Subscription
) -> None:
    alice.created_at = NOW - timedelta(days=9)
    alice.save()
    climbed(cast, TODAY - timedelta(days=1))
    quarantined(owned(cast.alice, cast))

    alerts()

    [message] = told(alice)
    assert message.subject == "Best Before: 1 not to wait, 1 climbed to you"


def test_what_climbed_waits_for_a_digest_within_three_days(
    cast: Cast, alice: Subscription
) -> None:
    climbed(cast, TODAY)

    assert alerts(datetime(2026, 11, 22, 8, 5, tzinfo=UTC)) == 0


@pytest.mark.parametrize("next_at", [None, NOW + timedelta(days=5)])
def test_what_climbed_is_an_alert_where_no_digest_comes_soon(
    cast: Cast, alice: Subscription, next_at: datetime | None
) -> None:
    Subscription.objects.update(
        next_digest_at=next_at, created_at=NOW - timedelta(days=9)
    )
    climbed(cast, TODAY)

    assert alerts(datetime(2026, 11, 22, 7, 59, tzinfo=UTC)) == 0
    assert alerts(datetime(2026, 11, 22, 8, 5, tzinfo=UTC)) == 1
    assert alerts(datetime(2026, 11, 23, 8, 5, tzinfo=UTC)) == 0

    assert told(alice)[0].subject == "Best Before: 1 climbed to you"


@pytest.mark.parametrize("hours", [-1, 0, 1, 3])
def test_a_digest_that_is_near_tells_it_instead(
    cast: Cast, bob: Subscription, hours: int
) -> None:
    Subscription.objects.update(next_digest_at=NOW + timedelta(hours=hours))
    quarantined(owned(cast.bob, cast))

    assert alerts() == 0


@pytest.mark.parametrize(
    ("hour", "expected"), [(0, 0), (6, 0), (7, 1)], ids=["scan", "night", "morning"]
)
def test_at_night_a_digest_of_the_day_is_waited_for(
    cast: Cast, bob: Subscription, hour: int, expected: int
) -> None:
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    Subscription.objects.update(next_digest_at=midnight + timedelta(hours=17))
    quarantined(owned(cast.bob, cast))

    assert alerts(midnight + timedelta(hours=hour, minutes=16)) == expected


@pytest.mark.parametrize("gone", ["left", "off", "no address"])
def test_who_is_not_to_be_told_is_not(cast: Cast, bob: Subscription, gone: str) -> None:
    quarantined(owned(cast.bob, cast))
    match gone:
        case "left":
            User.objects.filter(pk=cast.bob.pk).update(is_active=False)
        case "off":
            Subscription.objects.update(is_on=False)
        case _:
            User.objects.filter(pk=cast.bob.pk).update(email="")

    assert alerts() == 0
    assert not Message.objects.exists()


def test_a_channel_that_is_closed_here_keeps_nothing_for_later(
    cast: Cast, bob: Subscription
) -> None:
    quarantined(owned(cast.bob, cast))

    assert alerts(channels=[Channel.TEAMS]) == 0
    assert alerts() == 1
