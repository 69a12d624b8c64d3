"""Calendar feeds: their secret addresses, and what they have told so far."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from reviews.formats.calendar import Event, EventKind, Told, kind_of
from reviews.models import Feed, FeedEntry, Membership, Team, User
from reviews.queries.calendar import PAST
from reviews.rules.access import Actor, NotAllowedError
from reviews.services.audit import record_change
from reviews.services.tokens import digest_of

KEPT_CANCELLED = timedelta(days=90)
"""How long an event that is gone is told as cancelled, before it is forgotten."""

READ_NOTED = timedelta(hours=1)
"""How exactly it is known when a feed was last read: not every reading writes."""

_BATCH = 500


def make_feed(
    *, user: User, team: Team | None, actor: Actor, now: datetime
) -> tuple[Feed, str]:
    """
    Return the feed of a person, or of one of their teams, and its new token.

    The token is stored nowhere; it has 256 bits of randomness, so a plain SHA-256 keeps
    it safe at rest. Where there was one, it is dead from now on, and the feed goes on
    from what it told before: who subscribes anew is corrected as before.

    :raises NotAllowedError: to anyone but the person, and for a team of others.
    """
    _refuse_others(user.pk, actor)
    if team is not None and team.pk not in actor.roles:
        raise NotAllowedError(f"Only members of {team.name} may have its calendar.")
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        # Who makes two at once waits here, so that nobody has two of a kind.
        User.objects.select_for_update().get(pk=user.pk)
        earlier = Feed.objects.filter(user=user, team=team).order_by("-pk").first()
        is_anew = earlier is not None and earlier.revoked_at is None
        feed = earlier or Feed(user=user, team=team)
        feed.digest = digest_of(token)
        feed.created_at = now
        feed.read_at = None
        feed.revoked_at = None
        feed.save()
        _record(feed, "calendar made anew" if is_anew else "calendar made", actor, now)
    return feed, token


def revoke_feed(*, feed_id: int, actor: Actor, now: datetime) -> bool:
    """
    End a feed's address now; return whether it was still good.

    :raises NotAllowedError: to anyone but its person.
    """
    feed = Feed.objects.select_related("user", "team").get(pk=feed_id)
    _refuse_others(feed.user_id, actor)
    with transaction.atomic():
        live = Feed.objects.filter(pk=feed_id, revoked_at=None)
        if not live.update(revoked_at=now):
            return False
        _record(feed, "calendar revoked", actor, now)
    return True


def find_feed(token: str) -> Feed | None:
    """
    Return the feed that a token opens, with its person and team, or None.

    It opens nothing once it is replaced or revoked, nor while its person may not sign in
    or is not in the team.
    """
    membership = Membership.objects.filter(user=OuterRef("user"), team=OuterRef("team"))
    found = Feed.objects.select_related("user", "team").filter(
        Q(team=None) | Exists(membership),
        digest=digest_of(token),
        revoked_at=None,
        user__is_active=True,
    )
    # Not first(), which would have the database sort the one row there can be.
    return next(iter(found), None)


def note_read(*, feed: Feed, now: datetime) -> None:
    """Note that a feed was read, to the hour."""
    if feed.read_at is None or feed.read_at <= now - READ_NOTED:
        Feed.objects.filter(pk=feed.pk).update(read_at=now)


@dataclass(frozen=True, slots=True)
class _Corrections:
    """
    What a feed tells now, and what has to be remembered or forgotten for that.

    `told` are all the rows that are told, `written` those of them that are new or say
    something else than before.
    """

    told: Sequence[FeedEntry]
    written: Sequence[FeedEntry]
    forgotten: Sequence[int]

    @property
    def are_none(self) -> bool:
        return not self.written and not self.forgotten


def bring_up_to_date(
    *, feed_id: int, events: Sequence[Event], today: date, now: datetime
) -> list[Told]:
    """
    Return what a feed tells of events, and remember it.

    An event that says something else than the last time, or comes back, has a higher
    sequence; one that is gone is told as cancelled for 90 days, unless its day has
    passed: then it is no longer told. Nothing is written, nor locked, where nothing
    changed. Who reads at the same moment waits, and is told the same.
    """
    corrections = _corrections(feed_id, events, today, now)
    if not corrections.are_none:
        with transaction.atomic():
            # Locked, and then read anew: another reader may have been faster. One that
            # is gone meanwhile remembers nothing.
            if Feed.objects.select_for_update().filter(pk=feed_id).first():
                corrections = _corrections(feed_id, events, today, now)
                _remember(corrections)
    rows = sorted(corrections.told, key=attrgetter("on", "uid"))
    return [
        Told(_event_of(row), row.sequence, row.changed_at, row.cancelled_at is not None)
        for row in rows
    ]


def _corrections(
    feed_id: int, events: Iterable[Event], today: date, now: datetime
) -> _Corrections:
    wanted = {event.uid: event for event in events}
    told: list[FeedEntry] = []
    written: list[FeedEntry] = []
    forgotten: list[int] = []
    for row in FeedEntry.objects.filter(feed=feed_id):
        event = wanted.pop(row.uid, None)
        if event is None and _is_over(row, today, now):
            forgotten.append(row.pk)
        elif event == (None if row.cancelled_at else _event_of(row)):
            told.append(row)
        else:
            written.append(_corrected(row, event, now))
    written += (_row(feed_id, event, now) for event in wanted.values())
    return _Corrections((*told, *written), written, forgotten)


def _is_over(row: FeedEntry, today: date, now: datetime) -> bool:
    """
    Return whether what is gone need not be told of any more.

    An end that came as it was told was not called off. A review that is owed is not over
    by its day: one that is gone from there was.
    """
    if row.cancelled_at is not None:
        return row.cancelled_at <= now - KEPT_CANCELLED
    return row.on < today - PAST and kind_of(row.uid) is not EventKind.REVIEW


def _corrected(row: FeedEntry, event: Event | None, now: datetime) -> FeedEntry:
    """Return how an event is told from now on; as it was, but cancelled, if it is gone."""
    corrected = _row(row.feed_id, event or _event_of(row), now)
    corrected.sequence = row.sequence + 1
    corrected.cancelled_at = None if event else now
    return corrected


def _row(feed_id: int, event: Event, now: datetime) -> FeedEntry:
    return FeedEntry(
        feed_id=feed_id,
        uid=event.uid,
        on=event.on,
        summary=event.summary,
        description=event.description,
        url=event.url,
        changed_at=now,
    )


def _event_of(row: FeedEntry) -> Event:
    return Event(row.uid, row.on, row.summary, row.description, row.url)


def _remember(corrections: _Corrections) -> None:
    # One statement for new rows and old: an update of each field by a list of cases
    # takes many times as long.
    FeedEntry.objects.bulk_create(
        corrections.written,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["feed", "uid"],
        update_fields=[
            "on",
            "summary",
            "description",
            "url",
            "sequence",
            "changed_at",
            "cancelled_at",
        ],
    )
    FeedEntry.objects.filter(pk__in=corrections.forgotten).delete()


def _refuse_others(user_id: int, actor: Actor) -> None:
    if actor.scopes is not None or actor.user_id != user_id:
        raise NotAllowedError("A calendar's address is made by its own person alone.")


def _record(feed: Feed, what: str, actor: Actor, now: datetime) -> None:
    record_change(
        actor=actor,
        subject=feed.user,
        label=feed.user.get_username(),
        what=what,
        details={"calendar": feed.pk, "team": feed.team.slug if feed.team else None},
        now=now,
    )
