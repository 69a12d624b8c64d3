"""Flags: open questions about solutions."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from reviews.models.choices import ACTIONS, CAUSES, Choices, values_of
from reviews.models.evaluation import Evaluation
from reviews.models.solution import Solution

CLOSINGS: Choices = [
    ("evaluated", "evaluated"),
    ("retired", "retired"),
    ("rescheduled", "the date moved"),
]


class FlagQuerySet(models.QuerySet["Flag"]):
    """Filters that read aloud."""

    def open(self) -> Self:
        """Return the questions that nothing has answered yet."""
        return self.filter(closed_at=None)

    def overdue_on(self, today: date) -> Self:
        """Return the open questions whose due day has passed."""
        return self.open().filter(due_on__lt=today)


class Flag(models.Model):
    """
    One question about a solution: its cause, what it asks for, and by when.

    `vouched_on` and `pulled_by` keep what the register said when the flag was opened.
    """

    solution = models.ForeignKey(
        Solution, models.CASCADE, related_name="flags", db_index=False
    )
    cause = models.CharField(max_length=20, choices=CAUSES)
    action = models.CharField(max_length=10, choices=ACTIONS)
    due_on = models.DateField()
    vouched_on = models.DateField(null=True)
    pulled_by = models.CharField(max_length=200, blank=True, default="", db_default="")
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
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()}: {self.solution}"
