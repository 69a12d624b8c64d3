"""Markdown as Jira's wiki markup, and back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.formats.jira_markup import markdown_of, plain_of, wiki_of
from reviews.services.tickets.drafting import escaped, text_digest

# What means something in either, in every order.
PIECES = [
    *"ab1\\`*_[]<>#|~{}!?+^()&;:-. /hq\nD@é",
    *("http://x", "&#42;", "&amp;", "**", "h1. ", "- ", "](http://a)", "{code}"),
]


@pytest.mark.parametrize(
    ("markdown", "wiki"),
    [
        ("## Why", "h2. Why"),
        ("- one\n- two", "* one\n* two"),
        ("**adopt**: `x{y}`", "*adopt*: {{x\\{y\\}}}"),
        ("[the page](https://a.example/b_c)", "[the page|https://a.example/b_c]"),
        ("- Source: https://a.example/b_c-d?e=f#g", None),
        ("best-before 2026-12-01", "best-before 2026-12-01"),
        (r"a\_b \*c\*", r"a\_b \*c\*"),
        ("{code}\nh1. x\nbq. y", "\\{code\\}\n&#104;1. x\n&#98;q. y"),
        ("!https://evil.example/x.png!", "\\!https://evil.example/x.png\\!"),
        ("x -y- :D (y) ??z??", r"x \-y\- &#58;D \(y\) \?\?z\?\?"),
        ("<b>&lt;", "&#60;b&#62;&amp;lt;"),
    ],
)
def test_markdown_becomes_markup_that_means_the_same(
    markdown: str, wiki: str | None
) -> None:
    made = wiki_of(markdown)

    assert made == (wiki or markdown.replace("- ", "* ", 1))
    assert markdown_of(made) == markdown


@given(st.text())
def test_what_people_wrote_comes_back_as_it_was(text: str) -> None:
    sent = f"- Said: {escaped(text)}"

    assert text_digest(markdown_of(wiki_of(sent))) == text_digest(sent)


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_nothing_is_lost_on_the_way_and_back(text: str) -> None:
    assert text_digest(markdown_of(wiki_of(text))) == text_digest(text)


@given(st.text(alphabet="ab{}[]~!|-+ \\"))
def test_no_macro_picture_or_mention_is_made(text: str) -> None:
    bare = re.sub(r"\\[^\w\s]|&#\d+;|&amp;", "", wiki_of(escaped(text)))

    assert not set(bare) & set("{}[]~!|+")


@pytest.mark.parametrize(
    ("wiki", "markdown"),
    [
        ("[https://a.example|https://a.example|smart-link]", "https://a.example"),
        ("[https://a.example]", "https://a.example"),
        ("a\r\nb", "a\nb"),
        ("{color:red}x{color}", "{color:red}x{color}"),
        ("&#1;&#55296;", "&\\#1;&\\#55296;"),
    ],
)
def test_markup_of_others_is_told_as_far_as_it_goes(wiki: str, markdown: str) -> None:
    assert markdown_of(wiki) == markdown


def test_what_is_escaped_is_read_plainly() -> None:
    assert plain_of("/waive because \\-1 &amp; {{x}} &#42;") == (
        "/waive because -1 & `x` *"
    )
