"""When an assumption no longer holds, and what is said of it."""

from datetime import date
from typing import Any

import pytest

from reviews.rules.assumptions import (
    REASON_LIMIT,
    Assumed,
    AssumptionError,
    Known,
    Release,
    broken_since,
    check_form,
    in_words,
)
from reviews.rules.signals import SignalKind, Source
from reviews.rules.versions import reaches
from reviews.rules.vocabulary import Condition
from tests.rules.evidence.situations import signal

THEN = date(2026, 6, 1)
LATER = date(2026, 9, 1)


def known(*releases: Release, **more: Any) -> Known:
    return Known(name="Litestar", evaluated_on=THEN, releases=releases, **more)


def release(
    version: str, on: date | None, seen_on: date = THEN, **more: Any
) -> Release:
    return Release(version, on, seen_on, **more)


def broken(assumed: Assumed, what: Known) -> tuple[date, str] | None:
    pull = broken_since(assumed, what)
    return (pull.on, pull.reason) if pull else None


THREE = Assumed(Condition.RELEASE_REACHES, "3.0")
A_YEAR = Assumed(Condition.NO_RELEASE, "12")
LICENCE = Assumed(Condition.LICENCE_CHANGES)
ARCHIVED = Assumed(Condition.SIGNAL, SignalKind.REPOSITORY_ARCHIVED.value)


def test_a_day_is_known_in_advance() -> None:
    day, sentence = broken(Assumed(Condition.DAY, "2026-12-01"), known()) or (None, "")

    assert day == date(2026, 12, 1)
    assert sentence == (
        "2026-12-01 is the day on which the evaluation of 2026-06-01 asked to be reopened"
    )


def test_silence_counts_from_the_newest_release() -> None:
    pull = broken_since(
        A_YEAR,
        known(release("2.0", date(2025, 1, 31)), release("2.1", date(2026, 2, 28))),
    )

    assert pull is not None
    assert pull.on == date(2027, 2, 28)
    assert "Litestar has had no release for 12 months" in pull.reason


@pytest.mark.parametrize(
    "releases",
    [
        (),
        (release("2.0", None),),
        (release("2.0", date(2020, 1, 1), stands=False),),
    ],
)
def test_an_unknown_release_day_breaks_nothing(releases: tuple[Release, ...]) -> None:
    assert broken_since(A_YEAR, known(*releases)) is None


def test_a_release_that_is_found_late_is_not_held_against_anybody() -> None:
    pull = broken_since(A_YEAR, known(release("1.0", date(2020, 1, 1), LATER)))

    assert pull is not None
    assert pull.on == LATER


def test_no_day_lies_before_the_evaluation() -> None:
    before = date(2026, 1, 1)
    pull = broken_since(THREE, known(release("3.1", before, before)))

    assert pull is not None
    assert pull.on == THEN


def test_a_version_is_reached_on_the_day_it_was_first_seen() -> None:
    releases = (
        release("2.9", None),
        release("3.0", None, LATER, stands=False),
        release("3.1", None, date(2026, 10, 1)),
    )

    assert broken(THREE, known(*releases)) == (
        LATER,
        "Litestar has reached 3.0, which the evaluation of 2026-06-01 said would "
        "reopen it",
    )


@pytest.mark.parametrize("version", ["2.9", "3.0rc1", "3.0.0-next.4", "nightly", ""])
def test_a_version_that_is_earlier_or_undecidable_breaks_nothing(version: str) -> None:
    assert broken_since(THREE, known(release(version, None))) is None


def test_a_release_that_was_taken_back_breaks_nothing() -> None:
    releases = (release("3.0", None, LATER, stands=False), release("2.9", None))

    assert broken_since(THREE, known(*releases)) is None


@pytest.mark.parametrize(
    ("version", "wanted", "answer"),
    [
        ("3.0", "3.0", True),
        ("v3.0.1", "3", True),
        ("10.0", "9.9", True),
        ("3.0.0-next.4", "3.0.0", False),
        ("3.0.0-next.4", "2.9.9", True),
        ("3.0.0-next.4", "3.0.0-next.5", None),
        ("3.0.0-next.4", "3.0.0-next.4", True),
        ("3.0.0", "3.0.0-next.4", True),
        ("2026-05-13", "release-3", None),
        ("9" * 200, "1", None),
    ],
)
def test_versions_reach_one_another(
    version: str, wanted: str, answer: bool | None
) -> None:
    assert reaches(version, wanted) is answer


def licence(value: str, **more: Any) -> Any:
    return signal(SignalKind.LICENCE, value, **more)


