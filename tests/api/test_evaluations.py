"""The log and the flags through the API."""

from datetime import timedelta
from typing import Any

import pytest

from reviews.models import Evaluation, Solution
from tests.api.conftest import (
    EVALUATIONS,
    FLAGS,
    JUDGED,
    SOLUTIONS,
    Caller,
    CallerOf,
    problem_of,
    row_counts,
)
from tests.conftest import TODAY, Cast

LONG_AGO = str(TODAY - timedelta(300))


@pytest.fixture
def proposal(bob: Caller, django: str) -> str:
    """The address of an engineer's proposal to retire."""
    answer = bob.post(EVALUATIONS, JUDGED | {"verdict": "retire"})
    assert answer.status_code == 201, answer.content
    return str(answer["Location"])


def status_of(caller: Caller, path: str) -> Any:
    return caller.get(path).json()["status"]


def test_an_evaluation_is_logged_and_winds_the_clock(bob: Caller, django: str) -> None:
    content = {
        "verdict": "adopt",
        "evaluated_on": "2026-08-31",
        "summary": "Fine.",
        "rationale": "- fast\n- kept",
        "version": "5.2.19",
        "alternatives": ["Flask", "Litestar"],
    }

    answer = bob.post(f"{django}evaluations/", content)

    assert answer.status_code == 201, answer.content
    logged = answer.json()
    assert answer["Location"] == f"{EVALUATIONS}{logged['id']}/"
    assert bob.get(answer["Location"]).json() == logged
    assert logged.pop("id")
    assert logged.pop("recorded_at").startswith("2026-11-22T09:30:00")
    assert logged == content | {
        "solution": "django",
        "author": "Bob",
        "supersedes": None,
        "status": "in_effect",
        "decision": None,
        "evidence": [],
        "template": "",
        "answers": [],
        "replacement": None,
        "alternative_solutions": [],
        "assumptions": [],
        "attachments": [],
        "reaffirms": None,
    }
    solution = bob.get(django).json()
    assert solution["state"] == "adopt"
    assert solution["next_review_on"] == "2027-02-28"


def test_without_a_day_it_is_today(bob: Caller, django: str) -> None:
    assert bob.post(EVALUATIONS, JUDGED).json()["evaluated_on"] == str(TODAY)


@pytest.mark.parametrize("who", ["charlie", "eve", "frank"])
def test_others_log_nothing(
    cast: Cast, caller: CallerOf, django: str, who: str
) -> None:
    somebody = caller(getattr(cast, who))
    before = row_counts()

    problem_of(somebody.post(EVALUATIONS, JUDGED), 403)

    assert row_counts() == before


def test_the_path_says_which_solution(bob: Caller, django: str) -> None:
    problem_of(bob.post(f"{django}evaluations/", JUDGED), 400, "solution")
    problem_of(bob.post(f"{SOLUTIONS}nothing/evaluations/", JUDGED), 404)
    problem_of(bob.get(f"{SOLUTIONS}nothing/evaluations/"), 404)


def test_a_solution_s_log_is_its_own(
    cast: Cast, caller: CallerOf, bob: Caller, django: str
) -> None:
    eve = caller(cast.eve)
    other = eve.post(SOLUTIONS, {"name": "Pandas", "kind": "package"})["Location"]
    eve.post(f"{other}evaluations/", {"verdict": "hold", "summary": "Slow."})
    bob.post(EVALUATIONS, JUDGED)

    rows = bob.get(f"{django}evaluations/").json()["results"]

    assert [row["solution"] for row in rows] == ["django"]
    assert len(bob.get(EVALUATIONS).json()["results"]) == 2


def test_a_correction_supersedes(bob: Caller, django: str) -> None:
    first = bob.post(EVALUATIONS, JUDGED)

    again = JUDGED | {"verdict": "hold", "supersedes": first.json()["id"]}
    second = bob.post(EVALUATIONS, again)

    assert second.json()["supersedes"] == first.json()["id"]
    assert status_of(bob, first["Location"]) == "superseded"
    assert bob.get(django).json()["state"] == "hold"
    problem_of(bob.post(EVALUATIONS, again), 409, "supersedes")


def test_an_engineer_s_ending_is_a_proposal(
    bob: Caller, django: str, proposal: str
) -> None:
    assert status_of(bob, proposal) == "proposed"
    assert bob.get(django).json()["state"] == "unreviewed"


def test_a_lead_s_ending_takes_effect_at_once(alice: Caller, django: str) -> None:
    answer = alice.post(EVALUATIONS, JUDGED | {"verdict": "deprecate"})

    assert answer.json()["status"] == "in_effect"
    assert alice.get(django).json()["state"] == "deprecate"


def test_a_lead_approves(alice: Caller, django: str, proposal: str) -> None:
    answer = alice.post(f"{proposal}decision/", {"approve": True})

    assert answer.status_code == 201, answer.content
    assert answer.json()["status"] == "in_effect"
    decision = answer.json()["decision"]
    assert decision.pop("decided_at").startswith("2026-11-22T")
    assert decision == {"approved": True, "reason": "", "decided_by": "Alice"}
    assert alice.get(django).json()["state"] == "retire"


