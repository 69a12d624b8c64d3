"""Signals: what sources said of solutions, and which evaluations rested on it."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from reviews.models.choices import (
    CONFIDENCES,
    SEVERITIES,
    SIGNAL_KINDS,
    SOURCES,
    Choices,
    values_of,
)
from reviews.models.evaluation import Evaluation
from reviews.models.final import FinalModel, FinalQuerySet
from reviews.models.solution import Solution
from reviews.rules.matches import MatchedBy
from reviews.rules.signals import (
    HOLD,
    QUOTE_LIMIT,
    VALUE_LIMIT,
)

ASKED_ANEW = "asked anew"
ENDINGS: Choices = [
    ("superseded", "superseded"),
    ("withdrawn", "withdrawn"),
    (ASKED_ANEW, "the question was another one"),
]


class SignalQuerySet(FinalQuerySet["Signal"]):
    """Filters that read aloud."""

    def standing(self) -> Self:
        """Return what the sources still say."""
        return self.filter(ended_at=None)

    def held_at(self, now: datetime) -> Self:
        """
        Return what its source took back so lately that it may come back.

        What ended because another version or name is asked for now is not among it.
        """
        return self.filter(ended_at__gt=now - HOLD).exclude(ended_because=ASKED_ANEW)

    def end(self, because: str, now: datetime) -> None:
        """Say of standing signals that they ended: all that may change of one."""
        models.QuerySet.update(self, ended_at=now, ended_because=because)

    def follow(self, solution_id: int) -> None:
        """Delete the signals of a solution that has left the register."""
        gone = self.filter(solution_id=solution_id)
        gone._raw_delete(gone.db)


class Signal(models.Model):
    """
    One fact from outside that bears on a solution, as a source stated it.

    Rows are added and never overwritten: the database lets nobody change one, except to
    say once that it ended. A value that changed is a new row, which names the old one.
    """

    # A solution that was registered by mistake goes first, and its signals after it.
    solution = models.ForeignKey(
        Solution, models.DO_NOTHING, related_name="signals", db_index=False
    )
    source = models.CharField(max_length=12, choices=SOURCES)
    kind = models.CharField(max_length=30, choices=SIGNAL_KINDS)
    key = models.CharField(max_length=300)
    subject = models.CharField(max_length=200, blank=True)
    value = models.CharField(max_length=VALUE_LIMIT, blank=True)
    effective_on = models.DateField(null=True, blank=True)
    published_on = models.DateField("first seen on")
    confidence = models.CharField(max_length=10, choices=CONFIDENCES)
    severity = models.CharField(max_length=10, choices=SEVERITIES, blank=True)
    replacement = models.CharField(max_length=200, blank=True)
    aliases = models.JSONField(default=list, blank=True)
    fixed_in = models.CharField(max_length=200, blank=True)
    quote = models.CharField(max_length=QUOTE_LIMIT, blank=True)
    source_url = models.CharField(max_length=1000, blank=True)
    verified = models.BooleanField()
    fetched_at = models.DateTimeField()
    raw_hash = models.CharField(max_length=64, blank=True)
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, related_name="superseded_by"
    )
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=10, choices=ENDINGS, blank=True)

    objects = SignalQuerySet.as_manager()

    class Meta:
        constraints = [
            # However many workers ask at once, a source says a thing once.
            models.UniqueConstraint(
                fields=["solution", "source", "key"],
                condition=Q(ended_at=None),
                name="signal_stands_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_because="")
                | (~Q(ended_at=None) & Q(ended_because__in=values_of(ENDINGS))),
                name="signal_ended_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=values_of(SIGNAL_KINDS)), name="signal_kind"
            ),
            models.CheckConstraint(
                condition=Q(source__in=values_of(SOURCES)), name="signal_source"
            ),
        ]
        indexes = [
            # A solution's page, its history, and judging it.
            models.Index(fields=["solution", "id"], name="signal_of_solution"),
            # What has to be judged again because its hold is over.
            models.Index(
                fields=["ended_at"],
                name="signal_ended",
                condition=~Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value or self.subject}"


class Ground(FinalModel):
    """A signal that stood when an evaluation was logged: it rested on it."""

    evaluation = models.ForeignKey(
        Evaluation, models.PROTECT, related_name="grounds", db_index=False
    )
    signal = models.ForeignKey(
        Signal, models.PROTECT, related_name="grounds", db_index=False
    )

    objects = FinalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "signal"], name="ground_named_once"
            ),
        ]

    def __str__(self) -> str:
        return f"evaluation {self.evaluation_id} rests on signal {self.signal_id}"


MATCHED_BY: Choices = [
    (MatchedBy.IDENTIFIER.value, "an identifier that a person entered"),
    (MatchedBy.PURL.value, "the package URL"),
    (MatchedBy.ALIAS.value, "the list of known names"),
    (MatchedBy.METADATA.value, "what the package says of itself, unverified"),
]
