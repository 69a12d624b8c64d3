"""`/api/v1/lookup/`."""

from datetime import date, timedelta
from urllib.parse import quote

import pytest

from reviews.models import Flag, Solution
from reviews.rules.access import Scope
from reviews.rules.signals import SignalKind
from reviews.rules.vocabulary import Kind, Scheme, Verdict
from reviews.services.covers import waive_flag
from tests.api.conftest import Caller, CallerOf, problem_of
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import said
from tests.pages.building import evaluated, registered, scanned

LOOKUP = "/api/v1/lookup/"


@pytest.fixture
def package(cast: Cast) -> Solution:
    return registered(
        "Django",
        team=cast.platform,
        owner=cast.bob,
        version="5.2.19",
        identifiers=[(Scheme.PURL, "pkg:pypi/django")],
    )


def test_it_says_what_was_decided_and_how_fresh_that_is(
    alice: Caller, package: Solution, cast: Cast
) -> None:
    evaluated(package, date(2026, 5, 10), Verdict.HOLD)
    scanned()
    flag = Flag.objects.open().get(solution=package)
    said(package, SignalKind.REGISTRY_DEPRECATED, "x", replacement="pkg:pypi/other")
    waive_flag(
        flag_id=flag.pk,
        owner_id=cast.bob.pk,
        reason="The contract runs on.",
        until=TODAY + timedelta(days=30),
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )

    answer = alice.get(f"{LOOKUP}?purl={quote('pkg:pypi/Django@4.2')}")

    assert answer.status_code == 200
    assert answer.json() == {
        "query": {
            "text": "pkg:pypi/Django@4.2",
            "form": "purl",
            "identifier": "pkg:pypi/django",
            "version": "4.2",
        },
        "found": [
            {
                "solution": "django",
                "name": "Django",
                "kind": "package",
                "version": "5.2.19",
                "verdict": "hold",
                "evaluated_on": "2026-05-10",
                "freshness": "overdue",
                "next_review_on": "2026-11-10",
                "team": "platform",
                "owner": "bob",
                "open_flags": [
                    {
                        "cause": "review_due",
                        "action": "review",
                        "severity": "",
                        "due_on": "2026-11-10",
                    }
                ],
                "waiver": {
                    "until": "2026-12-22",
                    "owner": "Bob",
                    "reason": "The contract runs on.",
                },
                "use_instead": {
                    "solution": None,
                    "name": "pkg:pypi/other",
                    "said_by": "PyPI",
                },
            }
        ],
    }


def test_what_was_never_reviewed_has_no_verdict(
    alice: Caller, package: Solution
) -> None:
    [found] = alice.get(f"{LOOKUP}?purl=pkg:pypi/django").json()["found"]

    assert found["verdict"] is None
    assert found["evaluated_on"] is None
    assert found["freshness"] == "unreviewed"
    assert (found["waiver"], found["use_instead"]) == (None, None)


def test_what_is_not_registered_is_found_as_nothing(
    alice: Caller, package: Solution
) -> None:
    answer = alice.get(f"{LOOKUP}?purl=pkg:npm/django")

    assert answer.status_code == 200
    assert answer.json()["found"] == []


@pytest.mark.parametrize(
    "text",
    ["https://github.com/team/shop", "Shop", "git@github.com:team/shop.git"],
)
def test_other_identifiers_have_a_parameter_of_their_own(
    alice: Caller, cast: Cast, text: str
) -> None:
    registered(
        "Shop",
        kind=Kind.BUILT,
        team=cast.platform,
        identifiers=[(Scheme.REPOSITORY, "https://github.com/team/shop")],
    )

    [found] = alice.get(f"{LOOKUP}?identifier={quote(text)}").json()["found"]

    assert found["solution"] == "shop"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?purl=",
        "?purl=django",
        "?purl=pkg:pypi",
        "?purl=pkg:pypi/%252",
        "?purl=pkg:pypi/django%00",
        "?purl=pkg:pypi/a&purl=pkg:pypi/b",
        "?purl=pkg:pypi/a&identifier=b",
    ],
)
def test_without_a_purl_that_can_be_read_there_is_no_answer(
    alice: Caller, query: str
) -> None:
    problem_of(alice.get(LOOKUP + query), 400, "purl")


@pytest.mark.parametrize(
    "query",
    ["?identifier=", "?identifier=%20", "?identifier=pkg:", "?identifier=%E2%80%AE"],
)
def test_an_identifier_that_cannot_be_read_is_refused(
    alice: Caller, query: str
) -> None:
    problem_of(alice.get(LOOKUP + query), 400, "identifier")


def test_an_unknown_parameter_is_refused(alice: Caller) -> None:
    problem_of(alice.get(f"{LOOKUP}?purl=pkg:pypi/a&name=b"), 400, "name")


def test_it_takes_a_token_that_may_read(
    cast: Cast, caller: CallerOf, package: Solution
) -> None:
    path = f"{LOOKUP}?purl=pkg:pypi/django"

    assert Caller(None).get(path).status_code == 401
    assert caller(cast.frank, Scope.SOLUTIONS).get(path).status_code == 403
    assert caller(cast.frank, Scope.READ).get(path).status_code == 200
    problem_of(caller(cast.frank).post(LOOKUP, {}), 405)
