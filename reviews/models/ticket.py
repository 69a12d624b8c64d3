"""Tickets: the issues elsewhere that stand for flags, and what is done to them."""

from django.db import models
from django.db.models import Q

from reviews.models.choices import STANDINGS, STEP_KINDS, values_of
from reviews.models.connection import Connection
from reviews.models.cover import Cover
from reviews.models.flag import Flag
from reviews.models.outgoing import Outgoing, OutgoingQuerySet


class Ticket(Outgoing):
    """
    The one issue that stands for a flag.

    The row is the intent: it is committed before anything is sent. `marker` stands in
    the issue, so that it can be found again when the answer to its making was lost.

    `standing`, `status` and `assignee` are what its own system says, as of `updated_at`
    there. The `sent_` fields are what was last sent of what the tracker owns: a
    difference to the flag is an update to send, one to the issue was made over there.
    `told_` is what of the flag's fate the ticket has been told.
    """

    flag = models.OneToOneField(Flag, models.CASCADE, related_name="ticket")
    connection = models.ForeignKey(
        Connection, models.PROTECT, related_name="tickets", db_index=False
    )
    marker = models.CharField(max_length=40, unique=True)
    remote_id = models.CharField(max_length=100, blank=True, default="")
    key = models.CharField(max_length=100, blank=True, default="")
    url = models.CharField(max_length=1000, blank=True, default="")
    standing = models.CharField(max_length=6, choices=STANDINGS, blank=True, default="")
    status = models.CharField(max_length=100, blank=True, default="")
    assignee = models.CharField(max_length=200, blank=True, default="")
    updated_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    # Somebody said that it changed: to be read again from this instant on.
    read_due_at = models.DateTimeField(null=True)
    sent_title = models.CharField(max_length=300, blank=True, default="")
    sent_text_digest = models.CharField(max_length=64, blank=True, default="")
    sent_due_on = models.DateField(null=True)
    sent_severity = models.CharField(max_length=10, blank=True, default="")
    # What the flag said when the above was made of it.
    sent_reason = models.CharField(max_length=500, blank=True, default="")
    sent_action = models.CharField(max_length=10, blank=True, default="")
    put_right = models.PositiveSmallIntegerField(default=0)
    put_right_on = models.DateField(null=True)
    conflict = models.CharField(max_length=500, blank=True, default="")
    told_closed = models.BooleanField(default=False)
    told_cover = models.ForeignKey(
        Cover, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    asked_for_decision_at = models.DateTimeField(null=True)
    # The comments up to this one have been read for a decision.
    decided_comment = models.CharField(max_length=100, blank=True, default="")

    objects = OutgoingQuerySet.as_manager()

    class Meta(Outgoing.Meta):
        abstract = False
        constraints = [
            *Outgoing.Meta.constraints,
            models.CheckConstraint(
                condition=Q(standing="") | Q(standing__in=values_of(STANDINGS)),
                name="ticket_standing",
            ),
            # One issue is not linked to two flags, however the link was found.
            models.UniqueConstraint(
                fields=["connection", "remote_id"],
                condition=~Q(remote_id=""),
                name="ticket_of_one_flag",
            ),
        ]
        indexes = [
            *Outgoing.Meta.indexes,
            models.Index(fields=["connection", "created_at"], name="ticket_of_day"),
            models.Index(
                fields=["read_due_at"],
                name="ticket_to_read",
                condition=Q(read_due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.key or f"ticket of flag {self.flag_id}"


class TicketStep(Outgoing):
    """
    Something to do to a ticket that is there; a ticket's steps are done in their order.

    `key` is what the step is about (`verdict:57`): it is asked for once, however often.
    A comment carries a marker of its own, by which it is looked for; the other kinds may
    be done twice without harm.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=8, choices=STEP_KINDS)
    key = models.CharField(max_length=100)
    marker = models.CharField(max_length=40, unique=True)
    text = models.TextField(blank=True, default="")

    objects = OutgoingQuerySet.as_manager()

    class Meta(Outgoing.Meta):
        abstract = False
        constraints = [
            *Outgoing.Meta.constraints,
            models.UniqueConstraint(
                fields=["ticket", "key"], name="ticketstep_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=values_of(STEP_KINDS)), name="ticketstep_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.ticket}"


class Arrival(models.Model):
    """
    A delivery of a ticket system's webhook: the inbox.

    It is stored before it is answered, once for each id that its sender gave it. It says
    that something changed; what, is asked of the system itself, so that neither order
    nor repetition matters.
    """

    connection = models.ForeignKey(
        Connection, models.CASCADE, related_name="arrivals", db_index=False
    )
    delivery_id = models.CharField(max_length=200)
    event = models.CharField(max_length=100, blank=True, default="")
    digest = models.CharField(max_length=64)
    body = models.TextField()
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "delivery_id"], name="arrival_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], name="arrival_pending", condition=Q(handled_at=None)
            ),
            models.Index(fields=["received_at"], name="arrival_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.delivery_id}"
