"""What an evaluation of each kind of solution asks about."""

from django.db import models

from reviews.models.choices import KINDS, SCALES, values_of


class EvaluationTemplate(models.Model):
    """
    One version of the questions for a kind of solution; the newest is the one in use.

    A version is never changed: to edit it is to write the next one
    (`services.templates`). Evaluations keep the questions that they answered.
    """

    kind = models.CharField(max_length=10, choices=KINDS)
    version = models.PositiveIntegerField()
    made_by_name = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "version"], name="template_once_a_version"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=values_of(KINDS)), name="template_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class Criterion(models.Model):
    """One question, with guidance for whoever answers it, and a scale."""

    template = models.ForeignKey(
        EvaluationTemplate, models.CASCADE, related_name="criteria"
    )
    position = models.PositiveSmallIntegerField()
    # By this an answer finds the same question in a later version.
    key = models.SlugField(max_length=50)
    question = models.CharField(max_length=200)
    guidance = models.CharField(max_length=500, blank=True, default="")
    scale = models.CharField(max_length=10, choices=SCALES)
    required = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "criteria"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["template", "key"], name="criterion_once_a_template"
            ),
            models.CheckConstraint(
                condition=models.Q(scale__in=values_of(SCALES)), name="criterion_scale"
            ),
        ]

    def __str__(self) -> str:
        return self.question
