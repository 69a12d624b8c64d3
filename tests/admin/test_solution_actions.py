"""Changing many solutions at once, and deleting them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reviews.admin import previews
from reviews.models import Change, Solution, User
from reviews.rules.vocabulary import Scheme
from reviews.services.drafts import draft_of
from tests.admin.conftest import evaluated, signed_in
from tests.conftest import Cast

LIST = reverse("admin:reviews_solution_changelist")
ACTIONS = [
    "change_owner",
    "change_team",
    "change_criticality",
    "assign_week",
    "delete_solutions",
]


def act(
    client: Client, action: str, *solutions: Solution, take: bool = False, **said: Any
) -> Any:
    form = {
        "action": action,
        "_selected_action": [solution.pk for solution in solutions],
        **said,
    }
    if take:
        form["take"] = "yes"
    return client.post(LIST, form, follow=True)


def test_a_preview_says_what_will_happen_and_changes_nothing(
    cast: Cast, django: Solution, warehouse: Solution
) -> None:
    answer = act(signed_in(cast.alice), "change_owner", django, warehouse)

    page = answer.content.decode()
    assert "1 of 2 can be done by you" in page
    assert "owner now: Bob" in page
    assert "takes the role lead in the owning team" in page
    assert Change.objects.filter(what="edited").count() == 0


def test_what_is_allowed_is_done_and_what_is_not_is_told(
    cast: Cast, django: Solution, warehouse: Solution
) -> None:
    answer = act(
        signed_in(cast.alice),
        "change_owner",
        django,
        warehouse,
        take=True,
        owner=cast.alice.pk,
    )

    told = [str(message) for message in answer.context["messages"]]
    assert told[0] == "Solutions changed: 1."
    assert told[1].startswith("Warehouse: To change who owns")
    django.refresh_from_db()
    warehouse.refresh_from_db()
    assert (django.owner, warehouse.owner) == (cast.alice, None)
    change = Change.objects.get(what="edited")
    assert (change.actor, change.door) == ("Alice", "admin")


def test_a_lead_hands_over_to_another_team(cast: Cast, django: Solution) -> None:
    act(signed_in(cast.alice), "change_team", django, take=True, team=cast.data.pk)

    django.refresh_from_db()
    assert django.team == cast.data
    assert draft_of(django).identifiers == [(Scheme.PURL, "pkg:pypi/django")]


def test_an_engineer_changes_the_criticality(cast: Cast, django: Solution) -> None:
    act(
        signed_in(cast.bob),
        "change_criticality",
        django,
        take=True,
        criticality="critical",
    )

    django.refresh_from_db()
    assert django.criticality == "critical"


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("change_owner", {"owner": "999999"}),
        ("change_owner", {"owner": "abc"}),
        ("change_team", {"team": ""}),
        ("change_criticality", {"criticality": "utmost"}),
        ("change_criticality", {}),
    ],
)
def test_an_odd_choice_is_asked_again(
    cast: Cast, django: Solution, action: str, said: dict[str, str]
) -> None:
    answer = act(signed_in(cast.alice), action, django, take=True, **said)

    assert "errorlist" in answer.content.decode()
    assert not Change.objects.filter(what="edited").exists()


@pytest.mark.parametrize("action", ["change_owner", "change_team", "delete_solutions"])
def test_an_engineer_who_posts_a_leads_action_anyway_changes_nothing(
    cast: Cast, django: Solution, action: str
) -> None:
    act(signed_in(cast.bob), action, django, take=True, owner="", team=cast.data.pk)

    django.refresh_from_db()
    assert (django.owner, django.team) == (cast.bob, cast.platform)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("name", ["charlie", "frank", "eve"])
def test_who_has_no_right_and_posts_an_action_anyway_changes_nothing(
    cast: Cast, django: Solution, action: str, name: str
) -> None:
    # Django's own staff flag, and even its permissions, count for nothing.
    User.objects.filter(username=name).update(is_staff=True)
    before = Change.objects.count()

    answer = act(
        signed_in(getattr(cast, name)),
        action,
        django,
        take=True,
        owner=cast.eve.pk,
        team=cast.data.pk,
        criticality="low",
    )

    assert answer.status_code == (200 if name == "eve" else 403)
    assert Change.objects.count() == before
    assert Solution.objects.get(pk=django.pk).criticality == "medium"


def test_a_stranger_who_posts_an_action_changes_nothing(
    cast: Cast, django: Solution
) -> None:
    act(Client(), "delete_solutions", django, take=True)

    assert Solution.objects.filter(pk=django.pk).exists()


def test_the_stock_deletion_is_gone(cast: Cast, django: Solution) -> None:
    act(signed_in(cast.dora), "delete_selected", django, post="yes")

    assert Solution.objects.filter(pk=django.pk).exists()


@pytest.mark.parametrize("selected", ["abc", "1 OR 1=1", "9" * 40, "\0", "-1"])
def test_a_selection_that_is_no_row_is_a_bad_request(cast: Cast, selected: str) -> None:
    form = {"action": "change_owner", "_selected_action": selected}

    assert signed_in(cast.alice).post(LIST, form).status_code == 400


def test_too_many_at_once_are_refused(
    cast: Cast, django: Solution, warehouse: Solution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "MOST_AT_ONCE", 1)

    answer = act(
        signed_in(cast.dora),
        "change_criticality",
        django,
        warehouse,
        take=True,
        criticality="low",
    )

    assert "At most 1 at once" in answer.content.decode()
    assert not Change.objects.filter(what="edited").exists()


# --- Deleting ---


def delete_page(solution: Solution) -> str:
    return reverse("admin:reviews_solution_delete", args=[solution.pk])


def test_a_lead_deletes_what_was_never_evaluated(cast: Cast, django: Solution) -> None:
    act(signed_in(cast.alice), "delete_solutions", django, take=True)

    assert not Solution.objects.filter(pk=django.pk).exists()
    assert Change.objects.get(what="deleted").object_label == "django"


def test_what_was_evaluated_is_not_deleted_and_the_rest_is(
    cast: Cast, django: Solution, warehouse: Solution
) -> None:
    evaluated(cast, django)

    answer = act(signed_in(cast.dora), "delete_solutions", django, warehouse, take=True)

    assert "log the verdict retire instead" in answer.content.decode()
    assert list(Solution.objects.all()) == [django]


def test_a_preview_of_a_deletion_says_what_is_kept(
    cast: Cast, django: Solution
) -> None:
    evaluated(cast, django)

    page = act(signed_in(cast.dora), "delete_solutions", django).content.decode()

    assert "0 of 1 can be done by you" in page
    assert "kept for ever" in page


def test_a_solution_is_deleted_from_its_page(cast: Cast, django: Solution) -> None:
    client = signed_in(cast.alice)
    assert "Delete them for ever" in client.get(delete_page(django)).content.decode()
    assert Solution.objects.filter(pk=django.pk).exists()

    client.post(delete_page(django), {"take": "yes"})

    assert not Solution.objects.filter(pk=django.pk).exists()


def test_an_evaluated_solution_is_not_deleted_from_its_page(
    cast: Cast, django: Solution
) -> None:
    evaluated(cast, django)

    answer = signed_in(cast.dora).post(
        delete_page(django), {"take": "yes", "post": "yes"}, follow=True
    )

    assert "kept for ever" in answer.content.decode()
    assert Solution.objects.filter(pk=django.pk).exists()


@pytest.mark.parametrize("name", ["bob", "eve", "charlie"])
def test_only_a_lead_deletes_from_the_page(
    cast: Cast, django: Solution, name: str
) -> None:
    answer = signed_in(getattr(cast, name)).post(delete_page(django), {"take": "yes"})

    assert answer.status_code == 403
    assert Solution.objects.filter(pk=django.pk).exists()
