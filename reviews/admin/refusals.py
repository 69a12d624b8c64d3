"""What a service refused, shown on the form that asked for it."""

from typing import Any, ClassVar, TypeVar

from django import forms
from django.db import models

from reviews.rules.access import Actor, NotAllowedError
from reviews.services.errors import DomainError

Row = TypeVar("Row", bound=models.Model)
Refusal = DomainError | NotAllowedError


class RefusableForm(forms.ModelForm[Row]):
    """
    A form that says what the service refused, at the field that is at fault.

    The admin makes a class of it for every request, and sets both attributes there.
    """

    actor: ClassVar[Actor]
    refusal: ClassVar[Refusal | None] = None
    # Where a service's word for a field is not the form's own.
    field_of: ClassVar[dict[str, str]] = {}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal is not None:
            said = getattr(self.refusal, "field", "")
            field = self.field_of.get(said, said)
            self.add_error(field if field in self.fields else None, str(self.refusal))
        return cleaned


class ServiceForm(RefusableForm[Row]):
    """A form whose service checks everything: the model is not asked as well."""

    def _post_clean(self) -> None:
        pass
