"""How the log of evaluations is narrowed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from reviews.admin.evaluation_status import Status, of_status
from reviews.admin.filters import OfferedFilter, RowFilter, TeamFilter, WordFilter
from reviews.admin.picking import is_number
from reviews.models import Solution
from reviews.models.choices import VERDICTS, Choices


class VerdictFilter(WordFilter):
    title = "verdict"
    parameter_name = "verdict"
    words = VERDICTS


class OwningTeamFilter(TeamFilter):
    column = "solution__team"


class OfSolutionFilter(RowFilter):
    """Offers the one solution that a link names, and no list of thousands."""

    title = "solution"
    parameter_name = "solution"
    column = "solution"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Choices:
        chosen = self.value()
        if chosen is None or not is_number(chosen):
            return []
        names = Solution.objects.filter(pk=int(chosen)).values_list("name", flat=True)
        return [(chosen, name) for name in names]


class StatusFilter(OfferedFilter):
    title = "status"
    parameter_name = "status"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Choices:
        return [(status.value, status.label) for status in Status]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        chosen = self.value()
        return None if chosen is None else of_status(queryset, Status(chosen))
