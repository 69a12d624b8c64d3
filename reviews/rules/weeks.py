"""ISO weeks, as plans are made in them."""

from datetime import date, timedelta
from typing import NamedTuple, Self

PLANNED_AHEAD = 26
"""How many weeks a plan reaches ahead: those of half a year."""

_FRIDAY = 5


class Week(NamedTuple):
    """A week of ISO 8601, written as 2026-W48."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04}-W{self.number:02}"

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the week in which a day lies."""
        return cls(*day.isocalendar()[:2])

    @classmethod
    def read(cls, text: str) -> Self:
        """
        Return the week that is written so.

        :raises ValueError: if no week is.
        """
        return cls.of(date.fromisoformat(f"{text}-1"))

    @property
    def words(self) -> str:
        """The week with its working days."""
        return f"week {self.number} of {self.year} ({self.monday} to {self.friday})"

    @property
    def monday(self) -> date:
        """The first day of the week."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def friday(self) -> date:
        """The last working day of the week."""
        return date.fromisocalendar(self.year, self.number, _FRIDAY)


def coming_weeks(today: date) -> list[Week]:
    """Return the weeks that a review may be planned for, this one while it lasts."""
    first = today if Week.of(today).friday >= today else today + timedelta(weeks=1)
    return [Week.of(first + timedelta(weeks=n)) for n in range(PLANNED_AHEAD)]


def day_within(week: Week, owed_by: date | None) -> date:
    """
    Return the day of a week for which a review is planned: its last working day.

    What is owed within that week already is planned for the day on which it is owed.
    """
    if owed_by is not None and week.monday <= owed_by < week.friday:
        return owed_by
    return week.friday
