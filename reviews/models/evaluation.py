"""The log of evaluations, and what leads decided on proposals."""

from django.conf import settings
from django.db import models

from reviews.models.choices import CONDITIONS, VERDICTS, values_of
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
    # The form that was filled in, such as "package 2", and what was answered: the
    # questions as they then were, so that the row says it all by itself.
    template = models.CharField(max_length=40, blank=True, default="", db_default="")
    answers = models.JSONField(default=list, blank=True)
    replacement = models.ForeignKey(
        Solution,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaces",
        verbose_name="use instead",
    )
    # The evaluation that this one repeats, because nothing material had changed.
    reaffirms = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="reaffirmed_by",
    )

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
            # What may await a decision.
            models.Index(
                fields=["id"],
                name="evaluation_proposed",
                condition=models.Q(is_proposal=True),
            ),
            # Who reviewed what lately, on the page of people.
            models.Index(fields=["recorded_on", "author"], name="evaluation_recorded"),
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


class Alternative(FinalModel):
    """Another registered solution that an evaluation looked at."""

    evaluation = models.ForeignKey(
        Evaluation, models.PROTECT, related_name="compared", db_index=False
    )
    solution = models.ForeignKey(Solution, models.PROTECT, related_name="compared_with")

    objects = FinalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "solution"], name="alternative_named_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.solution} beside evaluation {self.evaluation_id}"


class Assumption(FinalModel):
    """
    "Revisit if …": a condition under which an evaluation no longer stands by itself.

    What `value` holds depends on the condition: see `rules.vocabulary.Condition`. When
    it comes true, the review is pulled forward (`services.assumptions`).
    """

    evaluation = models.ForeignKey(
        Evaluation, models.PROTECT, related_name="assumptions"
    )
    condition = models.CharField(max_length=20, choices=CONDITIONS)
    value = models.CharField(max_length=100, blank=True, default="")
    subject = models.ForeignKey(
        Solution,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assumed_of",
    )
    note = models.CharField(max_length=200, blank=True, default="")

    objects = FinalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(condition__in=values_of(CONDITIONS)),
                name="assumption_condition",
            ),
        ]

    def __str__(self) -> str:
        return f"revisit if {self.get_condition_display()} {self.value}".strip()
