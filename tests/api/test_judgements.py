"""Evaluations that are refused, and days (A-23, A-24, D-)."""

import json
from typing import Any

import pytest

from reviews.models import Evaluation
from tests.api.conftest import (
    BAD_DAYS,
    EVALUATIONS,
    JUDGED,
    SOLUTIONS,
    Caller,
    body,
    problem_of,
    refused,
)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("verdict", "keep"),
        ("verdict", 5),
        ("verdict", None),
        ("verdict", ""),
        ("summary", ""),
        ("summary", "\u00a0"),
        ("summary", "x" * 201),
        ("rationale", "x" * 20_001),
        ("version", "x" * 101),
        ("alternatives", "Flask"),
        ("alternatives", [""]),
        ("alternatives", [1]),
        ("alternatives", ["x"] * 21),
        ("solution", "no-such-solution"),
        ("solution", ""),
        ("solution", None),
    ],
)
def test_a23_an_evaluation_says_what_is_wrong_with_it(
    bob: Caller, django: str, field: str, value: Any
) -> None:
    refused(bob, EVALUATIONS, json.dumps({**JUDGED, field: value}).encode(), field)


@pytest.mark.parametrize("field", ["verdict", "summary", "solution"])
def test_a23_an_evaluation_lacks_nothing(bob: Caller, django: str, field: str) -> None:
    content = {name: value for name, value in JUDGED.items() if name != field}

    refused(bob, EVALUATIONS, json.dumps(content).encode(), field)


def test_a24_what_is_retired_is_not_evaluated(alice: Caller, django: str) -> None:
    alice.post(EVALUATIONS, JUDGED | {"verdict": "retire"})

    problem_of(alice.post(EVALUATIONS, JUDGED), 409)
    assert Evaluation.objects.count() == 1


@pytest.mark.parametrize("day", [*BAD_DAYS, "2026-11-23", "2027-11-22"])
def test_d_a_day_that_is_none_or_to_come_is_refused(
    bob: Caller, django: str, day: str
) -> None:
    content = json.dumps({**JUDGED, "evaluated_on": day}).encode()

    refused(bob, EVALUATIONS, content, "evaluated_on")


@pytest.mark.parametrize("day", BAD_DAYS)
def test_d_a_contract_ends_on_a_day(bob: Caller, day: str) -> None:
    refused(bob, SOLUTIONS, body(contract_ends_on=day), "contract_ends_on")


@pytest.mark.parametrize("day", ["2024-02-29", "1970-01-01", "2026-11-22"])
def test_d_a_day_of_the_calendar_is_taken(bob: Caller, django: str, day: str) -> None:
    answer = bob.post(EVALUATIONS, JUDGED | {"evaluated_on": day})

    assert answer.json()["evaluated_on"] == day
