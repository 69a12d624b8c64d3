"""What the nightly scan has done, and what it has to look at again."""

from datetime import date, datetime

from django.db import models

from reviews.rules.liveness import latest_credible


class ScanQuerySet(models.QuerySet["Scan"]):
    """Filters that read aloud."""

    def last_complete(self, now: datetime) -> "Scan | None":
        """
        Return the newest complete scan.

        One that ended more than an hour in the future, by a clock that was wrong, does
        not count.
        """
        return (
            self.filter(complete=True, finished_at__lte=latest_credible(now))
            .order_by("-finished_at", "-id")
            .first()
        )

    def covers(self, today: date, midnight: datetime, now: datetime) -> bool:
        """Return whether a scan that ran since midnight has done a day's work."""
        return self.filter(
            on__gte=today, finished_at__range=(midnight, latest_credible(now))
        ).exists()


class Scan(models.Model):
    """
    One scan that came to its end; the row is written in the transaction of its flags.

    `on` is the day that it scanned for. `through` is the day up to which every date in
    the register has been seen: the next scan begins behind it.
    """

    on = models.DateField()
    through = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(db_index=True)
    opened = models.PositiveIntegerField()
    closed = models.PositiveIntegerField()
    # A scan for a day that was over leaves today's work undone.
    complete = models.BooleanField(default=True)
    problems = models.JSONField(default=list, blank=True)

    objects = ScanQuerySet.as_manager()

    def __str__(self) -> str:
        return f"scan of {self.on}"


class Recheck(models.Model):
    """
    A solution whose dates changed since a scan last looked.

    The database adds a row at every change of a date (migration 0002), whoever makes it
    and however, in the transaction of the change. A scan takes away the rows that it
    saw. That is why it may begin behind the last scan's day and still miss nothing. Rows
    are never merged: a change that commits while a scan runs keeps its own.
    """

    solution_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"solution {self.solution_id}"
