"""Which release is the latest, and which is the one in use."""

from datetime import date

import pytest

from reviews.rules.answers.instants import utc_day
from reviews.rules.answers.releases import Release, find, latest


def release(version: str, *, files: int = 1, yanked: bool = False) -> Release:
    return Release(version, files=files, yanked=yanked)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        pytest.param(["1.9", "1.10"], "1.10", id="numbers as numbers"),
        pytest.param(["1.0", "2.0rc1", "2.0.dev3"], "1.0", id="a final one first"),
        pytest.param(["1.0a1", "1.0b1"], "1.0b1", id="nothing but pre-releases"),
        pytest.param(["1.0", "1.0.post1"], "1.0.post1", id="a post-release is final"),
        pytest.param(["2004d", "0.1"], "0.1", id="a proper version first"),
        pytest.param(["2004d", "2010g"], "2010g", id="none proper"),
    ],
)
def test_the_latest_is_the_newest_that_one_would_be_given(
    versions: list[str], expected: str
) -> None:
    found = latest(map(release, versions))

    assert found is not None
    assert found.version == expected


def test_a_release_that_is_yanked_or_has_no_file_is_never_the_latest() -> None:
    releases = [release("1.0"), release("2.0", yanked=True), release("3.0", files=0)]

    assert latest(releases) == releases[0]
    assert latest(releases[1:]) is None


@pytest.mark.parametrize(
    ("version", "found"),
    [("1.0", True), ("1", True), ("v1.0.0", True), ("1.0.1", False), ("odd", False)],
)
def test_a_version_is_found_however_it_is_written(version: str, found: bool) -> None:
    assert (find([release("1.0.0")], version) is not None) is found


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-11-03T15:21:19Z", date(2026, 11, 3)),
        ("2026-11-03T15:21:19.123456789Z", date(2026, 11, 3)),
        ("2026-11-03T23:30:00-02:00", date(2026, 11, 4)),
        ("2026-11-03T23:30:00", date(2026, 11, 3)),
        ("2026-11-03", date(2026, 11, 3)),
        ("", None),
        ("yesterday", None),
        ("2026-02-30T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1969-12-31T23:59:59Z", None),
        ("9999-12-31T23:59:59-12:00", None),
    ],
)
def test_an_instant_falls_on_one_day_in_utc_or_on_none(
    instant: str, day: date | None
) -> None:
    assert utc_day(instant) == day
