"""Predictions of an end that nobody lists, kept like any other signal."""

from datetime import date, timedelta

import pytest

from reviews.models import Signal, Solution
from reviews.rules.endoflife.lifecycle import Cycle, Listing, Product
from reviews.rules.vocabulary import Scheme
from tests.conftest import TODAY
from tests.services.building import evaluated, judged, registered
from tests.services.evidence.sources import (
    causes,
    collected,
    end_of_life,
    endoflife,
    night,
    open_flags,
)

pytestmark = pytest.mark.django_db

SPAN = timedelta(days=300)


@pytest.fixture
def rolling() -> Solution:
    """Return a solution on the newest release of a product that never tells in time."""
    solution = registered(
        "Rolling", identifiers=((Scheme.ENDOFLIFE, "rolling/6"),), version="6"
    )
    evaluated(solution, judged())
    return solution


def product(newest_on: date, newest_ends_on: date | None = None) -> Product:
    """Return six releases, each supported until the next one came."""
    first_on = newest_on - 5 * SPAN
    cycles = []
    for number in range(6):
        released_on = first_on + number * SPAN
        ended_on = released_on + SPAN if number < 5 else newest_ends_on
        seen = [Listing(released_on)]
        if number < 5:
            seen.append(Listing(released_on + SPAN, ends_on=ended_on))
        cycles.append(Cycle(str(number + 1), released_on, ended_on, None, tuple(seen)))
    return Product(name="rolling", cycles=tuple(reversed(cycles)))


def heard(solution: Solution, newest_on: date, ends_on: date | None = None) -> None:
    collected(
        solution,
        endoflife(end_of_life(ends_on, "6"), product=product(newest_on, ends_on)),
        insist=True,
    )


def test_an_end_that_nobody_lists_is_predicted_and_marked_as_such(
    rolling: Solution,
) -> None:
    heard(rolling, TODAY - timedelta(days=200))
    # A list that was begun today is watched for half a year before it is built upon.
    assert causes(rolling) == []

    for day in range(170, 190, 5):
        night(TODAY + timedelta(days=day))

    (flag,) = open_flags(rolling)
    signal = Signal.objects.standing().get(kind="predicted_end")
    assert (flag.cause, flag.action, flag.severity) == ("end_of_life", "review", "low")
    assert flag.source_url == "https://source.example/page"
    assert flag.reason.startswith("The forecast: No end of support is listed for 6")
    assert (signal.source, signal.confidence) == ("forecast", "predicted")
    assert signal.effective_on is not None


def test_a_prediction_goes_when_an_end_is_listed(rolling: Solution) -> None:
    heard(rolling, TODAY - timedelta(days=200))
    night(TODAY + timedelta(days=190))
    assert Signal.objects.standing().filter(kind="predicted_end").exists()

    heard(rolling, TODAY - timedelta(days=200), TODAY + timedelta(days=900))

    assert not Signal.objects.standing().filter(kind="predicted_end").exists()


def test_nothing_is_predicted_far_ahead(rolling: Solution) -> None:
    heard(rolling, TODAY)

    night(TODAY + timedelta(days=1))

    assert not Signal.objects.filter(kind="predicted_end").exists()
