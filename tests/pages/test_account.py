"""Signing in and out, and the password."""

import pytest
from django.test import Client

from tests.conftest import Cast


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_password_opens_the_page_that_was_asked_for(
    client: Client, cast: Cast
) -> None:
    response = client.post(
        "/sign-in/?next=/solutions/",
        {"username": "alice", "password": "secret", "next": "/solutions/"},
    )

    assert response.headers["Location"] == "/solutions/"
    assert signed_in(client)


@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_a_refusal_does_not_tell_who_exists(
    client: Client, cast: Cast, username: str
) -> None:
    response = client.post("/sign-in/", {"username": username, "password": "wrong"})

    assert response.status_code == 200
    assert "Please enter a correct username and password." in response.content.decode()
    assert not signed_in(client)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\\evil.example",
    ],
)
def test_signing_in_leads_nowhere_else(
    client: Client, cast: Cast, elsewhere: str
) -> None:
    response = client.post(
        "/sign-in/", {"username": "alice", "password": "secret", "next": elsewhere}
    )

    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("path", ["/sign-in/", "/sign-in/?next=/sign-in/"])
def test_who_has_signed_in_is_not_asked_again(alice: Client, path: str) -> None:
    assert alice.get(path).headers["Location"] == "/"


def test_signing_out_takes_a_post(alice: Client) -> None:
    assert alice.get("/sign-out/").status_code == 405
    assert signed_in(alice)

    assert alice.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert not signed_in(alice)


def test_a_form_from_elsewhere_is_refused_in_words(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/sign-in/", {"username": "alice", "password": "secret"})

    assert response.status_code == 403
    assert "The form has expired" in response.content.decode()


def test_a_new_password_replaces_the_old(alice: Client, cast: Cast) -> None:
    new = "a better one than before"
    response = alice.post(
        "/password/",
        {"old_password": "secret", "new_password1": new, "new_password2": new},
        follow=True,
    )

    assert "Your password has been changed." in response.content.decode()
    cast.alice.refresh_from_db()
    assert cast.alice.check_password(new)


def test_a_weak_password_is_refused_in_words(alice: Client) -> None:
    response = alice.post(
        "/password/",
        {"old_password": "secret", "new_password1": "123", "new_password2": "123"},
    )

    assert "This password is too short." in response.content.decode()


def test_changing_a_password_takes_signing_in(client: Client, db: None) -> None:
    assert client.get("/password/").headers["Location"].startswith("/sign-in/")
