"""The description of the API, which is part of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.urls import get_resolver

from tests.api.conftest import Caller, problem_of

COMMITTED = Path(__file__).parent.parent / "openapi.json"
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("schema") / "openapi.json"
    call_command(
        "spectacular",
        "--validate",
        "--fail-on-warn",
        format="openapi-json",
        file=str(file),
    )
    return json.loads(file.read_text())


def operations(schema: Any) -> list[Any]:
    return [
        operation
        for path in schema["paths"].values()
        for method, operation in path.items()
        if method in METHODS
    ]


def test_the_committed_schema_is_the_generated_one(generated: Any) -> None:
    assert json.loads(COMMITTED.read_text()) == generated, (
        "The API changed: see reviews/api/documentation.py for the command."
    )


def test_every_operation_says_what_it_does_and_what_may_go_wrong(
    generated: Any,
) -> None:
    for operation in operations(generated):
        assert operation["summary"]
        assert operation["security"] == [{"token": []}]
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"]
        assert {"400", "401", "403"} <= set(operation["responses"])


def test_every_parameter_says_what_it_is(generated: Any) -> None:
    for operation in operations(generated):
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                assert parameter["description"], parameter


def test_the_filters_list_their_words(generated: Any) -> None:
    parameters = generated["paths"]["/api/v1/solutions/"]["get"]["parameters"]

    words = {p["name"]: p["schema"].get("enum") for p in parameters}
    assert words["freshness"] == ["due_soon", "fresh", "overdue", "unreviewed"]
    assert words["kind"] == ["built", "model", "package", "vendor"]


def test_every_address_is_described(generated: Any) -> None:
    patterns = [
        str(pattern.pattern)
        for pattern in get_resolver("reviews.api.urls").url_patterns
    ]
    described = {"schema/", "docs/", ""}
    described |= {path.removeprefix("/api/v1/") for path in generated["paths"]}

    assert {re.sub(r"<\w+:(\w+)>", r"{\1}", p) for p in patterns} == described


def test_everyone_may_read_the_schema(db: None) -> None:
    answer = Caller(None).get("/api/v1/schema/")

    assert answer.status_code == 200
    assert json.loads(answer.content)["openapi"].startswith("3.")


def test_the_page_of_the_api_holds_no_script_of_its_own(db: None) -> None:
    answer = Caller(None).get("/api/v1/docs/")

    page = answer.content.decode()
    assert '<html lang="en">' in page
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "<style" not in page
    assert re.findall(r"<script(?! src=\"/static/)", page) == []
    assert re.findall(r"https?://", page) == []
    for file in re.findall(r"/static/([^\"]+)", page):
        assert finders.find(file), file


@pytest.mark.parametrize("path", ["schema/", "docs/"])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_the_description_is_only_read(db: None, path: str, method: str) -> None:
    problem_of(Caller(None)(method, f"/api/v1/{path}"), 405)
