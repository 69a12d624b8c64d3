"""What all that goes out has in common: four states, and when it is taken up again."""

from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

from reviews.models.choices import SEND_STATES, values_of
from reviews.rules.outgoing import SendState

Row = TypeVar("Row", bound="Outgoing")


class OutgoingQuerySet(models.QuerySet[Row]):
    """Filters that read aloud."""

    def unfinished(self) -> Self:
        """Return what is not done and waits for nobody's click."""
        return self.exclude(state=SendState.DONE.value).filter(refused_at=None)

    def refused(self) -> Self:
        """Return what was refused for good, until somebody says: again."""
        return self.filter(refused_at__isnull=False)

    def to_take_up_at(self, now: datetime) -> Self:
        """Return what is to be sent or looked for, and what a dead worker held."""
        waiting = Q(state__in=[SendState.READY.value, SendState.UNKNOWN.value])
        held = Q(state=SendState.SENDING.value, claimed_until__lte=now)
        return self.filter((waiting & Q(next_at__lte=now)) | held, refused_at=None)


class Outgoing(models.Model):
    """
    Something that goes out once, whatever dies on the way.

    Whoever sends it first says so here and commits: `sending`, until `claimed_until`. A
    claim that ran out leaves an outcome that nobody heard: `unknown`. What was refused
    for good keeps its state, has `refused_at` set, and waits for somebody.
    """

    state = models.CharField(
        max_length=8, choices=SEND_STATES, default=SendState.READY.value
    )
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    # When the last request may have reached the other side: what is looked for is
    # looked for among what was made since the first, and waited for since the last.
    first_sent_at = models.DateTimeField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=values_of(SEND_STATES)), name="%(class)s_state"
            ),
            models.CheckConstraint(
                condition=Q(state=SendState.SENDING.value, claimed_until__isnull=False)
                | (~Q(state=SendState.SENDING.value) & Q(claimed_until=None)),
                name="%(class)s_is_claimed_while_sent",
            ),
            models.CheckConstraint(
                condition=Q(state=SendState.DONE.value, done_at__isnull=False)
                | (~Q(state=SendState.DONE.value) & Q(done_at=None)),
                name="%(class)s_is_done_at_an_instant",
            ),
        ]
        indexes = [
            # What is to be taken up next; done is all but a few of them.
            models.Index(
                fields=["next_at", "id"],
                name="%(class)s_pending",
                condition=~Q(state=SendState.DONE.value) & Q(refused_at=None),
            ),
        ]
