"""What the end of a release's support asks on a day."""

from datetime import date, timedelta

import pytest

from reviews.rules.endoflife.forecast import LIKELY, Pattern
from reviews.rules.endoflife.lifecycle import (
    LISTED_DAYS,
    Basis,
    Cycle,
    Listing,
    Product,
    QuestionKind,
    SupportQuestion,
    pattern_of,
    question,
    support_question,
)

END = date(2026, 4, 1)
RELEASED = date(2023, 4, 3)
TRACKED = date(2019, 5, 30)


def asked(today: date, **about: object) -> SupportQuestion | None:
    cycle = Cycle("4.2", RELEASED, **about)  # type: ignore[arg-type]
    return support_question(Product("django", cycles=(cycle,)), "4.2", today)


@pytest.mark.parametrize(
    ("today", "kind", "reason"),
    [
        pytest.param(
            END - timedelta(LISTED_DAYS),
            QuestionKind.LISTED,
            "Support of 4.2 ends on 2026-04-01, in 210 days.",
            id="210 days ahead",
        ),
        pytest.param(
            END - timedelta(1),
            QuestionKind.LISTED,
            "Support of 4.2 ends on 2026-04-01, in 1 day.",
            id="the day before",
        ),
        pytest.param(
            END,
            QuestionKind.ENDED,
            "Support of 4.2 ended on 2026-04-01, today.",
            id="on the day",
        ),
        pytest.param(
            END + timedelta(1200),
            QuestionKind.ENDED,
            "Support of 4.2 ended on 2026-04-01, 1,200 days ago.",
            id="years later",
        ),
    ],
)
def test_a_listed_end_is_asked_about_with_its_day(
    today: date, kind: QuestionKind, reason: str
) -> None:
    found = asked(today, ends_on=END)

    assert found == SupportQuestion(kind, Basis.STATED, END, reason)


def test_a_listed_end_is_not_asked_about_211_days_ahead() -> None:
    assert asked(END - timedelta(LISTED_DAYS + 1), ends_on=END) is None


def test_210_days_are_half_a_year_and_the_longest_month_that_a_date_may_stand_for() -> (
    None
):
    """A date listed as the month's last day may fall on its first."""
    assert LISTED_DAYS - 180 >= 30


def test_an_end_listed_without_a_date_is_asked_about_at_once() -> None:
    found = asked(date(2020, 1, 1), ended=True)

    assert found is not None
    assert found.kind is QuestionKind.ENDED
    assert found.ends_on is None
    assert found.reason == "Support of 4.2 is listed as ended, without a date."


@pytest.mark.parametrize("ended", [False, None], ids=["supported", "nothing said"])
def test_a_product_without_any_end_is_asked_nothing(ended: bool | None) -> None:
    assert asked(END, ended=ended) is None


def test_a_cycle_that_the_product_lacks_is_asked_nothing() -> None:
    product = Product("django", cycles=(Cycle("4.2", RELEASED, END),))

    assert support_question(product, "5.0", END) is None
    assert support_question(Product("django"), "4.2", END) is None


def listed_from(day: date, **word: object) -> Listing:
    return Listing(day, **word)  # type: ignore[arg-type]


def rolling(*, ended: int, told: timedelta | None = None) -> Product:
    """Return a product whose releases end with the next one, told of so much later."""
    days = [date(2024, 1, 1) + timedelta(90 * place) for place in range(ended + 1)]
    cycles = []
    for place, day in enumerate(days):
        end = days[place + 1] if place < ended else None
        listings = [listed_from(day, ended=False)]
        if end is not None and told is not None:
            listings.append(listed_from(end + told, ends_on=end))
        cycles.append(
            Cycle(
                f"1.{place}",
                day,
                ends_on=end,
                ended=None if end else False,
                listings=tuple(listings) if told is not None else (),
            )
        )
    return Product(
        "podman",
        cycles=tuple(cycles),
        tracked_since=TRACKED if told is not None else None,
    )


def test_where_no_end_is_listed_it_is_predicted_from_the_releases_before() -> None:
    found = support_question(rolling(ended=3), "1.3", date(2024, 9, 27))

    assert found is not None
    assert found.kind is QuestionKind.PREDICTED
    assert found.basis is Basis.PREDICTED
    assert found.ends_on == date(2024, 12, 26)
    assert (found.held, found.precedents) == (3, 3)
    assert found.likelihood == LIKELY
    assert found.reason == (
        "No end of support is listed for 1.3; it is to be expected about 2024-12-26. "
        "The last 3 were supported for 90 days, until 0 days after the next release. "
        "3 of the 3 ended as the others would have told."
    )


