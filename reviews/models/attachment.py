"""Files and links that an evaluation rests on, with days of their own."""

from django.db import models

from reviews.models.evaluation import Evaluation
from reviews.models.final import FinalModel, FinalQuerySet


class Attachment(FinalModel):
    """
    A document behind an evaluation: a link, or a file that is kept here.

    `effective_on` is the day that the document speaks of, such as a report's own date;
    `added_at` is when somebody put it here.
    """

    evaluation = models.ForeignKey(
        Evaluation, models.PROTECT, related_name="attachments"
    )
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=1000, blank=True, default="")
    file_name = models.CharField(max_length=200, blank=True, default="")
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    effective_on = models.DateField()
    added_at = models.DateTimeField()

    objects = FinalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(~models.Q(url="") & models.Q(file_name=""))
                | (models.Q(url="") & ~models.Q(file_name="")),
                name="attachment_is_a_link_or_a_file",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AttachedFile(FinalModel):
    """
    What is in an attached file.

    In the database and not in a folder: every web process reads it, whatever machine it
    is on, and a backup of the register holds what the register rests on.
    """

    attachment = models.OneToOneField(
        Attachment, models.PROTECT, primary_key=True, related_name="content"
    )
    content = models.BinaryField()

    objects = FinalQuerySet.as_manager()

    def __str__(self) -> str:
        return f"content of {self.attachment_id}"
