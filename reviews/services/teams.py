"""Teams and who is what in them: the administrators' to change."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from reviews.models import Membership, Team, User
from reviews.rules.access import Actor, Permission, Role, require
from reviews.services.audit import record_change
from reviews.services.errors import InvalidError
from reviews.services.validation import line, validate


def save_team(*, team: Team, actor: Actor, now: datetime) -> None:
    """
    Add or change a team: its name, and the team that it is part of.

    :raises NotAllowedError: to anyone but administrators.
    :raises InvalidError: for a name that breaks a rule, or is another team's, and for a
        team that would be part of itself.
    """
    require(actor, Permission.ADMINISTER, None)
    team.name = line(team.name, limit=100, field="name")
    validate(team)
    with transaction.atomic():
        # All of them: two teams put under each other at once would both look right.
        teams = {row.pk: row for row in Team.objects.select_for_update().order_by("pk")}
        before = teams.get(team.pk)
        _refuse_circle(team, teams)
        team.save()
        record_change(
            actor=actor,
            subject=team,
            label=team.slug,
            what="changed" if before else "added",
            details=_told(before, team, teams),
            now=now,
        )


def set_role(
    *, user: User, team: Team, role: Role | None, actor: Actor, now: datetime
) -> None:
    """
    Give somebody a role in a team, or take it away where the role is None.

    :raises NotAllowedError: to anyone but administrators.
    """
    require(actor, Permission.ADMINISTER, None)
    held = Membership.objects.filter(user=user, team=team)
    if (role.value if role else None) == held.values_list("role", flat=True).first():
        return
    with transaction.atomic():
        if role is None:
            held.delete()
        else:
            Membership.objects.update_or_create(
                user=user, team=team, defaults={"role": role.value}
            )
        record_change(
            actor=actor,
            subject=team,
            label=team.slug,
            what="role set" if role else "role taken away",
            details={"user": user.get_username(), "role": role.value if role else ""},
            now=now,
        )


def _refuse_circle(team: Team, teams: Mapping[int, Team]) -> None:
    """
    Return if a team is not, by way of any others, part of itself.

    :raises InvalidError: otherwise, naming the way round.
    """
    way = [team.name]
    above = team.parent_id
    while above is not None and team.pk is not None:
        way.append(teams[above].name)
        if above == team.pk:
            raise InvalidError(
                f"A team cannot be part of itself: {' is part of '.join(way)}.",
                field="parent",
            )
        above = teams[above].parent_id


def _told(
    before: Team | None, team: Team, teams: Mapping[int, Team]
) -> dict[str, object]:
    """Return what the trail tells of a team: its name, and whose part it is if that moved."""
    was = before.parent_id if before else None
    if was == team.parent_id:
        return {"name": team.name}
    names = [teams[id].name if id else None for id in (was, team.parent_id)]
    return {"name": team.name, "part of": names}
