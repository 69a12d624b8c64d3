"""
Old lists read day by day, as if each day were today: what would have been asked, when.

The rule that asks is `rules.endoflife.lifecycle`, the one that serves every night. On each day it
is shown only what was listed or released by then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise

from reviews.rules.endoflife.lifecycle import (
    Cycle,
    Listing,
    Product,
    SupportQuestion,
    pattern_of,
    question,
)

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was listed of one cycle's end, each word with the day it appeared on."""

    product: str
    category: str
    cycle: str
    released_on: date
    tracked_since: date
    listings: tuple[Listing, ...]


@dataclass(frozen=True, slots=True)
class EarlyFlag:
    """The first day on which the end of a cycle's support was asked about."""

    product: str
    cycle: str
    day: date
    question: SupportQuestion


def early_flags(
    timelines: Iterable[Timeline],
    *,
    release_days: Mapping[str, Sequence[date]],
    until: date,
) -> Iterator[EarlyFlag]:
    """
    Return the first flag of each cycle, by product, day and name of the cycle.

    Nothing that the rule asks is left out, also where no warning could be early: a cycle
    that came onto the list as over is flagged that day, as it is in life.
    """
    ordered = sorted(timelines, key=lambda timeline: timeline.product)
    for name, group in groupby(ordered, key=lambda timeline: timeline.product):
        flags = _of_product(
            list(group), tuple(sorted(release_days.get(name, ()))), until
        )
        yield from sorted(flags, key=lambda flag: (flag.day, flag.cycle))


def _of_product(
    timelines: Sequence[Timeline], release_days: tuple[date, ...], until: date
) -> Iterator[EarlyFlag]:
    tracked_since = min(timeline.tracked_since for timeline in timelines)
    waiting = {timeline.cycle for timeline in timelines}
    turns = _turning_days(timelines, tracked_since, until)
    for day, next_day in pairwise([*turns, until + _A_DAY]):
        cycles = tuple(
            cycle for each in timelines if (cycle := _as_known(each, day)) is not None
        )
        product = Product(
            timelines[0].product,
            timelines[0].category,
            cycles,
            release_days,
            tracked_since,
        )
        open_cycles = [cycle for cycle in cycles if cycle.name in waiting]
        for flag in _between(product, open_cycles, day, next_day):
            waiting.discard(flag.cycle)
            yield flag


def _turning_days(
    timelines: Iterable[Timeline], tracked_since: date, until: date
) -> list[date]:
    """Return the days on which anything but the date itself may differ from before."""
    days = {tracked_since}
    for timeline in timelines:
        for listing in timeline.listings:
            days.add(listing.seen_on)
            if listing.ends_on is not None:
                days.add(listing.ends_on)
    return sorted(day for day in days if tracked_since <= day <= until)


def _as_known(timeline: Timeline, day: date) -> Cycle | None:
    """Return the cycle as it was listed on a day; None if it was not."""
    listings = tuple(each for each in timeline.listings if each.seen_on <= day)
    if not listings or listings[-1].removed:
        return None
    return Cycle(
        timeline.cycle,
        timeline.released_on,
        listings[-1].ends_on,
        listings[-1].ended,
        listings,
    )


def _between(
    product: Product, cycles: Iterable[Cycle], day: date, next_day: date
) -> Iterator[EarlyFlag]:
    """Return the flags from a day on until something changes."""
    pattern = pattern_of(product, day)
    for cycle in cycles:
        for ordinal in range(day.toordinal(), next_day.toordinal()):
            today = date.fromordinal(ordinal)
            asked = question(cycle, pattern, today)
            if asked is not None:
                yield EarlyFlag(product.name, cycle.name, today, asked)
                break
