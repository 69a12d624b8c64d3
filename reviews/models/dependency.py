"""Which built component uses what."""

from django.db import models

from reviews.models.solution import Solution


class Dependency(models.Model):
    """A built component uses a solution, in a version, as an inventory file showed."""

    component = models.ForeignKey(Solution, models.CASCADE, related_name="uses")
    solution = models.ForeignKey(Solution, models.CASCADE, related_name="used_by")
    version = models.CharField(max_length=100, blank=True, default="")
    first_seen_on = models.DateField()
    last_seen_on = models.DateField()

    class Meta:
        verbose_name_plural = "dependencies"
        constraints = [
            models.UniqueConstraint(
                fields=["component", "solution", "version"],
                name="dependency_once_a_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component_id} uses {self.solution_id} {self.version}".strip()
