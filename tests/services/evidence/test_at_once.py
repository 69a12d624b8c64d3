"""Several workers, or a worker and a person, at the evidence of one solution."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import Count

from reviews.models import Flag, Signal, Solution
from reviews.rules.signals import SignalKind
from reviews.rules.vocabulary import Scheme, Verdict
from reviews.services.evidence.watching import claim_due, watch_new_solutions
from tests.conftest import NOW, TODAY
from tests.services.building import evaluated, judged, registered
from tests.services.evidence.sources import collected, fact, night, open_flags, pypi
from tests.services.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)

INACTIVE = fact(SignalKind.INACTIVE_CLASSIFIER)
YANKED = fact(SignalKind.ALL_RELEASES_YANKED)


def packages(count: int) -> list[Solution]:
    made = []
    for number in range(count):
        purl = ((Scheme.PURL, f"pkg:pypi/package-{number}"),)
        solution = registered(f"Package {number}", identifiers=purl, version="1.0")
        evaluated(solution, judged())
        made.append(solution)
    return made


def test_what_several_workers_hear_is_kept_and_flagged_once() -> None:
    (solution,) = packages(1)

    raised = at_once(*[_hears(solution) for _ in range(6)])

    assert raised == []
    assert Signal.objects.count() == 2
    assert len(open_flags(solution)) == 2


def test_nights_that_run_together_open_what_one_would() -> None:
    made = packages(12)
    for solution in made:
        collected(solution, pypi(INACTIVE, YANKED))
    Flag.signals.through._default_manager.all().delete()
    Flag.objects.all().delete()

    raised = at_once(*[lambda: night(TODAY + timedelta(days=1)) for _ in range(4)])

    twice = Flag.objects.values("solution", "cause").annotate(n=Count("pk"))
    assert raised == []
    assert Flag.objects.count() == 24
    assert not twice.filter(n__gt=1).exists()


def test_an_evaluation_amid_the_collecting_leaves_the_flags_true() -> None:
    for solution in packages(4):
        collected(solution, pypi(INACTIVE))

        raised = at_once(
            _hears(solution),
            _is_deprecated(solution),
            lambda: night(TODAY),
        )

        assert raised == []
        assert [flag.action for flag in open_flags(solution)] in ([], ["review"])


def test_workers_that_look_for_work_together_share_it_out() -> None:
    packages(20)
    watch_new_solutions(now=NOW)
    taken: list[int] = []

    raised = at_once(
        *[
            lambda: taken.extend(id for id, _ in claim_due(now=NOW, limit=20))
            for _ in range(4)
        ]
    )

    assert raised == []
    assert len(taken) == len(set(taken)) == 20


def _hears(solution: Solution) -> Callable[[], object]:
    return lambda: collected(
        Solution.objects.get(pk=solution.pk), pypi(INACTIVE, YANKED), insist=True
    )


def _is_deprecated(solution: Solution) -> Callable[[], object]:
    return lambda: evaluated(
        Solution.objects.get(pk=solution.pk), judged(Verdict.DEPRECATE)
    )
