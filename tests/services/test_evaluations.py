"""Logging evaluations: what follows from one that takes effect."""

from datetime import date, timedelta

import pytest

from reviews.models import Change, Evaluation, Flag, Solution
from reviews.rules.vocabulary import Verdict
from reviews.services.users import delete_user
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import evaluated, judged, registered, scanned

LONG_AGO = date(2025, 11, 1)


def test_an_evaluation_sets_the_state_and_the_clock(
    cast: Cast, django: Solution
) -> None:
    judgement = judged(on=date(2026, 8, 31))

    evaluated(django, judgement, actor=cast.actor(cast.bob))

    assert django.state == "adopt"
    assert django.last_evaluated_on == date(2026, 8, 31)
    assert django.next_review_on == date(2027, 2, 28)
    assert django.clock_due_on == date(2027, 2, 28)
    assert django.trust_ends_on == date(2027, 8, 31)


def test_an_evaluation_is_kept_as_it_was_written(cast: Cast, django: Solution) -> None:
    judgement = judged(
        Verdict.HOLD,
        date(2026, 11, 20),
        summary="Wait for 6.0.",
        rationale="Two lines,\n\n- with **Markdown**",
        version="5.2.19",
        alternatives=["Flask", "Litestar"],
    )

    evaluation = evaluated(django, judgement, actor=cast.actor(cast.bob))

    assert Evaluation.objects.values().get() == {
        "id": evaluation.pk,
        "solution_id": django.pk,
        "author_id": cast.bob.pk,
        "author_name": "Bob",
        "evaluated_on": date(2026, 11, 20),
        "recorded_on": TODAY,
        "recorded_at": NOW,
        "verdict": "hold",
        "summary": "Wait for 6.0.",
        "rationale": "Two lines,\n\n- with **Markdown**",
        "version": "5.2.19",
        "alternatives": ["Flask", "Litestar"],
        "supersedes_id": None,
        "is_proposal": False,
        "template": "",
        "answers": [],
        "replacement_id": None,
        "reaffirms_id": None,
    }


@pytest.mark.parametrize(
    "on",
    [
        pytest.param(TODAY, id="today"),
        pytest.param(date(1970, 1, 1), id="the first day of the register"),
        pytest.param(date(2024, 2, 29), id="a leap day"),
        pytest.param(date(2020, 1, 1), id="before it was registered"),
    ],
)
def test_an_evaluation_may_be_of_any_day_so_far(django: Solution, on: date) -> None:
    evaluated(django, judged(on=on))

    assert django.last_evaluated_on == on


def test_a_backdated_evaluation_does_not_push_the_clock_back(django: Solution) -> None:
    evaluated(django, judged(Verdict.ADOPT, date(2026, 10, 1)))

    evaluated(django, judged(Verdict.HOLD, date(2026, 9, 30)))

    assert Evaluation.objects.count() == 2
    assert django.state == "adopt"
    assert django.next_review_on == date(2027, 4, 1)


def test_of_two_evaluations_on_one_day_the_later_written_counts(
    django: Solution,
) -> None:
    evaluated(django, judged(Verdict.ADOPT))

    evaluated(django, judged(Verdict.HOLD))

    assert django.state == "hold"


def test_what_is_retired_has_no_clock(django: Solution) -> None:
    evaluated(django, judged(Verdict.RETIRE))

    assert django.state == "retire"
    assert django.last_evaluated_on == TODAY
    assert django.next_review_on is None
    assert django.clock_due_on is None
    assert django.trust_ends_on is None


def test_what_is_being_deprecated_is_still_reviewed(django: Solution) -> None:
    evaluated(django, judged(Verdict.DEPRECATE))

    assert django.next_review_on == date(2027, 5, 22)
    assert django.trust_ends_on is None


def test_texts_are_stored_in_their_one_form(django: Solution) -> None:
    judgement = judged(
        summary="  Cafe\u0301\u00a0 is   fine ", alternatives=[" Re\u0301sume\u0301 "]
    )

    evaluation = evaluated(django, judgement)

    assert evaluation.summary == "Caf\u00e9 is fine"
    assert evaluation.alternatives == ["R\u00e9sum\u00e9"]


def test_an_evaluation_closes_the_flag_and_the_flag_says_which(cast: Cast) -> None:
    solution = registered(team=cast.platform, on=LONG_AGO)
    scanned()

    evaluation = evaluated(solution, actor=cast.actor(cast.bob))

    flags = Flag.objects.all()
    assert {flag.cause for flag in flags} == {"review_due", "trust_decayed"}
    assert {flag.closed_by for flag in flags} == {evaluation}
    assert {flag.closed_at for flag in flags} == {NOW}
    assert {flag.closed_because for flag in flags} == {"evaluated"}


def test_a_flag_that_a_retirement_closes_says_so(cast: Cast) -> None:
    solution = registered(team=cast.platform, on=LONG_AGO)
    scanned()

    evaluated(solution, judged(Verdict.RETIRE))

    assert {flag.closed_because for flag in Flag.objects.all()} == {"retired"}


def test_an_evaluation_too_old_to_answer_moves_the_flag(cast: Cast) -> None:
    solution = registered(team=cast.platform, on=LONG_AGO)
    scanned()

    evaluated(solution, judged(on=date(2026, 1, 15)))

    flag = Flag.objects.open().get()
    assert (flag.cause, flag.due_on) == ("review_due", date(2026, 7, 15))
    assert flag.vouched_on == date(2026, 1, 15)


def test_an_evaluation_leaves_other_solutions_alone(
    cast: Cast, django: Solution
) -> None:
    registered("Celery", team=cast.platform, on=LONG_AGO)
    scanned()
    before = list(Flag.objects.values())

    evaluated(django)

    assert list(Flag.objects.values()) == before


def test_the_audit_trail_tells_of_an_evaluation(cast: Cast, django: Solution) -> None:
    evaluation = evaluated(django, actor=cast.actor(cast.bob))

    change = Change.objects.get(what="evaluated")
    assert (change.object_kind, change.object_id) == ("solution", django.pk)
    assert (change.object_label, change.at) == ("django", NOW)
    assert (change.actor, change.door) == ("Bob", "test")
    assert change.details == {
        "evaluation": evaluation.pk,
        "verdict": "adopt",
        "evaluated_on": "2026-11-22",
    }


def test_an_author_who_leaves_leaves_the_name(cast: Cast, django: Solution) -> None:
    evaluation = evaluated(django, actor=cast.actor(cast.bob))
    before = Evaluation.objects.values().get()

    delete_user(user=cast.bob, actor=cast.actor(cast.dora), today=TODAY, now=NOW)

    assert Evaluation.objects.values().get() == before
    assert Evaluation.objects.get(pk=evaluation.pk).author_name == "Bob"


def test_who_has_the_solution_open_for_editing_learns_of_an_evaluation(
    django: Solution,
) -> None:
    later = NOW + timedelta(minutes=1)

    evaluated(django, now=later)

    assert django.updated_at == later
