"""Reading the review policies."""

from reviews.models import ReviewPolicy, Tag
from reviews.rules.access import Scope
from tests.api.conftest import CallerOf
from tests.conftest import Cast

POLICIES = "/api/v1/policies/"


def test_every_policy_is_listed_with_what_it_covers(
    cast: Cast, caller: CallerOf
) -> None:
    generative = Tag.objects.create(name="generative")
    first = ReviewPolicy.objects.create(months=3, kind="model", lead_after_days=2)
    second = ReviewPolicy.objects.create(months=4, criticality="high", tag=generative)

    answer = caller(cast.charlie).get(POLICIES)

    nothing = {"kind": "", "criticality": "", "tag": None}
    climbs = {"lead_after_days": None, "head_after_days": None}
    assert answer.json()["results"] == [
        {**nothing, **climbs}
        | {"id": first.pk, "months": 3, "kind": "model", "lead_after_days": 2},
        {**nothing, **climbs}
        | {"id": second.pk, "months": 4, "criticality": "high", "tag": "generative"},
    ]


def test_nobody_reads_them_without_a_token_that_may_read(
    cast: Cast, caller: CallerOf
) -> None:
    assert caller(cast.dora, Scope.EVALUATIONS).get(POLICIES).status_code == 403


def test_no_token_changes_a_policy(cast: Cast, caller: CallerOf) -> None:
    answer = caller(cast.dora).post(POLICIES, {"months": 1})

    assert answer.status_code == 405
    assert not ReviewPolicy.objects.exists()
