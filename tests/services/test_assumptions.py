"""Assumptions: which are kept, and the review that they pull forward when they break."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from reviews.models import Assumption, Change, Evaluation, Flag, Solution
from reviews.queries.assumptions import assumptions_of
from reviews.rules.assumptions import Assumed
from reviews.rules.signals import Fact, SignalKind, Source
from reviews.rules.vocabulary import Condition, Scheme, Verdict
from reviews.services import assumptions as service
from reviews.services.assumptions import (
    check_assumptions,
    judge_assumptions,
    watch_assumptions,
)
from reviews.services.errors import InvalidError
from reviews.tasks import judge_evidence
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import ended, replaced, said
from tests.services.building import draft, edited, evaluated, judged, registered
from tests.services.evidence.sources import collected, pypi

THREE = Assumed(Condition.RELEASE_REACHES, "3.0")
ARCHIVED = Assumed(Condition.SIGNAL, SignalKind.REPOSITORY_ARCHIVED.value)
SOON = TODAY + timedelta(days=10)
A_DAY = Assumed(Condition.DAY, str(SOON))


@pytest.fixture
def litestar(cast: Cast) -> Solution:
    return registered("Litestar", team=cast.platform)


def assuming(solution: Solution, *assumed: Assumed, **more: Any) -> Evaluation:
    return evaluated(solution, judged(assumptions=assumed, **more))


def watched(on: date = TODAY) -> None:
    watch_assumptions(today=on, now=NOW + (on - TODAY))


def told() -> list[dict[str, Any]]:
    lines = Change.objects.filter(what="assumption broken").order_by("pk")
    return [line.details for line in lines]


def test_what_is_assumed_is_kept_with_the_evaluation(
    django: Solution, litestar: Solution
) -> None:
    of_litestar = Assumed(
        Condition.RELEASE_REACHES, "3.0", litestar.pk, note="Then it is stable."
    )
    evaluation = assuming(django, of_litestar, A_DAY)

    first, second = assumptions_of([evaluation.pk])[evaluation.pk]
    assert first.assumed == of_litestar
    assert first.sentence == "Revisit if a release of Litestar reaches 3.0"
    assert (first.subject, first.subject_name) == ("litestar", "Litestar")
    assert first.broken is None
    assert second.broken_since(TODAY) is None
    assert second.broken_since(SOON) == SOON


def test_of_itself_is_of_no_other(django: Solution) -> None:
    evaluation = assuming(django, Assumed(Condition.RELEASE_REACHES, "6.0", django.pk))

    [row] = assumptions_of([evaluation.pk])[evaluation.pk]
    assert row.subject_id is None
    assert row.sentence == "Revisit if a release of Django reaches 6.0"


@pytest.mark.parametrize(
    ("assumed", "words"),
    [
        ([Assumed(Condition.DAY, "tomorrow")], "YYYY-MM-DD"),
        ([Assumed(Condition.DAY, str(TODAY))], "has come already"),
        ([Assumed(Condition.DAY, "2020-01-01")], "has come already"),
        ([Assumed(Condition.DAY, "2101-01-01")], "is not between"),
        ([Assumed(Condition.NO_RELEASE, "0")], "number of months"),
        ([Assumed(Condition.RELEASE_REACHES, "the next")], "version"),
        ([Assumed(Condition.RELEASE_REACHES, "1.0")], "is so already"),
        ([Assumed(Condition.NO_RELEASE, "1")], "is so already"),
        ([Assumed(Condition.RELEASE_REACHES, "9", 10**9)], "not in the register"),
        ([Assumed(Condition.SIGNAL, "rumour")], "kind of signal"),
        ([Assumed(Condition.DAY, str(SOON), 10**9)], "another solution"),
        ([A_DAY, Assumed(Condition.DAY, str(SOON), note="x")], "named twice"),
        ([Assumed(Condition.NO_RELEASE, str(n)) for n in range(30, 41)], "At most 10"),
        ([Assumed(Condition.DAY, str(SOON), note="x" * 201)], "200"),
    ],
)
def test_what_cannot_be_assumed_is_refused(
    django: Solution, assumed: list[Assumed], words: str
) -> None:
    said(django, value="5.2.19", effective_on=date(2026, 1, 1))

    with pytest.raises(InvalidError, match=words) as refusal:
        assuming(django, *assumed)

    assert refusal.value.field == "assumptions"
    assert not Evaluation.objects.exists()
    assert not Assumption.objects.exists()


def test_nothing_to_assume_is_nothing(django: Solution) -> None:
    assert check_assumptions(django.pk, [], TODAY) == ()


def test_a_day_pulls_at_once_and_is_told_when_it_comes(django: Solution) -> None:
    evaluation = assuming(django, A_DAY)

    assert (django.next_review_on, django.assumption_due_on) == (SOON, SOON)
    assert django.pulled_by.startswith(f"{SOON} is the day on which")
    assert told() == []

    watched(SOON - timedelta(days=1))
    assert told() == []

    watched(SOON)
    [line] = told()
    assert line["evaluation"] == evaluation.pk
    assert line["sentence"] == f"Revisit on {SOON}"
    flag = Flag.objects.get(solution=django)
    assert (flag.cause, flag.due_on) == ("review_due", SOON)
    assert flag.pulled_by == django.pulled_by


def test_a_release_of_another_solution_breaks_it_once(
    django: Solution, litestar: Solution
) -> None:
    assuming(django, Assumed(Condition.RELEASE_REACHES, "3.0", litestar.pk))
    older = said(litestar, value="2.9")
    watched()
    assert told() == []

    replaced(older, "3.0")
    watched()
    watched()

    django.refresh_from_db()
    assert django.next_review_on == TODAY
    assert django.pulled_by == (
        f"Litestar has reached 3.0, which the evaluation of {TODAY} said would reopen it"
    )
    assert len(told()) == 1
    assert Flag.objects.open().filter(solution=django, cause="review_due").exists()


def test_a_further_release_does_not_put_it_off(django: Solution) -> None:
    assuming(django, THREE)
    first = said(django, value="3.0", seen_on=TODAY)
    watched()
    replaced(first, "3.1", seen_on=TODAY + timedelta(days=5))
    watched(TODAY + timedelta(days=5))

    django.refresh_from_db()
    assert django.next_review_on == TODAY
    assert len(told()) == 1


def test_a_release_that_is_taken_back_lets_the_date_fall_back(django: Solution) -> None:
    assuming(django, THREE)
    of_the_clock = django.next_review_on
    release = said(django, value="3.0")
    watched()
    ended(release)

    watched()

    django.refresh_from_db()
    assert django.assumption_due_on is None
    assert django.assumption_reason == ""
    assert (django.next_review_on, django.pulled_by) == (of_the_clock, "")
    assert not Flag.objects.open().filter(solution=django).exists()


def test_silence_moves_on_with_every_release(django: Solution) -> None:
    release = said(django, value="5.2", effective_on=TODAY - timedelta(days=10))
    assuming(django, Assumed(Condition.NO_RELEASE, "1"))
    first = django.assumption_due_on
    assert first is not None
    replaced(release, "5.3", effective_on=TODAY)

    watched()

    django.refresh_from_db()
    assert django.assumption_due_on == first + timedelta(days=10)


def test_a_later_evaluation_answers_it(django: Solution) -> None:
    assuming(django, ARCHIVED)
    said(django, SignalKind.REPOSITORY_ARCHIVED, "archived", source=Source.GITHUB)
    watched()
    pulled = Solution.objects.get(pk=django.pk)
    assert pulled.assumption_due_on == TODAY

    evaluated(django)

    assert django.assumption_due_on is None
    assert django.assumption_reason == ""
    assert Flag.objects.get(cause="review_due").closed_because == "evaluated"


def test_the_clock_may_be_earlier(django: Solution) -> None:
    assuming(django, Assumed(Condition.DAY, "2030-01-01"))

    assert django.assumption_due_on == date(2030, 1, 1)
    assert (django.next_review_on, django.pulled_by) == (django.clock_due_on, "")


def test_what_is_retired_is_asked_nothing(cast: Cast, django: Solution) -> None:
    assuming(django, A_DAY)
    Solution.objects.update(planned_on=SOON)

    evaluated(django, judged(Verdict.RETIRE, assumptions=[A_DAY]))
    watched(SOON)

    django.refresh_from_db()
    assert django.assumption_due_on is None
    assert django.planned_on is None
    assert django.next_review_on is None
    assert told() == []


def test_the_assumptions_of_a_proposal_wait_for_its_approval(
    cast: Cast, django: Solution
) -> None:
    evaluated(
        django,
        judged(Verdict.DEPRECATE, assumptions=[A_DAY]),
        actor=cast.actor(cast.bob),
    )
    watched()

    django.refresh_from_db()
    assert django.assumption_due_on is None


def test_an_edit_keeps_the_pull(cast: Cast, django: Solution) -> None:
    assuming(django, A_DAY)

    edited(django, draft(team=cast.platform, description="A framework."))

    django.refresh_from_db()
    assert django.next_review_on == SOON


def test_the_hourly_judging_watches_them_too(django: Solution) -> None:
    with time_machine.travel(NOW):
        assuming(django, ARCHIVED)
        said(django, SignalKind.REPOSITORY_ARCHIVED, "x", source=Source.GITHUB)
        judge_evidence()

    django.refresh_from_db()
    assert django.assumption_due_on == TODAY


def test_one_that_is_refused_does_not_stop_the_rest(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    solutions = [registered(name, team=cast.platform) for name in ("A", "B", "C")]
    for solution in solutions:
        assuming(solution, ARCHIVED)
        said(solution, SignalKind.REPOSITORY_ARCHIVED, "x", source=Source.GITHUB)
    real = service.judge_assumptions

    def refusing(*, solution_ids: list[int], **more: Any) -> Any:
        if solutions[1].pk in solution_ids:
            raise ValueError("refused")
        return real(solution_ids=solution_ids, **more)

    monkeypatch.setattr(service, "judge_assumptions", refusing)
    watched()

    pulled = Solution.objects.exclude(assumption_due_on=None).order_by("pk")
    assert list(pulled) == [solutions[0], solutions[2]]


def test_every_batch_is_watched(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 2)
    for number in range(5):
        solution = registered(f"S{number}", team=cast.platform)
        assuming(solution, ARCHIVED)
        said(solution, SignalKind.REPOSITORY_ARCHIVED, "x", source=Source.GITHUB)

    watched()

    assert Solution.objects.exclude(assumption_due_on=None).count() == 5


def test_nothing_is_written_where_nothing_changes(
    django: Solution, django_assert_num_queries: Any
) -> None:
    assuming(django, A_DAY)
    updated = Solution.objects.values().get(pk=django.pk)

    settlement = judge_assumptions(solution_ids=[django.pk], today=TODAY, now=NOW)

    assert (settlement.opened, settlement.closed) == (0, 0)
    assert Solution.objects.values().get(pk=django.pk) == updated
    assert judge_assumptions(solution_ids=[], today=TODAY, now=NOW).opened == 0


@pytest.mark.parametrize("days", [3, 400])
def test_a_plan_pulls_forward_and_never_back(django: Solution, days: int) -> None:
    evaluated(django)
    of_the_clock = django.clock_due_on
    django.planned_on = TODAY + timedelta(days=days)
    django.save(update_fields=["planned_on"])

    edited(django, draft(team=None, description="x"))

    django.refresh_from_db()
    if days == 3:
        # 25 November 2026 is a Wednesday.
        assert django.next_review_on == django.planned_on
        assert django.pulled_by == "it is planned for the week of 2026-11-23"
    else:
        assert (django.next_review_on, django.pulled_by) == (of_the_clock, "")
    evaluated(django)
    assert django.planned_on is None


def test_news_of_another_solution_is_judged_with_it(
    cast: Cast, django: Solution
) -> None:
    litestar = registered(
        "Litestar", identifiers=[(Scheme.PURL, "pkg:pypi/litestar@2.9")]
    )
    assuming(django, Assumed(Condition.RELEASE_REACHES, "3.0", litestar.pk))

    collected(litestar, pypi(Fact(SignalKind.LATEST_RELEASE, "2.9")))
    django.refresh_from_db()
    assert django.assumption_due_on is None

    source = pypi(Fact(SignalKind.LATEST_RELEASE, "3.0"))
    collected(litestar, source, insist=True)
    django.refresh_from_db()
    assert django.next_review_on == TODAY
