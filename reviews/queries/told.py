"""
Flags as people are told of them: whom they concern, who is asked, and how grave they are.

Read for many readers at once, so that a morning on which everybody's digest comes costs
no more queries than one of them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from reviews.models import Flag, Membership, User
from reviews.models.choices import CAUSES
from reviews.models.flag import FlagQuerySet
from reviews.queries.escalation import Climb, climbs
from reviews.queries.home import TeamName
from reviews.queries.urgent import cannot_wait
from reviews.rules.access import Role
from reviews.rules.escalation import Level
from reviews.rules.reasons import flag_reason
from reviews.rules.vocabulary import Cause

_CAUSES = dict(CAUSES)
_COLUMNS = (
    "id",
    "solution__slug",
    "solution__name",
    "solution__team_id",
    "solution__owner_id",
    "cause",
    "action",
    "severity",
    "due_on",
    "vouched_on",
    "pulled_by",
    "reason",
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is told, with the teams that the person leads or is an engineer of."""

    id: int
    name: str
    is_administrator: bool
    leads: tuple[TeamName, ...] = ()
    works_in: tuple[TeamName, ...] = ()

    @property
    def team_ids(self) -> frozenset[int]:
        """The teams whose solutions are the person's business."""
        teams = (*self.leads, *self.works_in)
        return frozenset(team.id for team in teams if team.id is not None)


@dataclass(frozen=True, slots=True)
class ToldFlag:
    """
    A flag that is asked.

    `climb` says where it stands and who is asked there. `is_urgent` says that it cannot
    wait for a digest.
    """

    id: int
    slug: str
    name: str
    team_id: int | None
    owner_id: int | None
    cause: str
    action: str
    severity: str
    due_on: date
    reason: str
    is_urgent: bool
    climb: Climb

    @property
    def asked_ids(self) -> frozenset[int]:
        """Who is asked now."""
        return frozenset(person.id for person in self.climb.asked if person.id)

    @property
    def order(self) -> tuple[bool, date, str, int]:
        """What is told first: what cannot wait, and then the longest due."""
        return (not self.is_urgent, self.due_on, self.name, self.id)

    def has_climbed_to(self, reader_id: int) -> bool:
        """Return whether somebody is asked who does not own it."""
        return self.climb.level is not Level.OWNER and reader_id in self.asked_ids


def readers(user_ids: Collection[int]) -> dict[int, Reader]:
    """Return those of some people who are still here; two queries."""
    leads: dict[int, list[TeamName]] = {id: [] for id in user_ids}
    works_in: dict[int, list[TeamName]] = {id: [] for id in user_ids}
    rows = Membership.objects.filter(
        user__in=user_ids, role__in=[Role.LEAD.value, Role.ENGINEER.value]
    )
    columns = ("user_id", "role", "team_id", "team__slug", "team__name")
    for user_id, role, *team in rows.order_by("team__name").values_list(*columns):
        held = leads if role == Role.LEAD else works_in
        held[user_id].append(TeamName(*team))
    return {
        user.pk: Reader(
            user.pk,
            user.label(),
            user.is_superuser,
            tuple(leads[user.pk]),
            tuple(works_in[user.pk]),
        )
        for user in User.objects.filter(pk__in=user_ids, is_active=True)
    }


def concerning(people: Collection[Reader], today: date) -> FlagQuerySet:
    """
    Return the asked flags that any of some people is told of, or could be.

    What climbs past everybody ends at the administrators: to them it is all of them.
    """
    asked = Flag.objects.asked_on(today)
    if any(reader.is_administrator for reader in people):
        return asked
    teams = {id for reader in people for id in reader.team_ids}
    led = {team.id for reader in people for team in reader.leads}
    return asked.filter(
        Q(solution__owner__in=[reader.id for reader in people])
        | Q(solution__team__in=teams)
        | Q(solution__team__parent__in=led)
    )


def told_flags(flags: FlagQuerySet, *, today: date) -> list[ToldFlag]:
    """
    Return asked flags in the order in which they are told; five queries at most.

    Each is in it once, with all that is told of it, or not at all: what changes between
    two of the queries is left out.
    """
    standing = climbs(flags, today=today)
    urgent = set(flags.filter(cannot_wait(today)).values_list("pk", flat=True))
    found = []
    for id, slug, name, team_id, owner_id, cause, *told in flags.values_list(*_COLUMNS):
        action, severity, due_on, vouched_on, pulled_by, reason = told
        if id not in standing:
            continue
        why = flag_reason(
            Cause(cause),
            due_on=due_on,
            vouched_on=vouched_on,
            pulled_by=pulled_by,
            told=reason,
        )
        found.append(
            ToldFlag(
                id=id,
                slug=slug,
                name=name,
                team_id=team_id,
                owner_id=owner_id,
                cause=_CAUSES[cause],
                action=action,
                severity=severity,
                due_on=due_on,
                reason=why,
                is_urgent=id in urgent,
                climb=standing[id],
            )
        )
    return sorted(found, key=lambda flag: flag.order)
