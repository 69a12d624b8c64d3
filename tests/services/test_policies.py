"""Changing how long verdicts hold."""

from datetime import date

import pytest

from reviews.models import Change, Flag, ReviewPolicy, Solution, Tag
from reviews.rules.access import NotAllowedError, Scope
from reviews.rules.vocabulary import Criticality, Kind, Verdict
from reviews.services.access import actor_of
from reviews.services.policies import remove_policy, set_policy
from reviews.services.tokens import create_token
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import (
    OPERATOR,
    edited,
    evaluated,
    judged,
    registered,
    scanned,
    written,
)
from tests.services.building import draft as draft_of


def held(months: int, **scope: object) -> ReviewPolicy:
    """Set a policy and return it."""
    policy = ReviewPolicy(months=months, **scope)
    set_policy(policy=policy, actor=OPERATOR, today=TODAY, now=NOW)
    return policy


def removed(policy: ReviewPolicy) -> None:
    remove_policy(policy=policy, actor=OPERATOR, today=TODAY, now=NOW)


def next_review(solution: Solution) -> date | None:
    solution.refresh_from_db()
    return solution.next_review_on


@pytest.fixture
def model(db: None) -> Solution:
    """A hosted model, evaluated on 31 August."""
    solution = registered("Larch", kind=Kind.MODEL, tags=["generative"])
    evaluated(solution, judged(on=date(2026, 8, 31)))
    return solution


def test_a_policy_winds_the_clocks_that_it_bears_on(model: Solution) -> None:
    held(4, kind="model")

    assert next_review(model) == date(2026, 12, 31)


def test_a_policy_leaves_the_other_clocks_alone(model: Solution) -> None:
    held(4, kind="package")

    assert next_review(model) == date(2027, 2, 28)


def test_of_several_policies_the_shortest_counts(model: Solution) -> None:
    held(5, kind="model")
    held(4, tag=Tag.objects.get(name="generative"))
    held(3, criticality="critical")

    assert next_review(model) == date(2026, 12, 31)


def test_a_policy_for_everything_bears_on_everything(model: Solution) -> None:
    held(5)

    assert next_review(model) == date(2027, 1, 31)


def test_a_policy_that_is_changed_winds_the_clocks_anew(model: Solution) -> None:
    policy = held(4)
    policy.months = 5

    set_policy(policy=policy, actor=OPERATOR, today=TODAY, now=NOW)

    assert next_review(model) == date(2027, 1, 31)
    assert ReviewPolicy.objects.count() == 1


def test_without_its_policy_a_clock_falls_back_to_six_months(model: Solution) -> None:
    policy = held(4)

    removed(policy)

    assert next_review(model) == date(2027, 2, 28)
    assert not ReviewPolicy.objects.exists()


def test_what_a_shorter_policy_makes_due_is_flagged_at_once(model: Solution) -> None:
    held(2)

    flag = Flag.objects.open().get()
    assert (flag.solution, flag.due_on) == (model, date(2026, 10, 31))


def test_what_a_longer_policy_puts_off_is_flagged_no_more(model: Solution) -> None:
    policy = held(2)

    removed(policy)

    assert Flag.objects.get().closed_because == "rescheduled"


def test_a_first_review_is_never_put_off_beyond_the_policy(db: None) -> None:
    solution = registered(criticality=Criticality.LOW)
    assert solution.next_review_on == date(2027, 1, 21)

    held(1)

    assert next_review(solution) == date(2026, 12, 22)


def test_a_policy_gives_nothing_retired_a_clock(model: Solution) -> None:
    evaluated(model, judged(Verdict.RETIRE))

    held(1)

    assert next_review(model) is None


def test_a_policy_does_not_push_back_what_a_contract_pulled(db: None) -> None:
    solution = registered(contract_ends_on=date(2027, 1, 20))
    evaluated(solution)
    assert solution.next_review_on == date(2026, 12, 21)

    held(2)

    assert next_review(solution) == date(2026, 12, 21)
    assert solution.clock_due_on == date(2027, 1, 22)


def test_a_new_solution_is_registered_under_the_policies_in_force(db: None) -> None:
    held(1, criticality="low")

    solution = registered(criticality=Criticality.LOW)

    assert solution.next_review_on == date(2026, 12, 22)


def test_an_edit_that_brings_a_solution_under_a_policy_winds_its_clock(
    model: Solution,
) -> None:
    held(4, criticality="critical")
    wanted = draft_of(
        "Larch", kind=Kind.MODEL, criticality=Criticality.CRITICAL, tags=["generative"]
    )

    edited(model, wanted)

    assert next_review(model) == date(2026, 12, 31)


def test_a_policy_is_no_edit_of_the_solutions(model: Solution) -> None:
    updated_at = model.updated_at

    held(4)

    model.refresh_from_db()
    assert model.updated_at == updated_at


def test_the_scan_finds_nothing_left_to_do_after_a_policy(model: Solution) -> None:
    scanned()

    held(2)

    assert scanned().settlement.opened == 0


def test_the_audit_trail_tells_of_a_policys_life(db: None) -> None:
    policy = held(4, kind="model")
    policy.months = 3
    set_policy(policy=policy, actor=OPERATOR, today=TODAY, now=NOW)
    removed(policy)

    told = Change.objects.filter(object_kind="reviewpolicy").order_by("pk")
    assert [(change.what, change.details) for change in told] == [
        ("added", {"months": 4}),
        ("changed", {"months": 3}),
        ("removed", {"months": 3}),
    ]
    assert {change.object_label for change in told} == {
        "4 months for model",
        "3 months for model",
    }


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "eve", "frank"])
def test_only_administrators_set_policies(cast: Cast, who: str) -> None:
    before = written()

    with pytest.raises(NotAllowedError, match="Only administrators"):
        set_policy(
            policy=ReviewPolicy(months=1),
            actor=cast.actor(getattr(cast, who)),
            today=TODAY,
            now=NOW,
        )

    assert not ReviewPolicy.objects.exists()
    assert written() == before


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "eve", "frank"])
def test_only_administrators_remove_policies(cast: Cast, who: str) -> None:
    policy = held(4)

    with pytest.raises(NotAllowedError, match="Only administrators"):
        remove_policy(
            policy=policy,
            actor=cast.actor(getattr(cast, who)),
            today=TODAY,
            now=NOW,
        )

    assert ReviewPolicy.objects.get() == policy


@pytest.mark.parametrize("scopes", [[Scope.READ], list(Scope)], ids=["one", "all"])
def test_no_scoped_token_sets_policies(cast: Cast, scopes: list[Scope]) -> None:
    token, _ = create_token(
        user=cast.dora, scopes=scopes, days=1, actor=cast.actor(cast.dora), now=NOW
    )

    with pytest.raises(NotAllowedError):
        set_policy(
            policy=ReviewPolicy(months=1),
            actor=actor_of(cast.dora, door="API", token=token),
            today=TODAY,
            now=NOW,
        )
