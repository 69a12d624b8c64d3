"""Flags and review dates that follow from evidence, and go with it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from reviews.models import Flag, Ground, Notice, Signal, Solution
from reviews.rules.signals import Severity, SignalKind
from reviews.rules.vocabulary import Kind, Scheme, Verdict
from reviews.services.drafts import draft_of
from tests.conftest import NOW, TODAY
from tests.services.building import edited, evaluated, judged, registered, scanned
from tests.services.evidence.sources import (
    at,
    causes,
    collected,
    end_of_life,
    endoflife,
    fact,
    later,
    night,
    open_flags,
    pypi,
)

pytestmark = pytest.mark.django_db

DJANGO = ((Scheme.PURL, "pkg:pypi/django"),)
ARCHIVED = fact(SignalKind.REPOSITORY_ARCHIVED, subject="owner/name")
INACTIVE = fact(SignalKind.INACTIVE_CLASSIFIER, "Development Status :: 7 - Inactive")
YANKED = fact(SignalKind.ALL_RELEASES_YANKED)
FLAW = fact(
    SignalKind.VULNERABILITY,
    "A flaw",
    subject="CVE-2026-1",
    severity=Severity.HIGH,
    fixed_in="4.2.9",
)


def django(**said: Any) -> Solution:
    return registered(identifiers=DJANGO, version="4.2", **said)


def adopted() -> Solution:
    solution = django()
    evaluated(solution, judged())
    return solution


class TestAFindingThatIsNew:
    def test_is_a_flag_at_once_and_moves_the_review_forward(self) -> None:
        solution = adopted()
        by_the_clock = solution.next_review_on

        collected(solution, pypi(INACTIVE))

        assert causes(solution) == [("unmaintained", "review")]
        assert by_the_clock is not None
        assert by_the_clock > TODAY
        assert solution.next_review_on == TODAY
        assert solution.pulled_by == "PyPI has it classified as inactive"
        assert solution.clock_due_on == by_the_clock

    def test_says_why_with_a_link_a_weight_and_the_signals(self) -> None:
        solution = adopted()

        collected(solution, pypi(INACTIVE))

        (flag,) = open_flags(solution)
        (signal,) = flag.signals.all()
        assert flag.reason == "PyPI has it classified as inactive."
        assert flag.source_url == "https://source.example/page"
        assert flag.severity == "medium"
        assert signal.value == "Development Status :: 7 - Inactive"
        assert signal.fetched_at == NOW

    def test_is_told_once(self) -> None:
        solution = adopted()

        for _ in range(3):
            collected(solution, pypi(INACTIVE))
        night(TODAY)

        assert Flag.objects.filter(solution=solution).count() == 1
        assert Notice.objects.filter(key__contains="open").count() == 1

    def test_is_the_only_flag_for_its_pull(self) -> None:
        solution = adopted()
        collected(solution, pypi(INACTIVE))

        scanned(TODAY + timedelta(days=1))

        assert causes(solution) == [("unmaintained", "review")]

    def test_leaves_the_clock_to_its_own_flag(self) -> None:
        solution = adopted()
        collected(solution, pypi(INACTIVE))

        assert solution.clock_due_on is not None
        scanned(solution.clock_due_on)

        assert ("review_due", "review") in causes(solution)

    def test_never_pushes_a_review_back(self) -> None:
        solution = registered(identifiers=DJANGO, on=date(2026, 1, 1))
        owed = solution.next_review_on

        collected(solution, pypi(INACTIVE))

        assert owed is not None
        assert solution.next_review_on == owed < TODAY


class TestAFlag:
    def test_is_answered_by_an_evaluation_that_rests_on_its_evidence(self) -> None:
        solution = adopted()
        collected(solution, pypi(INACTIVE))

        evaluation = evaluated(solution, judged())

        (flag,) = Flag.objects.filter(solution=solution)
        assert flag.closed_because == "evaluated"
        assert flag.closed_by == evaluation
        assert [ground.signal.kind for ground in evaluation.grounds.all()] == [
            SignalKind.INACTIVE_CLASSIFIER
        ]
        assert solution.next_review_on == solution.clock_due_on
        assert solution.pulled_by == ""

    def test_does_not_come_back_while_the_facts_are_the_same(self) -> None:
        solution = adopted()
        collected(solution, pypi(INACTIVE))
        evaluated(solution, judged())

        for day in (1, 2, 30):
            collected(solution, pypi(INACTIVE), on=TODAY + timedelta(days=day))
            night(TODAY + timedelta(days=day))

        assert causes(solution) == []

    def test_comes_back_for_a_fact_that_nobody_looked_at(self) -> None:
        solution = adopted()
        collected(solution, pypi(INACTIVE))
        evaluated(solution, judged())
        (first,) = Flag.objects.filter(solution=solution)

        collected(solution, pypi(INACTIVE, ARCHIVED), on=TODAY + timedelta(days=1))

        (flag,) = open_flags(solution)
        assert flag.cause == "unmaintained"
        assert flag.reopens == first

    def test_that_asks_to_deprecate_is_not_answered_by_adopting(self) -> None:
        solution = adopted()
        collected(solution, pypi(YANKED))

        evaluated(solution, judged(Verdict.ADOPT))

        assert causes(solution) == [("withdrawn", "deprecate")]

    @pytest.mark.parametrize("verdict", [Verdict.DEPRECATE, Verdict.RETIRE])
    def test_that_asks_to_deprecate_is_answered_by_doing_so(
        self, verdict: Verdict
    ) -> None:
        solution = adopted()
        collected(solution, pypi(YANKED))

        evaluated(solution, judged(verdict))

        assert causes(solution) == []

    def test_of_a_retired_solution_is_closed_for_that(self) -> None:
        solution = adopted()
        collected(solution, pypi(INACTIVE))

        evaluated(solution, judged(Verdict.RETIRE))

        assert [flag.closed_because for flag in Flag.objects.all()] == ["retired"]
        assert solution.next_review_on is None

    def test_becomes_a_deprecation_when_a_second_voice_says_the_same(self) -> None:
        solution = adopted()
        status = fact(SignalKind.PROJECT_STATUS, "archived")
        collected(solution, pypi(status))

        collected(solution, pypi(status, ARCHIVED), on=TODAY + timedelta(days=1))

        (flag,) = open_flags(solution)
        assert flag.action == "deprecate"
        assert flag.due_on == TODAY
        assert Notice.objects.filter(key=f"flag:{flag.pk}:deprecate").exists()

    def test_follows_an_upgrade_at_once(self) -> None:
        solution = adopted()
        collected(solution, pypi(FLAW))
        assert causes(solution) == [("vulnerability", "review")]

        edited(solution, replace(draft_of(solution), version="4.2.9"))
        collected(solution, pypi(), on=TODAY)

        assert causes(solution) == []


class TestACauseThatGoes:
    def test_is_held_for_two_days(self) -> None:
        solution = adopted()
        collected(solution, pypi(INACTIVE))

        collected(solution, pypi(), on=TODAY + timedelta(days=1))

        assert causes(solution) == [("unmaintained", "review")]
        assert solution.next_review_on == TODAY

    def test_takes_its_flag_with_it_after_that(self) -> None:
        solution = adopted()
        collected(solution, pypi(INACTIVE))
        collected(solution, pypi(), on=TODAY + timedelta(days=1))

        night(TODAY + timedelta(days=3))

        (flag,) = Flag.objects.filter(solution=solution)
        solution.refresh_from_db()
        assert flag.closed_because == "withdrawn"
        assert flag.closed_by is None
        assert solution.next_review_on == solution.clock_due_on

    def test_and_returns_within_the_hold_leaves_the_flag_as_it_was(self) -> None:
        solution = adopted()
        collected(solution, pypi(INACTIVE))
        collected(solution, pypi(), now=later(hours=24), on=TODAY + timedelta(days=1))

        collected(solution, pypi(INACTIVE), on=TODAY + timedelta(days=2))
        night(TODAY + timedelta(days=5))

        assert Flag.objects.filter(solution=solution).count() == 1
        assert causes(solution) == [("unmaintained", "review")]

    def test_and_returns_later_is_a_new_flag_that_names_the_old(self) -> None:
        solution = adopted()
        collected(solution, pypi(INACTIVE))
        collected(solution, pypi(), on=TODAY + timedelta(days=1))
        night(TODAY + timedelta(days=4))

        collected(solution, pypi(INACTIVE), on=TODAY + timedelta(days=9))

        first, second = Flag.objects.filter(solution=solution).order_by("pk")
        assert second.reopens == first
        assert second.closed_at is None

    def test_is_seen_by_the_night_after_its_hold_and_not_before(self) -> None:
        solution = adopted()
        collected(solution, pypi(INACTIVE))
        collected(solution, pypi(), on=TODAY + timedelta(days=1))
        gone_at = at(TODAY + timedelta(days=1))

        before = night(TODAY + timedelta(days=2), gone_at + timedelta(hours=47))
        after = night(TODAY + timedelta(days=3), gone_at + timedelta(hours=49))

        assert (before.closed, after.closed) == (0, 1)

    def test_because_its_source_fails_stays(self) -> None:
        solution = adopted()
        source = pypi(INACTIVE)
        collected(solution, source)
        source.fails()

        for day in range(1, 30):
            collected(solution, source, on=TODAY + timedelta(days=day), insist=True)
            night(TODAY + timedelta(days=day))

        assert causes(solution) == [("unmaintained", "review")]
        assert Signal.objects.standing().count() == 1


class TestTheEndOfSupport:
    def test_is_asked_about_two_hundred_and_ten_days_ahead(self) -> None:
        solution = adopted()
        ends_on = TODAY + timedelta(days=211)
        collected(solution, endoflife(end_of_life(ends_on)))
        assert causes(solution) == []

        night(TODAY + timedelta(days=1))

        (flag,) = open_flags(solution)
        assert (flag.cause, flag.action) == ("end_of_life", "review")
        assert flag.reason == (
            f"endoflife.date lists the end of support of 4.2 for {ends_on}."
        )

    def test_asks_for_a_deprecation_once_it_has_come(self) -> None:
        solution = adopted()
        ends_on = TODAY + timedelta(days=20)
        collected(solution, endoflife(end_of_life(ends_on)))
        evaluated(solution, judged())
        assert causes(solution) == []

        night(ends_on)

        assert causes(solution) == [("end_of_life", "deprecate")]

    def test_that_is_put_off_lets_the_flag_go_after_the_hold(self) -> None:
        solution = adopted()
        collected(solution, endoflife(end_of_life(TODAY + timedelta(days=100))))
        put_off = endoflife(end_of_life(TODAY + timedelta(days=700)))

        collected(solution, put_off, on=TODAY + timedelta(days=1))
        during = causes(solution)
        night(TODAY + timedelta(days=4))

        assert during == [("end_of_life", "review")]
        assert causes(solution) == []

    def test_that_comes_much_earlier_asks_again(self) -> None:
        solution = adopted()
        collected(solution, endoflife(end_of_life(TODAY + timedelta(days=900))))
        evaluated(solution, judged())

        nearer = endoflife(end_of_life(TODAY + timedelta(days=500)))
        collected(solution, nearer, on=TODAY + timedelta(days=1))

        (flag,) = open_flags(solution)
        assert flag.cause == "end_of_life"
        assert "before" in flag.reason

    def test_that_moves_by_days_after_a_review_asks_nothing(self) -> None:
        solution = adopted()
        collected(solution, endoflife(end_of_life(TODAY + timedelta(days=100))))
        evaluated(solution, judged())

        moved = endoflife(end_of_life(TODAY + timedelta(days=90)))
        collected(solution, moved, on=TODAY + timedelta(days=1))

        assert causes(solution) == []


class TestAHostedModel:
    def model(self) -> Solution:
        solution = registered(
            "Claude Opus 4.1",
            kind=Kind.MODEL,
            identifiers=((Scheme.ENDOFLIFE, "anthropic-claude/claude-opus-4-1"),),
            version="claude-opus-4-1",
        )
        evaluated(solution, judged())
        return solution

    def test_whose_retirement_is_announced_is_flagged_with_its_replacement(
        self,
    ) -> None:
        solution = self.model()
        retires_on = TODAY + timedelta(days=61)

        collected(
            solution,
            endoflife(
                fact(
                    SignalKind.MODEL_RETIREMENT,
                    str(retires_on),
                    subject="claude-opus-4-1",
                    effective_on=retires_on,
                    replacement="claude-opus-4-8",
                ),
                end_of_life(retires_on, "claude-opus-4-1"),
            ),
        )

        (flag,) = open_flags(solution)
        assert (flag.cause, flag.action, flag.severity) == (
            "model_retirement",
            "deprecate",
            "high",
        )
        assert flag.reason == (
            "endoflife.date announces the retirement of claude-opus-4-1 on "
            f"{retires_on}; it recommends claude-opus-4-8."
        )
        assert solution.next_review_on == TODAY

    def test_turns_critical_sixty_days_ahead(self) -> None:
        solution = self.model()
        retires_on = TODAY + timedelta(days=61)
        announced = fact(
            SignalKind.MODEL_RETIREMENT, subject="x", effective_on=retires_on
        )
        collected(solution, endoflife(announced))

        night(TODAY + timedelta(days=1))

        assert [flag.severity for flag in open_flags(solution)] == ["critical"]

    @pytest.mark.parametrize(("days", "asked"), [(91, []), (90, ["model_retirement"])])
    def test_with_a_floor_is_asked_about_ninety_days_before_it(
        self, days: int, asked: list[str]
    ) -> None:
        solution = self.model()
        floor = TODAY + timedelta(days=days)

        collected(
            solution,
            endoflife(
                fact(SignalKind.MODEL_FLOOR, subject="x", effective_on=floor),
                end_of_life(floor, "x"),
            ),
        )

        assert [cause for cause, _ in causes(solution)] == asked


def test_what_is_being_deprecated_is_asked_about_once_more_on_its_last_day() -> None:
    solution = adopted()
    ends_on = TODAY + timedelta(days=40)
    collected(solution, endoflife(end_of_life(ends_on)))
    evaluated(solution, judged(Verdict.DEPRECATE))

    night(ends_on - timedelta(days=1))
    before = causes(solution)
    night(ends_on)
    on_the_day = causes(solution)
    evaluated(
        solution, judged(Verdict.DEPRECATE, on=ends_on), today=ends_on, now=at(ends_on)
    )

    assert before == []
    assert on_the_day == [("end_of_life", "deprecate")]
    assert causes(solution) == []


def test_a_deprecated_models_last_day_is_the_day_it_is_asked_from() -> None:
    solution = registered(
        "Claude",
        kind=Kind.MODEL,
        identifiers=((Scheme.ENDOFLIFE, "claude/claude-opus-4-1"),),
    )
    ends_on = TODAY + timedelta(days=60)
    announced = fact(SignalKind.MODEL_RETIREMENT, subject="x", effective_on=ends_on)
    collected(solution, endoflife(announced))
    evaluated(solution, judged(Verdict.DEPRECATE))

    night(ends_on)

    solution.refresh_from_db()
    (flag,) = open_flags(solution)
    assert (flag.cause, flag.due_on) == ("model_retirement", ends_on)
    assert solution.next_review_on == ends_on


def test_an_evaluation_keeps_the_evidence_as_it_then_was() -> None:
    solution = adopted()
    source = pypi(fact(SignalKind.LATEST_RELEASE, "5.2"))
    collected(solution, source)
    evaluation = evaluated(solution, judged())

    source.says(fact(SignalKind.LATEST_RELEASE, "6.0"))
    collected(solution, source, on=TODAY + timedelta(days=1))

    rested = Ground.objects.get(evaluation=evaluation).signal
    assert rested.value == "5.2"
    assert rested.ended_because == "superseded"


def test_silence_alone_is_no_flag() -> None:
    solution = adopted()

    collected(
        solution,
        pypi(
            fact(SignalKind.LATEST_RELEASE, "1.0", effective_on=date(2009, 1, 1)),
            fact(SignalKind.MAINTAINERS, "1"),
            fact(SignalKind.SCORECARD_MAINTAINED, "0"),
        ),
    )

    assert causes(solution) == []
