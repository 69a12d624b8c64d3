"""Webhooks that go out: who wants to be told, and what each was told."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from reviews.models.choices import PAYLOADS, values_of
from reviews.models.outgoing import Outgoing, OutgoingQuerySet


class Endpoint(models.Model):
    """
    An address that wants to be told of events, signed as Standard Webhooks 1.0 says.

    An empty list of events means all. The former secret signs as well until its instant,
    so that a receiver can change over. One that goes on failing is switched off, and its
    owner told.
    """

    url = models.CharField(max_length=1000)
    description = models.CharField(max_length=200, blank=True, default="")
    events = models.JSONField(default=list, blank=True)
    payload = models.CharField(max_length=4, choices=PAYLOADS, default="thin")
    sealed_secret = models.TextField(editable=False)
    sealed_former_secret = models.TextField(blank=True, default="", editable=False)
    former_secret_until = models.DateTimeField(null=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="endpoints",
        db_index=False,
    )
    is_on = models.BooleanField(default=True)
    off_because = models.CharField(max_length=300, blank=True, default="")
    failing_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = "webhook"
        constraints = [
            models.CheckConstraint(
                condition=Q(payload__in=values_of(PAYLOADS)), name="endpoint_payload"
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.url


class Delivery(Outgoing):
    """
    One event for one endpoint: a line of the ledger, which may be sent again.

    `message_id` is the same over all tries and replays. `content` is what is sent, made
    when the event was taken up.
    """

    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, related_name="deliveries", db_index=False
    )
    notice_key = models.CharField(max_length=100)
    event = models.CharField(max_length=50)
    message_id = models.UUIDField(default=uuid.uuid4, unique=True)
    content = models.JSONField()
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=300, blank=True, default="")
    replays = models.PositiveIntegerField(default=0)

    objects = OutgoingQuerySet.as_manager()

    class Meta(Outgoing.Meta):
        abstract = False
        verbose_name_plural = "deliveries"
        constraints = [
            *Outgoing.Meta.constraints,
            models.UniqueConstraint(
                fields=["endpoint", "notice_key"], name="delivery_once"
            ),
        ]
        indexes = [
            *Outgoing.Meta.indexes,
            # The ledger of an endpoint, the newest first.
            models.Index(fields=["endpoint", "-id"], name="delivery_ledger"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint}"
