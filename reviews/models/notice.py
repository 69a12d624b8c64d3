"""The outbox: what is to be told to somebody, once."""

from django.db import models


class Notice(models.Model):
    """
    Something to be told, written in the transaction that caused it.

    The key is the business key, such as `flag:123:open`: however often a job repeats
    itself, it asks for one notice. No channel reads them yet; the first one to come
    brings the state of its deliveries, and the index that finds what is pending.
    """

    key = models.CharField(max_length=100, primary_key=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
