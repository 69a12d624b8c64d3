"""How long a verdict holds."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from reviews.models.choices import CRITICALITIES, KINDS
from reviews.models.solution import Tag
from reviews.rules.staleness import LONGEST_MONTHS, Policy, PolicyScope
from reviews.rules.vocabulary import Criticality, Kind


class ReviewPolicy(models.Model):
    """
    Months that a verdict holds for the solutions of a kind, a criticality or a tag.

    Of several that cover a solution the shortest counts; of none, six months.
    """

    months = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MONTHS)]
    )
    kind = models.CharField(max_length=10, choices=KINDS, blank=True, default="")
    criticality = models.CharField(
        max_length=10, choices=CRITICALITIES, blank=True, default=""
    )
    tag = models.ForeignKey(Tag, models.CASCADE, null=True, blank=True)
    lead_after_days = models.PositiveSmallIntegerField(
        "days until it climbs to the team's lead",
        null=True,
        blank=True,
        validators=[MaxValueValidator(365)],
    )
    head_after_days = models.PositiveSmallIntegerField(
        "days until it climbs to the leads' lead",
        null=True,
        blank=True,
        validators=[MaxValueValidator(365)],
    )

    class Meta:
        verbose_name_plural = "review policies"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(months__range=(1, LONGEST_MONTHS)),
                name="policy_one_to_six_months",
            ),
            models.UniqueConstraint(
                fields=["kind", "criticality", "tag"], name="policy_once_a_tagged_scope"
            ),
            models.UniqueConstraint(
                fields=["kind", "criticality"],
                condition=models.Q(tag=None),
                name="policy_once_a_scope",
            ),
        ]

    def __str__(self) -> str:
        covered = [self.kind, self.criticality, self.tag.name if self.tag else ""]
        scope = ", ".join(word for word in covered if word) or "everything"
        return f"{self.months} months for {scope}"

    def scope(self) -> PolicyScope:
        """Return the policy as the rules see it."""
        return PolicyScope(
            Policy(self.months),
            Kind(self.kind) if self.kind else None,
            Criticality(self.criticality) if self.criticality else None,
            self.tag.name if self.tag else None,
            self.lead_after_days,
            self.head_after_days,
        )
