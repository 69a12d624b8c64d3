"""
Rows that are only ever added.

The refusals here give a readable error early; the database's own triggers (migration
0002) hold against everything else.
"""

from typing import Any, NoReturn, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)

REFUSAL = "This is written once and never changed or deleted: add a new one instead."


class FinalError(Exception):
    """Somebody tried to change or delete what is written once."""


class FinalQuerySet(models.QuerySet[Row]):
    """A query over rows that are only ever added."""

    def update(self, **_: Any) -> NoReturn:
        """Refuse."""
        raise FinalError(REFUSAL)

    def delete(self) -> NoReturn:
        """Refuse."""
        raise FinalError(REFUSAL)


class FinalModel(models.Model):
    """A row that is only ever added."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row, once."""
        if not self._state.adding:
            raise FinalError(REFUSAL)
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse."""
        raise FinalError(REFUSAL)
