"""What the tests of services, models and commands arrange, through the services."""

from datetime import date, datetime
from typing import Any

from django.db.models import Model

from reviews.models import (
    Change,
    Decision,
    Evaluation,
    Flag,
    Notice,
    Solution,
    Tag,
    Team,
)
from reviews.rules.access import Actor, operator
from reviews.rules.vocabulary import Kind, Verdict
from reviews.services.drafts import Draft
from reviews.services.evaluations import Judgement, record_evaluation
from reviews.services.scanning import ScanOutcome, scan
from reviews.services.solutions import edit_solution, register_solution
from tests.conftest import NOW, TODAY

OPERATOR = operator("test")
WRITTEN: list[type[Model]] = [
    Change,
    Decision,
    Evaluation,
    Flag,
    Notice,
    Solution,
    Tag,
]


def draft(name: str = "Django", team: Team | None = None, **said: Any) -> Draft:
    kind = said.pop("kind", Kind.PACKAGE)
    return Draft(name=name, kind=kind, team_id=team.pk if team else None, **said)


def registered(
    name: str = "Django",
    *,
    on: date = TODAY,
    now: datetime = NOW,
    actor: Actor = OPERATOR,
    slug: str = "",
    **said: Any,
) -> Solution:
    return register_solution(
        draft=draft(name, **said), actor=actor, today=on, now=now, slug=slug
    )


def edited(
    solution: Solution,
    wanted: Draft,
    *,
    actor: Actor = OPERATOR,
    today: date = TODAY,
    now: datetime = NOW,
    seen_at: datetime | None = None,
) -> Solution:
    return edit_solution(
        solution_id=solution.pk,
        draft=wanted,
        actor=actor,
        today=today,
        now=now,
        seen_at=seen_at,
    )


def judged(
    verdict: Verdict = Verdict.ADOPT, on: date = TODAY, **said: Any
) -> Judgement:
    return Judgement(
        verdict=verdict, evaluated_on=on, **({"summary": "It does its job."} | said)
    )


def evaluated(
    solution: Solution,
    judgement: Judgement | None = None,
    *,
    actor: Actor = OPERATOR,
    today: date = TODAY,
    now: datetime = NOW,
) -> Evaluation:
    evaluation = record_evaluation(
        solution_id=solution.pk,
        judgement=judgement or judged(),
        actor=actor,
        today=today,
        now=now,
    )
    solution.refresh_from_db()
    return evaluation


def scanned(on: date = TODAY, now: datetime = NOW) -> ScanOutcome:
    return scan(on=on, today=on, now=now)


def written() -> dict[str, list[dict[str, Any]]]:
    """Return all that a service could have written, to hold a later look against."""
    return {model.__name__: _rows(model) for model in WRITTEN}


def _rows(model: type[Model]) -> list[dict[str, Any]]:
    return list(model._default_manager.order_by("pk").values())
