"""Teams and who is what in them: the administrators' to change."""

from datetime import datetime

from django.db import transaction

from reviews.models import Membership, Team, User
from reviews.rules.access import Actor, Permission, Role, require
from reviews.services.audit import record_change
from reviews.services.validation import line, validate


def save_team(*, team: Team, actor: Actor, now: datetime) -> None:
    """
    Add or rename a team.

    :raises NotAllowedError: to anyone but administrators.
    :raises InvalidError: for a name that breaks a rule, or is another team's.
    """
    require(actor, Permission.ADMINISTER, None)
    team.name = line(team.name, limit=100, field="name")
    validate(team)
    with transaction.atomic():
        what = "changed" if team.pk else "added"
        team.save()
        record_change(
            actor=actor,
            subject=team,
            label=team.slug,
            what=what,
            details={"name": team.name},
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
