"""
When support will probably end where nobody lists a date.

Learned from the product's own earlier releases, and from nothing else: how long they
were supported, and how long after the next release that went on. Both must say that the
end is near. What is listed, and what is asked because of it, is for `rules.endoflife.lifecycle`.
How the constants were found, and what each is worth: docs/evidence.md.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

FORECAST_DAYS = 235
"""How many days ahead an end that is only predicted is asked about."""

OUTLIVED_DAYS = 90
"""A release this much older than the others became follows another rule than they."""

WATCHED_DAYS = 180
"""How long a list is watched before it is built upon: a new one is still corrected."""

LATE_NOTICE_DAYS = 60
"""Who never told of an end later than this before it can be waited for."""

PRECEDENTS = 5
"""How many ends the pattern is learned from, the latest ones."""

GAPS = 4
"""How many distances between releases their pace is learned from, the latest ones."""

CLOSE_DAYS = 60
"""By how much a release may differ from the others and count as having kept to them."""

SILENT_DAYS = 365
"""After so long without any release there is no pace at which a next one is due."""

LIKELY, UNPROVEN = 0.92, 0.68
"""
How often predictions came true in the backtest: an end within 270 days of asking.

The first where at least one release ended as the others of them would have told, the
second where there is only one, or no two agree.
"""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """
    One release of a product: from when to when it was supported.

    `ended_on` is None while it is supported, and where its end is not known.
    `notice_days` is how long before its end a word of it was first listed: negative when
    that came afterwards, None where nobody watched.
    """

    released_on: date
    ended_on: date | None = None
    notice_days: int | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    What the latest ends of a product have in common.

    `lives` are the days for which they were supported; `overlaps` the days for which
    that went on after the next release appeared, for those that had a next one. `pace`
    is the usual distance between two releases, None before there are two. `notices` are
    the notices of the latest ends that were watched. `watched_since` is None where no
    history of the list was kept.
    """

    lives: tuple[int, ...]
    overlaps: tuple[int, ...]
    pace: int | None
    releases: tuple[date, ...]
    notices: tuple[int, ...]
    watched_since: date | None = None
    release_days: tuple[date, ...] = ()

    @property
    def held(self) -> int:
        """Return how many of its releases ended as the others of them would tell."""
        if len(self.lives) < 2:
            return 0
        return sum(
            abs(life - median(self.lives[:place] + self.lives[place + 1 :]))
            <= CLOSE_DAYS
            for place, life in enumerate(self.lives)
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day about which support probably ends, and the pattern that says so."""

    ends_on: date
    pattern: Pattern

    @property
    def likelihood(self) -> float:
        """Return how often such predictions came true."""
        return LIKELY if self.pattern.held else UNPROVEN


def learned(
    lifetimes: Iterable[Lifetime],
    *,
    today: date,
    watched_since: date | None = None,
    release_days: Sequence[date] = (),
) -> Pattern | None:
    """
    Return what a product's ends so far have in common; None if there was no end.

    The release days are in order; those after today are not looked at.
    """
    known = sorted(
        lifetimes, key=lambda life: (life.ended_on or date.max, life.released_on)
    )
    releases = tuple(sorted({life.released_on for life in known}))
    over = [
        (life, life.ended_on)
        for life in known
        if life.ended_on and life.released_on < life.ended_on <= today
    ]
    if not over:
        return None
    latest = over[-PRECEDENTS:]
    notices = [life.notice_days for life, _ in over if life.notice_days is not None]
    gaps = [(later - earlier).days for earlier, later in pairwise(releases)][-GAPS:]
    return Pattern(
        lives=tuple((ended_on - life.released_on).days for life, ended_on in latest),
        overlaps=tuple(
            (ended_on - follower).days
            for life, ended_on in latest
            if (follower := _follower(releases, life.released_on))
        ),
        pace=round(median(gaps)) if gaps else None,
        releases=releases,
        notices=tuple(notices[-PRECEDENTS:]),
        watched_since=watched_since,
        release_days=tuple(release_days),
    )


def forecast(released_on: date, pattern: Pattern, today: date) -> Forecast | None:
    """
    Return about when support of a release ends, if that is near and the pattern holds.

    None where the source can be expected to tell in time, where its list has not been
    watched for long, where the product fell silent, and where the release has outlived
    the others.
    """
    if released_on > today or not _may_be_asked(pattern, today):
        return None
    by_life = released_on + timedelta(round(median(pattern.lives)))
    if by_life < today - timedelta(OUTLIVED_DAYS):
        return None
    by_pace = _by_pace(released_on, pattern, today)
    ends_on = max(by_life, by_pace) if by_pace else by_life
    if ends_on > today + timedelta(FORECAST_DAYS):
        return None
    return Forecast(ends_on, pattern)


def _may_be_asked(pattern: Pattern, today: date) -> bool:
    """Return whether the product is one whose ends are predicted, as things stand."""
    told_in_time = bool(pattern.notices) and min(pattern.notices) > LATE_NOTICE_DAYS
    watched = _is_past(pattern.watched_since, WATCHED_DAYS, today)
    return watched and not told_in_time and not _is_silent(pattern, today)


def _is_past(since: date | None, days: int, today: date) -> bool:
    """Return whether so many days have gone by; since an unknown day they have."""
    return since is None or since + timedelta(days) <= today


def _is_silent(pattern: Pattern, today: date) -> bool:
    """Return whether nothing was released for long; unknown is not silent."""
    place = bisect_right(pattern.release_days, today)
    return place > 0 and _is_past(pattern.release_days[place - 1], SILENT_DAYS, today)


def _by_pace(released_on: date, pattern: Pattern, today: date) -> date | None:
    """
    Return when support ends by the release that follows, None if there is no telling.

    One that is not there yet is expected at the usual pace; when it is overdue, today.
    """
    if not pattern.overlaps or pattern.pace is None:
        return None
    follower = _follower(pattern.releases, released_on)
    if follower is None or follower > today:
        follower = max(released_on + timedelta(pattern.pace), today)
    return follower + timedelta(round(median(pattern.overlaps)))


def _follower(releases: Sequence[date], released_on: date) -> date | None:
    place = bisect_right(releases, released_on)
    return releases[place] if place < len(releases) else None
