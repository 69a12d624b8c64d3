"""Solutions: what a team relies on, and what the clock says of it."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse

from reviews.models.change import Change
from reviews.models.choices import CRITICALITIES, KINDS, STATES, values_of
from reviews.models.team import Team
from reviews.rules.days import FIRST_DAY, LAST_DAY
from reviews.rules.staleness import due_soon_until
from reviews.rules.vocabulary import UNREVIEWED, Criticality, Freshness, Verdict

NEVER = date.max
"""Sorts what has no next review behind all that has one."""

REVIEW_ORDER = Coalesce(
    "next_review_on",
    # Written out, not handed over as a parameter: SQLite takes the index
    # `solution_review_order` only for the very expression that it was made with.
    models.Func(template=f"'{NEVER}'", output_field=models.DateField()),
)


class Tag(models.Model):
    """A word that groups solutions across kinds and teams."""

    name = models.SlugField(max_length=50, unique=True)

    def __str__(self) -> str:
        return self.name


class SolutionQuerySet(models.QuerySet["Solution"]):
    """Filters that read aloud."""

    def of_freshness(self, freshness: Freshness, today: date) -> Self:
        """Return the solutions that stand so to their clock; see `rules.staleness`."""
        soon = due_soon_until(today)
        if freshness is Freshness.UNREVIEWED:
            return self.filter(state=UNREVIEWED)
        reviewed = self.exclude(state=UNREVIEWED)
        match freshness:
            case Freshness.OVERDUE:
                return reviewed.filter(next_review_on__lt=today)
            case Freshness.DUE_SOON:
                return reviewed.filter(next_review_on__range=(today, soon))
            case _:
                return reviewed.filter(next_review_on__gt=soon)

    def with_review_order(self) -> Self:
        """Return the solutions with `review_order`: the next review, or NEVER."""
        return self.annotate(review_order=REVIEW_ORDER)


class Solution(models.Model):
    """
    Anything the team relies on.

    The fields under "the clock" follow from the log and the policies; only services
    write them, together with the row that caused the change.
    """

    slug = models.SlugField(max_length=120, unique=True)
    # What it is known by: its purl in canonical form, or else its kind and name. Further
    # identifiers are rows of their own; this one alone is what an import goes by.
    key = models.CharField(max_length=500, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=KINDS)
    description = models.TextField(blank=True, default="", db_default="")
    homepage = models.URLField(max_length=500, blank=True, default="", db_default="")
    version = models.CharField(
        "version in use", max_length=100, blank=True, default="", db_default=""
    )
    criticality = models.CharField(
        max_length=10, choices=CRITICALITIES, default=Criticality.MEDIUM.value
    )
    # The indexes of the queue serve both keys.
    team = models.ForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="solutions",
        db_index=False,
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="solutions",
        db_index=False,
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="solutions")
    contract_ends_on = models.DateField(null=True, blank=True)
    notice_period_days = models.PositiveIntegerField(null=True, blank=True)
    registered_on = models.DateField()
    # The audit row that tells of its registration: one for all that a file brought.
    registration = models.ForeignKey(
        Change,
        models.DO_NOTHING,
        null=True,
        editable=False,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    # The clock.
    state = models.CharField(
        max_length=10, choices=STATES, default=UNREVIEWED, db_default=UNREVIEWED
    )
    last_evaluated_on = models.DateField(null=True, blank=True)
    first_review_on = models.DateField()
    clock_due_on = models.DateField(null=True, blank=True)
    next_review_on = models.DateField(null=True, blank=True)
    pulled_by = models.CharField(max_length=200, blank=True, default="", db_default="")
    trust_ends_on = models.DateField(null=True, blank=True)
    # What evidence asks for, and, only where that is what pulls the next review, the
    # day on which one would be owed without it: the scan goes by that one.
    evidence_due_on = models.DateField(null=True, blank=True)
    evidence_reason = models.CharField(
        max_length=200, blank=True, default="", db_default=""
    )
    unpulled_on = models.DateField(null=True, blank=True)
    # A day that somebody planned the next review for, to spread the load; and what an
    # assumption of the last evaluation asks for, now that it no longer holds.
    planned_on = models.DateField(null=True, blank=True)
    assumption_due_on = models.DateField(null=True, blank=True)
    assumption_reason = models.CharField(
        max_length=200, blank=True, default="", db_default=""
    )
    # Its place in the queue: the power of two by which a day over counts, and the day
    # before which everything open is covered and nobody is asked (`rules.risk`).
    risk_class = models.PositiveSmallIntegerField(default=1, db_default=1)
    quiet_until = models.DateField(null=True, blank=True)
    # The flags that the next one of their cause reopens, kept here because the scan
    # reads this row anyway, and to look for them would cost it half as much again.
    answered_review_flag_id = models.BigIntegerField(null=True, editable=False)
    answered_trust_flag_id = models.BigIntegerField(null=True, editable=False)

    objects = SolutionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=values_of(KINDS)), name="solution_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=values_of(STATES)), name="solution_state"
            ),
            models.CheckConstraint(
                condition=models.Q(criticality__in=values_of(CRITICALITIES)),
                name="solution_criticality",
            ),
            # Only what is retired has no next review: nothing is forgotten silently.
            models.CheckConstraint(
                condition=models.Q(state=Verdict.RETIRE.value, next_review_on=None)
                | (
                    ~models.Q(state=Verdict.RETIRE.value)
                    # A condition on nothing is not false: a check would let it pass.
                    & models.Q(next_review_on__isnull=False)
                    & models.Q(next_review_on__gte=FIRST_DAY)
                    & models.Q(next_review_on__lte=NEVER)
                ),
                name="solution_always_has_a_next_review",
            ),
            models.CheckConstraint(
                condition=models.Q(state=UNREVIEWED, last_evaluated_on=None)
                | (
                    ~models.Q(state=UNREVIEWED)
                    & models.Q(last_evaluated_on__isnull=False)
                    & models.Q(last_evaluated_on__gte=FIRST_DAY)
                    & models.Q(last_evaluated_on__lte=LAST_DAY)
                ),
                name="solution_state_has_its_day",
            ),
            models.CheckConstraint(
                condition=models.Q(trust_ends_on=None)
                | models.Q(trust_ends_on__range=(FIRST_DAY, NEVER)),
                name="solution_trust_end",
            ),
            models.CheckConstraint(
                condition=models.Q(notice_period_days=None)
                | models.Q(notice_period_days__lte=3650),
                name="solution_notice_period",
            ),
        ]
        indexes = [
            # The scan, and the filters `due_before` and `freshness`.
            models.Index(fields=["next_review_on"], name="solution_next_review"),
            # The scan: reviews that are owed by the clock, whatever evidence asks for.
            models.Index(
                fields=["unpulled_on"],
                name="solution_unpulled",
                condition=models.Q(unpulled_on__isnull=False),
            ),
            # The scan: a year without a review.
            models.Index(fields=["trust_ends_on"], name="solution_trust_ends"),
            # The API's pages in order of the next review, and of the name.
            models.Index(
                Coalesce("next_review_on", NEVER), "id", name="solution_review_order"
            ),
            models.Index(fields=["name", "id"], name="solution_name_order"),
            # The queue, class by class: everyone's, a team's, a person's, and what is
            # pulled forward.
            models.Index(
                fields=["risk_class", "next_review_on", "id"], name="solution_queue"
            ),
            models.Index(
                fields=["team", "risk_class", "next_review_on", "id"],
                name="solution_queue_of_team",
            ),
            models.Index(
                fields=["owner", "risk_class", "next_review_on", "id"],
                name="solution_queue_of_owner",
            ),
            models.Index(
                fields=["risk_class", "next_review_on", "id"],
                name="solution_queue_pulled",
                condition=~models.Q(pulled_by=""),
            ),
            # The scan: what is quiet may have to be asked about again.
            models.Index(
                fields=["quiet_until"],
                name="solution_quiet",
                condition=models.Q(quiet_until__isnull=False),
            ),
            # The list of what nobody has reviewed yet.
            models.Index(
                fields=["next_review_on", "id"],
                name="solution_never_reviewed",
                condition=models.Q(state=UNREVIEWED),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("solution", args=[self.slug])

    def verdict(self) -> Verdict | None:
        """Return the verdict in effect, None before the first."""
        return None if self.state == UNREVIEWED else Verdict(self.state)
