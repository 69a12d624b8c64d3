"""Teams, and who is what in them."""

import pytest

from reviews.models import Change, Membership, Team
from reviews.rules.access import NotAllowedError, Permission, Role, Scope, may
from reviews.services.access import actor_of
from reviews.services.errors import InvalidError
from reviews.services.teams import save_team, set_role
from reviews.services.tokens import create_token
from tests.conftest import NOW, Cast

NOT_ADMINISTRATORS = ["alice", "bob", "charlie", "eve", "frank"]


def roles() -> set[tuple[str, str, str]]:
    rows = Membership.objects.values_list("user__username", "team__slug", "role")
    return set(rows)


def given(cast: Cast, role: Role | None) -> None:
    """Give Frank a role in the data team, or take it away."""
    set_role(
        user=cast.frank, team=cast.data, role=role, actor=cast.actor(cast.dora), now=NOW
    )


def test_an_administrator_adds_a_team(cast: Cast) -> None:
    team = Team(name="Research", slug="research")

    save_team(team=team, actor=cast.actor(cast.dora), now=NOW)

    assert Team.objects.get(slug="research") == team
    change = Change.objects.get(object_kind="team")
    assert (change.what, change.object_label, change.actor) == (
        "added",
        "research",
        "Dora",
    )


def test_an_administrator_renames_a_team(cast: Cast) -> None:
    cast.data.name = "Data and models"

    save_team(team=cast.data, actor=cast.actor(cast.dora), now=NOW)

    assert Team.objects.get(slug="data").name == "Data and models"
    assert Change.objects.get(object_kind="team").what == "changed"


@pytest.mark.parametrize("who", NOT_ADMINISTRATORS)
def test_only_administrators_save_teams(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowedError, match="Only administrators"):
        save_team(
            team=Team(name="Mine", slug="mine"),
            actor=cast.actor(getattr(cast, who)),
            now=NOW,
        )

    assert Team.objects.count() == 2
    assert not Change.objects.exists()


@pytest.mark.parametrize("role", Role)
def test_an_administrator_gives_a_role(cast: Cast, role: Role) -> None:
    given(cast, role)

    assert ("frank", "data", role.value) in roles()


def test_a_role_replaces_the_one_before(cast: Cast) -> None:
    given(cast, Role.VIEWER)

    given(cast, Role.LEAD)

    assert {row for row in roles() if row[0] == "frank"} == {("frank", "data", "lead")}


def test_a_role_is_taken_away(cast: Cast) -> None:
    given(cast, Role.LEAD)

    given(cast, None)

    assert not {row for row in roles() if row[0] == "frank"}


def test_the_audit_trail_tells_of_roles(cast: Cast) -> None:
    given(cast, Role.LEAD)
    given(cast, None)

    told = Change.objects.filter(object_kind="team").order_by("pk")
    assert [(change.what, change.details) for change in told] == [
        ("role set", {"user": "frank", "role": "lead"}),
        ("role taken away", {"user": "frank", "role": ""}),
    ]


def test_a_role_in_one_team_is_none_in_another(cast: Cast) -> None:
    given(cast, Role.LEAD)

    actor = cast.actor(cast.frank)

    assert may(actor, Permission.END, cast.data.pk)
    assert not may(actor, Permission.EVALUATE, cast.platform.pk)


@pytest.mark.parametrize("who", NOT_ADMINISTRATORS)
@pytest.mark.parametrize("role", [Role.LEAD, None])
def test_only_administrators_change_roles(
    cast: Cast, who: str, role: Role | None
) -> None:
    actor = cast.actor(getattr(cast, who))
    before = roles()

    with pytest.raises(NotAllowedError, match="Only administrators"):
        set_role(
            user=getattr(cast, who), team=cast.platform, role=role, actor=actor, now=NOW
        )

    assert roles() == before
    assert not Change.objects.exists()


def test_no_scoped_token_changes_roles(cast: Cast) -> None:
    token, _ = create_token(
        user=cast.dora, scopes=list(Scope), days=1, actor=cast.actor(cast.dora), now=NOW
    )

    with pytest.raises(NotAllowedError):
        set_role(
            user=cast.frank,
            team=cast.data,
            role=Role.LEAD,
            actor=actor_of(cast.dora, door="API", token=token),
            now=NOW,
        )


# --- A team that is part of another ---


def test_a_team_becomes_part_of_another_and_the_trail_names_both(cast: Cast) -> None:
    cast.data.parent = cast.platform

    save_team(team=cast.data, actor=cast.actor(cast.dora), now=NOW)

    assert Team.objects.get(slug="data").parent == cast.platform
    change = Change.objects.get(object_kind="team")
    assert change.details == {"name": "Data", "part of": [None, "Platform"]}


def test_a_new_team_may_be_part_of_one(cast: Cast) -> None:
    team = Team(name="Research", slug="research", parent=cast.data)

    save_team(team=team, actor=cast.actor(cast.dora), now=NOW)

    assert Team.objects.get(slug="research").parent == cast.data


def test_a_team_stops_being_part_of_another(cast: Cast) -> None:
    Team.objects.filter(pk=cast.data.pk).update(parent=cast.platform)
    cast.data.parent = None

    save_team(team=cast.data, actor=cast.actor(cast.dora), now=NOW)

    assert Team.objects.get(slug="data").parent is None
    assert Change.objects.get().details["part of"] == ["Platform", None]


def test_no_team_is_part_of_itself(cast: Cast) -> None:
    cast.data.parent = cast.data

    with pytest.raises(InvalidError, match="Data is part of Data") as refusal:
        save_team(team=cast.data, actor=cast.actor(cast.dora), now=NOW)

    assert refusal.value.field == "parent"
    assert Team.objects.get(slug="data").parent is None
    assert not Change.objects.exists()


def test_no_team_is_part_of_itself_by_way_of_others(cast: Cast) -> None:
    research = Team.objects.create(name="Research", slug="research", parent=cast.data)
    Team.objects.filter(pk=cast.data.pk).update(parent=cast.platform)
    cast.platform.parent = research

    with pytest.raises(
        InvalidError,
        match="Platform is part of Research is part of Data is part of Platform",
    ):
        save_team(team=cast.platform, actor=cast.actor(cast.dora), now=NOW)

    assert Team.objects.get(slug="platform").parent is None
