"""What the database refuses, whoever writes; each refusal by the name it has."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from reviews.models import (
    APIToken,
    Decision,
    Dependency,
    Evaluation,
    Flag,
    IdempotencyKey,
    Membership,
    ReviewPolicy,
    Solution,
    Tag,
    Team,
    User,
)
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import registered


def refused(constraint: str, row: models.Model) -> None:
    """Expect a row to be refused by a constraint and by no other."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        row.save(force_insert=True)
        connection.check_constraints()
    _assert_named(constraint, type(row), str(refusal.value))


def refused_update(constraint: str, **values: Any) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Solution.objects.update(**values)
    _assert_named(constraint, Solution, str(refusal.value))


def _assert_named(constraint: str, model: type[models.Model], message: str) -> None:
    if constraint in message:
        return
    # SQLite names the columns of a unique constraint instead.
    assert connection.vendor == "sqlite"
    names = {one.name: one for one in model._meta.constraints}
    unique = names[constraint]
    assert isinstance(unique, models.UniqueConstraint)
    for field in unique.fields:
        column = model._meta.get_field(field).column  # type: ignore[union-attr]
        assert f"{model._meta.db_table}.{column}" in message


def flag(solution: Solution, /, **values: Any) -> Flag:
    return Flag(
        **{
            "solution": solution,
            "cause": "review_due",
            "action": "review",
            "due_on": TODAY,
            "opened_at": NOW,
        }
        | values
    )


def evaluation(solution: Solution, /, **values: Any) -> Evaluation:
    return Evaluation(
        **{
            "solution": solution,
            "author_name": "Bob",
            "evaluated_on": TODAY,
            "recorded_on": TODAY,
            "recorded_at": NOW,
            "verdict": "adopt",
            "summary": "Fine.",
        }
        | values
    )


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("solution_kind", {"kind": "library"}),
        ("solution_kind", {"kind": ""}),
        ("solution_kind", {"kind": "PACKAGE"}),
        ("solution_criticality", {"criticality": "urgent"}),
        ("solution_trust_end", {"trust_ends_on": date(1969, 12, 31)}),
        ("solution_notice_period", {"notice_period_days": 3651}),
        ("solution_always_has_a_next_review", {"next_review_on": date(1969, 12, 31)}),
        (
            "solution_always_has_a_next_review",
            {"state": "retire", "last_evaluated_on": TODAY},
        ),
        ("solution_state_has_its_day", {"last_evaluated_on": TODAY}),
        (
            "solution_state_has_its_day",
            {"state": "adopt", "last_evaluated_on": date(1969, 12, 31)},
        ),
        (
            "solution_state_has_its_day",
            {"state": "adopt", "last_evaluated_on": date(2101, 1, 1)},
        ),
    ],
    ids=str,
)
@pytest.mark.django_db
def test_a_solution_holds_to_its_rules(constraint: str, values: dict[str, Any]) -> None:
    registered()

    refused_update(constraint, **values)


@pytest.mark.django_db
def test_a_state_is_a_verdict_or_unreviewed() -> None:
    registered()

    refused_update("solution_state", state="fine", last_evaluated_on=TODAY)


@pytest.mark.django_db
def test_only_what_is_retired_has_no_next_review() -> None:
    registered()

    Solution.objects.update(
        state="retire", last_evaluated_on=TODAY, next_review_on=None
    )

    assert Solution.objects.get().next_review_on is None


@pytest.mark.django_db
def test_two_solutions_have_two_slugs() -> None:
    registered()
    row = Solution.objects.get()
    row.pk, row.key = None, "another"

    with pytest.raises(IntegrityError, match="slug"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.django_db
def test_a_question_is_open_once() -> None:
    solution = registered()
    flag(solution).save()

    refused("flag_open_once_a_cause", flag(solution, due_on=date(2026, 1, 1)))


@pytest.mark.django_db
def test_a_question_may_have_been_closed_often() -> None:
    solution = registered()

    for _ in range(3):
        flag(solution, closed_at=NOW, closed_because="evaluated").save()
    flag(solution).save()
    flag(solution, cause="trust_decayed").save()

    assert Flag.objects.open().count() == 2


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("flag_cause", {"cause": "whim"}),
        ("flag_action", {"action": "panic"}),
        ("flag_closed_for_a_reason", {"closed_at": NOW}),
        ("flag_closed_for_a_reason", {"closed_because": "evaluated"}),
        ("flag_closed_for_a_reason", {"closed_at": NOW, "closed_because": "bored"}),
    ],
    ids=str,
)
@pytest.mark.django_db
def test_a_flag_holds_to_its_rules(constraint: str, values: dict[str, Any]) -> None:
    refused(constraint, flag(registered(), **values))


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("evaluation_verdict", {"verdict": "keep"}),
        ("evaluation_verdict", {"verdict": ""}),
        ("evaluation_verdict", {"verdict": "unreviewed"}),
        ("evaluation_not_in_the_future", {"evaluated_on": date(2026, 11, 23)}),
        ("evaluation_not_in_the_future", {"evaluated_on": date(1969, 12, 31)}),
        (
            "evaluation_not_in_the_future",
            {"evaluated_on": date(2101, 1, 1), "recorded_on": date(2101, 1, 1)},
        ),
    ],
    ids=str,
)
@pytest.mark.django_db
def test_an_evaluation_holds_to_its_rules(
    constraint: str, values: dict[str, Any]
) -> None:
    refused(constraint, evaluation(registered(), **values))


