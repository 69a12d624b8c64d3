"""Flags: open questions about solutions."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from reviews.models.choices import (
    ACTIONS,
    CAUSES,
    COVERS,
    SEVERITIES,
    Choices,
    values_of,
)
from reviews.models.evaluation import Evaluation
from reviews.models.signal import Signal
from reviews.models.solution import Solution
from reviews.rules.vocabulary import BY_THE_CLOCK

CLOSINGS: Choices = [
    ("evaluated", "evaluated"),
    ("retired", "retired"),
    ("rescheduled", "the date moved"),
    ("withdrawn", "its cause is gone"),
]


class FlagQuerySet(models.QuerySet["Flag"]):
    """Filters that read aloud."""

    def open(self) -> Self:
        """Return the questions that nothing has answered yet."""
        return self.filter(closed_at=None)

    def covered_on(self, today: date) -> Self:
        """Return the open questions that are snoozed, waived or overridden on a day."""
        return self.open().filter(covered_until__gt=today)

    def asked_on(self, today: date) -> Self:
        """Return the open questions that nothing covers on a day."""
        return self.open().filter(Q(covered_until=None) | Q(covered_until__lte=today))

    def overdue_on(self, today: date) -> Self:
        """Return the open questions whose due day has passed."""
        return self.open().filter(due_on__lt=today)


class Flag(models.Model):
    """
    One question about a solution: its cause, what it asks for, and by when.

    `vouched_on` and `pulled_by` keep what the register said when the flag was opened.
    A flag that evidence opened has its reason, its severity and a link of its own, and
    names the signals that it rests on.

    A snooze, a waiver or an override covers it: nobody is asked before `covered_until`,
    a day on which it is asked again without anything having to run.
    """

    solution = models.ForeignKey(
        Solution, models.CASCADE, related_name="flags", db_index=False
    )
    cause = models.CharField(max_length=20, choices=CAUSES)
    action = models.CharField(max_length=10, choices=ACTIONS)
    due_on = models.DateField()
    vouched_on = models.DateField(null=True)
    pulled_by = models.CharField(max_length=200, blank=True, default="", db_default="")
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    severity = models.CharField(
        max_length=10, choices=SEVERITIES, blank=True, default="", db_default=""
    )
    source_url = models.CharField(
        max_length=1000, blank=True, default="", db_default=""
    )
    signals = models.ManyToManyField(Signal, blank=True, related_name="flags")
    covered_by = models.CharField(
        max_length=10, choices=COVERS, blank=True, default="", db_default=""
    )
    covered_until = models.DateField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_because = models.CharField(
        max_length=12, choices=CLOSINGS, blank=True, default="", db_default=""
    )
    closed_by = models.ForeignKey(
        Evaluation,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="closed_flags",
    )
    reopens = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        db_index=False,
        related_name="reopened_by",
    )

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            # However many scans run at once, a question is open once.
            models.UniqueConstraint(
                fields=["solution", "cause"],
                condition=Q(closed_at=None),
                name="flag_open_once_a_cause",
            ),
            models.CheckConstraint(
                condition=Q(cause__in=values_of(CAUSES)), name="flag_cause"
            ),
            models.CheckConstraint(
                condition=Q(action__in=values_of(ACTIONS)), name="flag_action"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_because="")
                | (~Q(closed_at=None) & Q(closed_because__in=values_of(CLOSINGS))),
                name="flag_closed_for_a_reason",
            ),
            # What the clock asks is told by its dates; evidence has to say why.
            models.CheckConstraint(
                condition=Q(cause__in=sorted(word.value for word in BY_THE_CLOCK))
                | ~Q(reason=""),
                name="flag_of_evidence_says_why",
            ),
            models.CheckConstraint(
                condition=Q(covered_by="", covered_until=None)
                | (
                    Q(covered_by__in=values_of(COVERS))
                    & Q(covered_until__isnull=False, closed_at=None)
                ),
                name="flag_covered_until_a_day",
            ),
        ]
        indexes = [
            # A solution's flags, and the one that a new flag reopens.
            models.Index(fields=["solution", "cause", "id"], name="flag_of_solution"),
            # The API's pages: the longest due first.
            models.Index(F("due_on"), F("id"), name="flag_due_order"),
            models.Index(
                fields=["due_on", "id"],
                name="flag_open_due_order",
                condition=Q(closed_at=None),
            ),
            # What is covered, for the scan and the lists of what ends next.
            models.Index(
                fields=["covered_until"],
                name="flag_covered",
                condition=Q(covered_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()}: {self.solution}"
