"""Who may enter the staff pages, and how."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from reviews.models import Membership, User
from tests.admin.conftest import signed_in
from tests.conftest import Cast

INDEX = "/admin/"
SIGN_IN = "/admin/login/"


@pytest.mark.parametrize("name", ["alice", "bob", "eve", "dora"])
def test_engineers_leads_and_administrators_sign_in(cast: Cast, name: str) -> None:
    form = {"username": name, "password": "secret", "next": INDEX}
    answer = Client().post(SIGN_IN, form)

    assert answer.status_code == 302
    assert answer.headers["Location"] == INDEX


@pytest.mark.parametrize("name", ["charlie", "frank"])
def test_a_viewer_is_told_why_signing_in_here_does_not_work(
    cast: Cast, name: str
) -> None:
    answer = Client().post(SIGN_IN, {"username": name, "password": "secret"})

    assert answer.status_code == 200
    assert "engineers and tech leads" in answer.content.decode()


def test_a_wrong_password_does_not_tell_who_has_a_right(cast: Cast) -> None:
    answer = Client().post(SIGN_IN, {"username": "charlie", "password": "wrong"})

    assert "engineers and tech leads" not in answer.content.decode()


def test_a_deactivated_engineer_does_not_sign_in(cast: Cast) -> None:
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)

    answer = Client().post(SIGN_IN, {"username": "bob", "password": "secret"})

    assert answer.status_code == 200


def test_a_role_taken_away_closes_the_door_at_once(cast: Cast) -> None:
    client = signed_in(cast.bob)
    assert client.get(INDEX).status_code == 200

    Membership.objects.filter(user=cast.bob).delete()

    assert client.get(INDEX).status_code == 403


@pytest.mark.parametrize("name", ["charlie", "frank"])
def test_a_viewer_with_a_session_is_refused(cast: Cast, name: str) -> None:
    assert signed_in(getattr(cast, name)).get(INDEX).status_code == 403


def test_the_staff_flag_of_django_opens_nothing(cast: Cast) -> None:
    User.objects.filter(pk=cast.charlie.pk).update(is_staff=True)

    assert signed_in(cast.charlie).get(INDEX).status_code == 403


def test_a_stranger_is_sent_to_sign_in(cast: Cast) -> None:
    answer = Client().get(reverse("admin:reviews_solution_changelist"))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(SIGN_IN)


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil"]
)
def test_signing_in_leads_to_no_other_site(cast: Cast, address: str) -> None:
    form = {"username": "bob", "password": "secret", "next": address}

    answer = Client().post(f"{SIGN_IN}?next={address}", form)

    assert "evil" not in answer.headers["Location"]


def test_the_pages_are_one_click_away(cast: Cast) -> None:
    page = signed_in(cast.bob).get(INDEX).content.decode()

    assert '<a href="/">View site</a>' in page


def test_every_form_takes_a_token_against_forgery(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.dora)
    addresses = [
        reverse(f"admin:reviews_{model._meta.model_name}_{page}")
        for model in admin.site._registry
        for page in ("add", "changelist")
    ]

    answers = {address: client.post(address).status_code for address in addresses}

    assert set(answers.values()) == {403}
    assert client.post(SIGN_IN).status_code == 403


def test_pages_of_django_that_decide_nothing_are_absent(cast: Cast) -> None:
    client = signed_in(cast.dora)

    assert client.get("/admin/auth/group/").status_code == 404


def test_one_changes_ones_own_password(cast: Cast) -> None:
    client = signed_in(cast.bob)
    form = {
        "old_password": "secret",
        "new_password1": "a long new one",
        "new_password2": "a long new one",
    }

    answer = client.post(reverse("admin:password_change"), form)

    assert answer.status_code == 302
    cast.bob.refresh_from_db()
    assert cast.bob.check_password("a long new one")
    assert client.get(INDEX).status_code == 200