@pytest.mark.parametrize(
    "field", ["solution", "author_name", "summary", "evaluated_on"]
)
@pytest.mark.django_db
def test_an_evaluation_lacks_nothing_that_it_needs(field: str) -> None:
    row = evaluation(registered(), **{field: None})

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.django_db
def test_declining_takes_a_reason() -> None:
    row = evaluation(registered(), verdict="retire", is_proposal=True)
    row.save()

    refused(
        "decision_declined_with_a_reason",
        Decision(
            evaluation=row, approved=False, decided_by_name="Alice", decided_at=NOW
        ),
    )


@pytest.mark.django_db
def test_a_proposal_is_decided_once() -> None:
    row = evaluation(registered(), verdict="retire", is_proposal=True)
    row.save()
    decided = {"evaluation": row, "decided_by_name": "Alice", "decided_at": NOW}
    Decision(approved=True, **decided).save()

    with pytest.raises(IntegrityError), transaction.atomic():
        Decision(approved=False, reason="No.", **decided).save()


@pytest.mark.parametrize("months", [0, 7, 12, 32_767])
@pytest.mark.django_db
def test_a_policy_lasts_one_to_six_months(months: int) -> None:
    refused("policy_one_to_six_months", ReviewPolicy(months=months))


@pytest.mark.parametrize(
    "scope", [{}, {"kind": "model"}, {"kind": "model", "criticality": "low"}], ids=str
)
@pytest.mark.django_db
def test_a_scope_has_one_policy(scope: dict[str, str]) -> None:
    ReviewPolicy(months=3, **scope).save()

    refused("policy_once_a_scope", ReviewPolicy(months=4, **scope))


@pytest.mark.django_db
def test_a_tagged_scope_has_one_policy() -> None:
    tag = Tag.objects.create(name="generative")
    ReviewPolicy(months=3, kind="model", tag=tag).save()

    refused("policy_once_a_tagged_scope", ReviewPolicy(months=4, kind="model", tag=tag))


def test_somebody_is_one_thing_in_a_team(cast: Cast) -> None:
    refused(
        "membership_once_a_team",
        Membership(user=cast.bob, team=cast.platform, role="viewer"),
    )


def test_a_role_is_one_of_three(cast: Cast) -> None:
    refused(
        "membership_role", Membership(user=cast.frank, team=cast.data, role="owner")
    )


@pytest.mark.django_db
def test_a_use_is_noted_once_a_version() -> None:
    component, used = registered("Shop"), registered("Django")
    seen = {
        "component": component,
        "solution": used,
        "version": "5.2",
        "first_seen_on": TODAY,
        "last_seen_on": TODAY,
    }
    Dependency(**seen).save()

    refused("dependency_once_a_version", Dependency(**seen))


def test_a_key_answers_one_request_of_a_user(cast: Cast) -> None:
    kept = {
        "user": cast.bob,
        "key": "a",
        "request_digest": "b",
        "status": 201,
        "answer": {},
        "created_at": NOW,
    }
    IdempotencyKey(**kept).save()
    IdempotencyKey(**(kept | {"user": cast.alice})).save()

    refused("idempotency_key_once_a_user", IdempotencyKey(**kept))


def test_a_digest_is_one_tokens(cast: Cast) -> None:
    kept = {"digest": "a" * 64, "created_at": NOW, "expires_at": NOW}
    APIToken(user=cast.bob, **kept).save()

    with pytest.raises(IntegrityError, match="digest"), transaction.atomic():
        APIToken(user=cast.alice, **kept).save()


@pytest.mark.django_db
def test_two_teams_have_two_names() -> None:
    Team.objects.create(name="Platform", slug="platform")

    with pytest.raises(IntegrityError, match="name"), transaction.atomic():
        Team.objects.create(name="Platform", slug="platform-2")


def test_two_people_have_two_usernames(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="username"), transaction.atomic():
        User.objects.create_user("bob")


@pytest.mark.parametrize(
    "model", [Solution, Flag, Evaluation, Decision, ReviewPolicy, Membership]
)
def test_every_constraint_has_a_name_of_the_domain(model: type[models.Model]) -> None:
    names = {constraint.name for constraint in model._meta.constraints}

    assert names
    assert all("%" not in name and name.islower() for name in names)
