"""Picking a row out of many: a field that searches while one types."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import models
from django.http import HttpRequest

from reviews.models import User

# One digit short of the largest number that a database's identifier can be.
_LONGEST_NUMBER = 18


class PickOne(AutocompleteSelect):
    """The stock widget, which fails on what is no number; here it shows nothing."""

    @property
    def media(self) -> forms.Media:
        return super().media + forms.Media(
            js=["admin/js/autocomplete.js", "admin-labels.js"]
        )

    def build_attrs(
        self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        article = "an" if self.field.name[0] in "aeiou" else "a"
        placeholder = f"search for {article} {self.field.name}"
        return attrs | {"data-placeholder": placeholder}

    def optgroups(
        self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None
    ) -> list[Any]:
        numbers = [text for text in map(str, value) if is_number(text)]
        return super().optgroups(name, numbers, attrs)


class PersonField(forms.ModelChoiceField[User]):
    """Somebody, by the name that stands beside what they do."""

    def label_from_instance(self, obj: User) -> str:
        return person(obj)


class SearchView(AutocompleteJsonView):
    """
    Answers the fields that search, for the fields that have such a widget.

    The stock view answers for every foreign key of every model.
    """

    @property
    def site(self) -> AdminSite:
        if self.admin_site is None:
            raise ImproperlyConfigured("The search belongs to no site.")
        return self.admin_site

    def process_request(self, request: HttpRequest) -> Any:
        asked = request.GET.get("model_name"), request.GET.get("field_name")
        models_and_fields = {
            (model._meta.model_name, field)
            for model, model_admin in self.site._registry.items()
            for field in model_admin.get_autocomplete_fields(request)
        }
        if asked not in models_and_fields:
            raise PermissionDenied("There is nothing to search for.")
        return super().process_request(request)

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        shown = person(obj) if isinstance(obj, User) else str(obj)
        return {"id": str(obj.pk), "text": shown}


def person(user: User) -> str:
    """Return somebody's name, with the user name where that is another."""
    name = user.get_full_name()
    return f"{name} ({user.get_username()})" if name else user.get_username()


def is_number(text: str) -> bool:
    """Return whether a text may be a row's number."""
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER


def is_search(request: HttpRequest, model_name: str, field_name: str) -> bool:
    """Return whether a request is the search of that model's field."""
    match = request.resolver_match
    return (
        match is not None
        and match.url_name == "autocomplete"
        and request.GET.get("model_name") == model_name
        and request.GET.get("field_name") == field_name
    )
