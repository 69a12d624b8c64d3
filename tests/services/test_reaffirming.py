"""Saying the last verdict again: what is repeated, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from reviews.models import Change, Evaluation, Flag, Ground, Solution, User
from reviews.queries.assumptions import assumptions_of
from reviews.rules.access import NotAllowedError
from reviews.rules.assumptions import Assumed
from reviews.rules.signals import SignalKind, Source
from reviews.rules.staleness import months_after
from reviews.rules.vocabulary import Condition, Verdict
from reviews.services.errors import ConflictError
from reviews.services.reaffirming import reaffirm
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged, said
from tests.services.building import evaluated, judged, registered, scanned, written

THEN = TODAY - timedelta(days=200)
BEFORE = NOW - timedelta(days=200)


@pytest.fixture
def django(cast: Cast) -> Solution:
    return registered("Django", team=cast.platform, on=THEN, now=BEFORE)


@pytest.fixture
def last(django: Solution) -> Evaluation:
    return reviewed(django)


def reviewed(solution: Solution, **more: Any) -> Evaluation:
    return evaluated(solution, judged(**{"on": THEN} | more), today=THEN, now=BEFORE)


def said_again(solution: Solution, cast: Cast, user: User | None = None) -> Evaluation:
    evaluation = reaffirm(
        solution_id=solution.pk,
        actor=cast.actor(user or cast.bob),
        today=TODAY,
        now=NOW,
    )
    solution.refresh_from_db()
    return evaluation


def refused(solution: Solution, cast: Cast, user: User | None = None) -> str:
    before = written()
    with pytest.raises((ConflictError, NotAllowedError)) as refusal:
        said_again(solution, cast, user)
    assert written() == before
    return str(refusal.value)


def test_what_was_concluded_is_said_again(cast: Cast, django: Solution) -> None:
    flask, orm = registered("Flask"), registered("ORM")
    last = reviewed(
        django,
        verdict=Verdict.HOLD,
        rationale="At length.",
        version="5.2.1",
        alternatives=["Rails"],
        alternative_ids=[flask.pk],
        replacement_id=orm.pk,
        assumptions=[Assumed(Condition.RELEASE_REACHES, "3.0", orm.pk, note="Stable.")],
    )

    again = said_again(django, cast)

    for name in (
        "verdict",
        "summary",
        "version",
        "alternatives",
        "template",
        "answers",
    ):
        assert getattr(again, name) == getattr(last, name)
    assert again.reaffirms == last
    assert again.replacement == orm
    assert [row.solution for row in again.compared.all()] == [flask]
    [assumed] = assumptions_of([again.pk])[again.pk]
    assert (assumed.value, assumed.subject, assumed.note) == ("3.0", "orm", "Stable.")
    assert again.rationale == ""
    assert (again.evaluated_on, again.recorded_at) == (TODAY, NOW)
    assert (again.author, again.author_name) == (cast.bob, "Bob")
    assert not again.is_proposal


def test_the_clock_is_wound_and_the_flag_answered(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    scanned()

    again = said_again(django, cast)

    assert django.last_evaluated_on == TODAY
    assert django.next_review_on == months_after(TODAY, 6)
    flag = Flag.objects.get(cause="review_due")
    assert (flag.closed_because, flag.closed_by) == ("evaluated", again)


def test_it_rests_on_what_is_said_today(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    new = said(django, SignalKind.MAINTAINERS, "3")

    again = said_again(django, cast)

    assert [row.signal for row in Ground.objects.filter(evaluation=again)] == [new]


def test_the_history_says_so(cast: Cast, django: Solution, last: Evaluation) -> None:
    again = said_again(django, cast)

    line = Change.objects.order_by("-pk")[0]
    assert (line.what, line.actor) == ("re-affirmed", "Bob")
    assert line.details == {
        "evaluation": again.pk,
        "verdict": "adopt",
        "evaluated_on": str(TODAY),
        "reaffirms": last.pk,
    }


@pytest.mark.parametrize("name", ["charlie", "eve", "frank"])
def test_it_takes_the_right_to_evaluate(
    cast: Cast, django: Solution, last: Evaluation, name: str
) -> None:
    refused(django, cast, getattr(cast, name))


@pytest.mark.parametrize("name", ["alice", "dora"])
def test_a_lead_says_an_ending_again_and_an_engineer_does_not(
    cast: Cast, django: Solution, name: str
) -> None:
    reviewed(django, verdict=Verdict.DEPRECATE)

    assert "log a full evaluation" in refused(django, cast, cast.bob)
    again = said_again(django, cast, getattr(cast, name))

    assert (again.verdict, again.is_proposal) == ("deprecate", False)


def test_what_was_never_evaluated_is_not_said_again(
    cast: Cast, django: Solution
) -> None:
    assert "never evaluated" in refused(django, cast)


def test_what_is_retired_is_not_said_again(cast: Cast, django: Solution) -> None:
    reviewed(django, verdict=Verdict.RETIRE)

    assert "retired" in refused(django, cast, cast.alice)


def test_a_material_change_is_refused_and_named(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    said(
        django,
        SignalKind.REPOSITORY_ARCHIVED,
        "archived",
        subject="django/django",
        source=Source.GITHUB,
    )

    assert "GitHub shows its repository django/django as archived" in refused(
        django, cast
    )


def test_an_open_flag_is_refused(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    flagged(django)

    assert "end of life" in refused(django, cast)


def test_a_year_without_a_review_takes_a_full_one(cast: Cast, django: Solution) -> None:
    long_ago = TODAY - timedelta(days=500)
    evaluated(django, judged(on=long_ago), today=long_ago, now=BEFORE)
    scanned()

    assert "A year without a review takes a full one." in refused(django, cast)
    assert Flag.objects.filter(cause="trust_decayed", closed_at=None).exists()


def test_a_second_press_on_one_day_adds_nothing(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    said_again(django, cast)

    assert "evaluated today" in refused(django, cast)


def test_what_is_to_be_used_instead_must_still_be_usable(
    cast: Cast, django: Solution
) -> None:
    other = registered("Flask")
    reviewed(django, verdict=Verdict.HOLD, replacement_id=other.pk)
    evaluated(other, judged(Verdict.RETIRE))

    assert "retired" in refused(django, cast)


def test_what_is_no_longer_registered_is_a_conflict(cast: Cast) -> None:
    with pytest.raises(ConflictError):
        reaffirm(solution_id=10**9, actor=cast.actor(cast.dora), today=TODAY, now=NOW)


def test_a_plan_ends_with_it(cast: Cast, django: Solution, last: Evaluation) -> None:
    Solution.objects.filter(pk=django.pk).update(planned_on=TODAY)

    said_again(django, cast)

    assert django.planned_on is None
