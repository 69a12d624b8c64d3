"""`manage.py create_token`."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from reviews.models import APIToken, Change
from reviews.services.tokens import find_token
from tests.conftest import Cast


def said(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("create_token", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_prints_a_token_that_works_and_nothing_else(cast: Cast) -> None:
    out, err = said("bob")

    found = find_token(out.strip(), now=timezone.now())
    assert found is not None
    assert found.user == cast.bob
    assert out.count("\n") == 1
    assert out.strip() not in err
    assert "not shown again" in err


def test_a_token_has_the_scopes_that_were_asked_for(cast: Cast) -> None:
    said("bob", "--scope", "read", "--scope", "sbom:write", "--name", "CI")

    row = APIToken.objects.get()
    assert row.scopes == ["read", "sbom:write"]
    assert row.name == "CI"


def test_a_token_lasts_as_long_as_was_asked_for(cast: Cast) -> None:
    said("bob", "--days", "7")

    row = APIToken.objects.get()
    assert (row.expires_at - row.created_at).days == 7


def test_a_token_lasts_ninety_days_by_default(cast: Cast, settings: Any) -> None:
    assert settings.API_TOKEN_DAYS == 90

    said("bob")

    row = APIToken.objects.get()
    assert (row.expires_at - row.created_at).days == 90


def test_the_audit_trail_says_that_it_was_the_operator(cast: Cast) -> None:
    said("bob")

    assert Change.objects.get().door == "command create_token"


@pytest.mark.parametrize("username", ["nobody", "", "BOB", "bob ", "bob' --"])
def test_a_user_who_is_unknown_is_refused_with_a_remedy(
    cast: Cast, username: str
) -> None:
    with pytest.raises(CommandError, match=r"There is no user .* createsuperuser"):
        said(username)

    assert not APIToken.objects.exists()


def test_a_user_who_is_deactivated_is_refused(cast: Cast) -> None:
    cast.bob.is_active = False
    cast.bob.save()

    with pytest.raises(CommandError, match="bob is deactivated"):
        said("bob")


@pytest.mark.parametrize("scope", ["write", "", "READ", "read,sbom:write"])
def test_a_scope_that_is_none_is_refused(cast: Cast, scope: str) -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        said("bob", f"--scope={scope}")

    assert not APIToken.objects.exists()


@pytest.mark.parametrize("days", ["0", "-1", "367", "9" * 40])
def test_days_out_of_bounds_are_refused(cast: Cast, days: str) -> None:
    with pytest.raises(CommandError, match="1 to 366 days"):
        said("bob", f"--days={days}")

    assert not APIToken.objects.exists()


@pytest.mark.parametrize("days", ["a week", "1.5", ""])
def test_days_that_are_no_number_are_refused(cast: Cast, days: str) -> None:
    with pytest.raises(CommandError, match="--days"):
        said("bob", f"--days={days}")
