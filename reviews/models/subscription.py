"""How people want to be told, and what they were told."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from reviews.models.choices import CHANNELS, MESSAGE_KINDS, values_of
from reviews.models.flag import Flag
from reviews.models.outgoing import Outgoing, OutgoingQuerySet


class Subscription(models.Model):
    """
    One channel of one person: when the digest comes, and in which time zone that is.

    `weekdays` are ISO weekdays as digits, "12345" from Monday to Friday; empty for no
    digest. `sealed_address` is empty for e-mail, which goes to the person's own address.
    `stop_token` is in every message; it ends the subscription and does nothing else.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="subscriptions"
    )
    channel = models.CharField(max_length=13, choices=CHANNELS)
    sealed_address = models.TextField(blank=True, default="", editable=False)
    is_on = models.BooleanField(default=True)
    weekdays = models.CharField(max_length=7, blank=True, default="12345")
    hour = models.PositiveSmallIntegerField(default=8)
    time_zone = models.CharField(max_length=50)
    next_digest_at = models.DateTimeField(null=True)
    # Of what was told last; a digest that would say the same is not sent.
    told = models.CharField(max_length=64, blank=True, default="")
    stop_token = models.UUIDField(default=uuid.uuid4, unique=True)
    problem = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "channel"], name="subscription_once_a_channel"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=values_of(CHANNELS)),
                name="subscription_channel",
            ),
            models.CheckConstraint(condition=Q(hour__lte=23), name="subscription_hour"),
        ]
        indexes = [
            models.Index(
                fields=["next_digest_at"],
                name="subscription_due",
                condition=Q(is_on=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} of {self.user}"


class Message(Outgoing):
    """
    Something told to one person over one channel, rendered when it was asked for.

    `key` is what it is about (`digest:2026-11-22`): told once. `message_id` stays the
    same however often it is sent, so that mail programs show it once.
    """

    subscription = models.ForeignKey(
        Subscription, models.CASCADE, related_name="messages", db_index=False
    )
    kind = models.CharField(max_length=10, choices=MESSAGE_KINDS)
    key = models.CharField(max_length=100)
    message_id = models.UUIDField(default=uuid.uuid4, unique=True)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    # What it told of, so that nobody is alerted of the same twice.
    flags = models.ManyToManyField(Flag, blank=True, related_name="+")

    objects = OutgoingQuerySet.as_manager()

    class Meta(Outgoing.Meta):
        abstract = False
        constraints = [
            *Outgoing.Meta.constraints,
            models.UniqueConstraint(
                fields=["subscription", "key"], name="message_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=values_of(MESSAGE_KINDS)), name="message_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.subject
