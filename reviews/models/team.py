"""Teams, and who is what in them."""

from django.conf import settings
from django.db import models

from reviews.models.choices import ROLES, values_of
from reviews.rules.access import Role


class Team(models.Model):
    """A team that owns solutions."""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=100, unique=True)
    # Its leads are the leads' lead: what a team's leads leave unanswered climbs there.
    parent = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="part of",
    )

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What somebody is in a team."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships"
    )
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=ROLES, default=Role.ENGINEER.value)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "team"], name="membership_once_a_team"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=values_of(ROLES)), name="membership_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"
