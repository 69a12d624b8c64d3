"""
Who may do what: the one place that decides it, for every door.

Services ask `require` before they write, so no door can forget to. Everyone signed in
reads the whole register; what a person may write depends on the role in the team that
owns the solution. A token acts for its owner, and never beyond its scopes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never


class Role(StrEnum):
    """What somebody is in a team."""

    VIEWER = "viewer"
    ENGINEER = "engineer"
    LEAD = "lead"


class Scope(StrEnum):
    """What a token may be used for; a token without any may do what its owner may."""

    READ = "read"
    SOLUTIONS = "solutions:write"
    EVALUATIONS = "evaluations:write"
    INVENTORY = "sbom:write"
    FLAGS = "flags:write"
    TICKETS = "tickets:write"
    WEBHOOKS = "webhooks:write"


class Permission(StrEnum):
    """What somebody may want to do."""

    READ = "read the register"
    REGISTER = "register solutions"
    EDIT = "edit solutions"
    REASSIGN = "change who owns a solution"
    DELETE = "delete solutions"
    IMPORT = "import an inventory"
    EVALUATE = "log evaluations"
    END = "deprecate or retire without approval"
    DECIDE = "approve or decline a proposal"
    COVER = "snooze, waive or override flags"
    PLAN = "plan reviews"
    TICKET = "make and retry tickets"
    CONNECT = "manage connections and webhooks"
    ADMINISTER = "manage people, teams and policies"


@dataclass(frozen=True, slots=True)
class Actor:
    """
    Somebody at a door, with the role in each team by the team's id.

    `scopes` is None for a person's own session, and for a token without scopes.
    `door` says where the call came from, for the audit trail.
    """

    name: str
    door: str
    user_id: int | None = None
    is_administrator: bool = False
    roles: Mapping[int, Role] = field(default_factory=dict)
    scopes: frozenset[Scope] | None = None


class NotAllowedError(Exception):
    """An actor wanted something beyond the actor's rights; the text may be shown."""


def operator(door: str) -> Actor:
    """Return the actor of somebody at the machine's own command line."""
    return Actor(name=door, door=f"command {door}", is_administrator=True)


def may(actor: Actor, permission: Permission, team_id: int | None) -> bool:
    """
    Return whether the actor has the permission towards what the team owns.

    `team_id` is None for what no team owns: that is the administrators' to care for.
    """
    if actor.scopes is not None and _scope(permission) not in actor.scopes:
        return False
    if actor.is_administrator or permission is Permission.READ:
        return True
    role = None if team_id is None else actor.roles.get(team_id)
    return role in _roles(permission)


def require(actor: Actor, permission: Permission, team_id: int | None) -> None:
    """
    Return if the actor has the permission.

    :raises NotAllowedError: otherwise, naming what is missing.
    """
    if may(actor, permission, team_id):
        return
    scope = _scope(permission)
    if actor.scopes is not None and scope not in actor.scopes:
        wanted = f"the scope {scope.value}" if scope else "a session of its owner"
        raise NotAllowedError(
            f"This token may not {permission.value}: it takes {wanted}."
        )
    if permission in (Permission.ADMINISTER, Permission.CONNECT):
        raise NotAllowedError(f"Only administrators may {permission.value}.")
    if team_id is None:
        raise NotAllowedError(
            f"Only administrators may {permission.value} that no team owns: "
            "name a team in which you are an engineer or a lead."
        )
    least = "lead" if Role.ENGINEER not in _roles(permission) else "engineer or lead"
    raise NotAllowedError(
        f"To {permission.value} here takes the role {least} in the owning team."
    )


def may_enter_admin(actor: Actor) -> bool:
    """Return whether the staff pages are open: to administrators, engineers, leads."""
    return actor.is_administrator or bool(
        {Role.ENGINEER, Role.LEAD} & set(actor.roles.values())
    )


def _roles(permission: Permission) -> frozenset[Role]:
    match permission:
        case Permission.READ:
            return frozenset(Role)
        case (
            Permission.REGISTER
            | Permission.EDIT
            | Permission.IMPORT
            | Permission.EVALUATE
            | Permission.TICKET
        ):
            return frozenset({Role.ENGINEER, Role.LEAD})
        case (
            Permission.REASSIGN
            | Permission.DELETE
            | Permission.END
            | Permission.DECIDE
            | Permission.COVER
            | Permission.PLAN
        ):
            return frozenset({Role.LEAD})
        case Permission.ADMINISTER | Permission.CONNECT:
            return frozenset()
        case _:
            assert_never(permission)


def _scope(permission: Permission) -> Scope | None:
    """Return the scope that it takes; none for what takes somebody at a keyboard."""
    return _SCOPES.get(permission)


# No token manages people: that permission is deliberately not here.
_SCOPES = {
    Permission.READ: Scope.READ,
    Permission.REGISTER: Scope.SOLUTIONS,
    Permission.EDIT: Scope.SOLUTIONS,
    Permission.REASSIGN: Scope.SOLUTIONS,
    Permission.DELETE: Scope.SOLUTIONS,
    Permission.PLAN: Scope.SOLUTIONS,
    Permission.EVALUATE: Scope.EVALUATIONS,
    Permission.END: Scope.EVALUATIONS,
    Permission.DECIDE: Scope.EVALUATIONS,
    Permission.IMPORT: Scope.INVENTORY,
    Permission.COVER: Scope.FLAGS,
    Permission.TICKET: Scope.TICKETS,
    Permission.CONNECT: Scope.WEBHOOKS,
}
