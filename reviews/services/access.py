"""Who stands at a door, as the rights see them."""

from reviews.models import APIToken, Membership, User
from reviews.rules.access import Actor, Role, Scope


def actor_of(user: User, *, door: str, token: APIToken | None = None) -> Actor:
    """
    Return the actor that a signed-in person, or a token's owner, is at a door.

    Read anew for every request: a role that was taken away is gone at once.
    """
    return Actor(
        name=user.label(),
        door=door,
        user_id=user.pk,
        is_administrator=user.is_active and user.is_superuser,
        roles=_roles(user) if user.is_active else {},
        scopes=scopes_of(token),
    )


def _roles(user: User) -> dict[int, Role]:
    rows = Membership.objects.filter(user=user).values_list("team_id", "role")
    return {team_id: Role(role) for team_id, role in rows}


def scopes_of(token: APIToken | None) -> frozenset[Scope] | None:
    """Return what a token is limited to; None for no token, and for one without limits."""
    if token is None or not token.scopes:
        return None
    return frozenset(Scope(scope) for scope in token.scopes)
