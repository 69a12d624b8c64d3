"""
The end of a release's support: what is known of it on a day, and what that asks.

A product's cycles and today in, a question or none out. The same rule serves the
nightly run and the backtest. How an end is predicted is the business of
`rules.endoflife.forecast`; which cycle a version belongs to, of `rules.endoflife.cycles`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from reviews.rules.endoflife.forecast import (
    Forecast,
    Lifetime,
    Pattern,
    forecast,
    learned,
)

LISTED_DAYS = 210
"""
How many days ahead a listed end is asked about.

Half a year of warning needs thirty days more: a date that is listed as the end of a
month often falls at its beginning.
"""

_FIRST_SIGHT = timedelta(days=30)


class QuestionKind(StrEnum):
    """What is asked: is it over, will it be over, will it probably be over."""

    ENDED = "end reached"
    LISTED = "end listed"
    PREDICTED = "end predicted"


class Basis(StrEnum):
    """Whether the source states the end, or the forecast predicts it."""

    STATED = "stated"
    PREDICTED = "predicted"


@dataclass(frozen=True, slots=True)
class Listing:
    """
    What a source listed of a cycle's end from a day on.

    `ended` is True or False where it says so without a date; with neither, it says
    nothing. `removed` means that the cycle was taken off the list.
    """

    seen_on: date
    ends_on: date | None = None
    ended: bool | None = None
    removed: bool = False

    @property
    def tells_of_an_end(self) -> bool:
        """Return whether it names an end or says that it has come."""
        return self.ends_on is not None or self.ended is True


@dataclass(frozen=True, slots=True)
class Cycle:
    """
    A release cycle of a product as its source lists it on a day.

    `ends_on` is the listed end of support, `ended` what is listed without a date.
    `listings` is what was listed before and is now, the earliest first; empty where
    nobody kept it. The last three bear on no question here.
    """

    name: str
    released_on: date
    ends_on: date | None = None
    ended: bool | None = None
    listings: tuple[Listing, ...] = ()
    active_support_ends_on: date | None = None
    extended_support_ends_on: date | None = None
    long_term: bool | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """
    A product's cycles as known on a day.

    `release_days` are the days on which any version of it was released, in order.
    `tracked_since` is the day from which the listings were kept, None if they were not.
    """

    name: str
    category: str = ""
    cycles: tuple[Cycle, ...] = ()
    release_days: tuple[date, ...] = ()
    tracked_since: date | None = None


@dataclass(frozen=True, slots=True)
class SupportQuestion:
    """
    What the end of a cycle's support asks today.

    `ends_on` is None where an end is listed without a date. `likelihood` is how often
    such predictions came true, None for what is stated; `held` of `precedents` earlier
    releases ended as the others of them would have told. `reason` is for a reader: it
    names the cycle, the day, and what it rests on.
    """

    kind: QuestionKind
    basis: Basis
    ends_on: date | None
    reason: str
    likelihood: float | None = None
    held: int = 0
    precedents: int = 0


def support_question(
    product: Product, cycle_name: str, today: date
) -> SupportQuestion | None:
    """Return what the end of a cycle's support asks; None for nothing, or no cycle."""
    cycle = next((each for each in product.cycles if each.name == cycle_name), None)
    if cycle is None:
        return None
    return question(cycle, pattern_of(product, today), today)


def pattern_of(product: Product, today: date) -> Pattern | None:
    """Return what is to be learned from the product's ends so far."""
    return learned(
        _lifetimes(product),
        today=today,
        watched_since=product.tracked_since,
        release_days=product.release_days,
    )


