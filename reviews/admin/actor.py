"""Who stands at the staff pages, and where that person may do what."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from reviews.models import Team, User
from reviews.rules.access import Actor, Permission, may
from reviews.services.access import actor_of

DOOR = "admin"


def user_at(request: HttpRequest) -> User:
    """
    Return who is signed in.

    :raises PermissionDenied: if nobody is.
    """
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    return request.user


def actor_at(request: HttpRequest) -> Actor:
    """
    Return the actor of a request; the rights are read once for each request.

    :raises PermissionDenied: if nobody is signed in.
    """
    user = user_at(request)
    known = getattr(request, "tracker_actor", None)
    if isinstance(known, Actor) and known.user_id == user.pk:
        return known
    actor = actor_of(user, door=DOOR)
    request.tracker_actor = actor  # type: ignore[attr-defined]
    return actor


def may_somewhere(actor: Actor, permission: Permission) -> bool:
    """Return whether there is any team for which the actor has the permission."""
    return any(may(actor, permission, team_id) for team_id in (None, *actor.roles))


def teams_where(actor: Actor, permission: Permission) -> QuerySet[Team]:
    """Return the teams for which the actor has the permission."""
    teams = Team.objects.order_by("name", "pk")
    if actor.is_administrator:
        return teams
    return teams.filter(
        pk__in=[team_id for team_id in actor.roles if may(actor, permission, team_id)]
    )
