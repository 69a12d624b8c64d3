"""
Spreading reviews, so that no week gets more than its share.

The riskiest come first. Nothing is ever put off beyond the policy's months.
"""

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, pairwise

from reviews.rules.staleness import Policy, due_date
from reviews.rules.vocabulary import Criticality

WORKING_DAYS = 5
"""Monday to Friday."""

_FIRST_REVIEW_DAYS = {
    Criticality.CRITICAL: 7,
    Criticality.HIGH: 14,
    Criticality.MEDIUM: 30,
    Criticality.LOW: 60,
}
_RISK_ORDER = tuple(_FIRST_REVIEW_DAYS)


@dataclass(frozen=True, slots=True)
class Due:
    """
    A review that is due on a day, and may be moved up to another.

    `latest` never lies before `day`; the higher the weight, the riskier it is to wait.
    """

    id: int
    day: date
    latest: date
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """A review that moves from the day on which it is due to another."""

    id: int
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class Overfull:
    """A week, by its Monday, that holds more than its share, and how much that is."""

    monday: date
    holds: int
    fits: int


@dataclass(frozen=True, slots=True)
class Levelled:
    """The moves, the riskiest first, and the weeks that stay too full all the same."""

    moves: tuple[Move, ...] = ()
    overfull: tuple[Overfull, ...] = ()


def monday_of(day: date) -> date:
    """Return the Monday of a day's ISO week."""
    return day - timedelta(days=day.weekday())


def first_review_day(
    registered_on: date, criticality: Criticality, policy: Policy
) -> date:
    """
    Return the day by which a solution that was registered by itself is first reviewed.

    A week for what is critical, up to sixty days for what matters least.
    """
    day = registered_on + timedelta(days=_FIRST_REVIEW_DAYS[criticality])
    return min(day, due_date(registered_on, policy))


def first_review_days(
    registered_on: date,
    solutions: list[tuple[Criticality, Policy]],
    taken: Mapping[date, int] | None = None,
) -> list[date]:
    """
    Return the day of the first review of each of many solutions, in the order given.

    They are spread from tomorrow to the end of each one's window, the more critical
    before the less; equals keep their order. `taken` says how many reviews a day holds
    already: of the weeks, the emptier fill first, until all hold the same. Those with the
    shortest window, which have the fewest weeks to choose from, choose first.
    """
    by_months: dict[int, list[int]] = {}
    for index in sorted(
        range(len(solutions)), key=lambda one: _RISK_ORDER.index(solutions[one][0])
    ):
        by_months.setdefault(solutions[index][1].months, []).append(index)
    days = [registered_on] * len(solutions)
    longest = _days_of_window(registered_on, Policy(max(by_months, default=1)))
    load = _smoothed([(taken or {}).get(day, 0) for day in longest])
    for months, queue in sorted(by_months.items()):
        window = _days_of_window(registered_on, Policy(months))
        shares = _filled(load[: len(window)], len(queue))
        ends = list(accumulate(shares))
        for place, index in enumerate(queue):
            # A hair more than the place, so that no rounding decides where one ends.
            at = bisect_right(ends, place + 1e-6)
            days[index] = window[min(at, len(window) - 1)]
        for at, share in enumerate(shares):
            load[at] += share
    return days


def level(
    reviews: Iterable[Due],
    *,
    capacity: int,
    today: date,
    taken: Mapping[date, int] | None = None,
) -> Levelled:
    """
    Return the moves after which no week holds more than its capacity, if there are any.

    `taken` says how much of a week, by its Monday, is spoken for by reviews that do not
    move. What fits its week stays on its day. From a week that is too full, the riskiest
    go to earlier weeks, the nearest that have room, the riskiest to the earliest; only
    where there is none does something move to a later week, up to its latest day. What
    moves comes on a working day after today. Where not everything fits, the most that
    does is moved, and the weeks that stay too full are named.
    """
    return _Board(reviews, capacity, today, taken or {}).level()


def _riskiest_first(review: Due) -> tuple[int, date, int]:
    return -review.weight, review.day, review.id


