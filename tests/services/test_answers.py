"""Answers to a template's questions, and the other solutions that are named."""

from typing import Any

import pytest

from reviews.models import Alternative, Evaluation, Solution
from reviews.rules.criteria import BUILT_IN
from reviews.rules.vocabulary import Kind, Verdict
from reviews.services.answers import Answer
from reviews.services.errors import ConflictError, InvalidError
from reviews.services.solutions import delete_solution
from reviews.services.templates import save_template
from tests.conftest import NOW, Cast
from tests.services.building import OPERATOR, evaluated, judged, registered

REQUIRED = {
    "still-needed": Answer("yes"),
    "fit": Answer("4", "With one workaround."),
    "better-elsewhere": Answer("unknown"),
    "maintained": Answer("5"),
}


@pytest.fixture
def flask(cast: Cast) -> Solution:
    return registered("Flask", team=cast.platform)


def test_answers_are_kept_with_their_questions_in_the_template_s_order(
    django: Solution,
) -> None:
    answers = {"exit": Answer("2"), **REQUIRED}

    evaluation = evaluated(django, judged(answers=answers))

    assert evaluation.template == "package 1"
    rows = Evaluation.objects.get().answers
    assert [row["key"] for row in rows] == [*REQUIRED, "exit"]
    assert rows[1] == {
        "key": "fit",
        "question": "How well does it do what we need today?",
        "scale": "rating",
        "answer": "4",
        "note": "With one workaround.",
    }


def test_without_any_answer_no_template_was_filled_in(django: Solution) -> None:
    evaluation = evaluated(django)

    assert (evaluation.template, evaluation.answers) == ("", [])


def test_each_kind_has_questions_of_its_own(cast: Cast) -> None:
    model = registered("Claude", team=cast.platform, kind=Kind.MODEL)

    with pytest.raises(InvalidError, match="model 1 asks no question 'maintained'"):
        evaluated(model, judged(answers=REQUIRED))


def test_an_answer_holds_to_the_newest_version(django: Solution) -> None:
    kept = [each for each in BUILT_IN[Kind.PACKAGE] if each.key != "maintained"]
    save_template(kind=Kind.PACKAGE, questions=kept, actor=OPERATOR, now=NOW)
    answers = {key: REQUIRED[key] for key in REQUIRED if key != "maintained"}

    assert evaluated(django, judged(answers=answers)).template == "package 2"
    with pytest.raises(InvalidError, match="package 2 asks no question"):
        evaluated(django, judged(answers=REQUIRED))


