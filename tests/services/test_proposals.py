"""Proposals to end a solution's life, and what leads decide on them."""

from typing import Any

import pytest

from reviews.models import Change, Decision, Evaluation, Flag, Solution, User
from reviews.rules.access import NotAllowedError, Scope
from reviews.rules.vocabulary import Verdict
from reviews.services.access import actor_of
from reviews.services.errors import ConflictError, InvalidError
from reviews.services.evaluations import decide_proposal
from reviews.services.tokens import create_token
from reviews.services.users import delete_user
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import evaluated, judged, scanned, written


@pytest.fixture
def proposal(cast: Cast, django: Solution) -> Evaluation:
    """Bob's proposal to retire Django."""
    return evaluated(django, judged(Verdict.RETIRE), actor=cast.actor(cast.bob))


def decided(proposal: Evaluation, cast: Cast, who: User, **said: Any) -> Decision:
    given: dict[str, Any] = {"approve": True, "reason": ""} | said
    return decide_proposal(
        evaluation_id=proposal.pk,
        actor=cast.actor(who),
        today=TODAY,
        now=NOW,
        **given,
    )


@pytest.mark.parametrize("verdict", [Verdict.DEPRECATE, Verdict.RETIRE])
def test_an_engineers_ending_is_a_proposal_and_changes_nothing(
    cast: Cast, django: Solution, verdict: Verdict
) -> None:
    scanned(django.next_review_on or TODAY)
    before = written()

    proposal = evaluated(django, judged(verdict), actor=cast.actor(cast.bob))

    assert proposal.is_proposal
    assert written()["Solution"] == before["Solution"]
    assert written()["Flag"] == before["Flag"]
    assert Change.objects.filter(what="proposed").count() == 1


@pytest.mark.parametrize("verdict", [Verdict.DEPRECATE, Verdict.RETIRE])
@pytest.mark.parametrize("who", ["alice", "dora"])
def test_leads_and_administrators_end_at_once(
    cast: Cast, django: Solution, who: str, verdict: Verdict
) -> None:
    actor = cast.actor(getattr(cast, who))

    evaluation = evaluated(django, judged(verdict), actor=actor)

    assert not evaluation.is_proposal
    assert django.state == verdict.value


@pytest.mark.parametrize(
    "verdict", [Verdict.ASSESS, Verdict.TRIAL, Verdict.ADOPT, Verdict.HOLD]
)
def test_an_engineers_other_verdicts_take_effect_at_once(
    cast: Cast, django: Solution, verdict: Verdict
) -> None:
    evaluated(django, judged(verdict), actor=cast.actor(cast.bob))

    assert django.state == verdict.value


@pytest.mark.parametrize("who", ["alice", "dora"])
def test_an_approval_ends_the_solution_and_closes_its_flags(
    cast: Cast, django: Solution, proposal: Evaluation, who: str
) -> None:
    scanned(django.next_review_on or TODAY)

    decided(proposal, cast, getattr(cast, who))

    django.refresh_from_db()
    assert (django.state, django.next_review_on) == ("retire", None)
    flag = Flag.objects.get()
    assert (flag.closed_because, flag.closed_by) == ("retired", proposal)


def test_the_audit_trail_tells_who_approved(cast: Cast, proposal: Evaluation) -> None:
    decided(proposal, cast, cast.alice, reason="Nobody uses it.")

    change = Change.objects.get(what="approved")
    assert (change.actor, change.object_label) == ("Alice", "django")
    assert change.details == {"evaluation": proposal.pk, "reason": "Nobody uses it."}
    decision = Decision.objects.get()
    assert (decision.decided_by_name, decision.decided_at) == ("Alice", NOW)


def test_a_declined_proposal_changes_nothing_and_stays_in_the_log(
    cast: Cast, django: Solution, proposal: Evaluation
) -> None:
    before = written()

    decided(proposal, cast, cast.alice, approve=False, reason="Still in use.")

    assert written()["Solution"] == before["Solution"]
    assert written()["Evaluation"] == before["Evaluation"]
    assert Change.objects.filter(what="declined").count() == 1


