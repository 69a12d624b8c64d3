"""The outbox: what is to be told to somebody, once."""

from django.db import models
from django.db.models import Q


class Notice(models.Model):
    """
    Something to be told, written in the transaction that caused it.

    The key is the business key, such as `flag:123:open`: however often a job repeats
    itself, it asks for one notice.
    """

    key = models.CharField(max_length=100, primary_key=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The task send_notices: what is still to be sent, the oldest first.
            models.Index(
                fields=["created_at"], name="notice_pending", condition=Q(sent_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.key
