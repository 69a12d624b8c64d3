"""A register to look at."""

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from reviews.models import (
    Change,
    Dependency,
    Evaluation,
    Flag,
    Membership,
    Solution,
    Team,
    User,
)
from reviews.rules.access import Actor, NotAllowedError, operator
from reviews.rules.vocabulary import Freshness
from reviews.services.demonstration import Demonstration, load_demonstration
from reviews.services.errors import ConflictError, DomainError
from reviews.services.scanning import scan
from tests.conftest import NOW, TODAY

OPERATOR = operator("load_demonstration")
PLAN = Path(settings.BASE_DIR) / "reviews" / "management" / "demonstration.toml"

pytestmark = pytest.mark.django_db


def shipped() -> dict[str, Any]:
    return tomllib.loads(PLAN.read_text())


def loaded(plan: dict[str, Any], actor: Actor = OPERATOR) -> int:
    lock = Path(settings.BASE_DIR) / "requirements.lock"
    return load_demonstration(
        demonstration=Demonstration(
            plan=plan, lock=lock.read_bytes(), lock_name=lock.name
        ),
        actor=actor,
        today=TODAY,
        now=NOW,
    )


def test_after_the_first_scan_there_is_something_of_everything() -> None:
    loaded(shipped())

    scan(on=TODAY, today=TODAY, now=NOW)

    found = {
        freshness: Solution.objects.of_freshness(freshness, TODAY).count()
        for freshness in Freshness
    }
    assert all(found.values()), found
    assert Solution.objects.filter(state="deprecate").exists()
    assert Flag.objects.open().filter(action="deprecate").exists()
    assert Flag.objects.open().filter(action="review").exists()
    assert Flag.objects.overdue_on(TODAY).exists()


def test_the_register_holds_this_projects_own_dependencies() -> None:
    count = loaded(shipped())

    used = Dependency.objects.filter(component__slug="best-before")
    assert count == Solution.objects.count()
    assert used.filter(solution__name="django").exists()
    assert used.count() > 20


def test_no_evaluation_lies_in_the_future_or_is_by_nobody() -> None:
    loaded(shipped())

    evaluations = Evaluation.objects.all()
    assert evaluations.exists()
    assert not evaluations.filter(evaluated_on__gt=TODAY).exists()
    assert not evaluations.filter(author=None).exists()
    assert not evaluations.filter(is_proposal=True).exists()


def test_nobody_who_was_made_up_can_sign_in() -> None:
    loaded(shipped())

    people = User.objects.all()
    assert people
    assert not any(person.has_usable_password() for person in people)
    assert not people.filter(is_superuser=True).exists()


def test_only_an_administrator_loads_it() -> None:
    with pytest.raises(NotAllowedError, match="Only administrators"):
        loaded(shipped(), Actor(name="Alice", door="test"))

    assert not Team.objects.exists()


def test_a_register_in_which_something_stands_is_left_alone() -> None:
    loaded(shipped())
    teams = Team.objects.count()

    with pytest.raises(ConflictError, match="TRACKER_DATA_DIR"):
        loaded(shipped())

    assert Team.objects.count() == teams


def _unknown_reviewer(plan: dict[str, Any]) -> None:
    plan["reviews"][-1]["by"] = "nobody"


def _unknown_verdict(plan: dict[str, Any]) -> None:
    plan["reviews"][-1]["verdict"] = "keep"


def _unknown_team(plan: dict[str, Any]) -> None:
    plan["solutions"][-1]["team"] = "Nowhere"


def _blank_summary(plan: dict[str, Any]) -> None:
    plan["reviews"][-1]["summary"] = " "


def _twice_registered(plan: dict[str, Any]) -> None:
    plan["solutions"].append(deepcopy(plan["solutions"][0]))


def _unknown_component(plan: dict[str, Any]) -> None:
    plan["lock"]["component"] = "nothing"


@pytest.mark.parametrize(
    "spoil",
    [
        _unknown_reviewer,
        _unknown_verdict,
        _unknown_team,
        _blank_summary,
        _twice_registered,
        _unknown_component,
    ],
)
def test_what_fails_midway_leaves_nothing(spoil: Any) -> None:
    plan = shipped()
    spoil(plan)

    with pytest.raises((KeyError, ValueError, DomainError)):
        loaded(plan)

    for model in (Solution, Team, User, Membership, Evaluation, Change, Flag):
        assert not model._default_manager.exists()
