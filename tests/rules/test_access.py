"""Who may do what: the whole matrix."""

import pytest

from reviews.rules.access import (
    Actor,
    NotAllowedError,
    Permission,
    Role,
    Scope,
    may,
    may_enter_admin,
    operator,
    require,
)

OWN, OTHER = 1, 2

WRITES = {
    Permission.REGISTER,
    Permission.EDIT,
    Permission.IMPORT,
    Permission.EVALUATE,
    Permission.TICKET,
}
LEADS = {
    Permission.REASSIGN,
    Permission.DELETE,
    Permission.END,
    Permission.DECIDE,
    Permission.COVER,
    Permission.PLAN,
}


def member(role: Role | None, **more: object) -> Actor:
    roles = {} if role is None else {OWN: role}
    return Actor(name="Somebody", door="test", user_id=1, roles=roles, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (None, {Permission.READ}),
        (Role.VIEWER, {Permission.READ}),
        (Role.ENGINEER, {Permission.READ} | WRITES),
        (Role.LEAD, {Permission.READ} | WRITES | LEADS),
    ],
)
def test_a_role_gives_its_rights_in_its_own_team(
    role: Role | None, allowed: set[Permission]
) -> None:
    found = {
        permission for permission in Permission if may(member(role), permission, OWN)
    }

    assert found == allowed


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("team", [OTHER, None], ids=["another team", "no team"])
def test_nobody_writes_to_what_another_team_or_none_owns(
    role: Role, team: int | None
) -> None:
    found = {
        permission for permission in Permission if may(member(role), permission, team)
    }

    assert found == {Permission.READ}


@pytest.mark.parametrize("team", [OWN, None])
def test_administrators_may_do_everything(team: int | None) -> None:
    actor = member(None, is_administrator=True)

    assert all(may(actor, permission, team) for permission in Permission)


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.READ, {Permission.READ}),
        (Scope.TICKETS, {Permission.TICKET}),
        (Scope.WEBHOOKS, set()),
        (Scope.EVALUATIONS, {Permission.EVALUATE, Permission.END, Permission.DECIDE}),
        (
            Scope.SOLUTIONS,
            {
                Permission.REGISTER,
                Permission.EDIT,
                Permission.REASSIGN,
                Permission.DELETE,
                Permission.PLAN,
            },
        ),
        (Scope.INVENTORY, {Permission.IMPORT}),
        (Scope.FLAGS, {Permission.COVER}),
    ],
)
def test_a_token_never_goes_beyond_its_scopes(
    scope: Scope, allowed: set[Permission]
) -> None:
    actor = member(Role.LEAD, scopes=frozenset({scope}))

    assert {p for p in Permission if may(actor, p, OWN)} == allowed


def test_a_token_with_a_scope_never_goes_beyond_its_owner() -> None:
    actor = member(Role.VIEWER, scopes=frozenset({Scope.SOLUTIONS}))

    assert not may(actor, Permission.EDIT, OWN)


def test_an_administrators_scoped_token_manages_nobody() -> None:
    actor = member(None, is_administrator=True, scopes=frozenset(Scope))

    assert not may(actor, Permission.ADMINISTER, None)


@pytest.mark.parametrize(
    ("actor", "permission", "team", "text"),
    [
        (member(Role.VIEWER), Permission.EDIT, OWN, "engineer or lead"),
        (member(Role.ENGINEER), Permission.DELETE, OWN, "the role lead"),
        (member(Role.LEAD), Permission.REGISTER, None, "name a team"),
        (member(Role.LEAD), Permission.ADMINISTER, None, "Only administrators"),
        (
            member(Role.LEAD, scopes=frozenset({Scope.READ})),
            Permission.EVALUATE,
            OWN,
            "the scope evaluations:write",
        ),
        (
            member(None, is_administrator=True, scopes=frozenset({Scope.READ})),
            Permission.ADMINISTER,
            None,
            "a session of its owner",
        ),
    ],
)
def test_a_refusal_says_what_is_missing(
    actor: Actor, permission: Permission, team: int | None, text: str
) -> None:
    with pytest.raises(NotAllowedError, match=text):
        require(actor, permission, team)


def test_what_is_allowed_passes() -> None:
    require(operator("import_inventory"), Permission.IMPORT, None)

    assert may(operator("scan"), Permission.ADMINISTER, None)


@pytest.mark.parametrize(
    ("role", "may_enter"),
    [(None, False), (Role.VIEWER, False), (Role.ENGINEER, True), (Role.LEAD, True)],
)
def test_the_admin_is_open_to_engineers_and_leads(
    role: Role | None, may_enter: bool
) -> None:
    assert may_enter_admin(member(role)) is may_enter


def test_connections_are_the_administrators_and_take_the_scope_of_their_token() -> None:
    administrator = member(None, is_administrator=True)
    with_scope = member(None, is_administrator=True, scopes=frozenset({Scope.WEBHOOKS}))
    without = member(None, is_administrator=True, scopes=frozenset({Scope.TICKETS}))

    assert may(administrator, Permission.CONNECT, None)
    assert may(with_scope, Permission.CONNECT, None)
    assert not may(without, Permission.CONNECT, None)
    assert not may(member(Role.LEAD), Permission.CONNECT, OWN)
