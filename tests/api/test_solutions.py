"""The register through the API: adding, reading, editing and deleting."""

from datetime import timedelta
from typing import Any

import pytest

from reviews.models import Change, Solution, Team
from reviews.services.drafts import draft_of
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
from tests.conftest import TODAY, Cast

WHOLE = DJANGO | {
    "slug": "the-framework",
    "description": "# Web\n\nframework",
    "homepage": "https://www.djangoproject.com/",
    "criticality": "critical",
    "team": "PLATFORM",
    "owner": "charlie",
    "tags": ["Web", "python"],
    "identifiers": [{"scheme": "endoflife", "value": "django/5.2"}],
    "contract_ends_on": "2028-01-31",
    "notice_period_days": 90,
}


def test_a_solution_is_registered_with_all_that_is_said_of_it(
    cast: Cast, bob: Caller
) -> None:
    answer = bob.post(SOLUTIONS, WHOLE)

    assert answer.status_code == 201, answer.content
    assert answer["Location"] == f"{SOLUTIONS}the-framework/"
    shown = bob.get(answer["Location"])
    assert shown.json() == answer.json()
    assert shown["ETag"] == answer["ETag"]
    content = answer.json()
    first_review = content.pop("next_review_on")
    assert str(TODAY) < first_review <= str(TODAY + timedelta(184))
    for instant in ("created_at", "updated_at"):
        assert content.pop(instant).startswith("2026-11-22T09:30:00")
    assert content == {
        "slug": "the-framework",
        "url": f"{SOLUTIONS}the-framework/",
        "name": "Django",
        "kind": "package",
        "state": "unreviewed",
        "freshness": "unreviewed",
        "criticality": "critical",
        "team": "platform",
        "owner": "charlie",
        "version": "5.2.19",
        "tags": ["python", "web"],
        "identifiers": [
            {"scheme": "purl", "value": "pkg:pypi/django"},
            {"scheme": "endoflife", "value": "django/5.2"},
        ],
        "purl": "pkg:pypi/django",
        "description": "# Web\n\nframework",
        "homepage": "https://www.djangoproject.com/",
        "contract_ends_on": "2028-01-31",
        "notice_period_days": 90,
        "registered_on": str(TODAY),
        "last_evaluated_on": None,
        "pulled_by": "",
        "trust_ends_on": "2027-11-22",
    }


def test_an_engineer_of_one_team_registers_for_it(bob: Caller) -> None:
    assert bob.post(SOLUTIONS, DJANGO).json()["team"] == "platform"


@pytest.mark.parametrize("team", ["platform", "Platform", "PLATFORM"])
def test_a_team_is_known_by_slug_or_name(cast: Cast, bob: Caller, team: str) -> None:
    cast.platform.slug = "pf"
    cast.platform.save()

    assert bob.post(SOLUTIONS, DJANGO | {"team": team}).json()["team"] == "pf"


def test_a_team_that_two_could_be_is_none(cast: Cast, bob: Caller) -> None:
    Team.objects.create(name="platform!", slug="x")
    Team.objects.create(name="Other", slug="PLATFORM")

    problem_of(bob.post(SOLUTIONS, DJANGO | {"team": "platform"}), 400, "team")


def test_what_no_team_owns_is_the_administrators_to_register(
    cast: Cast, caller: CallerOf, bob: Caller
) -> None:
    problem_of(bob.post(SOLUTIONS, DJANGO | {"team": None}), 403)

    answer = caller(cast.dora).post(SOLUTIONS, DJANGO)

    assert answer.json()["team"] is None


@pytest.mark.parametrize("who", ["charlie", "frank"])
@pytest.mark.parametrize("team", [None, "platform", "data", "no-such-team"])
def test_who_is_no_engineer_anywhere_registers_nothing(
    cast: Cast, caller: CallerOf, who: str, team: str | None
) -> None:
    somebody = caller(getattr(cast, who))
    before = row_counts()

    answer = somebody.post(SOLUTIONS, DJANGO | {"team": team})

    problem_of(answer, 403)
    assert row_counts() == before


@pytest.mark.parametrize(
    "again",
    [
        {"purl": "pkg:pypi/Django@4.2"},
        {"identifiers": [{"scheme": "purl", "value": "pkg:pypi/django"}]},
    ],
)
def test_a_package_is_registered_once(
    bob: Caller, django: str, again: dict[str, Any]
) -> None:
    before = row_counts()

    answer = bob.post(SOLUTIONS, {"name": "Another", "kind": "package"} | again)

    content = problem_of(answer, 409, "purl")
    assert content["slug"] == "django"
    assert "django" in content["detail"]
    assert row_counts() == before