def test_a_single_precedent_is_told_as_what_it_is() -> None:
    found = support_question(rolling(ended=1), "1.1", date(2024, 4, 1))

    assert found is not None
    assert found.reason.endswith(
        "The one release before it was supported for 90 days, "
        "until 0 days after the next release."
    )


@pytest.mark.parametrize(
    ("overlaps", "told"),
    [
        ((-20, -10), "until 10 to 20 days before the next release"),
        ((-20, 10), "until 20 days before to 10 days after the next release"),
        ((7, 190), "until 7 to 190 days after the next release"),
    ],
    ids=["before", "around", "after"],
)
def test_how_long_support_overlapped_is_told_in_words(
    overlaps: tuple[int, ...], told: str
) -> None:
    day = date(2024, 1, 1)
    pattern = Pattern(
        lives=(30, 30), overlaps=overlaps, pace=30, releases=(day,), notices=()
    )

    found = question(Cycle("y", day), pattern, day)

    assert found is not None
    assert told in found.reason


def test_without_a_next_release_only_the_lives_are_told() -> None:
    day = date(2024, 1, 1)
    alone = Pattern(lives=(99,), overlaps=(), pace=None, releases=(day,), notices=())

    found = question(Cycle("y", day), alone, day)

    assert found is not None
    assert found.reason.endswith("The one release before it was supported for 99 days.")


def test_an_end_that_was_to_be_expected_earlier_is_told_so() -> None:
    # The next release is out, so the pace no longer moves the day.
    product = rolling(ended=2)
    late = Product("podman", cycles=(*product.cycles, Cycle("1.3", date(2024, 9, 27))))

    found = support_question(late, "1.2", date(2024, 10, 20))

    assert found is not None
    assert "it was to be expected about 2024-09-27" in found.reason


def test_a_listed_date_goes_before_a_prediction() -> None:
    product = rolling(ended=3)
    dated = Product(
        "podman",
        cycles=(*product.cycles[:3], Cycle("1.3", date(2024, 9, 27), date(2026, 1, 1))),
    )

    assert support_question(dated, "1.3", date(2024, 9, 27)) is None


@pytest.mark.parametrize(
    ("told", "asks"),
    [
        pytest.param(timedelta(2), True, id="after the end"),
        pytest.param(timedelta(-30), True, id="a month ahead"),
        pytest.param(timedelta(-80), False, id="80 days ahead"),
    ],
)
def test_a_source_that_tells_in_time_is_waited_for(told: timedelta, asks: bool) -> None:
    found = support_question(rolling(ended=3, told=told), "1.3", date(2024, 9, 30))

    assert (found is not None) is asks


def test_an_end_without_a_date_is_dated_by_the_day_its_word_appeared() -> None:
    first = Cycle(
        "1.0",
        date(2024, 1, 1),
        ended=True,
        listings=(
            listed_from(date(2024, 1, 3), ended=False),
            listed_from(date(2024, 4, 10), ended=True),
        ),
    )
    found = pattern_of(Product("x", cycles=(first,)), date(2024, 5, 1))

    assert found is not None
    assert found.lives == (100,)
    assert found.notices == (0,)


@pytest.mark.parametrize(
    "listings",
    [
        pytest.param((), id="no history"),
        pytest.param(
            (listed_from(date(2024, 4, 10), ended=True),), id="ended at first"
        ),
    ],
)
def test_an_end_whose_day_nobody_knows_teaches_nothing(
    listings: tuple[Listing, ...],
) -> None:
    first = Cycle("1.0", date(2024, 1, 1), ended=True, listings=listings)

    assert pattern_of(Product("x", cycles=(first,)), date(2024, 5, 1)) is None


def test_of_what_was_over_when_watching_began_nobody_knows_the_notice() -> None:
    first = Cycle(
        "1.0",
        date(2018, 1, 1),
        ends_on=date(2019, 1, 1),
        listings=(listed_from(TRACKED, ends_on=date(2019, 1, 1)),),
    )
    product = Product("x", cycles=(first,), tracked_since=TRACKED)

    found = pattern_of(product, date(2024, 5, 1))

    assert found is not None
    assert found.lives == (365,)
    assert found.notices == ()
