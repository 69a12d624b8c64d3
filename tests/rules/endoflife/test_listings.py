"""What is remembered of what was listed of a product."""

from datetime import date, timedelta

from reviews.rules.endoflife.lifecycle import Cycle, Product
from reviews.rules.endoflife.listings import listed_again
from tests.conftest import TODAY

TOMORROW = TODAY + timedelta(days=1)
END = date(2027, 4, 30)


def product(*cycles: Cycle) -> Product:
    return Product(name="django", cycles=cycles, release_days=(date(2026, 1, 1),))


def cycle(name: str = "4.2", **more: object) -> Cycle:
    return Cycle(name, date(2023, 4, 3), **more)  # type: ignore[arg-type]


def test_the_first_sight_of_a_product_begins_its_history() -> None:
    listed = listed_again(None, product(cycle(ended=False)), TODAY)

    (seen,) = listed.cycles[0].listings
    assert (seen.seen_on, seen.ended, seen.ends_on) == (TODAY, False, None)
    assert listed.tracked_since == TODAY


def test_what_is_listed_as_before_adds_nothing() -> None:
    before = listed_again(None, product(cycle(ends_on=END)), TODAY)

    after = listed_again(before, product(cycle(ends_on=END)), TOMORROW)

    assert after == before


def test_another_end_is_added_to_the_one_before() -> None:
    before = listed_again(None, product(cycle(ended=False)), TODAY)

    after = listed_again(before, product(cycle(ends_on=END)), TOMORROW)

    assert [each.seen_on for each in after.cycles[0].listings] == [TODAY, TOMORROW]
    assert after.tracked_since == TODAY


def test_a_new_cycle_begins_on_the_day_it_is_listed() -> None:
    before = listed_again(None, product(cycle("4.2")), TODAY)

    after = listed_again(before, product(cycle("5.0"), cycle("4.2")), TOMORROW)

    assert [each.listings[0].seen_on for each in after.cycles] == [TOMORROW, TODAY]


def test_release_days_are_gathered() -> None:
    before = listed_again(None, product(), TODAY)
    now = Product(name="django", release_days=(TODAY,))

    assert listed_again(before, now, TODAY).release_days == (date(2026, 1, 1), TODAY)
