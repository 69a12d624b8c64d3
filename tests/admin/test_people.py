"""People, teams and roles: the administrators' to change."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reviews.models import Change, Membership, Solution, Team, User
from reviews.rules.vocabulary import Verdict
from tests.admin.conftest import evaluated, signed_in
from tests.conftest import Cast

ADD = reverse("admin:reviews_user_add")
LIST = reverse("admin:reviews_user_changelist")


def page_of(user: User) -> str:
    return reverse("admin:reviews_user_change", args=[user.pk])


def delete_page(user: User) -> str:
    return reverse("admin:reviews_user_delete", args=[user.pk])


def password_page(user: User) -> str:
    return reverse("admin:reviews_user_password", args=[user.pk])


def typed(user: User, **more: Any) -> dict[str, Any]:
    form: dict[str, Any] = {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "reviews_per_week": str(user.reviews_per_week),
    }
    if user.is_active:
        form["is_active"] = "on"
    if user.is_superuser:
        form["is_superuser"] = "on"
    form |= more
    return {name: value for name, value in form.items() if value is not None}


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


GRETA = {
    "username": "greta",
    "first_name": "Greta",
    "email": "greta@example.com",
    "reviews_per_week": "5",
    "password1": "a long new one",
    "password2": "a long new one",
}


# --- Accounts ---


def test_an_administrator_adds_a_person(cast: Cast) -> None:
    answer = signed_in(cast.dora).post(ADD, GRETA)

    assert answer.status_code == 302
    greta = User.objects.get(username="greta")
    assert greta.check_password("a long new one")
    assert not greta.is_superuser
    change = Change.objects.get(object_kind="user", object_id=greta.pk)
    assert (change.actor, change.what, change.door) == ("Dora", "added", "admin")
    assert "long new one" not in str(change.details)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "bob"),
        ("username", "a\0b"),
        ("username", "x" * 151),
        ("email", "nowhere"),
        ("password2", "another"),
        ("password2", ""),
    ],
)
def test_an_odd_person_is_not_added(cast: Cast, field: str, value: str) -> None:
    answer = signed_in(cast.dora).post(ADD, GRETA | {field: value})

    assert field in errors(answer)
    assert not User.objects.filter(username="greta").exists()


def test_a_simple_password_is_refused(cast: Cast) -> None:
    form = GRETA | {"password1": "12345678", "password2": "12345678"}

    assert errors(signed_in(cast.dora).post(ADD, form))


def test_an_administrator_deactivates_a_person(cast: Cast) -> None:
    bob = signed_in(cast.bob)

    signed_in(cast.dora).post(page_of(cast.bob), typed(cast.bob, is_active=None))

    assert bob.get("/admin/").status_code == 302
    change = Change.objects.get(object_kind="user", object_id=cast.bob.pk)
    assert change.details == {"is_active": [True, False]}


def test_a_change_leaves_the_password_alone(cast: Cast) -> None:
    signed_in(cast.dora).post(
        page_of(cast.bob), typed(cast.bob, last_name="Builder", password="x")
    )

    cast.bob.refresh_from_db()
    assert cast.bob.last_name == "Builder"
    assert cast.bob.check_password("secret")


@pytest.mark.parametrize("gone", ["is_active", "is_superuser"])
def test_the_last_administrator_stays_one(cast: Cast, gone: str) -> None:
    answer = signed_in(cast.dora).post(
        page_of(cast.dora), typed(cast.dora, **{gone: None})
    )

    assert "last active administrator" in str(errors(answer)[gone])
    cast.dora.refresh_from_db()
    assert cast.dora.is_active
    assert cast.dora.is_superuser


def test_one_of_two_administrators_may_step_down(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.pk).update(is_superuser=True)

    signed_in(cast.dora).post(page_of(cast.dora), typed(cast.dora, is_superuser=None))

    cast.dora.refresh_from_db()
    assert not cast.dora.is_superuser
    assert not cast.dora.is_staff


def test_a_deactivated_administrator_does_not_count(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.pk).update(is_superuser=True, is_active=False)

    answer = signed_in(cast.dora).post(
        page_of(cast.dora), typed(cast.dora, is_superuser=None)
    )

    assert "is_superuser" in errors(answer)


def test_nobody_deletes_their_own_account(cast: Cast) -> None:
    answer = signed_in(cast.dora).post(
        delete_page(cast.dora), {"post": "yes"}, follow=True
    )

    assert "Nobody deletes their own account" in answer.content.decode()
    assert User.objects.filter(pk=cast.dora.pk).exists()


def test_an_account_goes_and_its_evaluations_stay(cast: Cast, django: Solution) -> None:
    evaluation = evaluated(cast, django, by=cast.bob)

    signed_in(cast.dora).post(delete_page(cast.bob), {"post": "yes"})

    assert not User.objects.filter(pk=cast.bob.pk).exists()
    evaluation.refresh_from_db()
    assert evaluation.author_name == "Bob"
    change = Change.objects.get(object_kind="user", what="deleted")
    assert change.details["solutions left without an owner"] == 1


@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
def test_only_administrators_change_people(cast: Cast, name: str) -> None:
    client = signed_in(getattr(cast, name))
    mighty = typed(cast.bob, is_superuser="on")
    new = {"new_password1": "a long new one", "new_password2": "a long new one"}

    answers = [
        client.post(page_of(cast.bob), mighty).status_code,
        client.post(ADD, GRETA).status_code,
        client.post(delete_page(cast.eve), {"post": "yes"}).status_code,
        client.post(password_page(cast.dora), new).status_code,
        client.get(password_page(cast.bob)).status_code,
    ]

    assert set(answers) == {403}
    cast.bob.refresh_from_db()
    assert not cast.bob.is_superuser


def test_an_administrator_sets_a_password(cast: Cast) -> None:
    new = {"new_password1": "a long new one", "new_password2": "a long new one"}
    bob = signed_in(cast.bob)

    answer = signed_in(cast.dora).post(password_page(cast.bob), new)

    assert answer.status_code == 302
    cast.bob.refresh_from_db()
    assert cast.bob.check_password("a long new one")
    # What was signed in with the old password no longer is.
    assert bob.get("/admin/").status_code == 302


def test_passwords_that_differ_are_not_set(cast: Cast) -> None:
    new = {"new_password1": "a long new one", "new_password2": "another one"}

    answer = signed_in(cast.dora).post(password_page(cast.bob), new)

    assert answer.status_code == 200
    cast.bob.refresh_from_db()
    assert cast.bob.check_password("secret")


@pytest.mark.parametrize("number", ["abc", "0", "9" * 40])
def test_nobody_has_no_password(cast: Cast, number: str) -> None:
    address = f"/admin/reviews/user/{number}/password/"

    assert signed_in(cast.dora).get(address).status_code == 404


def test_no_page_shows_a_hash_of_a_password(cast: Cast) -> None:
    for viewer in (cast.dora, cast.bob):
        client = signed_in(viewer)
        for address in (LIST, page_of(cast.alice), page_of(viewer)):
            page = client.get(address).content.decode()

            assert cast.alice.password not in page
            assert "md5$" not in page


def test_staff_see_names_and_no_addresses(cast: Cast) -> None:
    client = signed_in(cast.bob)

    page = client.get(page_of(cast.alice)).content.decode()

    assert "Platform: tech lead" in page
    assert "alice@example.com" not in page
    assert client.get(f"{LIST}?q=alice@example").context["cl"].result_count == 0


@pytest.mark.parametrize(
    "query",
    ["password__startswith=md5", "email__contains=a", "account=x", "is_staff=1"],
)
def test_people_are_not_narrowed_by_what_is_secret(cast: Cast, query: str) -> None:
    assert signed_in(cast.dora).get(f"{LIST}?{query}").status_code == 400


# --- Teams and roles ---


def test_an_administrator_adds_a_team(cast: Cast) -> None:
    form = {"name": "Search", "slug": "search"}

    signed_in(cast.dora).post(reverse("admin:reviews_team_add"), form)

    assert Team.objects.filter(slug="search").exists()
    assert Change.objects.get(object_kind="team").what == "added"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Data"),
        ("slug", "data"),
        ("slug", "a b"),
        ("name", "a\0b"),
        ("name", ""),
    ],
)
def test_an_odd_team_is_not_added(cast: Cast, field: str, value: str) -> None:
    form = {"name": "Search", "slug": "search"} | {field: value}

    answer = signed_in(cast.dora).post(reverse("admin:reviews_team_add"), form)

    assert field in errors(answer)
    assert Team.objects.count() == 2


def role_form(user: User, team: Team, role: str) -> dict[str, Any]:
    return {"user": user.pk, "team": team.pk, "role": role}


def test_an_administrator_gives_changes_and_takes_a_role(cast: Cast) -> None:
    client = signed_in(cast.dora)
    add = reverse("admin:reviews_membership_add")

    client.post(add, role_form(cast.frank, cast.data, "engineer"))
    membership = Membership.objects.get(user=cast.frank)
    client.post(
        reverse("admin:reviews_membership_change", args=[membership.pk]),
        {"role": "lead", "team": cast.platform.pk},
    )
    membership.refresh_from_db()
    assert (membership.role, membership.team) == ("lead", cast.data)
    client.post(
        reverse("admin:reviews_membership_delete", args=[membership.pk]),
        {"post": "yes"},
    )

    assert not Membership.objects.filter(user=cast.frank).exists()
    told = Change.objects.filter(object_kind="team").order_by("pk")
    assert [change.what for change in told] == [
        "role set",
        "role set",
        "role taken away",
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [("user", "abc"), ("user", ""), ("team", "999999"), ("role", "king")],
)
def test_an_odd_role_is_not_given(cast: Cast, field: str, value: str) -> None:
    form = role_form(cast.frank, cast.data, "engineer") | {field: value}

    answer = signed_in(cast.dora).post(reverse("admin:reviews_membership_add"), form)

    assert field in errors(answer)
    assert not Membership.objects.filter(user=cast.frank).exists()


def test_a_role_is_given_once_a_team(cast: Cast) -> None:
    form = role_form(cast.bob, cast.platform, "lead")

    answer = signed_in(cast.dora).post(reverse("admin:reviews_membership_add"), form)

    assert errors(answer)
    assert cast.bob.memberships.get().role == "engineer"


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_only_administrators_change_teams_and_roles(cast: Cast, name: str) -> None:
    client: Client = signed_in(getattr(cast, name))
    membership = cast.bob.memberships.get()
    role_page = reverse("admin:reviews_membership_change", args=[membership.pk])
    team_page = reverse("admin:reviews_team_change", args=[cast.platform.pk])
    assert client.get(role_page).status_code == 200
    assert "Bob: engineer" in client.get(team_page).content.decode()

    answers = [
        client.post(role_page, {"role": "lead"}).status_code,
        client.post(
            reverse("admin:reviews_membership_add"),
            role_form(cast.frank, cast.platform, "engineer"),
        ).status_code,
        client.post(
            reverse("admin:reviews_membership_delete", args=[membership.pk]),
            {"post": "yes"},
        ).status_code,
        client.post(team_page, {"name": "Ours", "slug": "ours"}).status_code,
        client.post(reverse("admin:reviews_team_add"), {"name": "x"}).status_code,
    ]

    assert set(answers) == {403}
    assert cast.bob.memberships.get().role == "engineer"


def test_a_team_is_not_deleted(cast: Cast) -> None:
    page = reverse("admin:reviews_team_delete", args=[cast.data.pk])

    assert signed_in(cast.dora).post(page, {"post": "yes"}).status_code == 403


# --- Teams that are part of others ---


def team_page(team: Team) -> str:
    return reverse("admin:reviews_team_change", args=[team.pk])


def test_a_team_is_made_part_of_another(cast: Cast) -> None:
    client = signed_in(cast.dora)

    client.post(
        team_page(cast.data),
        {"name": "Data", "slug": "data", "parent": str(cast.platform.pk)},
    )

    cast.data.refresh_from_db()
    assert cast.data.parent == cast.platform
    listed = client.get(reverse("admin:reviews_team_changelist")).content.decode()
    assert '<td class="field-part_of">Platform</td>' in listed


def test_a_team_that_would_be_part_of_itself_is_refused(cast: Cast) -> None:
    Team.objects.filter(pk=cast.data.pk).update(parent=cast.platform)

    answer = signed_in(cast.dora).post(
        team_page(cast.platform),
        {"name": "Platform", "slug": "platform", "parent": str(cast.data.pk)},
    )

    assert "Platform is part of Data is part of Platform" in str(errors(answer))
    cast.platform.refresh_from_db()
    assert cast.platform.parent is None


# --- Capacity, and what people leave behind ---


def test_an_administrator_says_how_many_reviews_a_person_has_time_for(
    cast: Cast,
) -> None:
    client = signed_in(cast.dora)

    client.post(page_of(cast.bob), typed(cast.bob, reviews_per_week="12"))

    cast.bob.refresh_from_db()
    assert cast.bob.reviews_per_week == 12
    assert '<td class="field-capacity">12</td>' in client.get(LIST).content.decode()


@pytest.mark.parametrize("many", ["-1", "101", "many", "", "9" * 40])
def test_an_odd_number_of_reviews_is_refused(cast: Cast, many: str) -> None:
    answer = signed_in(cast.dora).post(
        page_of(cast.bob), typed(cast.bob, reviews_per_week=many)
    )

    assert "reviews_per_week" in errors(answer)
    cast.bob.refresh_from_db()
    assert cast.bob.reviews_per_week == 5


def test_who_is_deactivated_and_owns_something_is_to_be_handed_over(
    cast: Cast, django: Solution
) -> None:
    answer = signed_in(cast.dora).post(
        page_of(cast.bob), typed(cast.bob, is_active=None), follow=True
    )

    page = answer.content.decode()
    assert "Bob still owns 1 solution. <a" in page
    assert '<a href="/people/bob/">Hand them over</a>' in page
    change = Change.objects.get(object_kind="user", object_id=cast.bob.pk)
    assert change.details["solutions left without an owner"] == 1


def test_who_owns_nothing_is_deactivated_without_more_ado(cast: Cast) -> None:
    answer = signed_in(cast.dora).post(
        page_of(cast.bob), typed(cast.bob, is_active=None), follow=True
    )

    assert "still owns" not in answer.content.decode()


def test_a_deleted_owner_leaves_word(cast: Cast, django: Solution) -> None:
    answer = signed_in(cast.dora).post(
        delete_page(cast.bob), {"post": "yes"}, follow=True
    )

    assert "Bob owned 1 solution, which nobody owns now" in answer.content.decode()
    assert '<a href="/people/">' in answer.content.decode()


SOLUTIONS = reverse("admin:reviews_solution_changelist")


def listed(cast: Cast, query: str) -> set[str]:
    answer = signed_in(cast.alice).get(f"{SOLUTIONS}?{query}")
    assert answer.status_code == 200
    return {row.name for row in answer.context["cl"].result_list}


def test_what_nobody_looks_after_is_found(
    cast: Cast, django: Solution, warehouse: Solution
) -> None:
    assert listed(cast, "ownership=orphaned") == {"Warehouse"}
    assert listed(cast, "ownership=left") == set()

    User.objects.filter(pk=cast.bob.pk).update(is_active=False)

    assert listed(cast, "ownership=orphaned") == {"Warehouse", "Django"}
    assert listed(cast, "ownership=left") == {"Django"}
    page = signed_in(cast.alice).get(SOLUTIONS).content.decode()
    assert "Bob (left)" in page


def test_what_is_retired_needs_no_owner(cast: Cast, warehouse: Solution) -> None:
    evaluated(cast, warehouse, verdict=Verdict.RETIRE)

    assert listed(cast, "ownership=orphaned") == set()


def test_no_other_ownership_can_be_asked_for(cast: Cast) -> None:
    assert signed_in(cast.alice).get(f"{SOLUTIONS}?ownership=x").status_code == 400
