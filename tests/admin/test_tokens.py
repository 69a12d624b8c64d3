"""API tokens on the staff pages."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from reviews.models import APIToken, User
from reviews.services.tokens import create_token, find_token
from tests.admin.conftest import signed_in
from tests.conftest import NOW, Cast

ADD = reverse("admin:reviews_apitoken_add")
LIST = reverse("admin:reviews_apitoken_changelist")


def typed(**more: Any) -> dict[str, Any]:
    return {"name": "CI", "scopes": ["read", "sbom:write"], "days": "30"} | more


def made(cast: Cast, user: User) -> APIToken:
    row, _ = create_token(
        user=user, scopes=[], days=30, name="CI", actor=cast.actor(user), now=NOW
    )
    return row


def page_of(token: APIToken) -> str:
    return reverse("admin:reviews_apitoken_change", args=[token.pk])


def revoke(token: APIToken) -> dict[str, Any]:
    return {"action": "revoke", "_selected_action": token.pk, "take": "yes"}


def test_a_new_token_is_shown_once(cast: Cast) -> None:
    client = signed_in(cast.bob)

    answer = client.post(ADD, typed())

    shown = re.search(r"bb_[\w-]{43}", answer.content.decode())
    assert shown is not None
    found = find_token(shown.group(), now=NOW)
    assert found is not None
    assert (found.user, found.scopes) == (cast.bob, ["read", "sbom:write"])
    assert found.expires_at == NOW + timedelta(days=30)
    assert "no-store" in answer.headers["Cache-Control"]
    later = client.get(LIST).content + client.get(page_of(found)).content
    assert shown.group().encode() not in later
    assert found.digest.encode() not in later
    assert shown.group() not in str(dict(client.session))
    assert shown.group() not in client.cookies.output()


def test_an_administrator_makes_a_token_for_somebody(cast: Cast) -> None:
    signed_in(cast.dora).post(ADD, typed(user=cast.charlie.pk))

    assert APIToken.objects.get().user == cast.charlie


def test_an_engineer_makes_none_for_somebody_else(cast: Cast) -> None:
    signed_in(cast.bob).post(ADD, typed(user=cast.dora.pk))

    assert APIToken.objects.get().user == cast.bob


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("days", "0"),
        ("days", "367"),
        ("days", "9" * 40),
        ("scopes", "everything"),
        ("name", ""),
        ("name", "x" * 101),
        ("name", "a\0b"),
        ("user", "abc"),
        ("user", ""),
    ],
)
def test_an_odd_token_is_not_made(cast: Cast, field: str, value: str) -> None:
    form = typed(user=cast.dora.pk) | {field: value}

    answer = signed_in(cast.dora).post(ADD, form)

    assert field in answer.context["adminform"].form.errors
    assert not APIToken.objects.exists()


def test_a_deactivated_person_gets_none(cast: Cast) -> None:
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)

    answer = signed_in(cast.dora).post(ADD, typed(user=cast.bob.pk))

    assert "user" in answer.context["adminform"].form.errors


def test_one_sees_ones_own_tokens_and_an_administrator_all(cast: Cast) -> None:
    token = made(cast, cast.alice)

    assert signed_in(cast.alice).get(LIST).context["cl"].result_count == 1
    assert signed_in(cast.dora).get(LIST).context["cl"].result_count == 1
    bob = signed_in(cast.bob)
    assert bob.get(LIST).context["cl"].result_count == 0
    assert bob.get(page_of(token)).status_code == 302
    assert (
        bob.get(reverse("admin:reviews_apitoken_history", args=[token.pk])).status_code
        == 404
    )


@pytest.mark.parametrize("name", ["alice", "dora"])
def test_its_owner_and_administrators_revoke_a_token(cast: Cast, name: str) -> None:
    token = made(cast, cast.alice)

    signed_in(getattr(cast, name)).post(LIST, revoke(token))

    token.refresh_from_db()
    assert token.revoked_at == NOW


@pytest.mark.parametrize("name", ["bob", "eve", "charlie"])
def test_others_do_not_revoke_it(cast: Cast, name: str) -> None:
    token = made(cast, cast.alice)

    signed_in(getattr(cast, name)).post(LIST, revoke(token))

    token.refresh_from_db()
    assert token.revoked_at is None


def test_revoking_asks_first(cast: Cast) -> None:
    token = made(cast, cast.bob)
    form = {"action": "revoke", "_selected_action": token.pk}

    page = signed_in(cast.bob).post(LIST, form).content.decode()

    assert "Revoke them now" in page
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_token_is_neither_changed_nor_deleted(cast: Cast) -> None:
    token = made(cast, cast.bob)
    client = signed_in(cast.dora)
    delete = reverse("admin:reviews_apitoken_delete", args=[token.pk])

    assert client.post(page_of(token), typed(days="366")).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    "query", ["digest__startswith=a", "user__password__startswith=m", "in_force=x"]
)
def test_tokens_are_not_narrowed_by_what_is_secret(cast: Cast, query: str) -> None:
    assert signed_in(cast.dora).get(f"{LIST}?{query}").status_code == 400
