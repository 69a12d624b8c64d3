"""Searching for the solution that one wants to evaluate."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from reviews.models import Solution
from tests.admin.conftest import signed_in
from tests.conftest import Cast

SEARCH = reverse("admin:autocomplete")


def found(client: Client, term: str, **more: str) -> list[str]:
    asked = {
        "app_label": "reviews",
        "model_name": "evaluation",
        "field_name": "solution",
        "term": term,
    }
    answer = client.get(SEARCH, asked | more)
    assert answer.status_code == 200
    return [row["text"] for row in json.loads(answer.content)["results"]]


def test_the_search_finds_what_one_may_evaluate(
    cast: Cast, django: Solution, warehouse: Solution
) -> None:
    assert found(signed_in(cast.bob), "") == ["Django"]
    assert found(signed_in(cast.eve), "") == ["Warehouse"]
    assert sorted(found(signed_in(cast.dora), "")) == ["Django", "Warehouse"]
    assert found(signed_in(cast.bob), "ware") == []


def test_the_search_is_shut_to_viewers_and_strangers(
    cast: Cast, django: Solution
) -> None:
    asked = {
        "app_label": "reviews",
        "model_name": "evaluation",
        "field_name": "solution",
    }

    assert signed_in(cast.charlie).get(SEARCH, asked).status_code == 403
    assert Client().get(SEARCH, asked).status_code == 302


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("evaluation", "author"),
        ("apitoken", "digest"),
        ("identifier", "solution"),
        ("nothing", "solution"),
    ],
)
def test_the_search_answers_only_for_fields_that_search(
    cast: Cast, model: str, field: str
) -> None:
    asked = {"app_label": "reviews", "model_name": model, "field_name": field}

    assert signed_in(cast.bob).get(SEARCH, asked).status_code == 403


def test_the_search_takes_a_pattern_as_plain_text(cast: Cast, django: Solution) -> None:
    client = signed_in(cast.bob)
    for term in ("%", "_", "D.*o", "'; DROP TABLE x", '"unclosed'):
        assert found(client, term) == []
    assert found(client, "", name__regex="(a+)+$") == ["Django"]


@pytest.mark.parametrize("term", ["a" * 300, "a " * 50, "\0"])
def test_a_search_for_too_much_is_a_bad_request(cast: Cast, term: str) -> None:
    asked = {
        "app_label": "reviews",
        "model_name": "evaluation",
        "field_name": "solution",
        "term": term,
    }

    assert signed_in(cast.bob).get(SEARCH, asked).status_code == 400