class _Board:
    """The weeks from this one on, by their distance from it, and what each holds."""

    def __init__(
        self,
        reviews: Iterable[Due],
        capacity: int,
        today: date,
        taken: Mapping[date, int],
    ) -> None:
        self.capacity = capacity
        self.today = today
        self.taken = taken
        in_order = sorted(reviews, key=_riskiest_first)
        last = max((self._last_week(review) for review in in_order), default=-1)
        self.weeks: list[list[Due]] = [[] for _ in range(last + 1)]
        for review in in_order:
            self.weeks[self._week(review.day)].append(review)

    def level(self) -> Levelled:
        for week in range(len(self.weeks)):
            self._move_earlier(week)
        # Every week before one that is still too full is full now. Only where something
        # can go to a later week, in its own stead or in another's, is there more to do.
        for week in range(len(self.weeks)):
            while self._over(week) > 0 and (way := self._way_out(week)):
                self._follow(way)
        moves = [move for week in range(len(self.weeks)) for move in self._moves(week)]
        weights = {due.id: due.weight for week in self.weeks for due in week}
        moves.sort(key=lambda move: (-weights[move.id], move.after, move.id))
        return Levelled(tuple(moves), tuple(self._overfull()))

    def _week(self, day: date) -> int:
        return max((monday_of(day) - monday_of(self.today)).days // 7, 0)

    def _last_week(self, review: Due) -> int:
        return self._week(max(review.day, review.latest))

    def _monday(self, week: int) -> date:
        return monday_of(self.today) + timedelta(weeks=week)

    def _room(self, week: int) -> int:
        """Return how many more fit in a week; negative where it holds too many."""
        taken = self.taken.get(self._monday(week), 0)
        return self.capacity - taken - len(self.weeks[week])

    def _over(self, week: int) -> int:
        """Return how many have to leave a week so that it holds no more than it can."""
        return min(len(self.weeks[week]), -self._room(week))

    def _days(self, week: int) -> list[date]:
        """Return the working days of a week that are still to come."""
        days = (self._monday(week) + timedelta(days=n) for n in range(WORKING_DAYS))
        return [day for day in days if day > self.today]

    def _move_earlier(self, week: int) -> None:
        """Give a week's overflow to the nearest weeks before it that have room."""
        over = self._over(week)
        places: list[int] = []
        for earlier in reversed(range(week)):
            if len(places) >= over:
                break
            if self._days(earlier):
                places += [earlier] * min(self._room(earlier), over - len(places))
        for place in sorted(places):
            self.weeks[place].append(self.weeks[week].pop(0))

    def _way_out(self, start: int) -> list[int]:
        """
        Return the shortest chain of weeks from one that is too full to one with room.

        Along it, each week gives one review to the next; empty if there is no such chain.
        """
        came_from = {start: start}
        queue = deque([start])
        while queue:
            week = queue.popleft()
            if self._room(week) > 0:
                way = [week]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            held = self.weeks[week]
            furthest = max(map(self._last_week, held), default=-1)
            # To a later week as far as anything here may go, or to any earlier one.
            for other in [*range(week + 1, furthest + 1), *range(week if held else 0)]:
                if other not in came_from and self._days(other):
                    came_from[other] = week
                    queue.append(other)
        return []

    def _follow(self, way: Sequence[int]) -> None:
        for here, there in pairwise(way):
            held = sorted(self.weeks[here], key=_riskiest_first)
            if there < here:
                moving = held[0]
            else:
                moving = next(
                    due for due in reversed(held) if self._last_week(due) >= there
                )
            self.weeks[here].remove(moving)
            self.weeks[there].append(moving)

    def _moves(self, week: int) -> Iterator[Move]:
        """Spread what has come to a week over its working days; the rest stays."""
        held = self.weeks[week]
        coming = [due for due in held if self._week(due.day) != week]
        load = Counter(due.day for due in held if self._week(due.day) == week)
        days = self._days(week)
        for due in sorted(coming, key=_riskiest_first):
            after = min(
                (day for day in days if day <= due.latest),
                key=lambda day: (load[day], day),
            )
            load[after] += 1
            yield Move(due.id, due.day, after)

    def _overfull(self) -> Iterator[Overfull]:
        for week, held in enumerate(self.weeks):
            if self._over(week) > 0:
                monday = self._monday(week)
                holds = self.taken.get(monday, 0) + len(held)
                yield Overfull(monday, holds, self.capacity)


def _smoothed(counts: list[int]) -> list[float]:
    """Return what the days of each week from the first day on hold on average."""
    smooth: list[float] = []
    for start in range(0, len(counts), 7):
        week = counts[start : start + 7]
        smooth += [sum(week) / len(week)] * len(week)
    return smooth


def _filled(load: list[float], count: int) -> list[float]:
    """Return how much each day takes of a count, so that the emptiest become equal."""
    emptiest_first = sorted(load)
    surface = below = 0.0
    for place, held in enumerate(emptiest_first, start=1):
        below += held
        surface = (count + below) / place
        if place == len(load) or surface <= emptiest_first[place]:
            break
    return [max(surface - held, 0.0) for held in load]


def _days_of_window(registered_on: date, policy: Policy) -> list[date]:
    """Return the days from tomorrow to the one by which a review would be owed."""
    length = (due_date(registered_on, policy) - registered_on).days
    return [registered_on + timedelta(days=n) for n in range(1, length + 1)]
