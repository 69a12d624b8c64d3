"""One flaw however many databases list it, and the version that mends it."""

import pytest

from reviews.rules.answers.advisories import Flaw, first_fix, first_line, joined
from reviews.rules.answers.quoting import quoted
from reviews.rules.signals import Severity


def test_flaws_that_share_a_name_through_others_are_one() -> None:
    flaws = [
        Flaw("GHSA-1", aliases=("A-1",), fixed=("1.1",)),
        Flaw("PYSEC-1", aliases=("A-2",), summary="What it is.", fixed=("1.1", "2.0")),
        Flaw("A-1", aliases=("A-2", "CVE-2026-1"), severity=Severity.LOW),
    ]

    [flaw] = joined(flaws)

    assert flaw == Flaw(
        "CVE-2026-1",
        aliases=("A-1", "A-2", "GHSA-1", "PYSEC-1"),
        summary="What it is.",
        fixed=("1.1", "2.0"),
        severity=Severity.LOW,
        listed_as="GHSA-1",
    )


def test_ten_thousand_flaws_in_a_chain_are_joined_without_delay() -> None:
    chain = [Flaw(f"A-{at:05}", aliases=(f"A-{at + 1:05}",)) for at in range(10_000)]

    [flaw] = joined(chain)

    assert flaw.id == "A-00000"
    assert len(flaw.aliases) == 10_000


def test_the_highest_rating_of_a_flaw_counts_and_the_worst_flaw_comes_first() -> None:
    flaws = [
        Flaw("A-1"),
        Flaw("A-2", severity=Severity.LOW),
        Flaw("A-3", aliases=("A-2",), severity=Severity.HIGH),
        Flaw("A-4", severity=Severity.CRITICAL),
    ]

    found = [(flaw.id, flaw.severity) for flaw in joined(flaws)]

    assert found == [
        ("A-4", Severity.CRITICAL),
        ("A-2", Severity.HIGH),
        ("A-1", None),
    ]


@pytest.mark.parametrize(
    ("fixed", "version", "fix"),
    [
        (["1.2.5", "2.0.3", "3.0.1"], "2.0.1", "2.0.3"),
        (["1.10", "1.9"], "1.8", "1.9"),
        (["1.2.5"], "1.2.5", ""),
        (["1.2.5"], "3.0", ""),
        ([], "1.0", ""),
    ],
)
def test_only_a_later_version_mends_the_one_in_use(
    fixed: list[str], version: str, fix: str
) -> None:
    found = first_fix(fixed, version)

    assert found == fix


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("plain", 10, "plain"),
        (" two\r\n\tlines\u00a0here ", 40, "two lines here"),
        ("a\x00b\x1b[31mc", 40, "ab[31mc"),
        ("\u202eevil\u2066", 40, "evil"),
        ("half\ud800", 40, "half"),
        ("hid\U000e0041den", 40, "hidden"),
        ("sel\U000e0100ected", 40, "selected"),
        ("می\u200cخواهم", 40, "می\u200cخواهم"),
        ("e\u0301", 40, "\u00e9"),
        ("\u3164\u200b", 40, ""),
        ("0123456789x", 10, "012345678…"),
        ("0123456789", 10, "0123456789"),
    ],
)
def test_what_a_stranger_wrote_is_one_visible_line(
    text: str, limit: int, kept: str
) -> None:
    assert quoted(text, limit) == kept


@pytest.mark.parametrize(
    ("details", "said"),
    [
        pytest.param("A key leaks.", "A key leaks.", id="a line"),
        pytest.param("\n\n  A key leaks.  \nMore.", "A key leaks.", id="the first"),
        pytest.param("### Impact\r\n\r\nA key leaks.", "A key leaks.", id="a heading"),
        pytest.param("# Summary\n## Impact\nIt leaks.", "It leaks.", id="two headings"),
        pytest.param("Impact\n======\nIt leaks.", "It leaks.", id="underlined"),
        pytest.param(
            "Impact\n---\nIt leaks.", "It leaks.", id="underlined with dashes"
        ),
        pytest.param("***\n```\nIt leaks.", "It leaks.", id="rules and fences"),
        pytest.param("#1 of its flaws", "#1 of its flaws", id="a number"),
        pytest.param("### Impact", "", id="only a heading"),
        pytest.param(" \n", "", id="blank"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_the_first_line_that_says_something_is_no_heading(
    details: str, said: str
) -> None:
    assert first_line(details) == said
