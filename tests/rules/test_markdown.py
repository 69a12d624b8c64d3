"""Markdown as harmless HTML."""

import time
from html.parser import HTMLParser

import pytest

from reviews.rules.markdown import render

HARMLESS = {"href", "title", "rel", "start"}


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update({name: value or "" for name, value in attrs})


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext><table><mglyph><style><img src onerror=alert(1)>",
        "<iframe src=https://example.com></iframe>",
        "<style>*{display:none}</style>",
        "<form action=//evil><input></form>",
        "<details open ontoggle=alert(1)>",
        "<a href='https://a' onclick='alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](java&#10;script:alert(1))",
        "[x](vbscript:x)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](file:///etc/passwd)",
        "[x](//evil.example)",
        "[x](/admin/logout/)",
        "<javascript:alert(1)>",
        '[x](https://a "\\" onmouseover=alert(1) x=\\"")',
        "![x](http://tracker.example/pixel.gif)",
        "![x](javascript:alert(1))",
        "[x]: javascript:alert(1)\n\n[x]",
        "```html onload=alert(1)\n<script>\n```",
        "{{ 7*7 }} {% load x %} ${x} %(x)s",
    ],
)
def test_nothing_that_runs_loads_or_frames_is_left(text: str) -> None:
    found = Elements(render(text))

    assert not found.tags - {"a", "p", "code", "pre"}
    assert set(found.attributes) <= HARMLESS
    address = found.attributes.get("href", "https://")
    assert address.startswith(("https://", "http://", "mailto:"))


def test_links_to_the_web_and_to_mail_stay() -> None:
    html = render("[docs](https://docs.example/a?b=1&c=2) <mailto:a@b.example>")

    assert 'href="https://docs.example/a?b=1&amp;c=2"' in html
    assert 'href="mailto:a@b.example"' in html
    assert 'rel="noopener noreferrer"' in html


def test_headings_stand_below_those_of_the_page() -> None:
    html = render("# Why\n\n## How\n\n###### Deep")

    assert html == "<h3>Why</h3>\n<h4>How</h4>\n<h6>Deep</h6>\n"


def test_what_people_write_is_formatted() -> None:
    html = render("**No** releases:\n\n- 2024\n- 2025\n\n|a|b|\n|-|-|\n|1|2|\n")

    assert "<strong>No</strong>" in html
    assert "<li>2024</li>" in html
    assert "<td>1</td>" in html


def test_html_is_shown_as_typed() -> None:
    assert render("a <b> c") == "<p>a &lt;b&gt; c</p>\n"


@pytest.mark.parametrize(
    "text",
    ["[" * 10_000, "> " * 5_000, "- " * 5_000, "*a_" * 5_000, "`" * 10_000, "|" * 9000],
    ids=["brackets", "quotes", "lists", "emphasis", "ticks", "cells"],
)
def test_hostile_nesting_takes_less_than_a_second(text: str) -> None:
    start = time.perf_counter()

    render(text)

    assert time.perf_counter() - start < 1
