r"""
Jira's wiki markup: made of the Markdown that this product writes, and turned back.

The way there and back changes nothing, so that a description which nobody touched is
known as such. For that, a character that means something in Markdown has two forms in
the markup: as `\*` it was escaped there, as `&#42;` it stood there bare. Whatever is no
heading, bullet, link, code or bold text is shown as it was typed; a stranger's braces,
pictures and mentions stay text.

Source: Atlassian, "Text Formatting Notation Help" (a backslash takes a character's
meaning away; entities stand for their characters).
"""

import re

_MARKDOWN = frozenset("\\`*_[]<>#|~")
_WIKI = frozenset("*_[]#|~{}!?+^()")

_ADDRESS = r"https?://(?:(?!&#|&amp;)[^\s<>\[\]{}()|\\^!*`\"])+"

_MARKDOWN_INLINE = re.compile(
    r"\\(?P<escaped>[\\`*_\[\]<>#|~])"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>(?:\\.|[^*\\])+)\*\*"
    rf"|\[(?P<label>(?:\\.|[^\[\]\\])+)\]\((?P<target>{_ADDRESS})\)"
    rf"|(?P<address>{_ADDRESS})"
    r"|(?P<bare>.)"
)
_WIKI_INLINE = re.compile(
    r"\\(?P<escaped>[^\w\s]|_)"
    r"|&#(?P<entity>\d{1,6});"
    r"|(?P<ampersand>&amp;)"
    r"|\{\{(?P<code>(?:\\.|[^{}\\])+)\}\}"
    rf"|\[(?P<label>(?:\\.|[^\[\]|\\])+)\|(?P<target>{_ADDRESS})(?:\|smart-link)?\]"
    rf"|\[(?P<alone>{_ADDRESS})\]"
    rf"|(?P<address>{_ADDRESS})"
    r"|(?P<star>\*)"
    r"|(?P<bare>.)"
)
_PLAIN = re.compile(r"\\([^\w\s]|_)|&#(\d{1,6});|&amp;|\{\{|\}\}")

_HEADING = re.compile(r"(#{1,6}) ")
_WIKI_HEADING = re.compile(r"h([1-6])\. ")
# What begins a block of Jira's: one letter of it as an entity, and it is text.
_BLOCK = re.compile(r"(?:h[1-6]|bq)\.")
_SMILE = re.compile(r":(?=[DPp](?!\w))")


def wiki_of(markdown: str) -> str:
    """Return Markdown without HTML as Jira's wiki markup."""
    return "\n".join(map(_wiki_line, _lines(markdown)))


def markdown_of(wiki: str) -> str:
    """
    Return wiki markup as Markdown, exactly what it was made of by `wiki_of`.

    What Jira knows and this product never writes stays as it is, as text.
    """
    return "\n".join(map(_markdown_line, _lines(wiki)))


def plain_of(wiki: str) -> str:
    """Return wiki markup as its writer reads it: without what escapes in it."""

    def bare(found: re.Match[str]) -> str:
        if found[1] or found[2]:
            return found[1] or _character(found[2])
        return "&" if found[0] == "&amp;" else "`"

    return "\n".join(_PLAIN.sub(bare, line) for line in _lines(wiki))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _wiki_line(line: str) -> str:
    if heading := _HEADING.match(line):
        return f"h{len(heading[1])}. {_wiki_inline(line[heading.end() :])}"
    if line.startswith("- "):
        return f"* {_wiki_inline(line[2:])}"
    if _BLOCK.match(line):
        return f"&#{ord(line[0])};{_wiki_inline(line[1:])}"
    return _wiki_inline(line)


def _wiki_inline(text: str) -> str:
    return "".join(_wiki_piece(found) for found in _MARKDOWN_INLINE.finditer(text))


def _wiki_piece(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "escaped":
            return _typed(found["escaped"])
        case "code":
            return "{{" + "".join(map(_typed, found["code"])) + "}}"
        case "bold":
            return f"*{_wiki_inline(found['bold'])}*"
        case "target":
            return f"[{_wiki_inline(found['label'])}|{found['target']}]"
        case "address":
            return found["address"]
        case _:
            return _bare(found)


def _typed(character: str) -> str:
    """Return a character that has no meaning, so that it has none in Jira either."""
    if character == "\\":
        return "&#92;"
    if character == "&":
        return "&amp;"
    return f"\\{character}" if character in _WIKI else character


def _bare(found: re.Match[str]) -> str:
    character, text = found["bare"], found.string
    if character == "\\":
        # Not as an escaped one, which has two digits.
        return "&#092;"
    if character in _MARKDOWN:
        return f"&#{ord(character)};"
    if character == "-":
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        return "-" if before.isalnum() and after.isalnum() else "\\-"
    if _SMILE.match(text, found.start()):
        return f"&#{ord(':')};"
    return _typed(character)


def _markdown_line(line: str) -> str:
    if heading := _WIKI_HEADING.match(line):
        return f"{'#' * int(heading[1])} {_markdown_inline(line[heading.end() :])}"
    if line.startswith("* "):
        return f"- {_markdown_inline(line[2:])}"
    return _markdown_inline(line)


def _markdown_inline(text: str) -> str:
    return "".join(_markdown_piece(found) for found in _WIKI_INLINE.finditer(text))


def _markdown_piece(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "escaped":
            return _escaped(found["escaped"])
        case "entity":
            return "\\\\" if found["entity"] == "92" else _character(found["entity"])
        case "ampersand":
            return "&"
        case "code":
            return f"`{_PLAIN.sub(_code_character, found['code'])}`"
        case "target" | "alone":
            return _markdown_link(found)
        case "star":
            return "**"
        case "address":
            return found["address"]
        case _:
            return _escaped(found["bare"])


def _markdown_link(found: re.Match[str]) -> str:
    # Jira writes an address that stands for itself as a link to itself.
    target: str = found["target"] or found["alone"]
    label = found["label"] or target
    return target if label == target else f"[{_markdown_inline(label)}]({target})"


def _code_character(found: re.Match[str]) -> str:
    return found[1] or (_character(found[2]) if found[2] else "&")


def _escaped(character: str) -> str:
    return f"\\{character}" if character in _MARKDOWN else character


def _character(number: str) -> str:
    code = int(number)
    is_text = 0x20 <= code < 0x110000 and not 0xD800 <= code < 0xE000
    return chr(code) if is_text else f"&\\#{number};"
