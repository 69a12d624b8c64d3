"""What the lists' filters share: they take the values they offer, and no others."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from reviews.admin.picking import is_number
from reviews.models import Solution, Tag, Team, User
from reviews.models.choices import Choices

LONGEST_LIST = 200
NONE = "none"


class OfferedFilter(admin.SimpleListFilter):
    """A filter that answers 400 to a value that it does not offer."""

    parameter_name: str

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[models.Model],
        model_admin: admin.ModelAdmin[Any],
    ) -> None:
        super().__init__(request, params, model, model_admin)
        chosen = self.value()
        if chosen is not None and not self.offers(chosen):
            raise DisallowedModelAdminLookup(
                f"The filter {self.parameter_name} does not offer that."
            )

    def offers(self, chosen: str) -> bool:
        return chosen in {value for value, _ in self.lookup_choices}


class WordFilter(OfferedFilter):
    """A filter by a column that holds one word of a closed set."""

    words: Choices = []
    column: str = ""

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Choices:
        return self.words

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        chosen = self.value()
        if chosen is None:
            return None
        return queryset.filter(**{self.column or self.parameter_name: chosen})


class RowFilter(OfferedFilter):
    """
    A filter by a row that the listed ones point to.

    At most two hundred are listed; any other's number is taken as well, so that links
    from other pages work.
    """

    column: str = ""

    def offers(self, chosen: str) -> bool:
        return super().offers(chosen) or is_number(chosen)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        chosen = self.value()
        if chosen is None:
            return None
        return queryset.filter(**{self.column: None if chosen == NONE else int(chosen)})


class TeamFilter(RowFilter):
    title = "team"
    parameter_name = "team"
    column = "team"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Iterable[tuple[str, str]]:
        rows = Team.objects.order_by("name").values_list("pk", "name")
        yield NONE, "no team"
        for pk, name in rows[:LONGEST_LIST]:
            yield str(pk), name


class OwnerFilter(RowFilter):
    title = "owner"
    parameter_name = "owner"
    column = "owner"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Iterable[tuple[str, str]]:
        owners = User.objects.filter(
            Exists(Solution.objects.filter(owner=OuterRef("pk")))
        ).order_by("first_name", "last_name", "username")
        yield NONE, "no owner"
        for user in owners[:LONGEST_LIST]:
            yield str(user.pk), user.label() + ("" if user.is_active else " (left)")


class TagFilter(RowFilter):
    title = "tag"
    parameter_name = "tag"
    column = "tags"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Iterable[tuple[str, str]]:
        rows = Tag.objects.order_by("name").values_list("pk", "name")
        for pk, name in rows[:LONGEST_LIST]:
            yield str(pk), name
