"""Slugs, versions, and the sentences on flags."""

from datetime import date

import pytest

from reviews.rules.naming import name_key, slug_stem
from reviews.rules.reasons import flag_reason
from reviews.rules.versions import newest
from reviews.rules.vocabulary import Cause, Kind


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Django", "django"),
        ("@angular/core", "angular-core"),
        ("org.apache/commons-io", "org-apache-commons-io"),
        ("Löwenherz & Söhne", "lowenherz-sohne"),
        ("日本語", "solution"),
        ("--", "solution"),
        ("x" * 300, "x" * 110),
    ],
)
def test_a_slug_is_what_may_stand_in_an_address(name: str, slug: str) -> None:
    assert slug_stem(name) == slug


def test_names_that_compare_equal_are_one() -> None:
    assert name_key(Kind.VENDOR, "Straße  AG") == name_key(Kind.VENDOR, "STRASSE AG")
    assert name_key(Kind.VENDOR, "A") != name_key(Kind.MODEL, "A")


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (["1.9", "1.10"], "1.10"),
        (["2.0rc1", "2.0"], "2.0"),
        (["1.0"], "1.0"),
        (["2024-05", "2024-11"], "2024-11"),
        (["r9", "r10"], "r10"),
        (["v1", "banana"], "v1"),
    ],
)
def test_the_newest_version_is_found(versions: list[str], expected: str) -> None:
    assert newest(versions) == expected
    assert newest(reversed(versions)) == expected


@pytest.mark.parametrize(
    ("cause", "vouched_on", "pulled_by", "expected"),
    [
        (
            Cause.REVIEW_DUE,
            date(2026, 1, 1),
            "",
            "Nobody has evaluated it since 2026-01-01; "
            "the next review was due by 2026-07-01.",
        ),
        (
            Cause.REVIEW_DUE,
            None,
            "",
            "Nobody has ever evaluated it; its first review was due by 2026-07-01.",
        ),
        (
            Cause.REVIEW_DUE,
            date(2026, 1, 1),
            "the contract ends on 2026-12-31",
            "Nobody has evaluated it since 2026-01-01, and a review is due by "
            "2026-07-01 because the contract ends on 2026-12-31.",
        ),
        (
            Cause.TRUST_DECAYED,
            date(2025, 7, 1),
            "",
            "Nobody has evaluated it since 2025-07-01, and a year was over on "
            "2026-07-01: trust has decayed.",
        ),
    ],
)
def test_a_flag_says_why_it_is_there(
    cause: Cause, vouched_on: date | None, pulled_by: str, expected: str
) -> None:
    reason = flag_reason(
        cause, due_on=date(2026, 7, 1), vouched_on=vouched_on, pulled_by=pulled_by
    )

    assert reason == expected