def test_a_lead_declines_with_a_reason(
    alice: Caller, django: str, proposal: str
) -> None:
    declining = {"approve": False, "reason": "Three services need it."}

    answer = alice.post(f"{proposal}decision/", declining)

    assert answer.json()["status"] == "declined"
    assert answer.json()["decision"]["reason"] == "Three services need it."
    assert alice.get(django).json()["state"] == "unreviewed"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({}, "approve"),
        ({"approve": 1}, "approve"),
        ({"approve": "true"}, "approve"),
        ({"approve": None}, "approve"),
        ({"approve": False}, "reason"),
        ({"approve": False, "reason": ""}, "reason"),
        ({"approve": False, "reason": "\u00a0"}, "reason"),
        ({"approve": False, "reason": "x" * 501}, "reason"),
        ({"approve": True, "reason": None}, "reason"),
        ({"approve": True, "decided_by": "alice"}, "decided_by"),
    ],
)
def test_a_decision_that_says_nothing_decides_nothing(
    alice: Caller, proposal: str, content: dict[str, Any], field: str
) -> None:
    problem_of(alice.post(f"{proposal}decision/", content), 400, field)

    assert status_of(alice, proposal) == "proposed"


@pytest.mark.parametrize("who", ["bob", "charlie", "eve", "frank"])
def test_only_a_lead_of_the_owning_team_decides(
    cast: Cast, caller: CallerOf, proposal: str, who: str
) -> None:
    answer = caller(getattr(cast, who)).post(f"{proposal}decision/", {"approve": True})

    problem_of(answer, 403)
    assert status_of(caller(cast.bob), proposal) == "proposed"


def test_a_proposal_is_decided_once(alice: Caller, proposal: str) -> None:
    alice.post(f"{proposal}decision/", {"approve": True})

    problem_of(alice.post(f"{proposal}decision/", {"approve": True}), 409)


def test_what_took_effect_is_not_decided(
    alice: Caller, bob: Caller, django: str
) -> None:
    path = bob.post(EVALUATIONS, JUDGED)["Location"]

    problem_of(alice.post(f"{path}decision/", {"approve": True}), 409)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_decision_is_only_made(alice: Caller, proposal: str, method: str) -> None:
    problem_of(alice(method, f"{proposal}decision/"), 405)


@pytest.mark.parametrize("id", ["0", "999", "9" * 19, "9" * 40, "9" * 4_400, "-1", "x"])
@pytest.mark.parametrize("path", [EVALUATIONS, FLAGS])
def test_a_number_that_nothing_has_is_not_found(
    bob: Caller, path: str, id: str
) -> None:
    problem_of(bob.get(f"{path}{id}/"), 404)


def test_a_decision_on_nothing_is_not_found(alice: Caller) -> None:
    for id in ("999", "9" * 40):
        answer = alice.post(f"{EVALUATIONS}{id}/decision/", {"approve": True})
        problem_of(answer, 404)


def test_a_log_s_page_tells_as_much_as_a_single_one(
    alice: Caller, proposal: str
) -> None:
    alice.post(f"{proposal}decision/", {"approve": False, "reason": "No."})

    rows = alice.get(EVALUATIONS).json()["results"]

    assert rows == [alice.get(proposal).json()]


def test_a_flag_says_why_it_is_there_and_what_closed_it(
    bob: Caller, django: str
) -> None:
    bob.post(EVALUATIONS, JUDGED | {"evaluated_on": LONG_AGO})
    [flag] = bob.get(FLAGS).json()["results"]
    alone = bob.get(f"{FLAGS}{flag['id']}/").json()
    assert alone["escalation"].pop("asked") == ["dora"]
    assert alone == flag | {"facts": []}
    assert flag.pop("opened_at")
    assert flag.pop("id")
    assert flag == {
        "solution": "django",
        "solution_name": "Django",
        "cause": "review_due",
        "action": "review",
        "status": "open",
        "cover": None,
        "ticket": None,
        "due_on": "2026-07-26",
        "overdue": True,
        "reason": "Nobody has evaluated it since 2026-01-26; the next review was due "
        "by 2026-07-26.",
        "severity": "",
        "source_url": "",
        "evidence": [],
        "closed_at": None,
        "closed_because": "",
        "closed_by": None,
        "reopens": None,
        "team": "platform",
        "owner": None,
        # Nobody owns it, and nobody is above the team's lead.
        "escalation": {"level": "head", "since": "2026-08-23", "next_on": None},
    }

    answer = bob.post(EVALUATIONS, JUDGED)

    [closed] = bob.get(f"{FLAGS}?status=closed").json()["results"]
    assert closed["closed_by"] == answer.json()["id"]
    assert (closed["closed_because"], closed["overdue"]) == ("evaluated", False)
    assert bob.get(f"{FLAGS}?status=open").json()["results"] == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_writes_flags(bob: Caller, django: str, method: str) -> None:
    bob.post(EVALUATIONS, JUDGED | {"evaluated_on": LONG_AGO})
    [flag] = bob.get(FLAGS).json()["results"]

    for path in (FLAGS, f"{FLAGS}{flag['id']}/"):
        problem_of(bob(method, path), 405)

    assert bob.get(FLAGS).json()["results"] == [flag]


def test_a_failed_evaluation_leaves_nothing_behind(
    bob: Caller, django: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("at the last step")

    before = row_counts()
    monkeypatch.setattr("reviews.services.evaluations.settle_flags", fail)

    problem_of(bob.post(EVALUATIONS, JUDGED), 500)

    assert row_counts() == before
    assert Solution.objects.get().state == "unreviewed"
    assert not Evaluation.objects.exists()
