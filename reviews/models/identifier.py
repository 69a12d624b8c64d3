"""How else a source knows a solution."""

from django.db import models

from reviews.models.choices import SCHEMES, values_of
from reviews.models.solution import Solution


class Identifier(models.Model):
    """
    A further name of a solution in a naming scheme; no two solutions share one.

    The main one is the solution's own key. Purls stand here in canonical form, without
    version, qualifiers and subpath.
    """

    solution = models.ForeignKey(Solution, models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=12, choices=SCHEMES)
    value = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["value", "scheme"], name="identifier_names_one_solution"
            ),
            models.CheckConstraint(
                condition=models.Q(scheme__in=values_of(SCHEMES)),
                name="identifier_scheme",
            ),
        ]

    def __str__(self) -> str:
        return self.value
