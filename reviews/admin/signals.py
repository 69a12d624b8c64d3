"""The staff pages of evidence: what sources said, and how they stand. Only to be read."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reviews.admin.base import ReadOnlyAdmin
from reviews.admin.evaluation_filters import OfSolutionFilter
from reviews.admin.evidence_panel import said
from reviews.admin.filters import OfferedFilter, WordFilter
from reviews.models import Change, Signal, SourceCheck
from reviews.models.choices import SIGNAL_KINDS, SOURCE_STATES, SOURCES, Choices
from reviews.queries.facts import SignalState, followable

VALUE_SHOWN = 120


class SourceFilter(WordFilter):
    title = "source"
    parameter_name = "source"
    words = SOURCES


class KindFilter(WordFilter):
    title = "kind"
    parameter_name = "kind"
    words = SIGNAL_KINDS


class SignalStateFilter(OfferedFilter):
    title = "state"
    parameter_name = "state"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Choices:
        return [(state.value, state.value) for state in SignalState]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        superseded = Q(ended_because=SignalState.SUPERSEDED.value)
        match self.value():
            case SignalState.OPEN:
                return queryset.filter(ended_at=None)
            case SignalState.SUPERSEDED:
                return queryset.filter(superseded)
            case SignalState.WITHDRAWN:
                return queryset.filter(~superseded, ended_at__isnull=False)
            case _:
                return None


class StandingFilter(WordFilter):
    title = "standing"
    parameter_name = "state"
    words = SOURCE_STATES


class SignalAdmin(ReadOnlyAdmin[Signal]):
    list_display = [
        "solution_link",
        "kind",
        "value_shown",
        "source",
        "effective_on",
        "state",
    ]
    list_display_links = ["kind"]
    list_filter = [SignalStateFilter, SourceFilter, KindFilter, OfSolutionFilter]
    list_select_related = ["solution"]
    ordering = ["-pk"]
    search_fields = ["solution__name", "solution__slug", "subject", "value"]
    search_help_text = "Solution, subject or value:"
    sortable_by = []
    readonly_fields = [
        "solution_link",
        "kind",
        "subject_shown",
        "value_in_full",
        "quote_shown",
        "effective_on",
        "published_on",
        "severity",
        "replacement_shown",
        "aliases_shown",
        "fixed_in_shown",
        "source",
        "address",
        "confidence",
        "verified",
        "fetched_at",
        "raw_hash",
        "state",
        "ended_at",
        "supersedes_link",
    ]

    def team_of(self, obj: Signal) -> int | None:
        return obj.solution.team_id

    def changes(self, obj: Signal) -> QuerySet[Change]:
        # Nobody writes signals; what people did stands with the solution.
        return Change.objects.filter(object_kind="solution", object_id=obj.solution_id)

    @admin.display(description="solution")
    def solution_link(self, obj: Signal) -> SafeString:
        return solution_link(obj)

    @admin.display(description="value")
    def value_shown(self, obj: Signal) -> SafeString:
        text = obj.value or obj.subject
        return said(text if len(text) <= VALUE_SHOWN else f"{text[: VALUE_SHOWN - 1]}…")

    @admin.display(description="value")
    def value_in_full(self, obj: Signal) -> SafeString:
        return said(obj.value)

    @admin.display(description="subject")
    def subject_shown(self, obj: Signal) -> SafeString:
        return said(obj.subject)

    @admin.display(description="in its own words")
    def quote_shown(self, obj: Signal) -> SafeString:
        return said(obj.quote)

    @admin.display(description="replacement")
    def replacement_shown(self, obj: Signal) -> SafeString:
        return said(obj.replacement)

    @admin.display(description="fixed in")
    def fixed_in_shown(self, obj: Signal) -> SafeString:
        return said(obj.fixed_in)

    @admin.display(description="also known as")
    def aliases_shown(self, obj: Signal) -> SafeString:
        return said(", ".join(map(str, obj.aliases)))

    @admin.display(description="address")
    def address(self, obj: Signal) -> SafeString:
        return web_link(obj.source_url)

    @admin.display(description="state")
    def state(self, obj: Signal) -> str:
        if obj.ended_at is None:
            return SignalState.OPEN.value
        return obj.get_ended_because_display()

    @admin.display(description="said before")
    def supersedes_link(self, obj: Signal) -> str | SafeString:
        if obj.supersedes is None:
            return "nothing else"
        address = reverse("admin:reviews_signal_change", args=[obj.supersedes_id])
        return format_html(
            '<a href="{}">{}</a>', address, said(obj.supersedes.value or "no value")
        )


class SourceCheckAdmin(ReadOnlyAdmin[SourceCheck]):
    list_display = [
        "solution_link",
        "source",
        "state",
        "answered_at",
        "why_not",
    ]
    list_display_links = ["source"]
    list_filter = [StandingFilter, SourceFilter, OfSolutionFilter]
    list_select_related = ["solution"]
    ordering = ["-pk"]
    search_fields = ["solution__name", "solution__slug", "subject"]
    search_help_text = "Solution, or name asked about:"
    sortable_by = []
    readonly_fields = [
        "solution_link",
        "source",
        "state",
        "subject_shown",
        "version_shown",
        "matched_by",
        "why_shown",
        "web_address",
        "asked_at",
        "answered_at",
        "why_not",
        "failures",
        "retry_at",
        "raw_hash",
    ]

    def team_of(self, obj: SourceCheck) -> int | None:
        return obj.solution.team_id

    def changes(self, obj: SourceCheck) -> QuerySet[Change]:
        return Change.objects.filter(object_kind="solution", object_id=obj.solution_id)

    @admin.display(description="solution")
    def solution_link(self, obj: SourceCheck) -> SafeString:
        return solution_link(obj)

    @admin.display(description="asked as")
    def subject_shown(self, obj: SourceCheck) -> SafeString:
        return said(obj.subject)

    @admin.display(description="version")
    def version_shown(self, obj: SourceCheck) -> SafeString:
        return said(obj.version)

    @admin.display(description="why under this name")
    def why_shown(self, obj: SourceCheck) -> SafeString:
        return said(obj.why)

    @admin.display(description="address")
    def web_address(self, obj: SourceCheck) -> SafeString:
        return web_link(obj.address)

    @admin.display(description="error or note")
    def why_not(self, obj: SourceCheck) -> SafeString:
        return said(obj.error or obj.note or "-")


def solution_link(obj: Signal | SourceCheck) -> SafeString:
    """Return the solution that something was said of, as a link."""
    address = reverse("admin:reviews_solution_change", args=[obj.solution_id])
    return format_html('<a href="{}">{}</a>', address, obj.solution)


def web_link(address: str) -> SafeString:
    """Return an address, as a link only where one may be followed."""
    if not followable(address):
        return said(address or "none")
    return format_html(
        '<a href="{}" rel="noopener noreferrer">{}</a>', address, said(address)
    )
