"""The outbox: what is to be told to somebody, once."""

from django.db import models
from django.db.models import Q


class Notice(models.Model):
    """
    Something that happened and is to be told, written in the transaction that caused it.

    The key is the business key, such as `flag:123:open`: however often a job repeats
    itself, it asks for one notice. `handled_at` is when it was made into what goes out:
    deliveries to webhooks, and alerts. Tickets and digests do not need it; they follow
    from the register as it stands.
    """

    key = models.CharField(max_length=100, primary_key=True)
    created_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # What is to be told next, and how old what was told is.
            models.Index(
                fields=["created_at"],
                name="notice_pending",
                condition=Q(handled_at=None),
            ),
            models.Index(
                fields=["handled_at"],
                name="notice_age",
                condition=Q(handled_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.key
