"""Requests that are sent twice, and carried out once."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection, connections

from reviews.models import IdempotencyKey, Solution
from reviews.rules.access import Scope
from reviews.services import idempotency
from tests.api.conftest import (
    DJANGO,
    EVALUATIONS,
    JUDGED,
    SOLUTIONS,
    Caller,
    CallerOf,
    problem_of,
    row_counts,
)
from tests.conftest import NOW, Cast

KEY = {"Idempotency-Key": "3f6c; the first"}


def test_the_same_request_with_the_same_key_is_carried_out_once(bob: Caller) -> None:
    first = bob.post(SOLUTIONS, DJANGO, headers=KEY)
    after_first = row_counts()

    second = bob.post(SOLUTIONS, DJANGO, headers=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second["Location"] == first["Location"]
    assert second["ETag"] == first["ETag"]
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert row_counts() == after_first


@pytest.mark.parametrize("path", [EVALUATIONS, f"{SOLUTIONS}django/evaluations/"])
def test_so_is_an_evaluation(bob: Caller, django: str, path: str) -> None:
    content = dict(JUDGED)
    if path != EVALUATIONS:
        content.pop("solution")
    ids = [bob.post(path, content, headers=KEY).json()["id"] for _ in range(3)]

    assert len(set(ids)) == 1
    assert bob.post(path, content).json()["id"] != ids[0]


def test_the_order_of_the_fields_makes_no_other_request(bob: Caller) -> None:
    bob.post(SOLUTIONS, DJANGO, headers=KEY)
    turned = dict(reversed(DJANGO.items()))

    assert bob.post(SOLUTIONS, turned, headers=KEY).status_code == 201


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (SOLUTIONS, DJANGO | {"name": "Other"}),
        (SOLUTIONS, DJANGO | {"notice_period_days": None}),
        (EVALUATIONS, JUDGED),
        (f"{SOLUTIONS}django/evaluations/", {"verdict": "hold", "summary": "x"}),
    ],
)
def test_a_key_is_good_for_one_request(bob: Caller, path: str, content: Any) -> None:
    bob.post(SOLUTIONS, DJANGO, headers=KEY)
    before = row_counts()

    problem_of(bob.post(path, content, headers=KEY), 422, "Idempotency-Key")

    assert row_counts() == before


@pytest.mark.parametrize("key", ["", "x" * 256, "caf\u00e9", "a\tb", "a\x7fb"])
def test_a_key_is_255_printable_characters_at_most(bob: Caller, key: str) -> None:
    before = row_counts()

    answer = bob.post(SOLUTIONS, DJANGO, headers={"Idempotency-Key": key})

    problem_of(answer, 400, "Idempotency-Key")
    assert row_counts() == before


@pytest.mark.parametrize("key", ["x" * 255, "x", " ", "~!@#"])
def test_and_any_of_those(bob: Caller, key: str) -> None:
    answer = bob.post(SOLUTIONS, DJANGO, headers={"Idempotency-Key": key})

    assert answer.status_code == 201


def test_two_people_s_keys_have_nothing_to_do_with_each_other(
    alice: Caller, bob: Caller
) -> None:
    bob.post(SOLUTIONS, DJANGO, headers=KEY)

    answer = alice.post(SOLUTIONS, {"name": "Flask", "kind": "package"}, headers=KEY)

    assert answer.json()["slug"] == "flask"


@pytest.mark.parametrize(
    ("content", "status"),
    [(DJANGO | {"name": ""}, 400), (DJANGO | {"team": None}, 403)],
)
def test_what_was_refused_may_be_tried_again(
    bob: Caller, content: Any, status: int
) -> None:
    problem_of(bob.post(SOLUTIONS, content, headers=KEY), status)

    assert not IdempotencyKey.objects.exists()
    assert bob.post(SOLUTIONS, DJANGO, headers=KEY).status_code == 201


def test_a_token_without_the_scope_is_not_told_the_answer(
    cast: Cast, caller: CallerOf, bob: Caller
) -> None:
    bob.post(SOLUTIONS, DJANGO, headers=KEY)

    reader = caller(cast.bob, Scope.READ)

    problem_of(reader.post(SOLUTIONS, DJANGO, headers=KEY), 403)


def test_a_twin_that_was_overtaken_changes_nothing(
    bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob.post(SOLUTIONS, DJANGO, headers=KEY)
    before = row_counts()
    # The twin looked before the first had answered, and so found nothing.
    monkeypatch.setattr(
        "reviews.services.idempotency.IdempotencyKey.objects.filter",
        lambda **_: IdempotencyKey.objects.none(),
    )

    other = {"name": "Flask", "kind": "package"}
    problem_of(bob.post(SOLUTIONS, other, headers=KEY), 409, "Idempotency-Key")

    assert row_counts() == before


@pytest.mark.django_db(transaction=True)
def test_a19_while_the_first_is_at_work_its_twin_is_told_so(
    cast: Cast, caller: CallerOf
) -> None:
    """On SQLite the twin waits for the lock instead, which is the same to its caller."""
    bob = caller(cast.bob)
    if connection.vendor == "postgresql":
        name = f"{cast.bob.pk}:{KEY['Idempotency-Key']}".encode()
        number = int.from_bytes(hashlib.sha256(name).digest()[:8], "big", signed=True)
        first = connections.create_connection("default")
        try:
            with first.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [number])
            answer = bob.post(SOLUTIONS, DJANGO, headers=KEY)
        finally:
            first.close()
        problem_of(answer, 409, "Idempotency-Key")
        assert not Solution.objects.exists()

    assert bob.post(SOLUTIONS, DJANGO, headers=KEY).status_code == 201


def test_a_busy_database_is_a_matter_of_trying_again(
    bob: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def locked(**_: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("reviews.api.solutions.register_solution", locked)

    answer = bob.post(SOLUTIONS, DJANGO, headers=KEY)

    problem_of(answer, 503)
    assert answer["Retry-After"] == "5"
    assert "database is locked" in caplog.text
    assert not IdempotencyKey.objects.exists()


def test_answers_are_kept_for_a_day(bob: Caller) -> None:
    bob.post(SOLUTIONS, DJANGO, headers=KEY)

    assert idempotency.forget_answers(now=NOW + timedelta(hours=24)) == 0
    assert idempotency.forget_answers(now=NOW + timedelta(hours=25)) == 1


def test_a_replay_tells_what_was_answered_and_not_what_is(bob: Caller) -> None:
    first = bob.post(SOLUTIONS, DJANGO, headers=KEY)
    bob.patch(first["Location"], {"version": "6"})

    with time_machine.travel(NOW + timedelta(hours=2)):
        again = bob.post(SOLUTIONS, DJANGO, headers=KEY)

    assert again.json()["version"] == "5.2.19"