def test_a_declined_proposal_does_not_supersede(
    cast: Cast, django: Solution, proposal: Evaluation
) -> None:
    hold = evaluated(django, judged(Verdict.HOLD))
    again = judged(Verdict.RETIRE, supersedes_id=hold.pk)
    second = evaluated(django, again, actor=cast.actor(cast.bob))

    decided(second, cast, cast.alice, approve=False, reason="Still in use.")

    django.refresh_from_db()
    assert django.state == "hold"


def test_a_proposal_that_was_overtaken_is_not_approved_to_no_effect(
    cast: Cast, django: Solution, proposal: Evaluation
) -> None:
    newer = evaluated(django, judged(Verdict.ADOPT))
    before = written()

    with pytest.raises(ConflictError, match=f"Evaluation {newer.pk} is later"):
        decided(proposal, cast, cast.alice)

    assert written() == before


@pytest.mark.parametrize("reason", ["", " ", "\u00a0", "\u200b", "a\x00b", "x" * 501])
def test_declining_takes_a_reason_in_one_line(
    cast: Cast, proposal: Evaluation, reason: str
) -> None:
    before = written()

    with pytest.raises(InvalidError) as refusal:
        decided(proposal, cast, cast.alice, approve=False, reason=reason)

    assert refusal.value.field == "reason"
    assert written() == before


@pytest.mark.parametrize("who", ["bob", "charlie", "eve", "frank"])
@pytest.mark.parametrize("approve", [True, False])
def test_only_leads_of_the_team_decide(
    cast: Cast, proposal: Evaluation, who: str, approve: bool
) -> None:
    before = written()

    with pytest.raises(NotAllowedError):
        decided(proposal, cast, getattr(cast, who), approve=approve, reason="So.")

    assert written() == before


@pytest.mark.parametrize("approve", [True, False])
def test_nobody_decides_on_their_own_proposal(
    cast: Cast, proposal: Evaluation, approve: bool
) -> None:
    cast.platform.memberships.filter(user=cast.bob).update(role="lead")
    before = written()

    with pytest.raises(NotAllowedError, match="their own"):
        decided(proposal, cast, cast.bob, approve=approve, reason="Because.")

    assert written() == before


def test_a_leads_token_with_another_scope_decides_nothing(
    cast: Cast, proposal: Evaluation
) -> None:
    token, _ = create_token(
        user=cast.alice,
        scopes=[Scope.SOLUTIONS],
        days=1,
        actor=cast.actor(cast.alice),
        now=NOW,
    )

    with pytest.raises(NotAllowedError, match="evaluations:write"):
        decide_proposal(
            evaluation_id=proposal.pk,
            approve=True,
            reason="",
            actor=actor_of(cast.alice, door="API", token=token),
            today=TODAY,
            now=NOW,
        )


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
def test_a_proposal_is_decided_once(
    cast: Cast, proposal: Evaluation, first: bool, second: bool
) -> None:
    decided(proposal, cast, cast.alice, approve=first, reason="Because.")
    before = written()

    with pytest.raises(ConflictError, match="decided already"):
        decided(proposal, cast, cast.dora, approve=second, reason="Because.")

    assert written() == before


def test_what_took_effect_at_once_is_not_decided(cast: Cast, django: Solution) -> None:
    evaluation = evaluated(django, judged(Verdict.HOLD))

    with pytest.raises(ConflictError, match="nothing to decide"):
        decided(evaluation, cast, cast.alice)


def test_a_proposal_without_effect_leaves_the_solution_open_to_evaluation(
    cast: Cast, django: Solution, proposal: Evaluation
) -> None:
    evaluated(django, judged(Verdict.TRIAL), actor=cast.actor(cast.bob))

    assert django.state == "trial"


def test_a_proposal_outlives_the_account_of_its_author(
    cast: Cast, django: Solution, proposal: Evaluation
) -> None:
    delete_user(user=cast.bob, actor=cast.actor(cast.dora), today=TODAY, now=NOW)

    decided(proposal, cast, cast.alice)

    django.refresh_from_db()
    assert django.state == "retire"
    assert Evaluation.objects.get().author_name == "Bob"


def test_a_decision_outlives_the_account_of_who_decided(
    cast: Cast, proposal: Evaluation
) -> None:
    decided(proposal, cast, cast.alice)
    before = Decision.objects.values().get()

    delete_user(user=cast.alice, actor=cast.actor(cast.dora), today=TODAY, now=NOW)

    assert Decision.objects.values().get() == before
