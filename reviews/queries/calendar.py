"""
What is coming for a person or a team, as the events of a calendar; and whose calendars
there are.

An event says the same from day to day as long as the register does: what it says must
not depend on today, or readers would be told of a change every night.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
from urllib.parse import urlsplit

from django.db.models import Q
from django.urls import reverse

from reviews.formats.calendar import Event, EventKind, uid_of
from reviews.models import Cover, Feed, Membership, Signal, Solution
from reviews.queries.home import NOT_RETIRED
from reviews.queries.situations import called_wrong, standing_signals
from reviews.rules.covers import believed
from reviews.rules.reasons import flag_reason
from reviews.rules.signals import SOURCE_NAMES, SignalKind, Source
from reviews.rules.staleness import contract_notice_day
from reviews.rules.vocabulary import Cause, CoverKind

PAST = timedelta(days=30)
"""How long a day that has come stays; a review that is owed stays until it is done."""

SUMMARY_LIMIT = 300
DESCRIPTION_LIMIT = 1_000
URL_LIMIT = 500

# A prediction moves from week to week, and a floor is no end: neither is a day to keep.
_ENDINGS = {
    SignalKind.END_OF_LIFE.value: "End of life",
    SignalKind.END_OF_ACTIVE_SUPPORT.value: "End of active support",
    SignalKind.END_OF_EXTENDED_SUPPORT.value: "End of extended support",
    SignalKind.MODEL_RETIREMENT.value: "Model retirement",
    SignalKind.MODEL_DISABLED.value: "Model disabled",
}
_COVERS = {
    CoverKind.WAIVER.value: (EventKind.WAIVER, "Waiver ends"),
    CoverKind.SNOOZE.value: (EventKind.SNOOZE, "Snooze ends"),
}


@dataclass(frozen=True, slots=True)
class Whose:
    """A person, or a team: one of the two."""

    user_id: int | None = None
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class FeedRow:
    """
    A calendar that somebody may have: their own, or with `team_id` that of a team.

    `id` and `made_at` are None as long as it has no address, or has none any more.
    """

    team_id: int | None
    team_slug: str
    team_name: str
    id: int | None = None
    made_at: datetime | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Owned:
    """A solution as far as its days are concerned."""

    id: int
    slug: str
    name: str
    next_review_on: date | None
    pulled_by: str
    last_evaluated_on: date | None
    contract_ends_on: date | None
    notice_period_days: int | None
    first_name: str | None
    last_name: str | None
    username: str | None
    team: str | None

    @property
    def belongs(self) -> str:
        """Return whose it is, in words."""
        full = f"{self.first_name or ''} {self.last_name or ''}".strip()
        owner = full or self.username or "nobody"
        return f"Owner: {owner}. Team: {self.team or 'none'}."


_COLUMNS = (
    "id",
    "slug",
    "name",
    "next_review_on",
    "pulled_by",
    "last_evaluated_on",
    "contract_ends_on",
    "notice_period_days",
    "owner__first_name",
    "owner__last_name",
    "owner__username",
    "team__name",
)


@dataclass(frozen=True, slots=True)
class _Site:
    """Where the events lead, and whose names they bear."""

    url: str
    host: str

    def event(
        self,
        kind: EventKind,
        *ids: object,
        on: date,
        summary: str,
        lines: Iterable[str],
        slug: str,
    ) -> Event:
        """Return an event that is short enough to be remembered."""
        url = self.url + reverse("solution", args=[slug])
        return Event(
            uid=uid_of(kind, *ids, host=self.host),
            on=on,
            summary=_cut(summary, SUMMARY_LIMIT),
            description=_cut("\n".join(filter(None, lines)), DESCRIPTION_LIMIT),
            url=url if len(url) <= URL_LIMIT else "",
        )


def coming(whose: Whose, *, today: date, site_url: str) -> list[Event]:
    """
    Return the events of a person's solutions, or a team's, by their days.

    They are the reviews that are due (a planned day is in `next_review_on` already, and
    one that is overdue stays on its day), the ends of waivers and snoozes, those of
    support and of hosted models, and those of contracts with the last day for notice.
    A person's own waivers are among them, whatever they lie over. What is retired has
    none. The number of queries does not depend on how many events there are.
    """
    site = _Site(url=site_url, host=urlsplit(site_url).hostname or "localhost")
    since = today - PAST
    owned = {row.id: row for row in _owned(whose)}
    events = [
        *_reviews(owned.values(), site),
        *_contracts(owned.values(), since, site),
        *_endings(owned, whose, since, site),
        *_covers(whose, since, site),
    ]
    # Two covers of one flag bear one name: the later one's end is the flag's.
    named = {event.uid: event for event in events}
    return sorted(named.values(), key=attrgetter("on", "uid"))


def feeds_of(user_id: int) -> list[FeedRow]:
    """Return the calendars that somebody may have: their own, then their teams'."""
    live = {
        feed.team_id: feed
        for feed in Feed.objects.filter(user=user_id, revoked_at=None)
    }
    teams = Membership.objects.filter(user=user_id).order_by("team__name", "team_id")
    places = teams.values_list("team_id", "team__slug", "team__name")
    return [
        FeedRow(id, slug, name, *_made(live.get(id)))
        for id, slug, name in ((None, "", ""), *places)
    ]


