"""
Fields of bodies, strict about types: a number is no text, and true is no number.

REST framework's own convert what they can, so a mistake would become a value. What a
text may hold is for the services to say.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from reviews.api.filters import did_you_mean, one_of
from reviews.api.parsers import kind_of
from reviews.api.problems import FAULTS_LIMIT
from reviews.rules.days import DayError, parse_day
from reviews.rules.text import shown


def wrong_type(wanted: str, given: Any) -> ValidationError:
    """Return the error for a value of another type than the field's."""
    return ValidationError(f"This has to be {wanted}, not {kind_of(given)}.", "type")


class TextField(serializers.CharField):
    """A text; by default it may be empty, and keeps its spaces for the services."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_blank": True, "trim_whitespace": False} | options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise wrong_type("a text", data)
        return data


class WholeNumberField(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            raise wrong_type("a whole number", data)
        return data


class TruthField(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if type(data) is not bool:
            raise wrong_type("true or false", data)
        return data


class DayField(serializers.DateField):
    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str):
            raise wrong_type("a day written YYYY-MM-DD", value)
        try:
            return parse_day(value)
        except DayError as error:
            raise ValidationError(str(error), "day") from error


class WordField(serializers.ChoiceField):
    """A member of a closed set."""

    def __init__(self, words: type[StrEnum], **options: Any) -> None:
        self.words = words
        super().__init__(choices=[word.value for word in words], **options)

    def to_internal_value(self, data: Any) -> StrEnum:
        if not isinstance(data, str):
            raise wrong_type("a text", data)
        try:
            return self.words(one_of(data, [word.value for word in self.words]))
        except ValueError as error:
            raise ValidationError(str(error), "choice") from error


class TextsField(serializers.ListField):
    """A list of texts, of a bounded length."""

    child = TextField()

    def __init__(self, *, max_length: int, **options: Any) -> None:
        self.limit = max_length
        super().__init__(max_length=max_length, **options)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            raise wrong_type("a list", data)
        # Before the items are looked at, of which there may be a million.
        if len(data) > self.limit:
            raise ValidationError(f"At most {self.limit} are allowed.", "max_length")
        return super().to_internal_value(data)


class StrictSerializer(serializers.Serializer[Any]):
    """
    Fields of a body, and no others.

    `answered` names what an answer holds besides, so that it is refused as such.
    """

    answered: ClassVar[frozenset[str]] = frozenset()

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise wrong_type("an object", data)
        unknown = [name for name in data if name not in self.fields]
        if unknown:
            raise ValidationError(
                {name: self._refusal(name) for name in unknown[:FAULTS_LIMIT]}
            )
        fields: dict[str, Any] = super().to_internal_value(data)
        return fields

    def _refusal(self, name: str) -> list[ErrorDetail]:
        if name in self.answered:
            return [ErrorDetail(f"{name} is read-only: leave it out.", "read_only")]
        question = did_you_mean(name, self.fields)
        message = f"There is no field {shown(name)} here.{question}"
        return [ErrorDetail(message, "unknown")]


class RowsField(serializers.ListField):
    """A list of objects, of a bounded length, each with the fields of a serializer."""

    def __init__(
        self, row: type[StrictSerializer], *, max_length: int, **options: Any
    ) -> None:
        self.limit = max_length
        super().__init__(child=row(), max_length=max_length, **options)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            raise wrong_type("a list", data)
        if len(data) > self.limit:
            raise ValidationError(f"At most {self.limit} are allowed.", "max_length")
        return super().to_internal_value(data)


def validated(
    serializer: type[StrictSerializer],
    body: Mapping[str, Any],
    *,
    partial: bool = False,
) -> dict[str, Any]:
    """
    Return the fields of a body, as far as it has them.

    :raises ValidationError: naming every field that is at fault.
    """
    reader = serializer(data=body, partial=partial)
    reader.is_valid(raise_exception=True)
    fields: dict[str, Any] = reader.validated_data
    return fields
