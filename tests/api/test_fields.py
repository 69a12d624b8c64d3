"""Fields that are refused by name (A-1, A-7 to A-12)."""

import json
from typing import Any

import pytest

from tests.api.conftest import (
    DJANGO,
    EVALUATIONS,
    HUGE,
    JUDGED,
    SOLUTIONS,
    Caller,
    CallerOf,
    body,
    problem_of,
    refused,
)
from tests.conftest import Cast

NESTED_FIVE = {"a": {"a": {"a": {"a": {"a": 1}}}}}
TEXTS = ("name", "description", "homepage", "version", "slug", "team", "owner", "purl")


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("value", [1, True, 1.5, [], ["x"], {}, HUGE])
def test_a1_only_a_text_is_a_text(bob: Caller, field: str, value: Any) -> None:
    assert "has to be a text" in refused(bob, SOLUTIONS, body(**{field: value}), field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("kind", None),
        ("kind", 1),
        ("kind", ["package"]),
        ("kind", "Package"),
        ("criticality", ""),
        ("criticality", {"low": 1}),
        ("tags", "web"),
        ("tags", None),
        ("tags", {"web": 1}),
        ("tags", [1]),
        ("tags", [None]),
        ("tags", [["web"]]),
        ("tags", ["no tag at all"]),
        ("tags", [""]),
        ("tags", ["x"] * 21),
        ("tags", ["x" * 51]),
        ("identifiers", "pkg:pypi/django"),
        ("identifiers", None),
        ("identifiers", [1]),
        ("identifiers", [{}]),
        ("identifiers", [{"scheme": "purl"}]),
        ("identifiers", [{"scheme": "url", "value": "x"}]),
        ("identifiers", [{"scheme": "model", "value": ""}]),
        ("identifiers", [{"scheme": "model", "value": "two words"}]),
        ("identifiers", [{"scheme": "endoflife", "value": "Django"}]),
        ("identifiers", [{"scheme": "repository", "value": "owner/name"}]),
        ("identifiers", [{"scheme": "model", "value": "x", "more": 1}]),
        ("identifiers", [{"scheme": "model", "value": str(n)} for n in range(21)]),
        ("contract_ends_on", 20240101),
        ("contract_ends_on", ""),
        ("contract_ends_on", ["2027-01-01"]),
        ("homepage", "javascript:alert(1)"),
        ("homepage", "ftp://example.com"),
        ("homepage", "http://[::1"),
        ("homepage", "not an address"),
        ("purl", "django"),
        ("purl", "pkg:"),
        ("purl", "pkg:pypi/%ff"),
        ("slug", ""),
        ("slug", "Upper"),
        ("slug", "../../x"),
        ("slug", "-x"),
        ("slug", "x\n"),
    ],
)
def test_a1_a_value_of_the_wrong_sort_is_refused_by_name(
    bob: Caller, field: str, value: Any
) -> None:
    refused(bob, SOLUTIONS, body(**{field: value}), field)


def test_a1_all_wrong_fields_are_named_at_once(bob: Caller) -> None:
    answer = bob.post(SOLUTIONS, {"name": 1, "kind": 2, "tags": 3})

    fields = [fault["field"] for fault in problem_of(answer, 400)["errors"]]
    assert fields == ["name", "kind", "tags"]


def test_a1_a_place_within_a_list_is_pointed_at(bob: Caller) -> None:
    answer = bob.post(
        SOLUTIONS, DJANGO | {"identifiers": [{"scheme": "model", "value": 1}]}
    )

    fault = problem_of(answer, 400)["errors"][0]
    assert fault["pointer"] == "/identifiers/0/value"


def test_a7_an_unknown_field_is_refused_with_the_near_one(bob: Caller) -> None:
    content = json.dumps({"nmae": "Django", "kind": "package"}).encode()

    assert "Did you mean name?" in refused(bob, SOLUTIONS, content, "nmae")


@pytest.mark.parametrize("name", ["x" * 100_000, "\u202e", "__class__", "", "a/b~c"])
def test_a7_even_a_strange_one(bob: Caller, name: str) -> None:
    refused(bob, SOLUTIONS, body(**{name: 1}))


def test_a7_a_hundred_thousand_unknown_ones_are_refused_in_few_words(
    bob: Caller,
) -> None:
    content = json.dumps({f"f{n}": n for n in range(100_000)}).encode()

    answer = bob.post(SOLUTIONS, content)

    assert len(problem_of(answer, 400)["errors"]) <= 20
    assert len(answer.content) < 10_000


