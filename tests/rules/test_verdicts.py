"""Which line of the log speaks for a solution."""

from datetime import date

import pytest

from reviews.rules.verdicts import LoggedVerdict, needs_approval, standing_verdict
from reviews.rules.vocabulary import Verdict

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


def line(
    id: int, on: date, verdict: Verdict = Verdict.ADOPT, **more: object
) -> LoggedVerdict:
    return LoggedVerdict(id=id, verdict=verdict, evaluated_on=on, **more)  # type: ignore[arg-type]


def test_an_empty_log_says_nothing() -> None:
    assert standing_verdict([]) is None


def test_the_latest_day_counts_and_not_the_latest_entry() -> None:
    log = [line(1, JULY), line(2, JUNE, Verdict.HOLD)]

    assert standing_verdict(log) == log[0]


def test_of_two_on_one_day_the_one_written_later_counts() -> None:
    log = [line(1, JULY), line(2, JULY, Verdict.HOLD)]

    assert standing_verdict(log) == log[1]


def test_a_mistake_is_gone_once_it_is_superseded() -> None:
    log = [line(1, JUNE), line(2, JULY, Verdict.RETIRE), line(3, JUNE, supersedes=2)]

    assert standing_verdict(log) == log[2]


def test_a_proposal_that_nobody_approved_neither_speaks_nor_supersedes() -> None:
    log = [
        line(1, JUNE),
        line(2, JULY, Verdict.DEPRECATE, supersedes=1, in_effect=False),
    ]

    assert standing_verdict(log) == log[0]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_endings_by_those_who_may_not_end_are_proposals(verdict: Verdict) -> None:
    ends = verdict in {Verdict.DEPRECATE, Verdict.RETIRE}

    assert needs_approval(verdict, may_end=False) is ends
    assert needs_approval(verdict, may_end=True) is False
