"""Jobs that must not overlap."""

from django.db import models


class Lease(models.Model):
    """
    A job that one process at a time may do.

    Who holds the lease holds a lock on this row, for one transaction. The database gives
    the lock back the moment that its holder dies, so no lease outlives a `kill -9`.
    """

    name = models.CharField(max_length=40, primary_key=True)

    def __str__(self) -> str:
        return self.name
