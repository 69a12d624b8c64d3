"""The canonical form of names and descriptions."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.rules.text import (
    TextError,
    clean_line,
    clean_text,
    comparable,
    mixes_alphabets,
    shown,
)

BIDI = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
ANYTHING = st.text(st.characters(), max_size=60)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("   ", id="spaces"),
        pytest.param("\u00a0\u2003", id="no-break and em space"),
        pytest.param("\u200b", id="zero-width space"),
        pytest.param("\u200d", id="joiner"),
        pytest.param("\u3164", id="Hangul filler"),
        pytest.param("\u0301", id="accent without a letter"),
        pytest.param("\u00ad", id="soft hyphen"),
    ],
)
def test_a_name_with_nothing_to_see_is_refused(text: str) -> None:
    with pytest.raises(TextError):
        clean_line(text, limit=100)


@pytest.mark.parametrize("code", CONTROLS, ids=lambda code: f"U+{code:04X}")
def test_a_name_with_a_control_character_within_is_refused(code: int) -> None:
    with pytest.raises(TextError, match=f"U\\+{code:04X}"):
        clean_line(f"a{chr(code)}b", limit=100)


@pytest.mark.parametrize("code", BIDI, ids=lambda code: f"U+{code:04X}")
@pytest.mark.parametrize("clean", [clean_line, clean_text])
def test_a_change_of_direction_is_refused(code: int, clean: object) -> None:
    assert callable(clean)

    with pytest.raises(TextError, match="direction"):
        clean(f"a{chr(code)}b", limit=100)


@pytest.mark.parametrize("code", [0x200B, 0x2060, 0xFEFF], ids=lambda code: f"{code:X}")
@pytest.mark.parametrize("clean", [clean_line, clean_text])
def test_a_zero_width_character_is_refused(code: int, clean: object) -> None:
    assert callable(clean)

    with pytest.raises(TextError, match="zero-width"):
        clean(f"dj{chr(code)}ango", limit=100)


@pytest.mark.parametrize("text", ["a\ud800", "\udfffb"], ids=["high", "low"])
@pytest.mark.parametrize("clean", [clean_line, clean_text])
def test_half_a_character_is_refused(text: str, clean: object) -> None:
    assert callable(clean)

    with pytest.raises(TextError, match="lone surrogate"):
        clean(text, limit=100)


@pytest.mark.parametrize("text", ["\u200da", "a\u200c"], ids=["start", "end"])
def test_a_joiner_at_an_end_is_refused(text: str) -> None:
    with pytest.raises(TextError, match="joiner"):
        clean_line(text, limit=100)


@pytest.mark.parametrize("clean", [clean_line, clean_text])
@pytest.mark.parametrize("letter", ["a", "é", "😀"], ids=["ASCII", "Latin", "emoji"])
def test_one_character_too_many_is_refused_with_both_numbers(
    letter: str, clean: object
) -> None:
    assert callable(clean)
    assert clean(letter * 200, limit=200) == letter * 200

    with pytest.raises(TextError, match=r"201 characters; at most 200"):
        clean(letter * 201, limit=200)


@pytest.mark.parametrize("clean", [clean_line, clean_text])
def test_a_message_is_short_and_harmless(clean: object) -> None:
    assert callable(clean)

    with pytest.raises(TextError) as raised:
        clean("\u202e" * 100_000, limit=10)

    assert len(str(raised.value)) < 1_000
    assert "\u202e" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("Django", "Django", id="plain"),
        pytest.param("  Django\t\n", "Django", id="white space at the ends"),
        pytest.param("Open \u00a0 LDAP", "Open LDAP", id="no-break space within"),
        pytest.param("Open  LDAP", "Open LDAP", id="doubled space"),
        pytest.param("Cafe\u0301", "Café", id="decomposed"),
        pytest.param(PERSIAN, PERSIAN, id="Persian joiner within"),
        pytest.param("👩\u200d💻", "👩\u200d💻", id="emoji joined of two"),
        pytest.param("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0", id="formula"),
    ],
)
def test_a_name_has_one_canonical_form(text: str, line: str) -> None:
    assert clean_line(text, limit=100) == line


def test_markdown_keeps_its_lines_tabs_and_blanks() -> None:
    text = "# Title\r\n\r\n    code\r\tindented  \n"

    assert clean_text(text, limit=100) == "# Title\n\n    code\n\tindented  \n"


def test_markdown_may_be_blank() -> None:
    assert clean_text("", limit=100) == ""


@pytest.mark.parametrize("code", [0, 0x0B, 0x1B, 0x85], ids=lambda code: f"U+{code:X}")
def test_markdown_with_other_control_characters_is_refused(code: int) -> None:
    with pytest.raises(TextError, match="control character"):
        clean_text(f"a{chr(code)}b", limit=100)


@given(ANYTHING)
@settings(max_examples=200, deadline=None)
def test_a_canonical_line_stays_as_it_is(text: str) -> None:
    try:
        line = clean_line(text, limit=100)
    except TextError:
        return

    assert clean_line(line, limit=100) == line
    assert unicodedata.is_normalized("NFC", line)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Django", "DJANGO", id="case"),
        pytest.param("Straße", "STRASSE", id="sharp s"),
        pytest.param("Café", "Cafe\u0301", id="composition"),
        pytest.param("Open LDAP", "  open\u00a0\tldap ", id="white space"),
        pytest.param("Django", "Ｄｊａｎｇｏ", id="full width"),
    ],
)
def test_two_spellings_count_as_one_name(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("django", "djang0", id="digit"),
        pytest.param("a", "\u0430", id="Cyrillic look-alike"),
        pytest.param("open ldap", "openldap", id="no space"),
    ],
)
def test_two_different_names_stay_different(one: str, other: str) -> None:
    assert comparable(one) != comparable(other)


@given(ANYTHING)
@settings(max_examples=200, deadline=None)
def test_what_is_compared_compares_with_itself(text: str) -> None:
    assert comparable(comparable(text)) == comparable(text)


@pytest.mark.parametrize(
    "text", ["dj\u0430ngo", "\u0410pache", "Kafk\u03b1", "OK dj\u0430ngo"]
)
def test_a_word_of_two_alphabets_is_told(text: str) -> None:
    assert mixes_alphabets(text)


@pytest.mark.parametrize(
    "text", ["django", "Привет", "café", "Яндекс Cloud", "漢字kanji", "β-test 1\u0430"]
)
def test_words_of_one_alphabet_each_are_not_told(text: str) -> None:
    assert not mixes_alphabets(text)


def test_a_shown_text_is_cut_after_forty_characters() -> None:
    assert shown("x" * 41) == f"'{'x' * 40}'…"