def question(
    cycle: Cycle, pattern: Pattern | None, today: date
) -> SupportQuestion | None:
    """
    Return what a cycle asks, given the pattern that its product follows.

    What is listed goes before what is predicted: a listed date is waited for until it
    is near, even where the pattern says otherwise.
    """
    if cycle.ends_on is not None:
        return _of_listed_day(cycle.name, cycle.ends_on, today)
    if cycle.ended:
        return SupportQuestion(
            QuestionKind.ENDED,
            Basis.STATED,
            None,
            f"Support of {cycle.name} is listed as ended, without a date.",
        )
    predicted = forecast(cycle.released_on, pattern, today) if pattern else None
    if predicted is None:
        return None
    return SupportQuestion(
        QuestionKind.PREDICTED,
        Basis.PREDICTED,
        predicted.ends_on,
        _told(cycle.name, predicted, today),
        likelihood=predicted.likelihood,
        held=predicted.pattern.held,
        precedents=len(predicted.pattern.lives),
    )


def _of_listed_day(name: str, ends_on: date, today: date) -> SupportQuestion | None:
    days = (ends_on - today).days
    if days > LISTED_DAYS:
        return None
    if days > 0:
        reason = f"Support of {name} ends on {ends_on}, in {_days(days)}."
        return SupportQuestion(QuestionKind.LISTED, Basis.STATED, ends_on, reason)
    when = f", {_days(-days)} ago" if days else ", today"
    reason = f"Support of {name} ended on {ends_on}{when}."
    return SupportQuestion(QuestionKind.ENDED, Basis.STATED, ends_on, reason)


def _lifetimes(product: Product) -> Iterator[Lifetime]:
    for cycle in product.cycles:
        ended_on = _known_end(cycle)
        yield Lifetime(
            cycle.released_on, ended_on, _notice_days(cycle, ended_on, product)
        )


def _known_end(cycle: Cycle) -> date | None:
    """
    Return the day on which support ends or ended, as far as it is known.

    Where only the fact is listed, it is the day on which that fact appeared, if the
    cycle was on the list before.
    """
    if cycle.ends_on is not None or not cycle.ended or not cycle.listings:
        return cycle.ends_on
    appeared_on = cycle.listings[-1].seen_on
    return appeared_on if appeared_on > cycle.listings[0].seen_on else None


def _notice_days(cycle: Cycle, ended_on: date | None, product: Product) -> int | None:
    """
    Return how long before the end a word of it was first listed, None if unknown.

    Of a cycle that was over, or nearly so, when the product came on the list, nobody
    can say whether the word came late.
    """
    first = next((each for each in cycle.listings if each.tells_of_an_end), None)
    if ended_on is None or first is None:
        return None
    listed_on = cycle.listings[0].seen_on
    since = product.tracked_since
    if since and listed_on <= since and listed_on >= ended_on - _FIRST_SIGHT:
        return None
    if cycle.ends_on is None:
        return 0
    return (ended_on - first.seen_on).days


def _told(name: str, predicted: Forecast, today: date) -> str:
    """Return a prediction as a reader is told it: the day, the pattern, how it did."""
    pattern = predicted.pattern
    count = len(pattern.lives)
    is_or_was = "is" if predicted.ends_on >= today else "was"
    if count == 1:
        rests = f"The one release before it was supported for {_span(pattern.lives)}"
        proof = ""
    else:
        rests = f"The last {count} were supported for {_span(pattern.lives)}"
        proof = f" {pattern.held} of the {count} ended as the others would have told."
    if pattern.overlaps:
        rests += f", until {_after(pattern.overlaps)} the next release"
    return (
        f"No end of support is listed for {name}; it {is_or_was} to be expected about "
        f"{predicted.ends_on}. {rests}.{proof}"
    )


def _after(overlaps: tuple[int, ...]) -> str:
    if max(overlaps) < 0:
        return f"{_span(tuple(-days for days in overlaps))} before"
    if min(overlaps) < 0:
        return f"{_days(-min(overlaps))} before to {_days(max(overlaps))} after"
    return f"{_span(overlaps)} after"


def _span(days: tuple[int, ...]) -> str:
    least, most = min(days), max(days)
    return _days(most) if least == most else f"{least:,} to {_days(most)}"


def _days(days: int) -> str:
    return f"{days:,} day" if days == 1 else f"{days:,} days"
