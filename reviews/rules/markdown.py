"""
Markdown, as people write it in a rationale, as HTML that is safe to show.

HTML that a writer puts in is shown as typed. Pictures are not fetched from elsewhere: an
image becomes a link to it. What is left goes through a list of what is allowed, so that
a fault of the parser does not become a hole.
"""

import nh3
from markdown_it import MarkdownIt

_OUTERMOST_HEADING = 3
"""Below the headings of the page that the text stands on."""

_TAGS = frozenset(
    {"a", "blockquote", "br", "code", "del", "em", "hr", "p", "pre", "s", "strong"}
    | {"h3", "h4", "h5", "h6", "li", "ol", "ul"}
    | {"table", "tbody", "td", "th", "thead", "tr"}
)
_SCHEMES = frozenset({"http", "https", "mailto"})

_parser = (
    MarkdownIt("commonmark", {"html": False})
    .enable(["strikethrough", "table"])
    .disable("image")
)


def render(text: str) -> str:
    """
    Return a Markdown text as HTML without anything that runs, loads or frames.

    Links lead to http, https and mailto addresses only; others stay as their text.
    """
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            level = min(int(token.tag[1]) + _OUTERMOST_HEADING - 1, 6)
            token.tag = f"h{level}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes=set(_SCHEMES),
        url_relative="deny",
        link_rel="noopener noreferrer",
    )
