"""
Old lists replayed: each day sees only what was listed or released by then.

The excerpt below is made up in the shapes of endoflife.date.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.rules.endoflife.lifecycle import Listing, QuestionKind
from reviews.rules.endoflife.replay import EarlyFlag, Timeline, early_flags

TRACKED = date(2020, 1, 1)
UNTIL = date(2026, 8, 22)


def on(day: str, word: object = False) -> Listing:
    seen_on = date.fromisoformat(day)
    if word == "removed":
        return Listing(seen_on, removed=True)
    if isinstance(word, str):
        return Listing(seen_on, ends_on=date.fromisoformat(word))
    assert word is None or isinstance(word, bool)
    return Listing(seen_on, ended=word)


def timeline(
    cycle: str, released: str, *listings: Listing, product: str = "podman"
) -> Timeline:
    return Timeline(
        product, "app", cycle, date.fromisoformat(released), TRACKED, listings
    )


def replayed(*timelines: Timeline, until: date = UNTIL) -> dict[str, EarlyFlag]:
    found = list(early_flags(timelines, release_days={}, until=until))
    assert len({(flag.product, flag.cycle) for flag in found}) == len(found)
    return {flag.cycle: flag for flag in found}


def rolling(count: int, *, months: int = 3) -> list[Timeline]:
    """Return releases that end with the next one, of which the list tells 5 days later."""
    days = [date(2022, 1, 10) + timedelta(30 * months * n) for n in range(count + 1)]
    return [
        timeline(
            f"1.{place}",
            day.isoformat(),
            on((day + timedelta(2)).isoformat()),
            on((end + timedelta(5)).isoformat(), end.isoformat()),
        )
        for place, (day, end) in enumerate(pairwise(days))
    ]


def test_a_listed_end_is_flagged_210_days_ahead() -> None:
    found = replayed(timeline("4.2", "2023-04-03", on("2023-04-06", "2026-04-01")))

    assert found["4.2"].day == date(2026, 4, 1) - timedelta(210)
    assert found["4.2"].question.kind is QuestionKind.LISTED


def test_a_date_that_is_listed_late_is_flagged_the_day_it_is_listed() -> None:
    found = replayed(
        timeline("4.2", "2023-04-03", on("2023-04-06"), on("2026-03-01", "2026-04-01"))
    )

    assert found["4.2"].day == date(2026, 3, 1)


@pytest.mark.parametrize("word", [True, "2024-01-01"], ids=["ended", "a date of late"])
def test_a_word_after_the_end_is_flagged_the_day_it_is_listed(word: object) -> None:
    found = replayed(
        timeline("1", "2021-01-01", on("2021-01-01"), on("2024-05-05", word))
    )

    assert found["1"].day == date(2024, 5, 5)
    assert found["1"].question.kind is QuestionKind.ENDED


def test_only_the_first_flag_of_a_cycle_is_told() -> None:
    found = replayed(
        timeline(
            "1",
            "2021-01-01",
            on("2021-01-01", "2022-01-01"),
            on("2021-12-01", "2024-01-01"),
        )
    )

    assert found["1"].day == date(2022, 1, 1) - timedelta(210)


def test_a_date_that_was_taken_back_before_it_came_near_is_not_flagged() -> None:
    found = replayed(
        timeline("1", "2021-01-01", on("2021-01-01", "2026-01-01"), on("2024-01-01"))
    )

    assert found == {}


@pytest.mark.parametrize(
    "word", [True, "2019-06-01"], ids=["ended", "a date of before"]
)
def test_what_was_over_when_it_came_on_the_list_is_flagged_that_day(
    word: object,
) -> None:
    found = replayed(timeline("1", "2018-01-01", on("2020-01-01", word)))

    assert found["1"].day == date(2020, 1, 1)


def test_a_rolling_release_is_flagged_before_any_word_of_its_end() -> None:
    found = replayed(*rolling(6))

    last = found["1.5"]
    assert last.question.kind is QuestionKind.PREDICTED
    assert last.day == date(2022, 1, 10) + timedelta(5 * 90 + 2), "the day it is listed"
    assert last.question.precedents == 4, "the end of 1.4 is not known yet"


def test_until_an_end_was_seen_nothing_is_predicted() -> None:
    assert replayed(*rolling(6))["1.0"].question.kind is QuestionKind.ENDED


def test_a_row_without_any_listing_was_never_on_the_list() -> None:
    never = timeline("1.9", "2022-05-01")

    assert replayed(*rolling(6), never) == replayed(*rolling(6))


def test_a_cycle_that_was_taken_off_the_list_is_asked_about_no_more() -> None:
    found = replayed(
        timeline(
            "1",
            "2021-01-01",
            on("2021-01-01", "2026-01-01"),
            on("2024-01-01", "removed"),
        )
    )

    assert found == {}


def test_a_cycle_that_came_back_on_the_list_is_asked_about_again() -> None:
    found = replayed(
        timeline(
            "1",
            "2021-01-01",
            on("2021-01-01"),
            on("2024-01-01", "removed"),
            on("2025-01-01", "2025-02-01"),
        )
    )

    assert found["1"].day == date(2025, 1, 1)


def test_the_last_day_is_replayed_and_none_after_it() -> None:
    end = timeline("1", "2021-01-01", on("2021-01-01", "2024-01-01"))
    first_day = date(2024, 1, 1) - timedelta(210)

    assert replayed(end, until=first_day)["1"].day == first_day
    assert replayed(end, until=first_day - timedelta(1)) == {}
    assert replayed(end, until=TRACKED - timedelta(1)) == {}


def test_a_product_that_fell_silent_is_not_predicted() -> None:
    rows = rolling(6)
    long_ago = {"podman": [date(2019, 1, 1)]}

    found = list(early_flags(rows, release_days=long_ago, until=UNTIL))

    assert {flag.question.kind for flag in found} == {QuestionKind.ENDED}


def test_flags_come_by_product_day_and_name() -> None:
    other = timeline("z", "2021-01-01", on("2021-01-01", "2022-01-01"), product="a")

    found = list(early_flags([*rolling(4), other], release_days={}, until=UNTIL))

    keys = [(flag.product, flag.day, flag.cycle) for flag in found]
    assert keys == sorted(keys)
    assert keys[0][0] == "a"


def cut(
    timelines: Sequence[Timeline], last: date, shuffled: random.Random
) -> list[Timeline]:
    """Return the timelines as a reader had them on a day, in any order."""
    known = []
    for each in timelines:
        listings = tuple(word for word in each.listings if word.seen_on <= last)
        if listings:
            known.append(replace(each, listings=listings))
        elif shuffled.random() < 0.5:
            known.append(replace(each, listings=()))
    shuffled.shuffle(known)
    return known


EXCERPT = [
    *rolling(12),
    timeline("lts", "2021-05-01", on("2021-05-02"), on("2023-02-01", "2024-06-30")),
    timeline("odd", "2022-03-01", on("2022-03-02", None), on("2023-01-01", True)),
    timeline("off", "2022-04-01", on("2022-04-02"), on("2023-05-05", "removed")),
    timeline("moved", "2021-02-01", on("2021-02-01", "2023-01-31"), on("2022-05-01", "2025-01-31"), product="b"),
    timeline("next", "2023-02-01", on("2023-02-03"), on("2025-08-01", "2025-07-30"), product="b"),
    timeline("last", "2025-07-30", on("2025-08-01"), product="b"),
]  # fmt: skip


@given(
    ordinal=st.integers(date(2021, 1, 1).toordinal(), UNTIL.toordinal()),
    seed=st.integers(0, 1000),
)
def test_what_comes_after_a_day_changes_no_flag_up_to_it(
    ordinal: int, seed: int
) -> None:
    last = date.fromordinal(ordinal)
    days = [date(2021, 1, 1) + timedelta(40 * place) for place in range(52)]

    whole = list(early_flags(EXCERPT, release_days={"b": days}, until=UNTIL))
    blind = early_flags(
        cut(EXCERPT, last, random.Random(seed)),
        release_days={"b": [day for day in days if day <= last]},
        until=UNTIL,
    )

    assert [flag for flag in whole if flag.day <= last] == [
        flag for flag in blind if flag.day <= last
    ]
