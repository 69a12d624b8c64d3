"""Callers of the API, each with a token of their own."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine
from django.test import Client

from reviews.models import (
    Change,
    Decision,
    Evaluation,
    IdempotencyKey,
    Identifier,
    Solution,
    Tag,
    User,
)
from reviews.rules.access import Scope
from reviews.services.access import actor_of
from reviews.services.tokens import create_token
from tests.conftest import NOW, Cast

SOLUTIONS = "/api/v1/solutions/"
EVALUATIONS = "/api/v1/evaluations/"
FLAGS = "/api/v1/flags/"

DJANGO = {"name": "Django", "kind": "package", "purl": "pkg:pypi/django@5.2.19"}

JUDGED = {"solution": "django", "verdict": "adopt", "summary": "Fine."}
HUGE = 10**30

BAD_DAYS = [
    "9999-12-31",
    "10000-01-01",
    "0001-01-01",
    "0000-01-01",
    "-0044-03-15",
    "2023-02-29",
    "2100-02-29",
    "2024-W01-1",
    "\u0662\u0660\u0662\u0664-\u0660\u0661-\u0660\u0661",
    "20240101",
    "03/04/2026",
    "2024-1-1",
    "2024-01-01T00:00:00",
    "2024-01-01T00:00:00Z",
    "2024-01-01 ",
    "today",
    "",
    "2024-01-01\u0000",
]

# What the test client returns has `json()` and more, which its type hides.
Response = Any


@dataclass
class Caller:
    """Somebody with a token; None calls without one."""

    token: str | None
    client: Client = field(
        default_factory=lambda: Client(raise_request_exception=False)
    )

    def __call__(self, method: str, path: str, **more: Any) -> Response:
        headers = more.pop("headers", {})
        if self.token is not None:
            headers = {"Authorization": f"Bearer {self.token}", **headers}
        return self.client.generic(method, path, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Response:
        return self("GET", path, **more)

    def delete(self, path: str, **more: Any) -> Response:
        return self("DELETE", path, **more)

    def post(self, path: str, content: Any, **more: Any) -> Response:
        return self._send("POST", path, content, **more)

    def patch(self, path: str, content: Any, **more: Any) -> Response:
        return self._send("PATCH", path, content, **more)

    def _send(self, method: str, path: str, content: Any, **more: Any) -> Response:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        more = {"content_type": "application/json"} | more
        return self(method, path, data=data, **more)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


CallerOf = Callable[..., Caller]


@pytest.fixture
def caller(db: None) -> CallerOf:
    """Return a caller with a token of a user, of all scopes or of some."""

    def make(user: User, *scopes: Scope) -> Caller:
        _, token = create_token(
            user=user,
            scopes=scopes,
            days=1,
            actor=actor_of(user, door="test"),
            now=NOW,
        )
        return Caller(token)

    return make


@pytest.fixture
def alice(cast: Cast, caller: CallerOf) -> Caller:
    """The lead of the platform team."""
    return caller(cast.alice)


@pytest.fixture
def bob(cast: Cast, caller: CallerOf) -> Caller:
    """An engineer of the platform team."""
    return caller(cast.bob)


@pytest.fixture
def django(bob: Caller) -> str:
    """The address of a registered solution of the platform team."""
    answer = bob.post(SOLUTIONS, DJANGO)
    assert answer.status_code == 201, answer.content
    return str(answer["Location"])


def problem_of(answer: Response, status: int, field: str | None = None) -> Any:
    """Return the problem details of an answer that keeps all the rules for them."""
    assert answer.status_code == status, answer.content[:1_000]
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["X-Content-Type-Options"] == "nosniff"
    content = answer.json()
    assert content["status"] == status
    assert content["title"]
    assert content["type"]
    assert 0 < len(content["detail"]) <= 1_000
    for fault in content["errors"]:
        assert fault["code"]
        assert 0 < len(fault["message"]) <= 1_000
        assert len(fault.get("field", "")) <= 80
    for trace in ("Traceback", "SELECT ", "INSERT ", "psycopg", "sqlite3"):
        assert trace not in answer.content.decode()
    if field is not None:
        assert field in [fault.get("field") for fault in content["errors"]], content
    return content


def row_counts() -> list[int]:
    """Return how many rows there are of everything that the API writes."""
    tables = (Solution, Identifier, Tag, Evaluation, Decision, Change, IdempotencyKey)
    return [table._default_manager.count() for table in tables]


def body(**changes: Any) -> bytes:
    """Return the body of a solution, with some fields changed."""
    return json.dumps({**DJANGO, **changes}).encode()


def refused(
    caller: Caller, path: str, content: bytes, field: str | None = None, **more: Any
) -> str:
    """Return why a body is refused with 400, having changed nothing."""
    before = row_counts()

    answer = caller.post(path, content, **more)

    detail = problem_of(answer, 400, field)["detail"]
    assert row_counts() == before
    return str(detail)
