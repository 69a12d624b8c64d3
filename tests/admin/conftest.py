"""What the tests of the staff pages share."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
import time_machine
from django.test import Client

from reviews.models import Evaluation, Solution, User
from reviews.rules.vocabulary import Kind, Scheme, Verdict
from reviews.services.drafts import Draft
from reviews.services.evaluations import Judgement, record_evaluation
from reviews.services.solutions import register_solution
from tests.conftest import NOW, TODAY, Cast

# What has to be answered of a package.
ANSWERED = {
    "criterion-still-needed-answer": "yes",
    "criterion-fit-answer": "4",
    "criterion-better-elsewhere-answer": "yes",
    "criterion-maintained-answer": "5",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def django(cast: Cast) -> Solution:
    """A package of the platform team, owned by Bob."""
    return registered(
        cast,
        Draft(
            name="Django",
            kind=Kind.PACKAGE,
            team_id=cast.platform.pk,
            owner_id=cast.bob.pk,
            tags=["web"],
            identifiers=[(Scheme.PURL, "pkg:pypi/django")],
        ),
    )


@pytest.fixture
def warehouse(cast: Cast) -> Solution:
    """A component of the data team."""
    draft = Draft(name="Warehouse", kind=Kind.BUILT, team_id=cast.data.pk)
    return registered(cast, draft)


def registered(cast: Cast, draft: Draft) -> Solution:
    return register_solution(
        draft=draft, actor=cast.actor(cast.dora), today=TODAY, now=NOW
    )


def evaluated(
    cast: Cast,
    solution: Solution,
    *,
    by: User | None = None,
    verdict: Verdict = Verdict.ADOPT,
    on: date = TODAY,
    **more: str,
) -> Evaluation:
    judgement = Judgement(verdict=verdict, evaluated_on=on, summary="Looked at it.")
    return record_evaluation(
        solution_id=solution.pk,
        judgement=replace(judgement, **more),  # type: ignore[arg-type]
        actor=cast.actor(by or cast.dora),
        today=TODAY,
        now=NOW,
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
