"""Texts of one form: what `rules.text` refuses, as a refusal that names its field."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from reviews.rules.text import TextError, clean_line, clean_text
from reviews.services.errors import InvalidError


def line(text: str, *, limit: int, field: str, blank: bool = False) -> str:
    """
    Return a line of text in the register's one form; an empty one if that is allowed.

    :raises InvalidError: as `rules.text.clean_line` does, naming the field.
    """
    if blank and not text:
        return ""
    try:
        return clean_line(text, limit=limit)
    except TextError as error:
        raise InvalidError(str(error), field=field) from error


def paragraphs(text: str, *, limit: int, field: str) -> str:
    """
    Return a text of several lines in the register's one form; it may be empty.

    :raises InvalidError: as `rules.text.clean_text` does, naming the field.
    """
    try:
        return clean_text(text, limit=limit)
    except TextError as error:
        raise InvalidError(str(error), field=field) from error


def validate(row: models.Model) -> None:
    """
    Return if a row keeps to its model's own rules and constraints.

    :raises InvalidError: otherwise, naming the first field at fault.
    """
    try:
        row.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidError(
            messages[0], field="" if field == NON_FIELD_ERRORS else field
        ) from error
