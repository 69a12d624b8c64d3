"""Logging evaluations."""

from datetime import date

import pytest

from reviews.models import Solution
from reviews.rules.vocabulary import Kind, Scheme, Verdict
from reviews.services.evaluations import (
    Judgement,
    record_evaluation,
)
from reviews.services.solutions import Draft, register_solution
from tests.conftest import NOW, TODAY, Cast


@pytest.fixture
def django(cast: Cast) -> Solution:
    draft = Draft(
        name="Django",
        kind=Kind.PACKAGE,
        team_id=cast.platform.pk,
        identifiers=[(Scheme.PURL, "pkg:pypi/django@5.2.19")],
    )
    actor = cast.actor(cast.alice)
    return register_solution(draft=draft, actor=actor, today=TODAY, now=NOW)


def judged(
    verdict: Verdict = Verdict.ADOPT, on: date = TODAY, **more: object
) -> Judgement:
    return Judgement(verdict=verdict, evaluated_on=on, summary="Fine.", **more)  # type: ignore[arg-type]


def test_an_evaluation_sets_the_state_and_the_clock(
    cast: Cast, django: Solution
) -> None:
    record_evaluation(
        solution_id=django.pk,
        judgement=judged(on=date(2026, 8, 31)),
        actor=cast.actor(cast.bob),
        today=TODAY,
        now=NOW,
    )

    django.refresh_from_db()
    assert django.state == "adopt"
    assert django.next_review_on == date(2027, 2, 28)
