"""How the list of solutions is narrowed."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from reviews.admin.filters import OfferedFilter, WordFilter
from reviews.models import Flag
from reviews.models.choices import CRITICALITIES, KINDS, STATES, Choices
from reviews.rules.vocabulary import Action, Freshness, Verdict


class KindFilter(WordFilter):
    title = "kind"
    parameter_name = "kind"
    words = KINDS


class StateFilter(WordFilter):
    title = "state"
    parameter_name = "state"
    words = STATES


class CriticalityFilter(WordFilter):
    title = "criticality"
    parameter_name = "criticality"
    words = CRITICALITIES


class FreshnessFilter(OfferedFilter):
    title = "freshness"
    parameter_name = "freshness"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Choices:
        return [
            (Freshness.OVERDUE.value, "overdue"),
            (Freshness.DUE_SOON.value, "due within 30 days"),
            (Freshness.UNREVIEWED.value, "never reviewed"),
            (Freshness.FRESH.value, "fresh"),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any] | None:
        chosen = self.value()
        if chosen is None:
            return None
        narrowed: QuerySet[Any] = queryset.of_freshness(
            Freshness(chosen), timezone.localdate()
        )
        return narrowed


class DeprecationFilter(OfferedFilter):
    title = "deprecation"
    parameter_name = "deprecation"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Choices:
        return [("wanted", "to be deprecated")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        if self.value() is None:
            return None
        asked = Flag.objects.open().filter(action=Action.DEPRECATE.value)
        return queryset.exclude(state=Verdict.RETIRE.value).filter(
            Q(state=Verdict.DEPRECATE.value) | Q(pk__in=asked.values("solution"))
        )


class OwnerLeftFilter(OfferedFilter):
    """Shows what nobody looks after: without an owner, or with one who has left."""

    title = "ownership"
    parameter_name = "ownership"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Choices:
        return [
            ("orphaned", "orphaned: no owner, or one who left"),
            ("left", "owner: left"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        left = Q(owner__is_active=False)
        match self.value():
            case "left":
                wanted = left
            case "orphaned":
                wanted = left | Q(owner=None)
            case _:
                return None
        # What is retired needs no owner.
        return queryset.exclude(state=Verdict.RETIRE.value).filter(wanted)
