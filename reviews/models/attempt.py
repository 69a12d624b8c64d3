"""The ledger: every request to a ticket system or a webhook, and what came of it."""

from django.db import models
from django.db.models import Q

from reviews.models.choices import ATTEMPT_OUTCOMES, values_of
from reviews.models.connection import Connection
from reviews.models.flag import Flag
from reviews.models.webhook import Delivery


class Attempt(models.Model):
    """
    One line of the ledger.

    `what` is a word such as `create`, `find`, `comment`. A simulated one has the request
    that would have been sent, and is written once for a flag and a connection. No secret
    is ever part of it.
    """

    connection = models.ForeignKey(
        Connection, models.CASCADE, null=True, related_name="attempts", db_index=False
    )
    flag = models.ForeignKey(Flag, models.CASCADE, null=True, related_name="+")
    delivery = models.ForeignKey(
        Delivery, models.CASCADE, null=True, related_name="log"
    )
    at = models.DateTimeField()
    what = models.CharField(max_length=20)
    outcome = models.CharField(max_length=10, choices=ATTEMPT_OUTCOMES)
    status = models.PositiveSmallIntegerField(null=True)
    detail = models.CharField(max_length=500, blank=True, default="")
    request = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=values_of(ATTEMPT_OUTCOMES)),
                name="attempt_outcome",
            ),
            models.CheckConstraint(
                condition=Q(connection__isnull=False) | Q(delivery__isnull=False),
                name="attempt_of_something",
            ),
            models.UniqueConstraint(
                fields=["connection", "flag"],
                condition=Q(outcome="simulated"),
                name="attempt_simulated_once",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "-id"], name="attempt_ledger"),
            models.Index(fields=["at"], name="attempt_age"),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.outcome}"
