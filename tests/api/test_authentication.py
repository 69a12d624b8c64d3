"""Who may come in: bearer tokens in force, and what their scopes leave open."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from reviews.models import APIToken
from reviews.rules.access import Scope
from reviews.services.access import actor_of
from reviews.services.tokens import revoke_token
from tests.api.conftest import (
    DJANGO,
    EVALUATIONS,
    FLAGS,
    SOLUTIONS,
    Caller,
    CallerOf,
    problem_of,
)
from tests.conftest import NOW, Cast


@pytest.mark.parametrize("path", [SOLUTIONS, EVALUATIONS, FLAGS, f"{FLAGS}1/"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "TRACE"])
def test_nobody_comes_in_without_a_token(db: None, method: str, path: str) -> None:
    answer = Caller(None)(method, path)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="Best Before"'


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Token {}",
        "Basic {}",
        "Bearer {} {}",
        "Bearer {},Bearer {}",
        "Bearer {}x",
        "Bearer {}\u00e9",
        "Bearer \u00ff\u00fe",
        "Bearer bb_" + "x" * 10_000,
        "Bearer bb_wrong",
        "{}",
    ],
)
def test_a_header_that_is_not_one_good_token_opens_nothing(
    bob: Caller, header: str
) -> None:
    shown = header.format(bob.token, bob.token)

    answer = Caller(None).get(SOLUTIONS, headers={"Authorization": shown})

    problem_of(answer, 401)
    assert answer["WWW-Authenticate"].startswith('Bearer realm="Best Before"')
    assert (bob.token or "") not in answer.content.decode()


def test_the_word_bearer_may_be_written_in_any_case(bob: Caller) -> None:
    headers = {"Authorization": f"bEARER {bob.token}"}

    assert Caller(None).get(SOLUTIONS, headers=headers).status_code == 200


@pytest.mark.parametrize("name", ["token", "access_token", "Authorization"])
def test_a_token_in_the_query_string_is_not_looked_at(bob: Caller, name: str) -> None:
    problem_of(Caller(None).get(f"{SOLUTIONS}?{name}={bob.token}"), 401)


def test_a_session_does_not_open_the_api(cast: Cast) -> None:
    nobody = Caller(None)
    nobody.client.force_login(cast.dora)

    problem_of(nobody.get(SOLUTIONS), 401)


def test_a_token_ends_on_its_day(bob: Caller) -> None:
    with time_machine.travel(NOW + timedelta(days=1, seconds=1)):
        problem_of(bob.get(SOLUTIONS), 401)


def test_a_revoked_token_is_dead_at_once(cast: Cast, bob: Caller) -> None:
    revoke_token(
        token=APIToken.objects.get(),
        actor=actor_of(cast.bob, door="test"),
        now=NOW,
    )

    problem_of(bob.get(SOLUTIONS), 401)


def test_a_deactivated_person_s_token_is_dead_at_once(cast: Cast, bob: Caller) -> None:
    cast.bob.is_active = False
    cast.bob.save()

    problem_of(bob.get(SOLUTIONS), 401)


def test_a_role_that_was_taken_away_is_gone_at_once(
    cast: Cast, bob: Caller, django: str
) -> None:
    cast.bob.memberships.all().delete()

    problem_of(bob.patch(django, {"version": "6"}), 403)


@pytest.mark.parametrize(
    ("scopes", "method", "path", "missing"),
    [
        ([Scope.SOLUTIONS], "GET", SOLUTIONS, "read"),
        ([Scope.EVALUATIONS], "GET", EVALUATIONS, "read"),
        ([Scope.INVENTORY], "GET", FLAGS, "read"),
        ([Scope.READ], "POST", SOLUTIONS, "solutions:write"),
        ([Scope.READ, Scope.EVALUATIONS], "POST", SOLUTIONS, "solutions:write"),
        ([Scope.READ, Scope.SOLUTIONS], "POST", EVALUATIONS, "evaluations:write"),
        ([Scope.READ], "DELETE", f"{SOLUTIONS}x/", "solutions:write"),
        ([Scope.READ], "PATCH", f"{SOLUTIONS}x/", "solutions:write"),
        ([Scope.READ], "POST", f"{EVALUATIONS}1/decision/", "evaluations:write"),
    ],
)
def test_a_token_does_no_more_than_its_scopes(
    cast: Cast,
    caller: CallerOf,
    scopes: list[Scope],
    method: str,
    path: str,
    missing: str,
) -> None:
    answer = caller(cast.dora, *scopes)(method, path)

    assert missing in problem_of(answer, 403)["detail"]


def test_a_token_to_write_solutions_registers_one(cast: Cast, caller: CallerOf) -> None:
    answer = caller(cast.bob, Scope.SOLUTIONS).post(SOLUTIONS, DJANGO)

    assert answer.status_code == 201


@pytest.mark.parametrize("who", ["charlie", "frank"])
def test_everyone_with_a_token_reads_everything(
    cast: Cast, caller: CallerOf, django: str, who: str
) -> None:
    reader = caller(getattr(cast, who))

    assert reader.get(SOLUTIONS).json()["results"][0]["url"] == django


def test_no_cache_keeps_an_answer(bob: Caller) -> None:
    for answer in (bob.get(SOLUTIONS), Caller(None).get(SOLUTIONS)):
        assert answer["Cache-Control"] == "private, no-store"
        assert "Authorization" in answer["Vary"]


def test_an_error_of_this_program_is_a_problem_and_logged(
    bob: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret-42")

    monkeypatch.setattr("reviews.api.flags.flags_matching", fail)

    answer = bob.get(FLAGS)

    problem_of(answer, 500)
    assert b"secret-42" not in answer.content
    assert "secret-42" in caplog.text
