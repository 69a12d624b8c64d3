"""The evidence through the API: signals, what stands, and for how much of the register."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.models import Solution
from reviews.rules.signals import Confidence, Severity, SignalKind, Source, SourceState
from tests.api.conftest import (
    EVALUATIONS,
    FLAGS,
    JUDGED,
    SOLUTIONS,
    Caller,
    problem_of,
)
from tests.conftest import NOW, TODAY
from tests.evidence import checked, ended, flagged, replaced, said

COVERAGE = "/api/v1/coverage/"
HOSTILE = "<script>alert(1)</script>\u202e" + "x" * 2_000


@pytest.fixture
def solution(django: str) -> Solution:
    return Solution.objects.get(slug="django")


def results(caller: Caller, path: str) -> Any:
    answer = caller.get(path)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_a_signal_is_shown_with_all_that_is_known_of_it(
    bob: Caller, django: str, solution: Solution
) -> None:
    former = said(solution, SignalKind.VULNERABILITY, "Old words.", subject="CVE-1")
    ended(former, "superseded", NOW + timedelta(hours=1))
    flaw = said(
        solution,
        SignalKind.VULNERABILITY,
        "A query can be injected.",
        source=Source.OSV,
        subject="CVE-1",
        effective_on=date(2026, 11, 1),
        confidence=Confidence.STATED,
        severity=Severity.CRITICAL,
        replacement="",
        aliases=("GHSA-1",),
        fixed_in="5.2.20",
        quote="In its own words.",
        address="https://osv.example/CVE-1",
        verified=False,
        supersedes=former,
    )

    newest, older = results(bob, f"{django}signals/")

    assert newest == {
        "id": flaw.pk,
        "source": "osv",
        "kind": "vulnerability",
        "subject": "CVE-1",
        "value": "A query can be injected.",
        "effective_on": "2026-11-01",
        "published_on": str(TODAY),
        "confidence": "stated",
        "severity": "critical",
        "replacement": "",
        "aliases": ["GHSA-1"],
        "fixed_in": "5.2.20",
        "quote": "In its own words.",
        "source_url": "https://osv.example/CVE-1",
        "verified": False,
        "fetched_at": "2026-11-22T09:30:00Z",
        "raw_hash": "0" * 64,
        "supersedes": former.pk,
        "state": "open",
        "ended_at": None,
    }
    assert (older["state"], older["ended_at"]) == (
        "superseded",
        "2026-11-22T10:30:00Z",
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "5.2.19 archived 5.2.18"),
        ("ordering=id", "5.2.18 archived 5.2.19"),
        ("state=open", "5.2.19"),
        ("state=superseded", "5.2.18"),
        ("state=withdrawn", "archived"),
        ("source=pypi&state=open", "5.2.19"),
        ("source=npm", ""),
        ("kind=project_status", "archived"),
        ("kind=notice_text", ""),
    ],
)
def test_the_filters_find_what_they_say(
    bob: Caller, django: str, solution: Solution, query: str, found: str
) -> None:
    former = said(solution, value="5.2.18")
    status = said(solution, SignalKind.PROJECT_STATUS, "archived")
    replaced(former, "5.2.19")
    ended(status)

    rows = results(bob, f"{django}signals/?{query}")

    assert " ".join(row["value"] for row in rows) == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=gone", "state"),
        ("state=", "state"),
        ("source=PyPI", "source"),
        ("source=osv&source=npm", "source"),
        ("kind=flaw", "kind"),
        ("ordering=value", "ordering"),
        ("solution=flask", "solution"),
        ("quote=x", "quote"),
        ("cursor=abc", "cursor"),
        ("page_size=0", "page_size"),
    ],
)
def test_a_parameter_that_means_nothing_is_refused(
    bob: Caller, django: str, query: str, field: str
) -> None:
    problem_of(bob.get(f"{django}signals/?{query}"), 400, field)


@pytest.mark.parametrize("tail", ["signals/", "evidence/"])
def test_what_is_not_registered_has_no_evidence(bob: Caller, tail: str) -> None:
    problem_of(bob.get(f"{SOLUTIONS}no-such-solution/{tail}"), 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("tail", ["signals/", "evidence/"])
def test_nobody_writes_evidence(
    bob: Caller, django: str, method: str, tail: str
) -> None:
    problem_of(bob(method, f"{django}{tail}"), 405)
    problem_of(bob(method, COVERAGE), 405)


@pytest.mark.parametrize("tail", ["signals/", "evidence/"])
def test_without_a_token_there_is_none(django: str, tail: str) -> None:
    problem_of(Caller(None).get(f"{django}{tail}"), 401)
    problem_of(Caller(None).get(COVERAGE), 401)


def test_the_pages_together_are_all_signals_once(
    bob: Caller, django: str, solution: Solution
) -> None:
    for number in range(12):
        said(solution, SignalKind.VULNERABILITY, "Bad.", subject=f"CVE-{number}")
    whole = results(bob, f"{django}signals/")

    walked, link = [], f"{django}signals/?page_size=5"
    while link:
        page = bob.get(link).json()
        walked += page["results"]
        link = page["next"]

    assert walked == whole
    assert len(whole) == 12


def test_a_page_of_signals_costs_three_queries(
    bob: Caller, django: str, solution: Solution
) -> None:
    for number in range(20):
        said(solution, SignalKind.VULNERABILITY, "Bad.", subject=f"CVE-{number}")

    with CaptureQueriesContext(connection) as queries:
        results(bob, f"{django}signals/")

    assert len(queries) <= 3


def test_words_of_strangers_come_as_they_are(
    bob: Caller, django: str, solution: Solution
) -> None:
    said(solution, SignalKind.NOTICE_TEXT, HOSTILE[:500], quote=HOSTILE[:2_000])

    [row] = results(bob, f"{django}signals/")

    assert row["value"] == HOSTILE[:500]
    assert row["quote"] == HOSTILE[:2_000]


def test_what_nobody_asked_about_is_not_known(bob: Caller, django: str) -> None:
    assert bob.get(f"{django}evidence/").json() == {
        "known": False,
        "sources": [],
        "facts": [],
        "facts_left_out": 0,
        "notes": [],
        "disagreements": [],
        "changed_since": {"evaluation": None, "changes": []},
    }


def test_the_evidence_is_one_document(
    bob: Caller, django: str, solution: Solution
) -> None:
    release = said(solution, value="5.2.18")
    logged = bob.post(EVALUATIONS, JUDGED).json()
    newer = replaced(release, "5.2.19")
    other = said(solution, value="5.3", source=Source.GITHUB)
    checked(solution, Source.PYPI)
    checked(solution, Source.OSV, SourceState.FAILED, error="It timed out.")

    known = bob.get(f"{django}evidence/").json()

    assert known["known"] is True
    assert [(row["source"], row["state"]) for row in known["sources"]] == [
        ("pypi", "ok"),
        ("osv", "failed"),
    ]
    assert known["sources"][0]["why"] == "Its package URL says so."
    assert known["sources"][1]["error"] == "It timed out."
    assert known["sources"][1]["answered_at"] is None
    assert [row["id"] for row in known["facts"]] == [other.pk, newer.pk]
    [disagreement] = known["disagreements"]
    assert disagreement["kind"] == "latest_release"
    assert {row["value"] for row in disagreement["facts"]} == {"5.2.19", "5.3"}
    assert known["changed_since"]["evaluation"] == logged["id"]
    new, changed = known["changed_since"]["changes"]
    assert (new["before"], new["after"]["id"]) == (None, other.pk)
    assert (changed["before"]["id"], changed["after"]["id"]) == (release.pk, newer.pk)


@pytest.mark.parametrize("state", ["failed", "not_found", "unsupported", "stale"])
def test_a_source_that_does_not_answer_is_never_taken_for_good(
    bob: Caller, django: str, solution: Solution, state: str
) -> None:
    checked(solution, state=SourceState(state))

    known = bob.get(f"{django}evidence/").json()

    assert known["known"] is False
    assert known["sources"][0]["state"] == state


def test_coverage_adds_up(bob: Caller, solution: Solution) -> None:
    bob.post(SOLUTIONS, {"name": "Flask", "kind": "package"})
    bob.post(SOLUTIONS, {"name": "Shop", "kind": "built"})
    checked(solution)

    assert bob.get(COVERAGE).json() == {
        "covered": 1,
        "total": 3,
        "kinds": [
            {"kind": "built", "covered": 0, "total": 1},
            {"kind": "package", "covered": 1, "total": 2},
        ],
    }


def test_coverage_of_an_empty_register_is_none_of_none(bob: Caller) -> None:
    assert bob.get(COVERAGE).json() == {"covered": 0, "total": 0, "kinds": []}


def test_coverage_takes_no_parameters(bob: Caller) -> None:
    problem_of(bob.get(f"{COVERAGE}?team=platform"), 400, "team")


def test_an_evaluation_names_what_it_rested_on(
    bob: Caller, django: str, solution: Solution
) -> None:
    signals = [said(solution), said(solution, SignalKind.MAINTAINERS, "4")]
    ended(said(solution, SignalKind.PROJECT_STATUS, "archived"))

    logged = bob.post(EVALUATIONS, JUDGED).json()

    assert logged["evidence"] == [signal.pk for signal in signals]
    assert results(bob, EVALUATIONS) == results(bob, f"{django}evaluations/")
    assert results(bob, EVALUATIONS)[0] == logged
    assert bob.get(f"{EVALUATIONS}{logged['id']}/").json() == logged


def test_what_an_evaluation_rested_on_is_not_for_its_author_to_say(
    bob: Caller, django: str
) -> None:
    problem_of(bob.post(EVALUATIONS, JUDGED | {"evidence": []}), 400, "evidence")


def test_a_flag_says_why_where_how_much_it_weighs_and_by_what(
    bob: Caller, solution: Solution
) -> None:
    end = said(
        solution,
        SignalKind.END_OF_LIFE,
        "2026-04-30",
        source=Source.ENDOFLIFE,
        subject="4.2",
        effective_on=date(2026, 4, 30),
        address="https://endoflife.example/django",
    )
    flag = flagged(solution, end)

    [listed] = results(bob, FLAGS)
    alone = bob.get(f"{FLAGS}{flag.pk}/").json()

    assert listed["severity"] == "high"
    assert listed["reason"] == "endoflife.date says that 4.2 has ended."
    assert listed["source_url"] == "https://endoflife.example/django"
    assert listed["evidence"] == [end.pk]
    [fact] = alone.pop("facts")
    assert alone["escalation"].pop("asked")
    assert alone == listed
    assert fact["value"] == "2026-04-30"
    assert fact["source"] == "endoflife"
    assert fact["source_url"] == "https://endoflife.example/django"
    assert fact["fetched_at"] == "2026-11-22T09:30:00Z"


def test_a_flag_of_the_clock_rests_on_no_evidence(
    bob: Caller, solution: Solution
) -> None:
    flag = flagged(solution, cause="review_due", reason="", severity="", source_url="")

    alone = bob.get(f"{FLAGS}{flag.pk}/").json()

    assert (alone["evidence"], alone["facts"]) == ([], [])
    assert (alone["severity"], alone["source_url"]) == ("", "")


@pytest.mark.parametrize(("path", "most"), [(FLAGS, 3), (EVALUATIONS, 6)])
def test_a_list_costs_as_much_with_evidence_for_many_as_for_one(
    bob: Caller, django: str, path: str, most: int
) -> None:
    def add(name: str) -> None:
        slug = bob.post(SOLUTIONS, {"name": name, "kind": "package"}).json()["slug"]
        solution = Solution.objects.get(slug=slug)
        flagged(solution, said(solution), said(solution, SignalKind.MAINTAINERS, "4"))
        bob.post(EVALUATIONS, JUDGED | {"solution": slug})

    add("One")
    with CaptureQueriesContext(connection) as few:
        results(bob, path)
    for number in range(8):
        add(f"Another {number}")

    with CaptureQueriesContext(connection) as many:
        rows = results(bob, path)

    assert sum(len(row["evidence"]) == 2 for row in rows) == 9
    assert len(few) == len(many) <= most
