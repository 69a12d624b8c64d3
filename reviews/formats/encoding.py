"""
Bytes to text: only UTF-8, and a name for what is not; and text fit for a message.

UTF-16 has a door of its own, because spreadsheet programs write it.
"""

import codecs

from reviews.formats.records import FormatError, refusal
from reviews.rules.text import shown

_OTHER_MARKS = (
    # UTF-32 first: its little-endian mark begins like the one of UTF-16.
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def without_mark(content: bytes) -> bytes:
    """Return the content without a byte-order mark of UTF-8 at its start."""
    return content.removeprefix(codecs.BOM_UTF8)


def other_encoding(content: bytes) -> str:
    """Return the Unicode encoding, other than UTF-8, of a content; or nothing."""
    for mark, name in _OTHER_MARKS:
        if content.startswith(mark):
            return name
    start = content[:64]
    if len(start) >= 4 and start.count(0) * 3 >= len(start):
        return "UTF-32" if start.count(0) * 3 >= len(start) * 2 else "UTF-16"
    return ""


def text_of(content: bytes) -> str:
    """
    Return the text of a file in UTF-8, with or without a byte-order mark.

    :raises FormatError: for any other encoding, naming the byte and the line.
    """
    encoding = other_encoding(content)
    if encoding:
        raise refusal(f"The file is in {encoding}. Save it as UTF-8.")
    try:
        return without_mark(content).decode()
    except UnicodeDecodeError as error:
        raise _not_utf_8(error) from error


def utf_16_text_of(content: bytes) -> str:
    """
    Return the text of a file in UTF-16 with a byte-order mark.

    :raises FormatError: when it is not UTF-16 throughout.
    """
    try:
        return content.decode("utf-16")
    except UnicodeDecodeError as error:
        raise refusal(
            f"The file starts as UTF-16 but is not, at byte {error.start:,}. "
            "Save it as UTF-8."
        ) from error


def _not_utf_8(error: UnicodeDecodeError) -> FormatError:
    line = error.object.count(b"\n", 0, error.start) + 1
    byte = error.object[error.start]
    return refusal(
        f"The file is not UTF-8: byte 0x{byte:02X} at line {line}. Save it as UTF-8."
    )


def shown_reason(reason: str) -> str:
    """Return another library's reason, short and harmless enough for a message."""
    line = reason.partition("\n")[0]
    if not line.isprintable():
        return shown(line)
    return line if len(line) <= 80 else f"{line[:80]}…"
