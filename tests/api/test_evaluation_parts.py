"""Answers, alternatives, assumptions and attachments through the API."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.models import Attachment, Evaluation
from reviews.rules.vocabulary import Verdict
from reviews.services.attachments import Attached
from reviews.services.evaluations import Judgement, record_evaluation
from tests.api.conftest import (
    EVALUATIONS,
    JUDGED,
    SOLUTIONS,
    Caller,
    problem_of,
    refused,
)
from tests.conftest import NOW, TODAY, Cast

ANSWERS = {
    "still-needed": "yes",
    "fit": {"answer": "4", "note": "With workarounds."},
    "better-elsewhere": "unknown",
    "maintained": {"answer": "5"},
}


@pytest.fixture
def flask(bob: Caller, django: str) -> str:
    answer = bob.post(SOLUTIONS, {"name": "Flask", "kind": "package"})
    return str(answer.json()["slug"])


def test_all_of_an_evaluation_is_logged_and_read(bob: Caller, flask: str) -> None:
    content = JUDGED | {
        "verdict": "hold",
        "answers": ANSWERS,
        "replacement": flask,
        "alternative_solutions": [flask],
        "assumptions": [
            {"condition": "release_reaches", "value": "1.0", "subject": flask},
            {"condition": "licence_changes", "note": "Ask legal."},
        ],
        "attachments": [
            {
                "title": "Benchmark",
                "url": "https://example.com/b",
                "effective_on": "2026-10-01",
            }
        ],
    }

    answer = bob.post(EVALUATIONS, content)

    assert answer.status_code == 201, answer.content
    logged = answer.json()
    assert bob.get(answer["Location"]).json() == logged
    assert logged["template"] == "package 1"
    assert [(row["key"], row["answer"], row["note"]) for row in logged["answers"]] == [
        ("still-needed", "yes", ""),
        ("fit", "4", "With workarounds."),
        ("better-elsewhere", "unknown", ""),
        ("maintained", "5", ""),
    ]
    assert logged["answers"][0]["question"] == "Do we still need it?"
    assert logged["replacement"] == flask
    assert logged["alternative_solutions"] == [flask]
    assert logged["reaffirms"] is None
    first, second = logged["assumptions"]
    assert (first["subject"], first["value"], first["broken_on"]) == (
        flask,
        "1.0",
        None,
    )
    assert first["sentence"] == "Revisit if a release of Flask reaches 1.0"
    assert (second["condition"], second["subject"], second["note"]) == (
        "licence_changes",
        None,
        "Ask legal.",
    )
    (link,) = logged["attachments"]
    assert link.pop("added_at").startswith("2026-11-22")
    assert link == {
        "title": "Benchmark",
        "url": "https://example.com/b",
        "file_name": "",
        "size": 0,
        "effective_on": "2026-10-01",
    }


def test_a_file_is_told_with_where_it_is_downloaded(
    cast: Cast, bob: Caller, django: str
) -> None:
    id = bob.post(EVALUATIONS, JUDGED).json()["id"]
    first = Evaluation.objects.get(pk=id)
    evaluation = record_evaluation(
        solution_id=first.solution_id,
        judgement=Judgement(
            Verdict.ADOPT,
            TODAY,
            "Again.",
            attachments=[Attached("It", TODAY, file_name="a.txt", content=b"abc")],
        ),
        actor=cast.actor(cast.bob),
        today=TODAY,
        now=NOW,
    )

    (file,) = bob.get(f"{EVALUATIONS}{evaluation.pk}/").json()["attachments"]

    assert file["url"] == f"/attachments/{Attachment.objects.get().pk}/"
    assert (file["file_name"], file["size"]) == ("a.txt", 3)


LINK = {"title": "T", "url": "https://example.com/", "effective_on": "2026-10-01"}


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("answers", [], "answers"),
        ("answers", "yes", "answers"),
        ("answers", {"fit": 4}, "answers"),
        ("answers", {"fit": {"answer": 4}}, "answers"),
        ("answers", {"fit": {"note": "4"}}, "answers"),
        ("answers", {"fit": {"answer": "4", "more": "x"}}, "answers"),
        ("answers", {str(number): "x" for number in range(31)}, "answers"),
        ("answers", {"fit": "4"}, "answers.still-needed"),
        ("answers", ANSWERS | {"fit": "6"}, "answers.fit"),
        ("answers", ANSWERS | {"nothing": "6"}, "answers.nothing"),
        ("answers", ANSWERS | {"a\u0000b": "6"}, "answers"),
        ("replacement", "nothing", "replacement"),
        ("replacement", "django", "replacement"),
        ("replacement", "a\u0000", "replacement"),
        ("replacement", 5, "replacement"),
        ("alternative_solutions", ["nothing"], "alternative_solutions"),
        ("alternative_solutions", ["django"], "alternative_solutions"),
        ("alternative_solutions", "flask", "alternative_solutions"),
        ("alternative_solutions", ["x"] * 21, "alternative_solutions"),
        ("assumptions", {}, "assumptions"),
        ("assumptions", [5], None),
        ("assumptions", [{}], None),
        ("assumptions", [{"condition": "love"}], None),
        ("assumptions", [{"condition": "day", "value": "soon"}], "assumptions"),
        ("assumptions", [{"condition": "day", "value": "2026-11-22"}], "assumptions"),
        ("assumptions", [{"condition": "signal", "value": "love"}], "assumptions"),
        (
            "assumptions",
            [{"condition": "release_reaches", "value": "1", "subject": "nothing"}],
            "assumptions",
        ),
        ("assumptions", [{"condition": "licence_changes"}] * 2, "assumptions"),
        ("assumptions", [{"condition": "licence_changes"}] * 11, "assumptions"),
        ("attachments", [LINK | {"url": "javascript:alert(1)"}], "attachments"),
        ("attachments", [LINK | {"effective_on": "2026-11-23"}], "attachments"),
        ("attachments", [LINK | {"content": "x"}], None),
        ("attachments", [LINK | {"file_name": "x"}], None),
        ("attachments", [{"title": "T"}], None),
        ("attachments", [LINK] * 11, "attachments"),
        ("template", "package 1", "template"),
        ("reaffirms", 1, "reaffirms"),
    ],
    ids=str,
)
def test_a_part_that_is_wrong_is_named(
    bob: Caller, flask: str, field: str, value: Any, named: str | None
) -> None:
    body = {**JUDGED, "verdict": "hold", field: value}

    refused(bob, EVALUATIONS, json.dumps(body).encode(), named)


def test_nothing_is_replaced_by_what_ends_itself(alice: Caller, flask: str) -> None:
    alice.post(EVALUATIONS, JUDGED | {"solution": flask, "verdict": "retire"})

    answer = alice.post(EVALUATIONS, JUDGED | {"verdict": "hold", "replacement": flask})

    problem_of(answer, 409, "replacement")


def test_a_list_costs_as_much_for_many_parts_as_for_few(
    bob: Caller, flask: str
) -> None:
    def log(on: str) -> None:
        content = JUDGED | {
            "evaluated_on": on,
            "answers": ANSWERS,
            "alternative_solutions": [flask],
            "assumptions": [
                {"condition": "release_reaches", "value": "1.0", "subject": flask},
                {"condition": "signal", "value": "repository_archived"},
            ],
            "attachments": [LINK],
        }
        assert bob.post(EVALUATIONS, content).status_code == 201

    log("2026-10-01")
    with CaptureQueriesContext(connection) as few:
        bob.get(EVALUATIONS)
    for day in range(10, 20):
        log(f"2026-10-{day}")

    with CaptureQueriesContext(connection) as many:
        rows = bob.get(EVALUATIONS).json()["results"]

    assert len(rows) == 11
    assert len(few) == len(many) <= 11
