"""Days as people and files write them."""

from datetime import date

import pytest

from reviews.rules.days import DayError, parse_day


@pytest.mark.parametrize(
    "text", ["1970-01-01", "2024-02-29", "2026-11-22", "2100-12-31"]
)
def test_an_iso_day_of_the_register_is_read(text: str) -> None:
    assert parse_day(text).isoformat() == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2023-02-29",
        "2100-02-29",
        "2026-13-01",
        "9999-12-31",
        "10000-01-01",
        "0001-01-01",
        "0000-01-01",
        "-0044-03-15",
        "1969-12-31",
        "2101-01-01",
        "2024-W01-1",
        "20240101",
        "03/04/2026",
        "2026-1-2",
        "٢٠٢٦-٠١-٠١",
        "2026-01-01T00:00:00",
        "2026-01-01 ",
        "tomorrow",
        "\x00" * 5_000,
    ],
)
def test_anything_else_is_refused_and_named_in_brief(text: str) -> None:
    with pytest.raises(DayError) as refusal:
        parse_day(text)

    assert len(str(refusal.value)) < 250


def test_the_refusal_of_a_distant_day_names_the_bounds() -> None:
    with pytest.raises(DayError, match="between 1970-01-01 and 2100-12-31"):
        parse_day("9999-12-31")


def test_a_day_is_a_date() -> None:
    assert parse_day("2026-11-22") == date(2026, 11, 22)