@pytest.mark.parametrize(
    ("key", "answer", "why"),
    [
        ("fit", Answer("6"), "choose one of 1, 2, 3, 4, 5, unknown"),
        ("fit", Answer(""), "choose one of"),
        ("fit", Answer("yes"), "choose one of"),
        ("still-needed", Answer("maybe"), "choose one of yes, no, unknown"),
        ("still-needed", Answer("Yes"), "choose one of yes, no, unknown"),
        ("fit", Answer("4", "x" * 501), "at most 500"),
        ("fit", Answer("4", "a\nb"), "control character"),
        ("nothing", Answer("4"), "asks no question 'nothing'"),
        ("FIT", Answer("4"), "asks no question"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_at_its_question(
    django: Solution, key: str, answer: Answer, why: str
) -> None:
    with pytest.raises(InvalidError, match=why) as refused:
        evaluated(django, judged(answers={**REQUIRED, key: answer}))

    assert refused.value.field == f"answers.{key}"
    assert not Evaluation.objects.exists()


def test_a_key_that_is_none_is_not_repeated_as_a_field(django: Solution) -> None:
    with pytest.raises(InvalidError) as refused:
        evaluated(django, judged(answers={**REQUIRED, "x" * 4_000: Answer("1")}))

    assert refused.value.field == "answers"
    assert len(refused.value.message) < 500


@pytest.mark.parametrize("missing", REQUIRED)
def test_who_answers_at_all_answers_what_is_required(
    django: Solution, missing: str
) -> None:
    answers = {key: REQUIRED[key] for key in REQUIRED if key != missing}

    with pytest.raises(InvalidError, match="has to be answered") as refused:
        evaluated(django, judged(answers=answers))

    assert refused.value.field == f"answers.{missing}"


@pytest.mark.parametrize("text", ["", " ", "x" * 501, "two\nlines"])
def test_an_answer_in_words_is_one_line(cast: Cast, text: str) -> None:
    built = registered("Shop", team=cast.platform, kind=Kind.BUILT)
    answers = {**REQUIRED, "maintained": Answer("yes"), "running-cost": Answer(text)}

    with pytest.raises(InvalidError) as refused:
        evaluated(built, judged(answers=answers))

    assert refused.value.field == "answers.running-cost"


def test_registered_alternatives_are_kept_once_each(
    django: Solution, flask: Solution
) -> None:
    evaluation = evaluated(django, judged(alternative_ids=[flask.pk, flask.pk]))

    row = Alternative.objects.get()
    assert (row.evaluation, row.solution) == (evaluation, flask)


def test_nothing_is_its_own_alternative(django: Solution, flask: Solution) -> None:
    with pytest.raises(InvalidError, match="no alternative to itself"):
        evaluated(django, judged(alternative_ids=[flask.pk, django.pk]))


@pytest.mark.parametrize("ids", [[0], [10**15], list(range(1, 22))])
def test_an_alternative_is_registered_and_of_few(
    django: Solution, ids: list[int]
) -> None:
    django_free = [id for id in ids if id != django.pk]

    with pytest.raises(InvalidError) as refused:
        evaluated(django, judged(alternative_ids=django_free))

    assert refused.value.field == "alternative_solutions"


@pytest.mark.parametrize("verdict", [Verdict.HOLD, Verdict.DEPRECATE, Verdict.RETIRE])
def test_what_is_on_hold_or_ends_may_have_a_replacement(
    django: Solution, flask: Solution, verdict: Verdict
) -> None:
    evaluation = evaluated(django, judged(verdict, replacement_id=flask.pk))

    assert evaluation.replacement == flask


@pytest.mark.parametrize("verdict", [Verdict.ASSESS, Verdict.TRIAL, Verdict.ADOPT])
def test_what_is_used_on_has_no_replacement(
    django: Solution, flask: Solution, verdict: Verdict
) -> None:
    with pytest.raises(InvalidError, match="leave the replacement out") as refused:
        evaluated(django, judged(verdict, replacement_id=flask.pk))

    assert refused.value.field == "replacement"


@pytest.mark.parametrize(
    ("verdict", "word"),
    [(Verdict.DEPRECATE, "deprecated"), (Verdict.RETIRE, "retired")],
)
def test_nothing_on_its_way_out_replaces_anything(
    django: Solution, flask: Solution, verdict: Verdict, word: str
) -> None:
    evaluated(flask, judged(verdict))

    with pytest.raises(ConflictError, match=f"flask is {word} itself"):
        evaluated(django, judged(Verdict.HOLD, replacement_id=flask.pk))


def test_nothing_replaces_itself_or_is_made_up(django: Solution) -> None:
    for id, why in ((django.pk, "instead of itself"), (10**15, "not in the register")):
        with pytest.raises(InvalidError, match=why):
            evaluated(django, judged(Verdict.HOLD, replacement_id=id))


@pytest.mark.parametrize("how", ["replacement_id", "alternative_ids"])
def test_what_an_evaluation_names_stays_registered(
    cast: Cast, django: Solution, flask: Solution, how: str
) -> None:
    named: Any = flask.pk if how == "replacement_id" else [flask.pk]
    evaluated(django, judged(Verdict.HOLD, **{how: named}))

    with pytest.raises(ConflictError, match="named in evaluations of django, which"):
        delete_solution(solution_id=flask.pk, actor=cast.actor(cast.alice), now=NOW)
    with pytest.raises(ConflictError, match="django has evaluations"):
        delete_solution(solution_id=django.pk, actor=cast.actor(cast.alice), now=NOW)

    assert Solution.objects.count() == 2
