"""The audit trail: who changed what, when, and through which door."""

from django.db import models

from reviews.models.final import FinalModel, FinalQuerySet


class Change(FinalModel):
    """
    One change of one object, written by the service that made it.

    Objects are named and not pointed at: the trail outlives what it tells of.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    door = models.CharField(max_length=100)
    object_kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    object_label = models.CharField(max_length=200)
    what = models.CharField(max_length=40)
    details = models.JSONField(default=dict)

    objects = FinalQuerySet.as_manager()

    class Meta:
        indexes = [
            # An object's history, on its page, in the admin and in the API.
            models.Index(
                fields=["object_id", "object_kind", "id"], name="change_of_object"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_label}: {self.what} by {self.actor}"
