"""Connections to ticket systems."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from reviews.models.choices import SYSTEMS, values_of
from reviews.models.team import Team
from reviews.rules.ticketing import TICKETS_PER_DAY


class ConnectionQuerySet(models.QuerySet["Connection"]):
    """Filters that read aloud."""

    def in_use(self) -> Self:
        """Return those that are switched on, the first to be asked first."""
        return self.filter(is_on=True).order_by("position", "pk")

    def live(self) -> Self:
        """Return those in use that send, and do not only say what they would."""
        return self.in_use().filter(is_live=True)


class Connection(models.Model):
    """
    A project in a ticket system, and which flags go there.

    Until it is live it simulates: the ledger has what would be sent. Empty lists of
    causes, actions, severities and teams mean all. `owner` is who answers for it: that
    person is told when it fails, and approves the waivers that its tickets ask for.

    Secrets are sealed; the environment's, if it has any, come before them.
    """

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    system = models.CharField(max_length=10, choices=SYSTEMS)
    address = models.CharField(max_length=500)
    project = models.CharField(max_length=200)
    issue_type = models.CharField(max_length=100, blank=True, default="")
    login = models.CharField(max_length=200, blank=True, default="")
    sealed_token = models.TextField(blank=True, default="", editable=False)
    sealed_secret = models.TextField(blank=True, default="", editable=False)
    # The secret before this one, good until a day, while the senders change over.
    sealed_former_secret = models.TextField(blank=True, default="", editable=False)
    former_secret_until = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="connections",
        db_index=False,
    )
    is_on = models.BooleanField(default=True)
    is_live = models.BooleanField(default=False)
    # Of several that a flag fits, the first one takes it.
    position = models.PositiveSmallIntegerField(default=10)
    causes = models.JSONField(default=list, blank=True)
    actions = models.JSONField(default=list, blank=True)
    severities = models.JSONField(default=list, blank=True)
    teams = models.ManyToManyField(Team, blank=True, related_name="+")
    fields = models.JSONField(default=dict, blank=True)
    tickets_per_day = models.PositiveSmallIntegerField(default=TICKETS_PER_DAY)
    # None: what the kind of system allows (rules.ticketing).
    writes_per_minute = models.PositiveIntegerField(null=True, blank=True)
    lag_seconds = models.PositiveIntegerField(null=True, blank=True)
    decides = models.BooleanField(default=True)
    polled_at = models.DateTimeField(null=True)
    # Up to which instant of the other side's clock its changes have been read.
    read_until = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True, default="")
    problem_at = models.DateTimeField(null=True)
    problem_told_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        verbose_name = "ticket connection"
        constraints = [
            models.CheckConstraint(
                condition=Q(system__in=values_of(SYSTEMS)), name="connection_system"
            ),
        ]

    def __str__(self) -> str:
        return self.name
