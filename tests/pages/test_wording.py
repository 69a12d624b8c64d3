"""What the pages say of days and ages."""

from datetime import date, timedelta

import pytest

from reviews.pages import wording
from reviews.rules.vocabulary import Freshness, Verdict
from tests.conftest import TODAY


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-1200, "overdue by 1,200 days"),
        (-12, "overdue by 12 days"),
        (-1, "overdue by 1 day"),
        (0, "due today"),
        (1, "due in 1 day"),
        (30, "due in 30 days"),
    ],
)
def test_a_due_day_is_said_as_a_distance(days: int, words: str) -> None:
    assert wording.due_words(TODAY + timedelta(days), TODAY) == words


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=59), "less than a minute ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=9, minutes=25), "9 hours ago"),
        (timedelta(hours=27), "27 hours ago"),
        (timedelta(hours=48), "2 days ago"),
    ],
)
def test_an_age_is_said_in_its_largest_unit(age: timedelta, words: str) -> None:
    assert wording.ago(age) == words


@pytest.mark.parametrize("standing", [None, *Freshness])
def test_every_standing_has_words_and_a_tone(standing: Freshness | None) -> None:
    assert wording.freshness_words(standing)
    assert wording.freshness_tone(standing) in {"bad", "warn", "good", "calm"}


def test_the_clock_of_what_is_late_says_since_when_and_why() -> None:
    sentence = wording.clock_sentence(
        verdict=Verdict.ADOPT,
        last_evaluated_on=date(2026, 9, 1),
        next_review_on=date(2026, 11, 10),
        pulled_by="the contract ends on 2026-12-10",
        today=TODAY,
    )

    assert sentence == (
        "The next review was due by 2026-11-10: overdue by 12 days. "
        "It was pulled forward because the contract ends on 2026-12-10."
    )


def test_the_clock_of_what_is_retired_owes_nothing() -> None:
    sentence = wording.clock_sentence(
        verdict=Verdict.RETIRE,
        last_evaluated_on=date(2026, 9, 1),
        next_review_on=None,
        pulled_by="",
        today=TODAY,
    )

    assert sentence == "Retired on 2026-09-01: no review is owed any more."
