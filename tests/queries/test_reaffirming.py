"""What stands in the way of a re-affirmation, and how often there only was one."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.models import Cover, Evaluation, Flag, Signal, Solution, User
from reviews.queries.log import evaluations_in_effect
from reviews.queries.reaffirming import (
    full_reviews,
    material_changes,
    obstacles,
    streaks,
)
from reviews.queries.reviewing import Reviewed, reviewers_since, teams_since
from reviews.rules.assumptions import Assumed
from reviews.rules.signals import Severity, SignalKind, Source
from reviews.rules.vocabulary import Condition, Verdict
from reviews.services.assumptions import watch_assumptions
from reviews.services.evaluations import decide_proposal
from reviews.services.reaffirming import reaffirm
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import checked, ended, flagged, replaced, said
from tests.services.building import (
    OPERATOR,
    draft,
    edited,
    evaluated,
    judged,
    registered,
    scanned,
)

THEN = TODAY - timedelta(days=200)
BEFORE = NOW - timedelta(days=200)


def reviewed(name: str, cast: Cast, verdict: Verdict = Verdict.ADOPT) -> Solution:
    solution = registered(
        name, team=cast.platform, on=THEN, now=BEFORE, version="5.2.1"
    )
    said(solution, value="5.2.1", seen_on=THEN)
    evaluated(solution, judged(verdict, THEN), today=THEN, now=BEFORE)
    return solution


@pytest.fixture
def django(cast: Cast) -> Solution:
    return reviewed("Django", cast)


def obstacle(solution: Solution) -> str:
    return obstacles([solution.pk], today=TODAY, now=NOW)[solution.pk]


def test_nothing_stands_in_the_way_where_only_the_clock_asks(django: Solution) -> None:
    scanned()
    assert django.flags.filter(cause="review_due", closed_at=None).exists()

    assert obstacle(django) == ""


def test_a_year_without_a_review_takes_a_full_one(cast: Cast) -> None:
    long_ago = TODAY - timedelta(days=500)
    solution = registered(team=cast.platform, on=long_ago)
    evaluated(solution, judged(on=long_ago), today=long_ago)
    scanned()
    assert solution.flags.filter(cause="trust_decayed", closed_at=None).exists()

    assert obstacle(solution) == "A year without a review takes a full one."


def test_small_changes_do_not_stand_in_the_way(django: Solution) -> None:
    said(django, SignalKind.MAINTAINERS, "1")
    replaced(django.signals.get(value="5.2.1"), "5.3")

    assert obstacle(django) == ""


def _propose(solution: Solution, cast: Cast) -> None:
    evaluated(solution, judged(Verdict.DEPRECATE), actor=cast.actor(cast.bob))


def _assume(solution: Solution, cast: Cast) -> None:
    day = Assumed(Condition.DAY, str(TODAY))
    before = TODAY - timedelta(days=1)
    evaluated(solution, judged(on=before, assumptions=[day]), today=before, now=BEFORE)
    watch_assumptions(today=TODAY, now=NOW)


def _upgrade(solution: Solution, cast: Cast) -> None:
    edited(solution, draft(solution.name, team=cast.platform, version="6.0"))


def _release(solution: Solution, cast: Cast) -> None:
    replaced(solution.signals.get(value="5.2.1"), "6.0")


def _flaw(solution: Solution, cast: Cast) -> Signal:
    return said(
        solution,
        SignalKind.VULNERABILITY,
        "Bad",
        subject="CVE-2026-1",
        severity=Severity.HIGH,
    )


STANDING: list[tuple[Callable[[Solution, Cast], object], str]] = [
    (_propose, "A proposal to end it awaits a decision."),
    (lambda s, _: flagged(s), "A flag asks about it: end of life."),
    (_assume, f"An assumption no longer holds: {TODAY} is the day"),
    (_upgrade, "The version in use was 5.2.1 at the evaluation, and is 6.0 now."),
    (_release, f"Since the evaluation of {THEN}: PyPI lists 6.0 as the latest release"),
    (_flaw, "which is a new flaw."),
    (
        lambda s, _: checked(s, answered_at=NOW - timedelta(days=15)),
        "PyPI has not answered for two weeks",
    ),
    (lambda s, _: evaluated(s), "It was evaluated today."),
    (lambda s, _: evaluated(s, judged(Verdict.RETIRE)), "It is retired."),
]


@pytest.mark.parametrize(("arrange", "words"), STANDING)
def test_what_stands_in_the_way_is_named(
    cast: Cast,
    django: Solution,
    arrange: Callable[[Solution, Cast], object],
    words: str,
) -> None:
    arrange(django, cast)

    assert words in obstacle(django)


def test_what_was_never_evaluated_has_nothing_to_say_again(cast: Cast) -> None:
    assert "never evaluated" in obstacle(registered())


def test_what_is_gone_is_left_out() -> None:
    assert obstacles([], today=TODAY, now=NOW) == {}


def test_a_flag_that_is_covered_does_not_ask(cast: Cast, django: Solution) -> None:
    flagged(django, covered_by="snooze", covered_until=TODAY + timedelta(days=1))

    assert obstacle(django) == ""


def _called_wrong(solution: Solution, *signals: Signal) -> Cover:
    cover = Cover.objects.create(
        kind="override",
        flag=flagged(solution, *signals),
        reason="That is another package.",
        made_by_name="Alice",
        made_at=NOW,
        action="deprecate",
    )
    Flag.objects.filter(pk=cover.flag_id).update(
        covered_by="override", covered_until=date.max
    )
    cover.signals.set(signals)
    return cover


def test_what_an_override_calls_wrong_does_not_stand_in_the_way(
    django: Solution,
) -> None:
    flaw = _flaw(django, None)  # type: ignore[arg-type]
    _called_wrong(django, flaw)

    assert obstacle(django) == ""
    overridden = [each for each in material_changes(django.pk) if each.is_overridden]
    assert [each.fact.id for each in overridden] == [flaw.pk]
    assert not overridden[0].is_material


def test_an_override_frees_no_other_signal_and_no_other_solution(
    cast: Cast, django: Solution
) -> None:
    _called_wrong(django, _flaw(django, cast))
    said(django, SignalKind.NOTICE_TEXT, "Farewell", subject="summary")
    other = reviewed("Flask", cast)
    _flaw(other, cast)

    assert "summary" in obstacle(django)
    assert "which is a new flaw." in obstacle(other)


def test_what_an_override_called_wrong_counts_again_once_it_says_more_or_has_ended(
    cast: Cast, django: Solution
) -> None:
    flaw = _flaw(django, cast)
    cover = _called_wrong(django, flaw)
    worse = replaced(flaw, "Bad", severity=Severity.CRITICAL)
    assert "which is a new flaw." in obstacle(django)

    cover.signals.set([worse])
    assert obstacle(django) == ""
    Cover.objects.update(ended_at=NOW, ended_because="revoked")
    assert "which is a new flaw." in obstacle(django)


def test_a_declined_proposal_stands_no_longer_in_the_way(
    cast: Cast, django: Solution
) -> None:
    _propose(django, cast)
    decide_proposal(
        evaluation_id=Evaluation.objects.get(is_proposal=True).pk,
        approve=False,
        reason="Not yet.",
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )

    assert obstacle(django) == ""


def test_a_version_that_was_changed_back_is_the_same(
    cast: Cast, django: Solution
) -> None:
    _upgrade(django, cast)
    edited(django, draft(django.name, team=cast.platform, version="5.2.1"))

    assert obstacle(django) == ""


def test_an_evaluation_after_the_upgrade_knows_of_it(
    cast: Cast, django: Solution
) -> None:
    _upgrade(django, cast)
    yesterday = TODAY - timedelta(days=1)
    evaluated(django, judged(on=yesterday), today=yesterday)

    assert obstacle(django) == ""


def test_what_has_gone_again_is_no_change(django: Solution) -> None:
    ended(said(django, SignalKind.REPOSITORY_ARCHIVED, "x", source=Source.GITHUB))

    assert obstacle(django) == ""


def test_the_evaluation_that_counts_is_the_one_in_effect(
    cast: Cast, django: Solution
) -> None:
    first = evaluations_in_effect([django.pk])[django.pk]
    corrected = evaluated(
        django,
        judged(on=THEN - timedelta(days=9), supersedes_id=first),
        today=THEN,
        now=BEFORE,
    )
    assert evaluations_in_effect([django.pk]) == {django.pk: corrected.pk}
    said(django, SignalKind.NOTICE_TEXT, "Farewell", subject="summary")

    assert f"Since the evaluation of {THEN - timedelta(days=9)}" in obstacle(django)


def test_a_page_of_solutions_takes_as_many_queries_as_one(cast: Cast) -> None:
    solutions = [reviewed(f"S{number}", cast) for number in range(50)]
    for number, solution in enumerate(solutions):
        STANDING[number % len(STANDING)][0](solution, cast)
    ids = [solution.pk for solution in solutions]

    for some in (ids[:1], ids):
        with CaptureQueriesContext(connection) as queries:
            found = obstacles(some, today=TODAY, now=NOW)
        assert len(queries) == 4
        assert all(found.values())
        assert sorted(found) == some
        with CaptureQueriesContext(connection) as queries:
            streaks(some)
            full_reviews(some)
        assert len(queries) == 2


def test_material_changes_come_first_and_say_why(django: Solution) -> None:
    said(django, SignalKind.MAINTAINERS, "1")
    _release(django, None)  # type: ignore[arg-type]

    material, minor = material_changes(django.pk)

    assert (material.is_material, minor.is_material) == (True, False)
    assert material.why == (
        "PyPI lists 6.0 as the latest release: a new major version after 5.2.1."
    )
    assert minor.why == "PyPI counts 1 maintainers: a number that moves."
    assert material_changes(registered("Flask").pk) == ()


def test_a_streak_counts_from_the_last_full_review(
    cast: Cast, django: Solution
) -> None:
    assert streaks([django.pk]) == {}
    assert full_reviews([django.pk]) == {django.pk: THEN}

    for days in (100, 50):
        reaffirm(
            solution_id=django.pk,
            actor=OPERATOR,
            today=TODAY - timedelta(days=days),
            now=NOW - timedelta(days=days),
        )
    assert streaks([django.pk]) == {django.pk: 2}
    assert full_reviews([django.pk]) == {django.pk: THEN}

    evaluated(django)
    assert streaks([django.pk]) == {}
    assert full_reviews([django.pk]) == {django.pk: TODAY}
    assert full_reviews([registered("Flask").pk]) == {}


def _snooze(solution: Solution, user: User, day: date) -> None:
    Cover.objects.create(
        kind="snooze",
        flag=flagged(solution),
        reason="Later.",
        until=day + timedelta(days=7),
        made_by=user,
        made_by_name="x",
        made_at=NOW - (TODAY - day),
        action="review",
    )


def test_full_reviews_are_told_from_what_was_only_said_again(cast: Cast) -> None:
    alice, bob = cast.actor(cast.alice), cast.actor(cast.bob)
    since = TODAY - timedelta(days=10)
    one, two = reviewed("One", cast), reviewed("Two", cast)
    evaluated(one, actor=bob)
    evaluated(two, judged(on=since), today=since, actor=alice)
    reaffirm(solution_id=two.pk, actor=alice, today=TODAY, now=NOW)
    _snooze(one, cast.bob, TODAY)
    _snooze(two, cast.bob, TODAY - timedelta(days=11))

    assert reviewers_since(since) == (
        Reviewed(cast.alice.pk, "Alice", full=1, reaffirmed=1, snoozes=0),
        Reviewed(cast.bob.pk, "Bob", full=1, reaffirmed=0, snoozes=1),
    )
    assert teams_since(since) == (
        Reviewed(cast.platform.pk, "Platform", full=2, reaffirmed=1, snoozes=1),
    )
    assert reviewers_since(TODAY + timedelta(days=1)) == ()
