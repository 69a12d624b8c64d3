"""Documents behind an evaluation: links, and files that are kept in the register."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from unicodedata import normalize

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from reviews.models import AttachedFile, Attachment, Evaluation
from reviews.rules.days import DayError, within_register
from reviews.rules.text import holds_refused
from reviews.services.errors import InvalidError
from reviews.services.validation import line

ATTACHMENTS_LIMIT = 10
LARGEST_FILE_BYTES = 10 * 1024 * 1024
LONGEST_FILE_NAME = 200
LONGEST_ADDRESS = 1000
FIELD = "attachments"

# What separates folders anywhere, or means something else in a file's name on Windows.
_NOT_IN_A_NAME = re.compile(r'[<>:"|?*]')
_is_web_address = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class Attached:
    """
    A document as somebody hands it in: a link, or a file with what is in it.

    `effective_on` is the day that the document speaks of, such as a report's own date.
    """

    title: str
    effective_on: date
    url: str = ""
    file_name: str = ""
    content: bytes = b""


def cleaned_attachments(attached: Sequence[Attached], today: date) -> list[Attached]:
    """
    Return documents in the register's one form.

    :raises InvalidError: for too many, one that is neither a link nor a file or both,
        one that is too large or empty, and a day that has not come.
    """
    if len(attached) > ATTACHMENTS_LIMIT:
        raise InvalidError(f"At most {ATTACHMENTS_LIMIT} attachments.", field=FIELD)
    return [_cleaned(each, today) for each in attached]


def keep_attachments(
    evaluation: Evaluation, attached: Sequence[Attached], now: datetime
) -> None:
    """Add clean documents to an evaluation, in the transaction of the evaluation."""
    for each in attached:
        attachment = Attachment.objects.create(
            evaluation=evaluation,
            title=each.title,
            url=each.url,
            file_name=each.file_name,
            size=len(each.content),
            sha256=sha256(each.content).hexdigest() if each.file_name else "",
            effective_on=each.effective_on,
            added_at=now,
        )
        if each.file_name:
            AttachedFile.objects.create(attachment=attachment, content=each.content)


def plain_name(name: str) -> str:
    """
    Return a file's name without any folder, and without what deceives or commands.

    Controls, characters that turn the direction of writing, and those that are special
    to a file system are left out. What leaves nothing is called "file".
    """
    base = re.split(r"[/\\]", name)[-1]
    kept = "".join(
        " " if character.isspace() else character
        for character in normalize("NFC", base)
        if character.isspace() or not holds_refused(character)
    )
    plain = " ".join(_NOT_IN_A_NAME.sub("_", kept).split()).strip(" .")
    if len(plain) > LONGEST_FILE_NAME:
        stem, dot, ending = plain.rpartition(".")
        ending = f"{dot}{ending}"
        if not stem or len(ending) > 20:
            return plain[:LONGEST_FILE_NAME].rstrip(" .")
        plain = stem[: LONGEST_FILE_NAME - len(ending)].rstrip(" .") + ending
    return plain or "file"


def _cleaned(each: Attached, today: date) -> Attached:
    title = line(each.title, limit=200, field=FIELD)
    if bool(each.url) == bool(each.file_name or each.content):
        raise InvalidError(
            f"“{title}” has to be a link or a file, one of the two.", field=FIELD
        )
    try:
        within_register(each.effective_on)
    except DayError as error:
        raise InvalidError(str(error), field=FIELD) from error
    if each.effective_on > today:
        raise InvalidError(
            f"“{title}” speaks of {each.effective_on}, which has not come: "
            f"today is {today}.",
            field=FIELD,
        )
    if each.url:
        return replace(each, title=title, url=_web_address(each.url, title))
    if not each.content:
        raise InvalidError(
            f"The file of “{title}” has nothing in it: choose it anew.", field=FIELD
        )
    if len(each.content) > LARGEST_FILE_BYTES:
        raise InvalidError(
            f"The file of “{title}” has {len(each.content):,} bytes; at most "
            f"{LARGEST_FILE_BYTES:,} may be. Put it elsewhere and attach the link.",
            field=FIELD,
        )
    return replace(each, title=title, file_name=plain_name(each.file_name))


def _web_address(address: str, title: str) -> str:
    address = line(address, limit=LONGEST_ADDRESS, field=FIELD)
    try:
        _is_web_address(address)
    except ValidationError as error:
        raise InvalidError(
            f"The link of “{title}” is no web address: it begins with https:// or "
            "http://.",
            field=FIELD,
        ) from error
    return address
