"""API tokens: made, recognised, revoked."""

import hashlib
import json
from datetime import timedelta

import pytest

from reviews.models import APIToken, Change, User
from reviews.rules.access import NotAllowedError, Permission, Role, Scope, may, operator
from reviews.services.access import actor_of
from reviews.services.errors import InvalidError
from reviews.services.teams import set_role
from reviews.services.tokens import create_token, find_token, revoke_token
from tests.conftest import NOW, Cast

MOMENT = timedelta(microseconds=1)


def made(
    user: User, *, days: int = 30, scopes: tuple[Scope, ...] = ()
) -> tuple[APIToken, str]:
    return create_token(
        user=user, scopes=scopes, days=days, actor=operator("test"), now=NOW
    )


def test_a_token_is_found_again(cast: Cast) -> None:
    row, token = made(cast.bob, scopes=(Scope.READ, Scope.INVENTORY))

    found = find_token(token, now=NOW)

    assert found == row
    assert found.user == cast.bob
    assert found.scopes == ["read", "sbom:write"]


def test_only_a_digest_of_a_token_is_stored(cast: Cast) -> None:
    row, token = made(cast.bob)

    stored = json.dumps(
        [*APIToken.objects.values(), *Change.objects.values()], default=str
    )
    assert row.digest == hashlib.sha256(token.encode()).hexdigest()
    assert token not in stored
    assert token.removeprefix("bb_") not in stored


def test_two_tokens_are_never_the_same_and_long_enough_to_guess_at_in_vain(
    cast: Cast,
) -> None:
    tokens = {made(cast.bob)[1] for _ in range(50)}

    assert len(tokens) == 50
    assert {len(token) for token in tokens} == {46}


def test_the_audit_trail_tells_who_made_a_token(cast: Cast) -> None:
    row, _ = made(cast.bob, scopes=(Scope.READ,))

    change = Change.objects.get()
    assert (change.what, change.object_label) == ("token made", "bob")
    assert change.details == {"token": row.pk, "scopes": ["read"], "days": 30}


@pytest.mark.parametrize("days", [1, 90, 366])
def test_a_token_lasts_to_the_instant(cast: Cast, days: int) -> None:
    row, token = made(cast.bob, days=days)
    end = NOW + timedelta(days=days)

    assert row.expires_at == end
    assert find_token(token, now=end - MOMENT) == row
    assert find_token(token, now=end) is None


@pytest.mark.parametrize("days", [0, -1, 367, 10**9, -(10**30)])
def test_a_token_lasts_a_day_to_a_year(cast: Cast, days: int) -> None:
    with pytest.raises(InvalidError) as refusal:
        made(cast.bob, days=days)

    assert refusal.value.field == "days"
    assert not APIToken.objects.exists()
    assert not Change.objects.exists()


def test_a_revoked_token_is_over_at_once(cast: Cast) -> None:
    row, token = made(cast.bob)

    revoke_token(token=row, actor=cast.actor(cast.bob), now=NOW)

    assert find_token(token, now=NOW) is None
    assert Change.objects.get(what="token revoked").details == {"token": row.pk}


def test_a_token_revoked_twice_keeps_its_first_end(cast: Cast) -> None:
    row, _ = made(cast.bob)
    revoke_token(token=row, actor=cast.actor(cast.bob), now=NOW)

    later = NOW + timedelta(days=1)
    revoke_token(token=row, actor=cast.actor(cast.dora), now=later)

    row.refresh_from_db()
    assert row.revoked_at == NOW


def test_revoking_one_token_leaves_the_others(cast: Cast) -> None:
    row, _ = made(cast.bob)
    _, other = made(cast.bob)

    revoke_token(token=row, actor=cast.actor(cast.bob), now=NOW)

    assert find_token(other, now=NOW) is not None


@pytest.mark.parametrize("who", ["alice", "charlie", "eve", "frank"])
def test_nobody_revokes_anothers_token(cast: Cast, who: str) -> None:
    row, token = made(cast.bob)

    with pytest.raises(NotAllowedError):
        revoke_token(token=row, actor=cast.actor(getattr(cast, who)), now=NOW)

    assert find_token(token, now=NOW) == row


@pytest.mark.parametrize("who", ["alice", "charlie", "eve", "frank"])
def test_nobody_makes_a_token_for_another(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowedError):
        create_token(
            user=cast.bob,
            scopes=[],
            days=1,
            actor=cast.actor(getattr(cast, who)),
            now=NOW,
        )

    assert not APIToken.objects.exists()


@pytest.mark.parametrize("scopes", [(Scope.READ,), tuple(Scope)], ids=["one", "all"])
@pytest.mark.parametrize("who", ["bob", "dora"])
def test_a_scoped_token_makes_no_other(
    cast: Cast, who: str, scopes: tuple[Scope, ...]
) -> None:
    user = getattr(cast, who)
    row, _ = made(user, scopes=scopes)

    with pytest.raises(NotAllowedError):
        create_token(
            user=user,
            scopes=[],
            days=1,
            actor=actor_of(user, door="API", token=row),
            now=NOW,
        )

    assert APIToken.objects.count() == 1


def test_no_token_is_made_for_a_deactivated_user(cast: Cast) -> None:
    cast.bob.is_active = False

    with pytest.raises(InvalidError, match="deactivated") as refusal:
        made(cast.bob)

    assert refusal.value.field == "user"


def test_a_token_ends_with_its_owners_account(cast: Cast) -> None:
    _, token = made(cast.bob)

    User.objects.filter(pk=cast.bob.pk).update(is_active=False)

    assert find_token(token, now=NOW) is None


def test_a_token_goes_with_its_owner(cast: Cast) -> None:
    _, token = made(cast.bob)

    cast.bob.delete()

    assert find_token(token, now=NOW) is None


def test_a_token_loses_what_its_owner_loses(cast: Cast) -> None:
    row, _ = made(cast.bob)
    before = actor_of(cast.bob, door="API", token=row)
    set_role(
        user=cast.bob,
        team=cast.platform,
        role=Role.VIEWER,
        actor=cast.actor(cast.dora),
        now=NOW,
    )

    after = actor_of(cast.bob, door="API", token=row)

    assert may(before, Permission.EDIT, cast.platform.pk)
    assert not may(after, Permission.EDIT, cast.platform.pk)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda token: token[:-1], id="cut short"),
        pytest.param(lambda token: token + "A", id="too long"),
        pytest.param(lambda token: token.swapcase(), id="other case"),
        pytest.param(lambda token: f" {token}", id="a space before"),
        pytest.param(lambda token: f"{token}\n", id="a line break after"),
        pytest.param(lambda token: token.removeprefix("bb_"), id="no prefix"),
        pytest.param(
            lambda token: hashlib.sha256(token.encode()).hexdigest(), id="its digest"
        ),
    ],
)
def test_what_is_nearly_a_token_is_none(cast: Cast, change: object) -> None:
    _, token = made(cast.bob)
    assert callable(change)

    assert find_token(change(token), now=NOW) is None


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param("", id="nothing"),
        pytest.param("bb_", id="only the prefix"),
        pytest.param("\x00", id="NUL"),
        pytest.param("bb_\u00e9\u65e5\U0001f600", id="no ASCII"),
        pytest.param("bb_\udcff\udc80", id="bytes that are no UTF-8"),
        pytest.param("' OR 1=1 --", id="SQL"),
        pytest.param("bb_" + "A" * 10_240, id="10 kB"),
    ],
)
def test_garbage_is_no_token(cast: Cast, garbage: str) -> None:
    made(cast.bob)

    assert find_token(garbage, now=NOW) is None
