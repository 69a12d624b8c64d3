"""The staff pages of snoozes, waivers and overrides: to be read, what ends next first."""

from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reviews.admin.base import ReadOnlyAdmin
from reviews.admin.evidence_panel import fact_lines
from reviews.admin.filters import OfferedFilter, TeamFilter, WordFilter
from reviews.models import Change, Cover
from reviews.models.choices import COVERS, Choices
from reviews.queries.covers import CoverFilter, Standing, covers_matching
from reviews.queries.facts import facts_numbered

_ALL = "all"


class KindFilter(WordFilter):
    title = "kind"
    parameter_name = "kind"
    words = COVERS


class StandingFilter(OfferedFilter):
    """Shows what covers a flag today unless somebody asks for others, and says so."""

    title = "status"
    parameter_name = "status"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Choices:
        return [
            (Standing.ACTIVE.value, "active (shown at first)"),
            (Standing.ENDED.value, "ended"),
            (_ALL, "active and ended"),
        ]

    def choices(self, changelist: Any) -> Any:
        # Without Django's "All": what is shown at first is not all.
        chosen = self.value() or Standing.ACTIVE
        for value, title in self.lookup_choices:
            yield {
                "selected": value == chosen,
                "query_string": changelist.get_query_string({"status": value}),
                "display": title,
            }

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        chosen = self.value() or Standing.ACTIVE
        if chosen == _ALL:
            return None
        wanted = CoverFilter(is_active=chosen == Standing.ACTIVE)
        return queryset & covers_matching(wanted, today=timezone.localdate())


class CoverTeamFilter(TeamFilter):
    column = "flag__solution__team"


class CoverAdmin(ReadOnlyAdmin[Cover]):
    list_display = [
        "solution_link",
        "kind",
        "ends",
        "reason",
        "owner_shown",
        "approver_shown",
        "made_by_shown",
    ]
    list_display_links = ["kind"]
    list_filter = [StandingFilter, KindFilter, CoverTeamFilter]
    list_select_related = ["flag__solution"]
    # What has no day comes last: an override ends with its facts.
    ordering = [F("until").asc(nulls_last=True), "pk"]
    search_fields = ["flag__solution__name", "flag__solution__slug"]
    search_help_text = "Solution:"
    sortable_by = ["ends"]
    readonly_fields = [
        "solution_link",
        "flag_link",
        "kind",
        "ends",
        "reason",
        "owner_shown",
        "approver_shown",
        "made_by_shown",
        "made_at",
        "action",
        "severity",
        "called_wrong",
        "ended_at",
        "ended_because",
        "ended_by_shown",
    ]

    def team_of(self, obj: Cover) -> int | None:
        return obj.flag.solution.team_id

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": "Snoozes, waivers, overrides"}
        return super().changelist_view(request, title | (extra_context or {}))

    @admin.display(description="solution")
    def solution_link(self, obj: Cover) -> SafeString:
        address = reverse("admin:reviews_solution_change", args=[obj.flag.solution_id])
        return format_html('<a href="{}">{}</a>', address, obj.flag.solution)

    @admin.display(description="flag")
    def flag_link(self, obj: Cover) -> SafeString:
        address = reverse("admin:reviews_flag_change", args=[obj.flag_id])
        return format_html('<a href="{}">{}</a>', address, obj.flag)

    @admin.display(description="asked again", ordering="until")
    def ends(self, obj: Cover) -> str:
        if obj.ended_at is not None:
            return f"ended: {obj.get_ended_because_display()}"
        if obj.until is None:
            return "when its facts change"
        passed = obj.until <= timezone.localdate()
        return f"{'since' if passed else 'on'} {obj.until}"

    @admin.display(description="owner", empty_value="—")
    def owner_shown(self, obj: Cover) -> str:
        return obj.owner_name

    @admin.display(description="approved by", empty_value="—")
    def approver_shown(self, obj: Cover) -> str:
        return obj.approver_name

    @admin.display(description="made by", empty_value="—")
    def made_by_shown(self, obj: Cover) -> str:
        return obj.made_by_name

    @admin.display(description="ended by", empty_value="—")
    def ended_by_shown(self, obj: Cover) -> str:
        return obj.ended_by_name

    @admin.display(description="called wrong")
    def called_wrong(self, obj: Cover) -> SafeString:
        ids = obj.signals.values_list("pk", flat=True)
        return fact_lines(list(facts_numbered(ids).values()))

    def changes(self, obj: Cover) -> QuerySet[Change]:
        # It is told of with the solution, as all that happens to its flags is.
        return Change.objects.filter(
            Q(details__cover=obj.pk) | Q(details__replaces=obj.pk),
            object_kind="solution",
            object_id=obj.flag.solution_id,
        )
