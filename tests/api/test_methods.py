"""Methods and headers that change nothing (A-17, A-21, A-22)."""

import pytest

from tests.api.conftest import (
    EVALUATIONS,
    JUDGED,
    SOLUTIONS,
    Caller,
    CallerOf,
    body,
    problem_of,
    row_counts,
)
from tests.conftest import Cast


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_a17_nothing_edits_or_deletes_an_evaluation(
    cast: Cast, caller: CallerOf, bob: Caller, django: str, method: str
) -> None:
    path = bob.post(EVALUATIONS, JUDGED)["Location"]
    before = bob.get(path).json()

    for somebody in (bob, caller(cast.dora)):
        answer = somebody(method, path, data=b"{}", content_type="application/json")
        problem_of(answer, 405)
        assert answer["Allow"] == "GET, HEAD, OPTIONS"

    assert bob.get(path).json() == before


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE"])
def test_a21_asking_changes_nothing(bob: Caller, django: str, method: str) -> None:
    before = row_counts()

    answer = bob(method, django, data=body(), content_type="application/json")

    assert answer.status_code in (200, 204, 405)
    assert answer.content == b"" or method == "TRACE"
    assert row_counts() == before


@pytest.mark.parametrize(
    "header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"]
)
def test_a21_a_method_is_not_overridden(bob: Caller, django: str, header: str) -> None:
    before = row_counts()

    answer = bob.get(django, headers={header: "DELETE"})

    assert answer.status_code == 200
    assert row_counts() == before


def test_a22_an_unknown_host_is_refused(bob: Caller, django: str) -> None:
    problem = bob.get(SOLUTIONS, headers={"Host": "evil.example"})

    assert problem.status_code == 400
    assert b"evil.example" not in problem.content


def test_a22_links_follow_no_forwarded_host(bob: Caller, django: str) -> None:
    bob.post(SOLUTIONS, {"name": "Flask", "kind": "package"})

    answer = bob.get(
        f"{SOLUTIONS}?page_size=1", headers={"X-Forwarded-Host": "evil.example"}
    )

    assert answer.json()["next"].startswith("http://testserver/api/v1/solutions/?")
