"""A register for the pages' tests, built through the services as people would."""

from datetime import date, datetime

from reviews.models import Evaluation, Solution, Team, User
from reviews.rules.access import Actor
from reviews.rules.vocabulary import Criticality, Kind, Scheme, Verdict
from reviews.services.drafts import Draft
from reviews.services.evaluations import Judgement, record_evaluation
from reviews.services.scanning import scan
from reviews.services.solutions import register_solution
from tests.conftest import NOW, TODAY

ADMINISTRATOR = Actor(name="Dora", door="test", is_administrator=True)


def registered(
    name: str,
    *,
    on: date = TODAY,
    team: Team | None = None,
    owner: User | None = None,
    kind: Kind = Kind.PACKAGE,
    criticality: Criticality = Criticality.MEDIUM,
    description: str = "",
    version: str = "",
    contract_ends_on: date | None = None,
    identifiers: list[tuple[Scheme, str]] | None = None,
) -> Solution:
    return register_solution(
        draft=Draft(
            name=name,
            kind=kind,
            team_id=team.pk if team else None,
            owner_id=owner.pk if owner else None,
            criticality=criticality,
            description=description,
            version=version,
            contract_ends_on=contract_ends_on,
            identifiers=identifiers or [],
        ),
        actor=ADMINISTRATOR,
        today=on,
        now=NOW,
    )


def evaluated(
    solution: Solution,
    on: date,
    verdict: Verdict = Verdict.ADOPT,
    *,
    summary: str = "Does what it should.",
    rationale: str = "",
    actor: Actor = ADMINISTRATOR,
    today: date = TODAY,
) -> Evaluation:
    evaluation = record_evaluation(
        solution_id=solution.pk,
        judgement=Judgement(
            verdict=verdict, evaluated_on=on, summary=summary, rationale=rationale
        ),
        actor=actor,
        today=today,
        now=NOW,
    )
    solution.refresh_from_db()
    return evaluation


def scanned(today: date = TODAY, now: datetime = NOW) -> None:
    scan(on=today, today=today, now=now)
