"""Saying the last verdict again through the API."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from reviews.models import Evaluation, Solution
from reviews.rules.access import Scope
from reviews.rules.signals import SignalKind
from tests.api.conftest import (
    EVALUATIONS,
    JUDGED,
    SOLUTIONS,
    Caller,
    CallerOf,
    problem_of,
    refused,
)
from tests.conftest import TODAY, Cast
from tests.evidence import said

REAFFIRM = f"{SOLUTIONS}django/reaffirm/"


@pytest.fixture
def evaluated(bob: Caller, django: str) -> int:
    """The number of an evaluation of last month."""
    day = str(TODAY - timedelta(days=30))
    answer = bob.post(EVALUATIONS, JUDGED | {"evaluated_on": day})
    assert answer.status_code == 201, answer.content
    return int(answer.json()["id"])


@pytest.mark.parametrize("send", [b"{}", b""])
def test_what_was_said_is_said_again(bob: Caller, evaluated: int, send: bytes) -> None:
    answer = bob.post(REAFFIRM, send)

    assert answer.status_code == 201, answer.content
    content = answer.json()
    assert (content["verdict"], content["evaluated_on"]) == ("adopt", str(TODAY))
    assert (content["summary"], content["status"]) == ("Fine.", "in_effect")
    assert bob.get(answer["Location"]).json() == content
    assert Evaluation.objects.get(pk=content["id"]).reaffirms_id == evaluated


def test_without_a_body_it_is_said_again_too(bob: Caller, evaluated: int) -> None:
    assert bob("POST", REAFFIRM).status_code == 201


def test_a_key_says_it_once(bob: Caller, evaluated: int) -> None:
    headers = {"Idempotency-Key": "k"}
    first = bob.post(REAFFIRM, {}, headers=headers)
    second = bob.post(REAFFIRM, {}, headers=headers)

    assert first.status_code == second.status_code == 201
    assert second["Idempotency-Replayed"] == "true"
    assert Evaluation.objects.count() == 2


def test_what_changed_is_named(bob: Caller, evaluated: int) -> None:
    said(
        Solution.objects.get(),
        SignalKind.VULNERABILITY,
        "Bad",
        subject="CVE-2026-1",
    )

    detail = problem_of(bob.post(REAFFIRM, {}), 409)["detail"]

    assert (
        "PyPI lists CVE-2026-1 for the version in use, which is a new flaw." in detail
    )
    assert Evaluation.objects.count() == 1


def test_a_second_time_on_one_day_is_a_conflict(bob: Caller, evaluated: int) -> None:
    bob.post(REAFFIRM, {})

    problem_of(bob.post(REAFFIRM, {}), 409)


def test_what_was_never_evaluated_is_a_conflict(bob: Caller, django: str) -> None:
    problem_of(bob.post(REAFFIRM, {}), 409)


@pytest.mark.parametrize(
    ("content", "field"),
    [(b'{"summary": "x"}', "summary"), (b"[]", None), (b"null", None), (b"{", None)],
)
def test_a_body_has_nothing_in_it(
    bob: Caller, evaluated: int, content: bytes, field: str | None
) -> None:
    refused(bob, REAFFIRM, content, field)


def test_there_is_no_such_solution(bob: Caller) -> None:
    problem_of(bob.post(f"{SOLUTIONS}none/reaffirm/", {}), 404)


def test_who_may_not_evaluate_may_not_say_it_again(
    cast: Cast, caller: CallerOf, evaluated: int
) -> None:
    callers: list[Callable[[], Caller]] = [
        lambda: caller(cast.charlie),
        lambda: caller(cast.eve),
        lambda: caller(cast.bob, Scope.READ),
    ]
    for somebody in callers:
        problem_of(somebody().post(REAFFIRM, {}), 403)
    problem_of(Caller(None).post(REAFFIRM, {}), 401)
    assert Evaluation.objects.count() == 1


def test_an_ending_is_not_said_again_by_an_engineer(
    alice: Caller, bob: Caller, evaluated: int
) -> None:
    day = str(TODAY - timedelta(days=1))
    alice.post(EVALUATIONS, JUDGED | {"verdict": "deprecate", "evaluated_on": day})

    problem_of(bob.post(REAFFIRM, {}), 403)
    assert alice.post(REAFFIRM, {}).status_code == 201


def test_the_evidence_says_which_changes_are_material(
    bob: Caller, evaluated: int
) -> None:
    solution = Solution.objects.get()
    said(solution, SignalKind.MAINTAINERS, "3")
    said(solution, SignalKind.NOTICE_TEXT, "Farewell", subject="summary")

    changes = bob.get(f"{SOLUTIONS}django/evidence/").json()["changed_since"]["changes"]

    assert {
        change["after"]["kind"]: (change["material"], change["why"])
        for change in changes
    } == {
        "maintainers": (False, "PyPI counts 3 maintainers: a number that moves."),
        "notice_text": (True, "PyPI shows a notice in its summary: “Farewell”."),
    }
