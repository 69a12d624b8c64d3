"""Calendar feeds: who has one, and how what was told is corrected."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.formats.calendar import Event, Told
from reviews.models import Change, Feed, FeedEntry, Membership, Team, User
from reviews.rules.access import Actor, NotAllowedError, Scope
from reviews.services.access import actor_of
from reviews.services.calendar import (
    bring_up_to_date,
    find_feed,
    make_feed,
    note_read,
    revoke_feed,
)
from tests.conftest import NOW, Cast
from tests.services.test_at_once import at_once

DAY = date(2026, 12, 1)
LATER = NOW + timedelta(hours=1)


def made(user: User, team: Team | None = None, now: datetime = NOW) -> tuple[Feed, str]:
    return make_feed(user=user, team=team, actor=actor_of(user, door="test"), now=now)


def revoked(feed: Feed, actor: Actor, now: datetime = NOW) -> bool:
    return revoke_feed(feed_id=feed.pk, actor=actor, now=now)


def event(
    number: int = 1,
    on: date = DAY,
    summary: str = "Review due: Django",
    **said: str,
) -> Event:
    return Event(f"review-{number}@best-before.example", on, summary, **said)


def tell(feed: Feed, *events: Event, now: datetime = NOW) -> list[Told]:
    return bring_up_to_date(feed_id=feed.pk, events=events, today=now.date(), now=now)


@pytest.fixture
def feed(cast: Cast) -> Feed:
    return made(cast.alice)[0]


class TestAddresses:
    def test_a_token_opens_its_feed_and_is_stored_nowhere(self, cast: Cast) -> None:
        feed, token = made(cast.alice)

        assert find_feed(token) == feed
        assert len(token) >= 43
        row = Feed.objects.filter(pk=feed.pk).values().get()
        assert token not in str(row)
        assert token not in str(list(Change.objects.values()))

    @pytest.mark.parametrize("wrong", ["", "x", "\x00", "\ud800", "a" * 10_000])
    def test_any_other_token_opens_nothing(self, feed: Feed, wrong: str) -> None:
        assert find_feed(wrong) is None

    def test_a_token_that_is_wrong_by_one_character_opens_nothing(
        self, cast: Cast
    ) -> None:
        _, token = made(cast.alice)

        assert find_feed(token[:-1]) is None
        assert find_feed(token + "A") is None
        assert find_feed(token.swapcase()) is None

    def test_an_address_made_anew_ends_the_old_one(self, cast: Cast) -> None:
        feed, old = made(cast.alice)

        again, new = made(cast.alice, now=LATER)

        assert find_feed(old) is None
        assert find_feed(new) == again == feed
        assert again.created_at == LATER
        assert Feed.objects.count() == 1

    def test_a_person_has_a_feed_of_their_own_and_one_for_each_team(
        self, cast: Cast
    ) -> None:
        own, token = made(cast.alice)
        of_team, of_team_token = made(cast.alice, cast.platform)

        assert find_feed(token) == own
        assert find_feed(of_team_token) == of_team
        assert own != of_team

    def test_a_revoked_address_opens_nothing(self, cast: Cast) -> None:
        feed, token = made(cast.alice)

        assert revoked(feed, cast.actor(cast.alice))

        assert find_feed(token) is None
        assert not revoked(feed, cast.actor(cast.alice))

    def test_what_was_revoked_is_made_again_and_remembers_what_it_told(
        self, cast: Cast
    ) -> None:
        feed, old = made(cast.alice)
        tell(feed, event())
        revoked(feed, cast.actor(cast.alice))

        again, token = made(cast.alice, now=LATER)

        assert find_feed(old) is None
        assert find_feed(token) == again
        (told,) = tell(again, event(on=DAY + timedelta(days=7)), now=LATER)
        assert told.sequence == 1

    def test_who_may_not_sign_in_reads_nothing(self, cast: Cast) -> None:
        _, token = made(cast.alice)
        User.objects.filter(pk=cast.alice.pk).update(is_active=False)

        assert find_feed(token) is None

    def test_who_left_the_team_reads_only_their_own(self, cast: Cast) -> None:
        own, token = made(cast.alice)
        _, of_team_token = made(cast.alice, cast.platform)
        Membership.objects.filter(user=cast.alice).update(team=cast.data)

        assert find_feed(token) == own
        assert find_feed(of_team_token) is None

    def test_who_only_views_a_team_may_have_its_calendar(self, cast: Cast) -> None:
        _, token = made(cast.charlie, cast.platform)

        assert find_feed(token) is not None

    @pytest.mark.parametrize("name", ["eve", "frank", "dora"])
    def test_a_team_of_others_is_refused(self, cast: Cast, name: str) -> None:
        with pytest.raises(NotAllowedError, match="Only members of Platform"):
            made(getattr(cast, name), cast.platform)

        assert not Feed.objects.exists()

    def test_nobody_makes_or_revokes_the_address_of_somebody_else(
        self, cast: Cast, feed: Feed
    ) -> None:
        for other in (cast.dora, cast.bob):
            actor = cast.actor(other)
            with pytest.raises(NotAllowedError):
                make_feed(user=cast.alice, team=None, actor=actor, now=NOW)
            with pytest.raises(NotAllowedError):
                revoked(feed, actor)

    def test_a_token_of_the_api_makes_no_address(self, cast: Cast) -> None:
        limited = Actor(
            name="Alice",
            door="api",
            user_id=cast.alice.pk,
            scopes=frozenset({Scope.READ}),
        )

        with pytest.raises(NotAllowedError):
            make_feed(user=cast.alice, team=None, actor=limited, now=NOW)

    def test_what_is_made_and_revoked_stands_in_the_history(self, cast: Cast) -> None:
        feed, _ = made(cast.alice, cast.platform)
        made(cast.alice, cast.platform)
        revoked(feed, cast.actor(cast.alice))

        lines = Change.objects.filter(object_kind="user", object_id=cast.alice.pk)
        assert list(lines.order_by("pk").values_list("what", "details")) == [
            (what, {"calendar": feed.pk, "team": "platform"})
            for what in ("calendar made", "calendar made anew", "calendar revoked")
        ]

    def test_a_reading_is_noted_to_the_hour(self, feed: Feed) -> None:
        for minutes, noted in ((0, 0), (59, 0), (60, 60), (61, 60)):
            feed.refresh_from_db()
            note_read(feed=feed, now=NOW + timedelta(minutes=minutes))

            feed.refresh_from_db()
            assert feed.read_at == NOW + timedelta(minutes=noted)


class TestCorrections:
    def test_the_first_telling_has_the_sequence_zero(self, feed: Feed) -> None:
        assert tell(feed, event()) == [Told(event(), 0, NOW)]

    def test_what_is_told_again_is_not_written(self, feed: Feed) -> None:
        first = tell(feed, event(), event(2))

        with CaptureQueriesContext(
            connection,
        ) as queries:
            second = tell(feed, event(2), event(), now=LATER)

        assert second == first
        assert len(queries) == 1

    @pytest.mark.parametrize(
        "said",
        [
            {"on": date(2026, 12, 8)},
            {"on": date.max},
            {"summary": "Review due: Another"},
            {"description": "Owner: Bob."},
            {"url": "https://best-before.example/solutions/another/"},
        ],
    )
    def test_a_change_raises_the_sequence_and_keeps_the_uid(
        self, feed: Feed, said: dict[str, Any]
    ) -> None:
        tell(feed, event())

        assert tell(feed, event(**said), now=LATER) == [Told(event(**said), 1, LATER)]
        assert tell(feed, event(), now=LATER) == [Told(event(), 2, LATER)]

    def test_what_is_gone_is_cancelled_for_90_days_and_then_forgotten(
        self, feed: Feed
    ) -> None:
        tell(feed, event())
        ninety = timedelta(days=90)

        cancelled = [Told(event(), 1, LATER, True)]
        assert tell(feed, now=LATER) == cancelled
        assert tell(feed, now=LATER + ninety - timedelta(seconds=1)) == cancelled
        assert tell(feed, now=LATER + ninety) == []
        assert not FeedEntry.objects.exists()

    @pytest.mark.parametrize(
        ("kind", "days", "statuses"),
        [
            ("ending", 30, [True]),
            ("ending", 31, []),
            ("waiver", 31, []),
            # It was owed all that time, and no longer is.
            ("review", 31, [True]),
        ],
    )
    def test_what_came_as_it_was_told_is_not_called_off_afterwards(
        self, feed: Feed, kind: str, days: int, statuses: list[bool]
    ) -> None:
        past = Event(f"{kind}-1@best-before.example", DAY, "It ends")
        tell(feed, past)

        after = NOW.replace(month=12, day=1) + timedelta(days=days)
        told = tell(feed, now=after)

        assert [row.is_cancelled for row in told] == statuses

    def test_what_comes_back_has_a_higher_sequence(self, feed: Feed) -> None:
        tell(feed, event())
        tell(feed)

        assert tell(feed, event(), now=LATER) == [Told(event(), 2, LATER)]

    def test_what_another_feed_was_told_is_its_own(
        self, feed: Feed, cast: Cast
    ) -> None:
        other, _ = made(cast.bob)
        tell(feed, event())
        tell(feed, event(summary="Changed"))

        assert [told.sequence for told in tell(other, event())] == [0]

    def test_events_come_by_their_days(self, feed: Feed) -> None:
        events = [event(n, on=DAY - timedelta(days=n)) for n in range(4)]

        told = tell(feed, *events)

        assert [row.event for row in told] == events[::-1]

    def test_a_feed_that_is_gone_meanwhile_fails_nobody(self, feed: Feed) -> None:
        tell(feed, event())
        User.objects.filter(pk=feed.user_id).delete()

        assert tell(feed, event()) == [Told(event(), 0, NOW)]

    def test_thousands_of_events_take_few_statements(self, feed: Feed) -> None:
        events = [event(number) for number in range(6_000)]
        moved = [event(n, on=DAY + timedelta(days=1)) for n in range(6_000)]

        with CaptureQueriesContext(connection) as first:
            tell(feed, *events)
        with CaptureQueriesContext(connection) as second:
            told = tell(feed, *moved)
        with CaptureQueriesContext(connection) as third:
            tell(feed, *moved)

        assert {row.sequence for row in told} == {1}
        assert max(len(first), len(second)) <= 80
        assert len(third) == 1


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_readers_are_told_the_same(self, cast: Cast) -> None:
        feed, _ = made(cast.alice)
        tell(feed, event(1), event(2), event(3))
        wanted = [event(1), event(2, summary="Changed"), event(4)]
        told: list[list[Told]] = []

        raised = at_once(*[lambda: told.append(tell(feed, *wanted, now=LATER))] * 4)

        assert raised == []
        assert told[0] == told[1] == told[2] == told[3]
        assert sorted((row.event.uid[7], row.sequence) for row in told[0]) == [
            ("1", 0),
            ("2", 1),
            ("3", 1),
            ("4", 0),
        ]

    def test_of_two_addresses_made_at_once_one_is_left(self, cast: Cast) -> None:
        tokens: list[str] = []

        raised = at_once(*[lambda: tokens.append(made(cast.alice)[1])] * 4)

        assert raised == []
        assert Feed.objects.count() == 1
        assert sum(find_feed(token) is not None for token in tokens) == 1