@pytest.mark.parametrize(
    ("field", "limit"),
    [("name", 200), ("version", 100), ("description", 20_000)],
)
def test_a8_a_text_has_its_limit_in_characters(
    bob: Caller, field: str, limit: int
) -> None:
    refused(bob, SOLUTIONS, body(**{field: "\U0001f4e6" * (limit + 1)}), field)

    answer = bob.post(SOLUTIONS, body(**{field: "\U0001f4e6" * limit}))

    assert answer.status_code == 201
    assert answer.json()[field] == "\U0001f4e6" * limit


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "\u00a0",
        "\u200b",
        "\u202eognajD",
        "Dj\u0007ango",
        "\ufeff",
        "\u200d",
        "\u2800",
        "Dj\u200bango",
        "Dj\u2066ango",
        "\t\n",
        "a\x85\x00",
    ],
)
def test_a9_a_name_is_visible(bob: Caller, name: str) -> None:
    refused(bob, SOLUTIONS, body(name=name), "name")


@pytest.mark.parametrize("name", ["Café", "CAFÉ", "Cafe\u0301", " Café ", "\uff23afé"])
def test_a10_two_spellings_of_one_name_are_one_solution(bob: Caller, name: str) -> None:
    first = {"name": "Café", "kind": "vendor"}
    assert bob.post(SOLUTIONS, first).status_code == 201

    answer = bob.post(SOLUTIONS, {"name": name, "kind": "vendor"})

    assert problem_of(answer, 409, "name")["slug"] == "cafe"


@pytest.mark.parametrize(
    "field",
    [
        "id",
        "url",
        "state",
        "freshness",
        "created_at",
        "updated_at",
        "registered_on",
        "next_review_on",
        "last_evaluated_on",
        "trust_ends_on",
        "pulled_by",
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a11_what_the_clock_says_is_read_only(
    bob: Caller, django: str, method: str, field: str
) -> None:
    before = bob.get(django).json()
    path = SOLUTIONS if method == "POST" else django
    content = {"name": "x", "kind": "package"} if method == "POST" else {}
    send = bob.post if method == "POST" else bob.patch

    answer = send(path, content | {field: None})

    assert "read-only" in problem_of(answer, 400, field)["detail"]
    assert bob.get(django).json() == before


@pytest.mark.parametrize("field", ["first_review_on", "team_id", "secret", "is_staff"])
def test_a11_and_what_nobody_shows_is_unknown(bob: Caller, field: str) -> None:
    refused(bob, SOLUTIONS, body(**{field: 1}), field)


@pytest.mark.parametrize(
    "field", ["id", "author", "recorded_at", "status", "decision", "is_proposal"]
)
def test_a11_an_author_does_not_choose_who_they_are(
    bob: Caller, django: str, field: str
) -> None:
    content = json.dumps({**JUDGED, field: "alice"}).encode()

    refused(bob, EVALUATIONS, content, field)


def test_a12_a_foreign_team_and_none_look_alike(cast: Cast, bob: Caller) -> None:
    foreign = refused(bob, SOLUTIONS, body(team="data"), "team")
    missing = refused(bob, SOLUTIONS, body(team="no-such-team"), "team")

    assert foreign == missing


def test_a12_a_deactivated_owner_and_none_look_alike(cast: Cast, bob: Caller) -> None:
    cast.frank.is_active = False
    cast.frank.save()

    gone = refused(bob, SOLUTIONS, body(owner="frank"), "owner")
    missing = refused(bob, SOLUTIONS, body(owner="nobody-at-all"), "owner")

    assert gone == missing


@pytest.mark.parametrize("supersedes", [0, -1, 2**63, HUGE, "1", 1.0, True, [1]])
def test_a12_what_is_superseded_is_a_number_of_the_log(
    bob: Caller, django: str, supersedes: Any
) -> None:
    content = json.dumps({**JUDGED, "supersedes": supersedes}).encode()

    refused(bob, EVALUATIONS, content, "supersedes")


def test_a12_another_solution_s_evaluation_and_none_look_alike(
    cast: Cast, caller: CallerOf, bob: Caller, django: str
) -> None:
    eve = caller(cast.eve)
    eve.post(SOLUTIONS, {"name": "Pandas", "kind": "package"})
    other = eve.post(EVALUATIONS, JUDGED | {"solution": "pandas"}).json()["id"]

    def superseding(id: int) -> str:
        content = json.dumps({**JUDGED, "supersedes": id}).encode()
        return refused(bob, EVALUATIONS, content, "supersedes")

    assert superseding(other) == superseding(2**63 - 1)


def test_deep_json_in_a_field_of_text_is_no_crash(bob: Caller) -> None:
    refused(bob, SOLUTIONS, body(description=NESTED_FIVE), "description")
