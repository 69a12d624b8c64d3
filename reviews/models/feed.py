"""Calendar feeds: secret addresses under which calendars read what is coming."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from reviews.models.team import Team


class Feed(models.Model):
    """
    A calendar of what is a person's own, or of a team's.

    Only a digest of its token is stored, so that its address is shown once. It is good
    while its person may sign in and, for a team's, belongs to the team.
    """

    digest = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="feeds"
    )
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="feeds")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(team=None, revoked_at=None),
                name="feed_once_a_person",
            ),
            models.UniqueConstraint(
                fields=["user", "team"],
                condition=Q(team__isnull=False, revoked_at=None),
                name="feed_once_a_person_and_team",
            ),
        ]

    def __str__(self) -> str:
        return f"calendar of {self.team or self.user}"


class FeedEntry(models.Model):
    """
    What a feed has told of one event, so that its next telling corrects it.

    `uid` is stable; `sequence` rises with every change (RFC 5545, 3.8.7.4). An event
    that is gone is told as cancelled for a while before it is forgotten.
    """

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="entries")
    uid = models.CharField(max_length=100)
    on = models.DateField()
    summary = models.CharField(max_length=300)
    description = models.CharField(max_length=1000, blank=True, default="")
    url = models.CharField(max_length=500, blank=True, default="")
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "feed entries"
        constraints = [
            models.UniqueConstraint(fields=["feed", "uid"], name="feedentry_once"),
        ]

    def __str__(self) -> str:
        return self.summary
