"""How the tracker watches a solution: when sources are asked, and how they stood."""

from datetime import datetime
from typing import Self

from django.db import models

from reviews.models.choices import SOURCE_STATES, SOURCES, values_of
from reviews.models.signal import MATCHED_BY
from reviews.models.solution import Solution
from reviews.rules.signals import SourceState


class SourceCheck(models.Model):
    """
    How a source stands to a solution: one row for each pair, brought up to date.

    `asked_at` is the last attempt and `answered_at` the last good answer, to which the
    validators and the digest belong. A failed attempt leaves those alone: it never
    clears or ages what was said. `subject` and `version` are what was asked for.
    """

    solution = models.ForeignKey(
        Solution, models.CASCADE, related_name="source_checks", db_index=False
    )
    source = models.CharField(max_length=12, choices=SOURCES)
    state = models.CharField(max_length=12, choices=SOURCE_STATES)
    subject = models.CharField(max_length=500, blank=True)
    version = models.CharField(max_length=100, blank=True)
    matched_by = models.CharField(max_length=10, choices=MATCHED_BY, blank=True)
    why = models.CharField(max_length=500, blank=True)
    address = models.CharField(max_length=1000, blank=True)
    etag = models.CharField(max_length=500, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    raw_hash = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)
    error = models.CharField(max_length=500, blank=True)
    failures = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["solution", "source"], name="source_checked_once_a_solution"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=values_of(SOURCE_STATES)),
                name="source_check_state",
            ),
        ]
        indexes = [
            # The dashboard's coverage: what at least one source answers for.
            models.Index(
                fields=["solution"],
                name="source_check_answering",
                condition=models.Q(state=SourceState.OK.value),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} on {self.solution}: {self.state}"


class WatchQuerySet(models.QuerySet["Watch"]):
    """Filters that read aloud."""

    def due_at(self, now: datetime) -> Self:
        """Return what is to be asked about now, and nobody asks about yet."""
        return self.filter(ask_at__lte=now).free_at(now)

    def free_at(self, now: datetime) -> Self:
        """Return what no worker has taken, or one that never gave it back."""
        return self.filter(models.Q(taken_until=None) | models.Q(taken_until__lte=now))


class Watch(models.Model):
    """
    When the sources are next asked about a solution, and when they were.

    A worker takes a solution by an UPDATE of `taken_until` that finds it free, and gives
    it back by clearing it. `judged_on` is the day of which the rules have spoken.
    """

    solution = models.OneToOneField(
        Solution, models.CASCADE, primary_key=True, related_name="watch"
    )
    ask_at = models.DateTimeField()
    taken_until = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    judged_on = models.DateField(null=True)

    objects = WatchQuerySet.as_manager()

    class Meta:
        indexes = [
            # The beat's question: what is to be asked about now.
            models.Index(fields=["ask_at"], name="watch_ask_at"),
            # The nightly one: what the rules have not yet spoken of today.
            models.Index(fields=["judged_on", "solution"], name="watch_judged_on"),
        ]

    def __str__(self) -> str:
        return f"watch over {self.solution}"


class Allowance(models.Model):
    """
    How often a host may be asked, by all workers together.

    `next_at` is the first instant at which the next request may go out; whoever sends
    one moves it on. A host that wants to be left alone has it moved further.
    """

    host = models.CharField(max_length=300, primary_key=True)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.host


class ListedProduct(models.Model):
    """
    The release cycles of a product as its source last listed them, for the forecast.

    One row serves every solution that is matched to the product. What one solution is
    told of its own cycle is in its signals.
    """

    name = models.CharField(max_length=200, unique=True)
    category = models.CharField(max_length=50, blank=True)
    cycles = models.JSONField(default=list)
    raw_hash = models.CharField(max_length=64)
    fetched_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
