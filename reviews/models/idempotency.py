"""Answers kept for callers who had to ask twice."""

from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """
    The answer to one POST, by the key that its caller chose.

    Written with the change itself, so either both are there or neither is.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], name="idempotency_key_once_a_user"
            ),
        ]

    def __str__(self) -> str:
        return self.key
