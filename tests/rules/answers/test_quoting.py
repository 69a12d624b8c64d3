"""Quotations in sentences: without Markdown's lines, loose quotes and second full stops."""

import pytest

from reviews.rules.answers.quoting import plain, sentence


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("DEPRECATED ---------- This library", "DEPRECATED This library"),
        ("Old\n===\n\nIt is   over.", "Old It is over."),
        ("*** Dead *** ### Use ~~~x~~~", "Dead Use x"),
        ("pre-release -- of C# and **x**", "pre-release -- of C# and **x**"),
        ("-----", ""),
        ('"It is over.', "It is over."),
        ('It is over."', "It is over."),
        ('"It is over."', '"It is over."'),
        ('use "x" instead"', 'use "x" instead'),
        ("“It is over", "It is over"),
        ("It is over”", "It is over"),
        ("“It” is over", "“It” is over"),
        ("‘It is over", "It is over"),
        ("It’s over", "It’s over"),
        ("«It is over", "It is over"),
        ("„Es“ ist aus", "„Es“ ist aus"),
        ("'It's over", "It's over"),
        ("it's 'over'", "it's 'over'"),
        ("don't use it'", "don't use it"),
        ("`x` is over`", "`x` is over"),
        ('"It is "over"', 'It is "over"'),
        ('"', ""),
        ("", ""),
    ],
)
def test_a_quotation_is_shown_without_lines_and_loose_quotes(
    text: str, shown: str
) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        ("It is over", "It is over."),
        ("It says: “over”", "It says: “over”."),
        ("It says: “It is over.”", "It says: “It is over.”"),
        ("It says: “Over!”", "It says: “Over!”"),
        ("It says: “Over?”", "It says: “Over?”"),
        ("It says: “It is ov…”", "It says: “It is ov…”"),
        ('It says: “He said "no."”', 'It says: “He said "no."”'),
    ],
)
def test_a_sentence_ends_with_one_full_stop(text: str, ended: str) -> None:
    assert sentence(text) == ended