def _made(feed: Feed | None) -> tuple[int | None, datetime | None, datetime | None]:
    return (feed.pk, feed.created_at, feed.read_at) if feed else (None, None, None)


def _belonging(whose: Whose, through: str = "") -> Q:
    if whose.team_id is not None:
        return Q(**{f"{through}team": whose.team_id})
    return Q(**{f"{through}owner": whose.user_id})


def _owned(whose: Whose) -> Iterator[_Owned]:
    found = Solution.objects.filter(NOT_RETIRED, _belonging(whose))
    return (_Owned(*row) for row in found.values_list(*_COLUMNS))


def _reviews(owned: Iterable[_Owned], site: _Site) -> Iterator[Event]:
    for row in owned:
        if row.next_review_on is None:
            continue
        seen = row.last_evaluated_on
        yield site.event(
            EventKind.REVIEW,
            row.id,
            on=row.next_review_on,
            summary=f"Review due: {row.name}",
            lines=(
                f"Last reviewed on {seen}." if seen else "Never reviewed.",
                f"Pulled forward: {row.pulled_by}." if row.pulled_by else "",
                row.belongs,
            ),
            slug=row.slug,
        )


def _contracts(owned: Iterable[_Owned], since: date, site: _Site) -> Iterator[Event]:
    for row in owned:
        ends_on, days = row.contract_ends_on, row.notice_period_days
        if ends_on is None:
            continue
        if ends_on >= since:
            yield site.event(
                EventKind.CONTRACT,
                row.id,
                on=ends_on,
                summary=f"Contract ends: {row.name}",
                lines=("The contract ends on this day.", row.belongs),
                slug=row.slug,
            )
        notice_on = contract_notice_day(ends_on, days or 0)
        if days and notice_on >= since:
            yield site.event(
                EventKind.NOTICE,
                row.id,
                on=notice_on,
                summary=f"Contract notice: {row.name}",
                lines=(
                    f"The last day to give notice: the contract ends on {ends_on}, and "
                    f"its notice period is {days} days.",
                    row.belongs,
                ),
                slug=row.slug,
            )


def _endings(
    owned: Mapping[int, _Owned], whose: Whose, since: date, site: _Site
) -> Iterator[Event]:
    """
    Return the days on which something ends, each once, however many sources name it.

    The earliest is taken. What an override calls wrong is left out.
    """
    signals = Signal.objects.standing().filter(
        _belonging(whose, "solution__"),
        kind__in=list(_ENDINGS),
        effective_on__gte=since,
    )
    found = [row for row in signals if row.solution_id in owned]
    wrong = _wrong({row.solution_id for row in found})
    told: set[tuple[int, str]] = set()
    for row in sorted(found, key=attrgetter("effective_on", "source", "pk")):
        if row.pk in wrong or (row.solution_id, row.key) in told:
            continue
        told.add((row.solution_id, row.key))
        solution = owned[row.solution_id]
        who = SOURCE_NAMES[Source(row.source)]
        of = f" for {row.subject}" if row.subject else ""
        yield site.event(
            EventKind.ENDING,
            row.solution_id,
            hashlib.sha256(row.key.encode()).hexdigest()[:16],
            on=row.effective_on or since,
            summary=f"{_ENDINGS[row.kind]}: {solution.name}",
            lines=(
                f"{who} names this day{of}.",
                f"It recommends {row.replacement}." if row.replacement else "",
                solution.belongs,
            ),
            slug=solution.slug,
        )


def _wrong(solution_ids: set[int]) -> set[int]:
    """Return the ids of the signals of solutions that overrides call wrong."""
    overridden = called_wrong(solution_ids)
    if not overridden:
        return set()
    standing = standing_signals(list(overridden))
    return {
        signal.id
        for solution_id, signals in standing.items()
        for signal in set(signals) - set(believed(signals, overridden[solution_id]))
    }


def _covers(whose: Whose, since: date, site: _Site) -> Iterator[Event]:
    """
    Return the ends of waivers and snoozes: to come, or of late by their day.

    The two ways in which one is a person's are two queries: no index serves both.
    """
    yield from _covers_matching(_belonging(whose, "flag__solution__"), since, site)
    if whose.user_id is not None:
        yield from _covers_matching(Q(owner=whose.user_id), since, site)


def _covers_matching(matching: Q, since: date, site: _Site) -> Iterator[Event]:
    covers = Cover.objects.filter(
        Q(ended_at=None) | Q(ended_because="expired"),
        matching,
        kind__in=list(_COVERS),
        until__gte=since,
    )
    # The later of two that lay over one flag comes last, and stays.
    for cover in covers.select_related("flag__solution").order_by("pk"):
        flag, solution = cover.flag, cover.flag.solution
        kind, words = _COVERS[cover.kind]
        why = flag_reason(
            Cause(flag.cause),
            due_on=flag.due_on,
            vouched_on=flag.vouched_on,
            pulled_by=flag.pulled_by,
            told=flag.reason,
        )
        yield site.event(
            kind,
            flag.pk,
            on=cover.until or since,
            summary=f"{words}: {solution.name}",
            lines=(
                f"The flag is asked again from this day on: {why}",
                f"Owner of the waiver: {cover.owner_name}." if cover.owner_name else "",
                f"Covered because: {cover.reason}",
            ),
            slug=solution.slug,
        )


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
