"""When the sources are asked about a solution, and by whom."""

from datetime import timedelta

import pytest

from reviews.models import Solution, SourceCheck, Watch
from reviews.ports.outside import HostBusyError
from reviews.rules.evidence.collecting import CLAIM
from reviews.rules.vocabulary import Criticality, Kind, Scheme, Verdict
from reviews.services.evidence.watching import (
    ask_soon,
    claim,
    claim_due,
    take_claimed,
    watch_new_solutions,
)
from tests.conftest import NOW
from tests.services.building import evaluated, judged, registered
from tests.services.evidence.sources import collected, later, pypi

pytestmark = pytest.mark.django_db


@pytest.fixture
def watched() -> Solution:
    solution = registered(identifiers=((Scheme.PURL, "pkg:pypi/django"),))
    watch_new_solutions(now=NOW)
    return solution


def test_what_is_new_in_the_register_is_asked_about_at_once(watched: Solution) -> None:
    assert [id for id, _ in claim_due(now=NOW, limit=10)] == [watched.pk]


def test_what_is_watched_already_is_not_new(watched: Solution) -> None:
    assert watch_new_solutions(now=NOW) == 0


def test_what_is_retired_is_not_asked_about(watched: Solution) -> None:
    evaluated(watched, judged(Verdict.RETIRE))

    assert claim_due(now=NOW, limit=10) == []


def test_no_second_worker_gets_what_one_has_taken(watched: Solution) -> None:
    claim_due(now=NOW, limit=10)

    assert claim_due(now=later(hours=0), limit=10) == []
    assert claim(solution_id=watched.pk, now=NOW) is None


def test_what_a_dead_worker_took_is_free_an_hour_later(watched: Solution) -> None:
    claim_due(now=NOW, limit=10)

    assert len(claim_due(now=NOW + CLAIM, limit=10)) == 1


def test_a_message_that_comes_twice_is_worked_on_once(watched: Solution) -> None:
    ((solution_id, until),) = claim_due(now=NOW, limit=10)

    taken = [
        take_claimed(solution_id=solution_id, until=until, now=NOW) for _ in range(2)
    ]

    assert taken == [True, False]


def test_asking_gives_it_back_and_sets_the_next_time(watched: Solution) -> None:
    claim_due(now=NOW, limit=10)

    collected(watched, pypi())

    watch = Watch.objects.get()
    assert watch.taken_until is None
    assert NOW < watch.ask_at <= NOW + timedelta(hours=25)


@pytest.mark.parametrize(
    ("kind", "criticality", "days"),
    [
        (Kind.PACKAGE, Criticality.LOW, 1),
        (Kind.MODEL, Criticality.LOW, 1),
        (Kind.VENDOR, Criticality.CRITICAL, 1),
        (Kind.VENDOR, Criticality.MEDIUM, 3),
        (Kind.BUILT, Criticality.LOW, 7),
    ],
)
def test_how_often_is_a_matter_of_kind_and_risk(
    kind: Kind, criticality: Criticality, days: int
) -> None:
    solution = registered("Something", kind=kind, criticality=criticality)
    collected(solution, pypi())
    first = Watch.objects.get().ask_at

    collected(solution, pypi(), now=first)

    assert Watch.objects.get().ask_at - first == timedelta(days=days)


def test_a_register_is_asked_about_all_over_the_day() -> None:
    for number in range(60):
        collected(registered(f"Package {number}", kind=Kind.VENDOR), pypi())

    hours = {watch.ask_at.hour for watch in Watch.objects.all()}

    assert len(hours) >= 18


def test_a_failing_source_is_asked_again_before_its_time(watched: Solution) -> None:
    source = pypi()
    source.fails()

    collected(watched, source)

    assert Watch.objects.get().ask_at == NOW + timedelta(minutes=15)


def test_what_changed_is_asked_about_soon(watched: Solution) -> None:
    collected(watched, pypi())
    soon = NOW + timedelta(minutes=1)

    ask_soon(solution_ids=[watched.pk], now=soon)

    assert Watch.objects.get().ask_at == soon


def test_what_was_answered_a_moment_ago_is_not_asked_again(watched: Solution) -> None:
    source = pypi()
    collected(watched, source)

    collected(watched, source, now=later(hours=5))
    collected(watched, source, now=later(hours=6))

    assert len(source.asked) == 2


def test_a_host_that_has_no_turn_left_is_no_failure(watched: Solution) -> None:
    source = pypi()
    collected(watched, source)
    source.reply = HostBusyError("Later.", retry_after=timedelta(minutes=2))

    collected(watched, source, now=later(hours=7))

    check = SourceCheck.objects.get(source="pypi")
    assert (check.state, check.failures, check.error) == ("ok", 0, "")
    assert check.retry_at == later(hours=7) + timedelta(minutes=2)