def test_a_slug_is_taken_once(bob: Caller, django: str) -> None:
    answer = bob.post(SOLUTIONS, {"name": "Other", "kind": "built", "slug": "django"})

    assert "'django'" in problem_of(answer, 409, "slug")["detail"]


@pytest.mark.parametrize(
    "path", ["nothing/", "django%00/", "%ff/", "x" * 5_000 + "/", "Django/"]
)
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_what_is_not_there_is_not_found(
    bob: Caller, django: str, path: str, method: str
) -> None:
    problem_of(bob(method, SOLUTIONS + path, data=b"{}"), 404)


@pytest.mark.parametrize("path", ["", "solutions", "solutions/django", "nothing/", "x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_is_none_is_a_problem_too(
    db: None, path: str, method: str
) -> None:
    problem_of(Caller(None)(method, f"/api/v1/{path}"), 404)


@pytest.mark.parametrize("method", ["PUT", "POST", "TRACE"])
def test_a_solution_takes_no_other_methods(
    bob: Caller, django: str, method: str
) -> None:
    answer = bob(method, django, data=b"{}", content_type="application/json")

    problem_of(answer, 405)
    assert answer["Allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"


def test_an_edit_changes_what_it_names_and_nothing_else(
    bob: Caller, django: str
) -> None:
    before = bob.get(django).json()

    answer = bob.patch(django, {"version": "6.0", "tags": ["web"]})

    assert answer.status_code == 200
    after = answer.json()
    assert after.pop("updated_at") > before.pop("updated_at")
    assert after == before | {"version": "6.0", "tags": ["web"]}


def test_an_empty_edit_changes_nothing(bob: Caller, django: str) -> None:
    before, counts = bob.get(django), row_counts()

    answer = bob.patch(django, {})

    assert answer.json() == before.json()
    assert answer["ETag"] == before["ETag"]
    assert row_counts() == counts


def test_what_was_read_may_be_sent_back(bob: Caller) -> None:
    path = bob.post(SOLUTIONS, WHOLE)["Location"]
    content = bob.get(path).json()

    writable = {name: content[name] for name in WHOLE if name != "slug"}
    answer = bob.patch(path, writable | {"version": content["version"]})

    assert answer.json() == content


def test_null_empties_what_may_be_empty(alice: Caller) -> None:
    path = alice.post(SOLUTIONS, WHOLE)["Location"]
    empty = dict.fromkeys(["owner", "contract_ends_on", "notice_period_days", "purl"])

    answer = alice.patch(path, empty)

    assert answer.status_code == 200, answer.content
    assert empty.items() <= answer.json().items()


def test_a_purl_takes_the_place_of_the_one_there_is(bob: Caller, django: str) -> None:
    answer = bob.patch(django, {"purl": "pkg:pypi/django-lts@6.1"})

    assert answer.json()["purl"] == "pkg:pypi/django-lts"
    assert answer.json()["version"] == "6.1"


def test_a_purl_never_takes_the_place_of_several(bob: Caller, django: str) -> None:
    purls = ["pkg:pypi/django", "pkg:conda/django"]
    both = [{"scheme": "purl", "value": value} for value in purls]
    assert bob.patch(django, {"identifiers": both}).status_code == 200

    problem_of(bob.patch(django, {"purl": "pkg:pypi/django"}), 400, "purl")
    assert bob.get(django).json()["identifiers"] == both[::-1]


def test_an_edit_takes_no_name_of_another(bob: Caller, django: str) -> None:
    other = bob.post(SOLUTIONS, {"name": "Flask", "kind": "package"})["Location"]

    answer = bob.patch(other, {"purl": "pkg:pypi/django"})

    assert problem_of(answer, 409, "purl")["slug"] == "django"
    assert bob.get(other).json()["purl"] is None


@pytest.mark.parametrize("who", ["charlie", "eve", "frank"])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_others_neither_edit_nor_delete(
    cast: Cast, caller: CallerOf, django: str, who: str, method: str
) -> None:
    somebody = caller(getattr(cast, who))
    before = row_counts()

    answer = somebody(
        method, django, data=b'{"name": "Mine"}', content_type="application/json"
    )

    problem_of(answer, 403)
    assert row_counts() == before


@pytest.mark.parametrize("change", [{"team": "data"}, {"team": None}, {"owner": "bob"}])
def test_only_a_lead_gives_a_solution_away(
    alice: Caller, bob: Caller, django: str, change: dict[str, Any]
) -> None:
    problem_of(bob.patch(django, change), 403)

    assert change.items() <= alice.patch(django, change).json().items()


def test_a_lead_gives_it_to_nobody_who_is_not_there(alice: Caller, django: str) -> None:
    problem_of(alice.patch(django, {"team": "no-such-team"}), 400, "team")
    problem_of(alice.patch(django, {"owner": "nobody"}), 400, "owner")


def test_a18_an_edit_of_what_was_read_goes_through(bob: Caller, django: str) -> None:
    etag = bob.get(django)["ETag"]

    answer = bob.patch(django, {"version": "6"}, headers={"If-Match": etag})

    assert answer.status_code == 200
    assert answer["ETag"] != etag


@pytest.mark.parametrize("form", ["{old}", "W/{new}", '"x"', "x", "", '"x", {old}'])
def test_a18_a_stale_edit_is_refused(bob: Caller, django: str, form: str) -> None:
    old = bob.get(django)["ETag"]
    new = bob.patch(django, {"version": "6"})["ETag"]
    headers = {"If-Match": form.format(old=old, new=new)}
    before = row_counts()

    problem_of(bob.patch(django, {"version": "7"}, headers=headers), 412, "If-Match")
    problem_of(bob.delete(django, headers=headers), 412, "If-Match")

    assert row_counts() == before
    assert bob.get(django).json()["version"] == "6"


@pytest.mark.parametrize("form", ["*", '"x", {new}', '{new} , "x"'])
def test_a18_any_current_version_will_do(bob: Caller, django: str, form: str) -> None:
    headers = {"If-Match": form.format(new=bob.get(django)["ETag"])}

    assert bob.patch(django, {"version": "6"}, headers=headers).status_code == 200


@pytest.mark.parametrize(("headers", "status"), [({}, 409), ({"If-Match": "*"}, 412)])
def test_a18_an_edit_in_between_is_not_lost(
    bob: Caller,
    django: str,
    monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, str],
    status: int,
) -> None:
    def while_somebody_else_edits(solution: Solution) -> Any:
        draft = draft_of(solution)
        monkeypatch.setattr("reviews.api.solutions.draft_of", draft_of)
        assert bob.patch(django, {"description": "Kept."}).status_code == 200
        return draft

    monkeypatch.setattr("reviews.api.solutions.draft_of", while_somebody_else_edits)

    answer = bob.patch(django, {"version": "6"}, headers=headers)

    problem_of(answer, status)
    content = bob.get(django).json()
    assert (content["description"], content["version"]) == ("Kept.", "5.2.19")


def test_a_lead_deletes_what_was_registered_by_mistake(
    alice: Caller, bob: Caller, django: str
) -> None:
    problem_of(bob.delete(django), 403)

    assert alice.delete(django).status_code == 204
    problem_of(alice.get(django), 404)
    problem_of(alice.delete(django), 404)


def test_what_was_evaluated_is_not_deleted(alice: Caller, django: str) -> None:
    alice.post(EVALUATIONS, JUDGED)

    assert "retire" in problem_of(alice.delete(django), 409)["detail"]


def test_what_is_retired_has_no_freshness(alice: Caller, django: str) -> None:
    alice.post(EVALUATIONS, JUDGED | {"verdict": "retire"})

    content = alice.get(django).json()
    assert (content["state"], content["freshness"]) == ("retire", None)
    assert content["next_review_on"] is None


def test_the_history_tells_who_did_what_through_which_door(
    alice: Caller, bob: Caller, django: str
) -> None:
    alice.patch(django, {"version": "6"})
    bob.post(EVALUATIONS, JUDGED)

    rows = bob.get(f"{django}history/").json()["results"]

    assert [(row["actor"], row["what"]) for row in rows] == [
        ("Bob", "evaluated"),
        ("Alice", "edited"),
        ("Bob", "registered"),
    ]
    assert rows[1]["details"] == {"version": ["5.2.19", "6"]}
    assert all(row["door"].startswith("API token ") for row in rows)
    assert (bob.token or "") not in str(list(Change.objects.values()))


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_nobody_writes_history(bob: Caller, django: str, method: str) -> None:
    problem_of(bob(method, f"{django}history/"), 405)


def test_what_is_not_there_has_no_history(bob: Caller) -> None:
    problem_of(bob.get(f"{SOLUTIONS}nothing/history/"), 404)
