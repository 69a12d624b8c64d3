"""Correcting the log: superseding evaluations, and the end of a solution's life."""

from datetime import date

import pytest

from reviews.models import Evaluation, Flag, Solution
from reviews.rules.vocabulary import Verdict
from reviews.services.errors import ConflictError, InvalidError
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import evaluated, judged, registered, scanned, written


def test_a_correction_takes_the_place_of_what_it_corrects(django: Solution) -> None:
    wrong = evaluated(django, judged(Verdict.HOLD, date(2026, 11, 20)))

    evaluated(django, judged(Verdict.ADOPT, date(2026, 11, 10), supersedes_id=wrong.pk))

    assert django.state == "adopt"
    assert django.last_evaluated_on == date(2026, 11, 10)
    assert django.next_review_on == date(2027, 5, 10)


def test_what_is_corrected_stays_in_the_log(django: Solution) -> None:
    wrong = evaluated(django, judged(Verdict.HOLD))
    before = Evaluation.objects.values().get()

    right = evaluated(django, judged(supersedes_id=wrong.pk))

    assert Evaluation.objects.values().get(pk=wrong.pk) == before
    assert right.supersedes == wrong


def test_a_chain_of_corrections_ends_with_its_last(django: Solution) -> None:
    first = evaluated(django, judged(Verdict.HOLD))
    second = evaluated(django, judged(Verdict.TRIAL, supersedes_id=first.pk))

    evaluated(django, judged(Verdict.ASSESS, date(2026, 1, 1), supersedes_id=second.pk))

    assert django.state == "assess"


def test_a_correction_of_an_old_line_leaves_the_state_to_the_newest(
    django: Solution,
) -> None:
    old = evaluated(django, judged(Verdict.HOLD, date(2026, 3, 1)))
    evaluated(django, judged(Verdict.ADOPT, date(2026, 9, 1)))

    evaluated(django, judged(Verdict.TRIAL, date(2026, 3, 1), supersedes_id=old.pk))

    assert django.state == "adopt"


def test_a_corrected_day_that_is_due_opens_the_flag_at_once(django: Solution) -> None:
    wrong = evaluated(django, judged(on=TODAY))

    evaluated(django, judged(on=date(2026, 5, 22), supersedes_id=wrong.pk))

    assert Flag.objects.open().get().due_on == TODAY


def test_only_an_evaluation_of_the_same_solution_is_superseded(
    cast: Cast, django: Solution
) -> None:
    other = evaluated(registered("Celery", team=cast.platform))
    before = written()

    with pytest.raises(InvalidError) as refusal:
        evaluated(django, judged(supersedes_id=other.pk))

    assert refusal.value.field == "supersedes"
    assert written() == before


@pytest.mark.parametrize("number", [0, -1, 10**12], ids=str)
def test_only_an_evaluation_that_exists_is_superseded(
    django: Solution, number: int
) -> None:
    before = written()

    with pytest.raises(InvalidError) as refusal:
        evaluated(django, judged(supersedes_id=number))

    assert refusal.value.field == "supersedes"
    assert written() == before


def test_an_evaluation_is_superseded_once(django: Solution) -> None:
    wrong = evaluated(django, judged(Verdict.HOLD))
    evaluated(django, judged(supersedes_id=wrong.pk))
    before = written()

    with pytest.raises(ConflictError, match="supersede the newer one") as refusal:
        evaluated(django, judged(Verdict.TRIAL, supersedes_id=wrong.pk))

    assert refusal.value.field == "supersedes"
    assert written() == before


def test_a_proposal_to_supersede_does_not_stand_in_the_way(
    cast: Cast, django: Solution
) -> None:
    wrong = evaluated(django, judged(Verdict.HOLD))
    proposal = judged(Verdict.DEPRECATE, supersedes_id=wrong.pk)
    evaluated(django, proposal, actor=cast.actor(cast.bob))

    evaluated(django, judged(Verdict.TRIAL, supersedes_id=wrong.pk))

    assert django.state == "trial"


@pytest.mark.parametrize("verdict", Verdict)
def test_what_is_retired_takes_no_further_evaluation(
    django: Solution, verdict: Verdict
) -> None:
    evaluated(django, judged(Verdict.RETIRE, date(2026, 11, 1)))
    before = written()

    with pytest.raises(ConflictError, match="supersedes the one that retired it"):
        evaluated(django, judged(verdict))

    assert written() == before


def test_superseding_the_retirement_revives_the_solution(django: Solution) -> None:
    retirement = evaluated(django, judged(Verdict.RETIRE, date(2026, 11, 1)))

    evaluated(django, judged(Verdict.HOLD, supersedes_id=retirement.pk))

    assert django.state == "hold"
    assert django.next_review_on == date(2027, 5, 22)
    assert django.trust_ends_on == date(2027, 11, 22)


def test_what_was_revived_is_flagged_again_when_it_is_due(django: Solution) -> None:
    retirement = evaluated(django, judged(Verdict.RETIRE, date(2026, 11, 1)))
    evaluated(django, judged(Verdict.HOLD, supersedes_id=retirement.pk))
    scanned()

    outcome = scanned(date(2027, 5, 22), NOW)

    assert outcome.settlement.opened == 1


def test_a_retirement_backdated_before_the_last_verdict_retires_nothing(
    django: Solution,
) -> None:
    evaluated(django, judged(Verdict.ADOPT, date(2026, 11, 1)))

    evaluated(django, judged(Verdict.RETIRE, date(2026, 10, 1)))

    assert django.state == "adopt"
