"""The log of evaluations, and what leads decided on proposals."""

from django.conf import settings
from django.db import models

from reviews.models.choices import VERDICTS, values_of
from reviews.models.final import FinalModel, FinalQuerySet
from reviews.models.solution import Solution
from reviews.rules.days import FIRST_DAY, LAST_DAY


class Evaluation(FinalModel):
    """
    One person's dated judgement of a solution.

    The author's name is part of the row, and the account only pointed at: it may go, and
    its going must not touch a row that is never changed.
    """

    solution = models.ForeignKey(Solution, models.PROTECT, related_name="evaluations")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="evaluations",
    )
    author_name = models.CharField(max_length=200)
    evaluated_on = models.DateField()
    recorded_on = models.DateField()
    recorded_at = models.DateTimeField()
    verdict = models.CharField(max_length=10, choices=VERDICTS)
    summary = models.CharField(max_length=200)
    rationale = models.TextField(blank=True, default="", help_text="Markdown.")
    version = models.CharField(
        "version looked at", max_length=100, blank=True, default=""
    )
    alternatives = models.JSONField("alternatives considered", default=list, blank=True)
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    is_proposal = models.BooleanField(default=False)

    objects = FinalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=values_of(VERDICTS)),
                name="evaluation_verdict",
            ),
            models.CheckConstraint(
                condition=models.Q(evaluated_on__range=(FIRST_DAY, LAST_DAY))
                & models.Q(evaluated_on__lte=models.F("recorded_on")),
                name="evaluation_not_in_the_future",
            ),
        ]
        indexes = [
            # The log in the order of evaluation, as the API and the admin page it.
            models.Index(fields=["evaluated_on", "id"], name="evaluation_order"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} on {self.evaluated_on} by {self.author_name}"


class Decision(FinalModel):
    """What a lead decided on an engineer's proposal to deprecate or to retire."""

    evaluation = models.OneToOneField(
        Evaluation, models.PROTECT, related_name="decision"
    )
    approved = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="decisions",
    )
    decided_by_name = models.CharField(max_length=200)
    decided_at = models.DateTimeField()

    objects = FinalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approved=True) | ~models.Q(reason=""),
                name="decision_declined_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        word = "approved" if self.approved else "declined"
        return f"{word} by {self.decided_by_name}"