def test_a_licence_that_its_source_did_not_name_breaks_it() -> None:
    what = known(
        rested_on=(licence("MIT", subject="2.0"),),
        signals=(
            licence("MIT", subject="2.0"),
            licence("BUSL-1.1", subject="3.0", seen_on=LATER),
        ),
    )

    assert broken(LICENCE, what) == (
        LATER,
        "PyPI names the licence BUSL-1.1, which the evaluation of 2026-06-01 said would "
        "reopen it",
    )


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ([], [licence("MIT")]),
        ([licence("MIT")], []),
        ([licence("MIT", subject="2.0")], [licence("MIT", subject="2.1")]),
        ([licence("MIT")], [licence("mit")]),
        ([licence("MIT")], [licence("Apache-2.0", source=Source.GITHUB)]),
    ],
)
def test_the_same_or_an_unknown_licence_breaks_nothing(
    then: list[Any], now: list[Any]
) -> None:
    what = known(rested_on=tuple(then), signals=tuple(now))

    assert broken_since(LICENCE, what) is None


def test_a_signal_that_was_not_rested_on_breaks_it() -> None:
    archived = signal(
        SignalKind.REPOSITORY_ARCHIVED,
        "archived",
        subject="litestar/litestar",
        source=Source.GITHUB,
        seen_on=LATER,
    )

    assert broken(ARCHIVED, known(signals=(archived,))) == (
        LATER,
        "GitHub says “repository archived” (litestar/litestar), which the evaluation of "
        "2026-06-01 said would reopen it",
    )
    assert (
        broken_since(ARCHIVED, known(signals=(archived,), rested_on=(archived,)))
        is None
    )


def test_a_known_flaw_that_another_source_tells_of_breaks_nothing() -> None:
    assumed = Assumed(Condition.SIGNAL, SignalKind.VULNERABILITY.value)
    by_osv = signal(
        SignalKind.VULNERABILITY,
        "A summary",
        subject="GHSA-1",
        aliases=("CVE-2026-1",),
        source=Source.OSV,
    )
    by_pypi = signal(SignalKind.VULNERABILITY, "Other words", subject="CVE-2026-1")
    new = signal(SignalKind.VULNERABILITY, "Worse", subject="CVE-2026-2")

    assert broken_since(assumed, known(rested_on=(by_osv,), signals=(by_pypi,))) is None
    assert broken_since(assumed, known(rested_on=(by_osv,), signals=(new,))) is not None


def test_the_note_is_told_and_all_of_it_fits() -> None:
    assumed = Assumed(Condition.DAY, "2026-12-01", note="x" * 200)

    pull = broken_since(assumed, known())

    assert pull is not None
    assert "(xxx" in pull.reason
    assert len(pull.reason) <= REASON_LIMIT
    assert pull.reason.endswith("…")


@pytest.mark.parametrize(
    ("assumed", "words"),
    [
        (Assumed(Condition.DAY, "2026-12-01"), "Revisit on 2026-12-01"),
        (
            Assumed(Condition.NO_RELEASE, "1"),
            "Revisit if Litestar has no release for 1 month",
        ),
        (A_YEAR, "Revisit if Litestar has no release for 12 months"),
        (THREE, "Revisit if a release of Litestar reaches 3.0"),
        (LICENCE, "Revisit if the licence of Litestar changes"),
        (ARCHIVED, "Revisit if a source says anew: repository archived"),
    ],
)
def test_it_is_told_in_words(assumed: Assumed, words: str) -> None:
    assert in_words(assumed, "Litestar") == words


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        (Condition.DAY, ""),
        (Condition.DAY, "soon"),
        (Condition.DAY, "2026-02-30"),
        (Condition.DAY, "2300-01-01"),
        (Condition.NO_RELEASE, ""),
        (Condition.NO_RELEASE, "0"),
        (Condition.NO_RELEASE, "61"),
        (Condition.NO_RELEASE, "1.5"),
        (Condition.NO_RELEASE, "\u0661\u0662"),
        (Condition.RELEASE_REACHES, ""),
        (Condition.RELEASE_REACHES, "the next one"),
        (Condition.LICENCE_CHANGES, "MIT"),
        (Condition.SIGNAL, ""),
        (Condition.SIGNAL, "no_such_kind"),
    ],
)
def test_a_value_that_the_condition_does_not_understand_is_refused(
    condition: Condition, value: str
) -> None:
    with pytest.raises(AssumptionError):
        check_form(Assumed(condition, value))


@pytest.mark.parametrize("condition", [c for c in Condition if c != "release_reaches"])
def test_only_of_a_release_is_another_solution_named(condition: Condition) -> None:
    with pytest.raises(AssumptionError, match="another solution"):
        check_form(Assumed(condition, "2026-12-01", subject_id=1))
