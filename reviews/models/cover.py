"""Snoozes, waivers and overrides: what covers an open flag for a while."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from reviews.models.choices import (
    ACTIONS,
    COVERS,
    SEVERITIES,
    Choices,
    values_of,
)
from reviews.models.flag import Flag
from reviews.models.signal import Signal
from reviews.rules.vocabulary import CoverKind

ENDINGS: Choices = [
    ("expired", "its day came"),
    ("answered", "the flag was answered"),
    ("changed", "the facts changed"),
    ("revoked", "somebody took it back"),
    ("replaced", "another took its place"),
]


class CoverQuerySet(models.QuerySet["Cover"]):
    """Filters that read aloud."""

    def active(self) -> Self:
        """Return what has not ended yet; its day may have come all the same."""
        return self.filter(ended_at=None)

    def active_on(self, today: date) -> Self:
        """Return what covers its flag on a day."""
        return self.active().filter(Q(until=None) | Q(until__gt=today))


class Cover(models.Model):
    """
    Why nobody is asked about an open flag for a while; at most one covers a flag.

    A snooze means "ask me later" and accepts no risk. A waiver means "we accept this
    until a day", and has an owner, a reason, an approver and that day, always. An
    override means "the signal is wrong": it has no day, and ends when what it was told
    of changes. `until` is the first day on which the flag is asked again.

    `action` and `severity` are the flag's when it was covered: what has become worse
    since is asked again at once.
    """

    kind = models.CharField(max_length=10, choices=COVERS)
    flag = models.ForeignKey(Flag, models.CASCADE, related_name="covers")
    reason = models.CharField(max_length=500)
    until = models.DateField(null=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="owned_waivers",
    )
    owner_name = models.CharField(max_length=200, blank=True, default="")
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        db_index=False,
        related_name="approved_waivers",
    )
    approver_name = models.CharField(max_length=200, blank=True, default="")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        db_index=False,
        related_name="covers",
    )
    made_by_name = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    action = models.CharField(max_length=10, choices=ACTIONS)
    severity = models.CharField(
        max_length=10, choices=SEVERITIES, blank=True, default=""
    )
    # What an override calls wrong, or a waiver accepts, as it was said then.
    signals = models.ManyToManyField(Signal, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(
        max_length=10, choices=ENDINGS, blank=True, default=""
    )
    ended_by_name = models.CharField(max_length=200, blank=True, default="")

    objects = CoverQuerySet.as_manager()

    class Meta:
        verbose_name = "snooze, waiver or override"
        verbose_name_plural = "snoozes, waivers, overrides"
        constraints = [
            models.UniqueConstraint(
                fields=["flag"], condition=Q(ended_at=None), name="cover_once_a_flag"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=values_of(COVERS)), name="cover_kind"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="cover_has_a_reason"),
            models.CheckConstraint(
                condition=Q(kind=CoverKind.OVERRIDE.value, until=None)
                | (~Q(kind=CoverKind.OVERRIDE.value) & Q(until__isnull=False)),
                name="cover_ends_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(kind=CoverKind.WAIVER.value)
                | (~Q(owner_name="") & ~Q(approver_name="")),
                name="waiver_has_an_owner_and_an_approver",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_because="")
                | (~Q(ended_at=None) & Q(ended_because__in=values_of(ENDINGS))),
                name="cover_ended_for_a_reason",
            ),
        ]
        indexes = [
            # What ends next.
            models.Index(
                fields=["until", "id"],
                name="cover_ends_next",
                condition=Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.flag}"
