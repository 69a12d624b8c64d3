"""Several people, or machines, at one solution in the same moment."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import connections

from reviews.models import Change, Cover, Decision, Evaluation, Flag, Solution
from reviews.rules.vocabulary import Scheme, Verdict
from reviews.services.drafts import draft_of
from reviews.services.errors import AlreadyRegisteredError, BusyError, ConflictError
from reviews.services.evaluations import decide_proposal
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import (
    draft,
    edited,
    evaluated,
    judged,
    registered,
    scanned,
)
from tests.services.covering import overdue, revoked, snoozed, waived

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list[Exception]:
    """Make every call in a thread of its own, all together; return what they raised."""
    raised: list[Exception] = []
    together = threading.Barrier(len(calls))

    def make(call: Callable[[], object]) -> None:
        try:
            together.wait(10)
            call()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=make, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_evaluations_written_at_once_are_all_kept(cast: Cast) -> None:
    solution = registered(team=cast.platform, on=date(2026, 1, 1))
    scanned()
    days = [TODAY - timedelta(days=n) for n in range(8)]

    raised = at_once(
        *(
            lambda day=day: evaluated(
                Solution.objects.get(pk=solution.pk), judged(on=day)
            )
            for day in days
        )
    )

    solution.refresh_from_db()
    assert raised == []
    assert sorted(Evaluation.objects.values_list("evaluated_on", flat=True)) == sorted(
        days
    )
    assert Change.objects.filter(what="evaluated").count() == 8
    assert solution.last_evaluated_on == TODAY
    assert solution.next_review_on == date(2027, 5, 22)
    assert Flag.objects.get().closed_because == "evaluated"


def test_an_evaluation_is_superseded_once_even_at_once(cast: Cast) -> None:
    solution = registered(team=cast.platform)
    wrong = evaluated(solution, judged(Verdict.HOLD))

    def correct() -> None:
        evaluated(Solution.objects.get(pk=solution.pk), judged(supersedes_id=wrong.pk))

    raised = at_once(*[correct] * 5)

    assert [type(error) for error in raised] == [ConflictError] * 4
    assert wrong.superseded_by.count() == 1


def test_a_proposal_is_decided_once_even_at_once(cast: Cast) -> None:
    solution = registered(team=cast.platform)
    proposal = evaluated(solution, judged(Verdict.RETIRE), actor=cast.actor(cast.bob))

    def decide(approve: bool) -> None:
        decide_proposal(
            evaluation_id=proposal.pk,
            approve=approve,
            reason="Because.",
            actor=cast.actor(cast.alice),
            today=TODAY,
            now=NOW,
        )

    raised = at_once(*(lambda n=n: decide(bool(n % 2)) for n in range(6)))

    assert [type(error) for error in raised] == [ConflictError] * 5
    solution.refresh_from_db()
    assert (solution.state == "retire") is Decision.objects.get().approved


def test_a_package_is_registered_once_even_at_once(cast: Cast) -> None:
    def register() -> None:
        registered(team=cast.platform, identifiers=[(Scheme.PURL, "pkg:pypi/django")])

    raised = at_once(*[register] * 5)

    # Whoever chose the slug in the same moment is told of that instead.
    assert len(raised) == 4
    assert all(isinstance(error, ConflictError) for error in raised)
    assert Solution.objects.count() == 1
    assert Change.objects.count() == 1


def test_a_name_is_given_once_by_two_edits_at_once(cast: Cast) -> None:
    solutions = [registered(f"Solution {n}", team=cast.platform) for n in range(4)]

    raised = at_once(
        *(
            lambda s=solution: edited(s, draft("Celery", cast.platform))
            for solution in solutions
        )
    )

    assert [type(error) for error in raised] == [AlreadyRegisteredError] * 3
    assert Solution.objects.filter(name="Celery").count() == 1


def test_an_edit_and_an_evaluation_at_once_lose_nothing(cast: Cast) -> None:
    solution = registered(team=cast.platform)
    contract = draft(
        team=cast.platform, contract_ends_on=date(2027, 3, 1), notice_period_days=30
    )

    raised = at_once(
        lambda: edited(solution, contract),
        lambda: evaluated(Solution.objects.get(pk=solution.pk)),
    )

    solution.refresh_from_db()
    assert raised == []
    assert solution.state == "adopt"
    assert draft_of(solution).contract_ends_on == date(2027, 3, 1)
    assert solution.next_review_on == date(2026, 12, 31)


def test_a_waiver_and_a_snooze_at_once_leave_one_of_them(cast: Cast) -> None:
    for number in range(5):
        flag = overdue(cast, f"Package {number}")

        raised = at_once(
            partial(snoozed, flag, actor=cast.actor(cast.alice)),
            partial(waived, flag, cast.bob, actor=cast.actor(cast.dora)),
        )

        # Whichever came first: a snooze gives way, and takes the place of no waiver.
        active = Cover.objects.active().get(flag=flag)
        flag.refresh_from_db()
        assert all(isinstance(error, ConflictError) for error in raised)
        assert active.kind == "waiver"
        assert (flag.covered_by, flag.covered_until) == ("waiver", active.until)


def test_an_answer_and_a_waiver_at_once_leave_no_closed_flag_covered(
    cast: Cast,
) -> None:
    for number in range(5):
        flag = overdue(cast, f"Package {number}")
        solution = Solution.objects.get(pk=flag.solution_id)

        raised = at_once(partial(waived, flag, cast.bob), partial(evaluated, solution))

        flag.refresh_from_db()
        assert all(isinstance(error, ConflictError) for error in raised)
        assert flag.closed_because == "evaluated"
        assert (flag.covered_by, flag.covered_until) == ("", None)
        assert not Cover.objects.active().filter(flag=flag).exists()


def test_what_ends_by_its_day_while_somebody_revokes_it_ends_once(
    cast: Cast,
) -> None:
    on = TODAY + timedelta(days=7)
    for number in range(5):
        cover = snoozed(overdue(cast, f"Package {number}"), on)

        raised = at_once(partial(revoked, cover, on=on), partial(scanned, on))

        cover.refresh_from_db()
        assert all(isinstance(error, ConflictError | BusyError) for error in raised)
        assert cover.ended_because in ("revoked", "expired")
        lines = Change.objects.filter(what__in=["cover revoked", "asked again"])
        assert lines.filter(details__cover=cover.pk).count() == 1
