"""
Who is asked about open flags now, by name, and when they climb further.

What decides it for one flag comes as columns of the flag's own query, so that a list
costs no query more; the names take two or three, however many flags there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from django.db.models import (
    DateField,
    Exists,
    F,
    Field,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils import timezone

from reviews.models import Cover, Flag, Membership, ReviewPolicy, User
from reviews.models.flag import FlagQuerySet
from reviews.models.solution import Solution
from reviews.queries.home import OwnerName, owner_name
from reviews.rules.access import Role
from reviews.rules.escalation import (
    DEFAULT_HEAD_AFTER_DAYS,
    DEFAULT_LEAD_AFTER_DAYS,
    Level,
    Patience,
    Rung,
    rung_of,
)
from reviews.rules.vocabulary import CoverKind


class Climbing(msgspec.Struct, frozen=True):
    """
    What decides how far a flag has climbed; `waived_until` is when a waiver last ended.

    `covered_until` is None for a flag that nothing covers.
    """

    covered_until: date | None
    has_owner: bool | None
    has_lead: bool
    lead_after_days: int | None
    head_after_days: int | None
    waived_until: date | None

    def rung(
        self,
        *,
        due_on: date,
        opened_at: datetime,
        closed_at: datetime | None,
        today: date,
    ) -> Rung | None:
        """Return where a flag stands; None while nobody is asked about it."""
        is_covered = self.covered_until is not None and self.covered_until > today
        if closed_at is not None or is_covered:
            return None
        # A scan for a later day opens a flag before its day.
        asked_from = min(timezone.localtime(opened_at).date(), due_on)
        if self.waived_until is not None and self.waived_until <= today:
            # What was accepted until a day is asked anew, from the owner on.
            asked_from = max(asked_from, self.waived_until)
        return rung_of(
            due_on,
            today,
            asked_from=asked_from,
            patience=Patience(
                _or(self.lead_after_days, DEFAULT_LEAD_AFTER_DAYS),
                _or(self.head_after_days, DEFAULT_HEAD_AFTER_DAYS),
            ),
            has_owner=bool(self.has_owner),
            has_lead=self.has_lead,
        )


@dataclass(frozen=True, slots=True)
class Climb:
    """
    Where a flag stands, and who is asked there; nobody where nobody is left.

    Without a leads' lead the administrators are asked; `has_head` tells the two apart.
    """

    rung: Rung
    asked: tuple[OwnerName, ...]
    has_head: bool = True

    @property
    def level(self) -> Level:
        """Whose turn it is."""
        return self.rung.level

    @property
    def names(self) -> str:
        """Who is asked, by name."""
        return ", ".join(person.name for person in self.asked) or "nobody is there"

    @property
    def words(self) -> str:
        """Who is asked, since when, and when that changes, as a sentence."""
        who = self.level.words
        if self.level is Level.HEAD and not self.has_head:
            who = "an administrator, as there is no leads' lead"
        said = f"Asked since {self.rung.since}: {self.names} ({who})."
        if self.rung.next_level is None:
            return said
        return f"{said} Climbs to {self.rung.next_level.words} on {self.rung.next_on}."


def climbing_columns() -> tuple[Any, ...]:
    """Return the columns of a query of flags that make up a `Climbing`, in its order."""
    return (
        "covered_until",
        "solution__owner__is_active",
        Exists(
            Membership.objects.filter(
                team=OuterRef("solution__team"),
                role=Role.LEAD.value,
                user__is_active=True,
            )
        ),
        _shortest("lead_after_days"),
        _shortest("head_after_days"),
        Subquery(
            Cover.objects.filter(
                # Ended by its day, whether a scan has said so or not. What ended
                # otherwise was never accepted until a day, or is asked for another reason.
                Q(ended_at=None) | Q(ended_because="expired"),
                flag=OuterRef("pk"),
                kind=CoverKind.WAIVER.value,
            )
            .annotate(last=_extreme("MAX", "until", DateField()))
            .values("last")
        ),
    )


def climbs(flags: FlagQuerySet, *, today: date) -> dict[int, Climb]:
    """
    Return where flags stand, by their ids; nothing for what is closed or covered.

    Three queries at most, however many flags there are.
    """
    columns = climbing_columns()
    rows = flags.values_list(
        "id",
        "due_on",
        "opened_at",
        "closed_at",
        "solution__team_id",
        "solution__team__parent_id",
        "solution__owner_id",
        "solution__owner__username",
        "solution__owner__first_name",
        "solution__owner__last_name",
        *columns,
    )
    standing = []
    for id, due_on, opened_at, closed_at, *others in rows:
        team_id, parent_id, *owner = others[: -len(columns)]
        rung = Climbing(*others[-len(columns) :]).rung(
            due_on=due_on, opened_at=opened_at, closed_at=closed_at, today=today
        )
        if rung is not None:
            standing.append(_Standing(id, rung, team_id, parent_id, _named(*owner)))
    leads = _leads(standing)
    # Asked for only where they are asked themselves.
    administrators = None
    found = {}
    for each in standing:
        asked, has_head = each.asked(leads), True
        if each.rung.level is Level.HEAD and not asked:
            if administrators is None:
                administrators = _administrators()
            asked, has_head = administrators, False
        found[each.id] = Climb(each.rung, asked, has_head)
    return found


def climbs_of_solutions(
    solution_ids: Collection[int], *, today: date
) -> dict[int, Climb]:
    """Return where the flag of each solution stands that has climbed the furthest."""
    asked = Flag.objects.asked_on(today).filter(solution__in=solution_ids)
    owners = dict(asked.values_list("pk", "solution_id"))
    found: dict[int, Climb] = {}
    for id, climb in climbs(Flag.objects.filter(pk__in=owners), today=today).items():
        highest = found.get(owners[id])
        if highest is None or _height(climb) > _height(highest):
            found[owners[id]] = climb
    return found


@dataclass(frozen=True, slots=True)
class _Standing:
    """A flag with where it stands and whom its solution belongs to."""

    id: int
    rung: Rung
    team_id: int | None
    parent_id: int | None
    owner: OwnerName

    @property
    def leading_team(self) -> int | None:
        """The team whose leads are asked, None where it is the owner."""
        match self.rung.level:
            case Level.OWNER:
                return None
            case Level.LEAD:
                return self.team_id
            case Level.HEAD:
                return self.parent_id

    def asked(
        self, leads: Mapping[int | None, tuple[OwnerName, ...]]
    ) -> tuple[OwnerName, ...]:
        if self.rung.level is Level.OWNER:
            return (self.owner,)
        return leads.get(self.leading_team, ())


def _leads(standing: Iterable[_Standing]) -> dict[int | None, tuple[OwnerName, ...]]:
    teams = {each.leading_team for each in standing} - {None}
    if not teams:
        return {}
    found: dict[int | None, list[OwnerName]] = defaultdict(list)
    memberships = Membership.objects.filter(
        team__in=teams, role=Role.LEAD.value, user__is_active=True
    )
    for each in memberships.select_related("user").order_by("user__username"):
        found[each.team_id].append(owner_name(each.user))
    return {team_id: tuple(people) for team_id, people in found.items()}


def _administrators() -> tuple[OwnerName, ...]:
    people = User.objects.filter(is_active=True, is_superuser=True)
    return tuple(map(owner_name, people.order_by("username")))


def _named(id: int | None, username: str, first: str, last: str) -> OwnerName:
    if id is None:
        return OwnerName()
    person = User(pk=id, username=username, first_name=first, last_name=last)
    return owner_name(person)


def _shortest(days: str) -> Subquery:
    """Return the fewest days that a policy which covers the flag's solution sets."""
    # What `rules.escalation.patience_for` says; a property test holds the two together.
    tags = Solution.tags.through.objects.filter(
        solution=OuterRef(OuterRef("solution")), tag=OuterRef("tag")
    )
    covering: QuerySet[ReviewPolicy, ReviewPolicy] = ReviewPolicy.objects.filter(
        Q(kind="") | Q(kind=OuterRef("solution__kind")),
        Q(criticality="") | Q(criticality=OuterRef("solution__criticality")),
        Q(tag=None) | Exists(tags),
    )
    return Subquery(
        covering.annotate(fewest=_extreme("MIN", days, IntegerField())).values("fewest")
    )


def _extreme(function: str, column: str, kind: Field[Any, Any]) -> Func:
    """Return the least or the greatest of all rows: no group, and nothing to sort."""
    return Func(F(column), function=function, output_field=kind)


def _height(climb: Climb) -> tuple[int, int]:
    return list(Level).index(climb.level), -climb.rung.since.toordinal()


def _or(days: int | None, default: int) -> int:
    return default if days is None else days
