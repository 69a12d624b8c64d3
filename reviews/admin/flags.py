"""The staff pages of flags: open questions, to be answered by an evaluation."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reviews.admin.actor import actor_at, may_somewhere
from reviews.admin.base import ReadOnlyAdmin
from reviews.admin.evidence_panel import fact_lines, said
from reviews.admin.filters import OfferedFilter, OwnerFilter, TeamFilter, WordFilter
from reviews.admin.flag_steps import (
    ACTIVE_COVER,
    EndCover,
    Override,
    Snooze,
    Waive,
    cover_over,
    cover_words,
)
from reviews.admin.previews import preview
from reviews.admin.signals import web_link
from reviews.admin.solution_panel import log_address
from reviews.admin.ticket_shown import ticket_shown
from reviews.admin.wording import flag_standing, why_flagged
from reviews.models import Change, Flag
from reviews.models.choices import ACTIONS, CAUSES, Choices
from reviews.queries.escalation import Climb, climbs
from reviews.queries.facts import facts_numbered
from reviews.queries.flags import COVERED, FlagStatus, of_status
from reviews.queries.tickets import tickets_of
from reviews.rules.access import Actor, Permission, may

# What is open is asked, or covered by one of the three in between.
_OPEN, _ASKED, _CLOSED, _ALL = "open", "asked", "closed", "all"
_TITLES = {
    _OPEN: "Open flags",
    _ASKED: "Flags that are asked",
    FlagStatus.SNOOZED.value: "Snoozed flags",
    FlagStatus.WAIVED.value: "Waived flags",
    FlagStatus.OVERRIDDEN.value: "Overridden flags",
    _CLOSED: "Closed flags",
    _ALL: "All flags",
}


class FlagStatusFilter(OfferedFilter):
    """Shows the open questions unless somebody asks for others, and says so."""

    title = "status"
    parameter_name = "status"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Choices:
        return [
            (_OPEN, "open (shown at first)"),
            (_ASKED, "asked today"),
            *((covered.value, covered.value) for covered in COVERED.values()),
            (_CLOSED, "closed"),
            (_ALL, "open and closed"),
        ]

    def choices(self, changelist: Any) -> Any:
        # Without Django's "All": what is shown at first is not all.
        chosen = self.value() or _OPEN
        for value, title in self.lookup_choices:
            yield {
                "selected": value == chosen,
                "query_string": changelist.get_query_string({"status": value}),
                "display": title,
            }

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        chosen = self.value() or _OPEN
        if chosen == _ALL:
            return None
        if chosen == _OPEN:
            return queryset.filter(closed_at=None)
        status = FlagStatus.OPEN if chosen == _ASKED else FlagStatus(chosen)
        ids = of_status(Flag.objects.all(), status, timezone.localdate())
        return queryset & ids


class CauseFilter(WordFilter):
    title = "cause"
    parameter_name = "cause"
    words = CAUSES


class ActionFilter(WordFilter):
    title = "action"
    # The stock admin keeps the name `action` for itself.
    parameter_name = "asks_for"
    column = "action"
    words = ACTIONS


class OverdueFilter(OfferedFilter):
    title = "overdue"
    parameter_name = "overdue"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Choices:
        return [("yes", "overdue"), ("no", "not yet")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        chosen = self.value()
        if chosen is None:
            return None
        today = timezone.localdate()
        asked = queryset & Flag.objects.asked_on(today)
        if chosen == "yes":
            return asked.filter(due_on__lt=today)
        return asked.filter(due_on__gte=today)


class FlagTeamFilter(TeamFilter):
    column = "solution__team"


class FlagOwnerFilter(OwnerFilter):
    column = "solution__owner"


class FlagAdmin(ReadOnlyAdmin[Flag]):
    list_display = [
        "solution_link",
        "severity",
        "why",
        "action",
        "standing",
        "asked_of",
    ]
    list_display_links = ["action"]
    list_filter = [
        FlagStatusFilter,
        OverdueFilter,
        ActionFilter,
        CauseFilter,
        FlagTeamFilter,
        FlagOwnerFilter,
    ]
    list_select_related = ["solution"]
    actions = ["snooze", "waive", "override", "end_cover"]
    # The index `flag_due_order` serves it.
    ordering = [F("due_on").asc(), "pk"]
    search_fields = ["solution__name", "solution__slug"]
    search_help_text = "Solution:"
    sortable_by = ["standing"]
    readonly_fields = [
        "solution_link",
        "cause",
        "action",
        "due_on",
        "standing",
        "asked_words",
        "covered",
        "ticket_words",
        "severity",
        "why",
        "source",
        "evidence",
        "opened_at",
        "closed_at",
        "closed_by",
    ]

    def team_of(self, obj: Flag) -> int | None:
        return obj.solution.team_id

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [*self.list_display, log_column(actor_at(request))]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = _TITLES.get(request.GET.get("status") or _OPEN, "Flags")
        return super().changelist_view(
            request, {"title": title, **(extra_context or {})}
        )

    @admin.display(description="solution")
    def solution_link(self, obj: Flag) -> SafeString:
        address = reverse("admin:reviews_solution_change", args=[obj.solution_id])
        return format_html('<a href="{}">{}</a>', address, obj.solution)

    @admin.display(description="standing", ordering="due_on")
    def standing(self, obj: Flag) -> SafeString:
        return flag_standing(obj, timezone.localdate()).badge()

    @admin.display(description="asked")
    def asked_of(self, obj: Flag) -> str | SafeString:
        # One column for both: what is covered is asked of nobody.
        climb = self._climbs([obj]).get(obj.pk)
        return f"{climb.level.value}: {climb.names}" if climb else self.covered(obj)

    @admin.display(description="asked")
    def asked_words(self, obj: Flag) -> str:
        climb = self._climbs([obj]).get(obj.pk)
        return climb.words if climb else "nobody, while it is covered or closed"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        # For all rows at once, in a few queries; a column sees only its own row.
        self._climbs(changelist.result_list)
        return changelist

    def _climbs(self, flags: Iterable[Flag]) -> dict[int, Climb | None]:
        """Return who is asked about flags, each looked up once."""
        flags = list(flags)
        if not all(hasattr(flag, "climb") for flag in flags):
            ids = [flag.pk for flag in flags]
            found = climbs(Flag.objects.filter(pk__in=ids), today=timezone.localdate())
            for flag in flags:
                flag.climb = found.get(flag.pk)  # type: ignore[attr-defined]
        return {flag.pk: flag.climb for flag in flags}  # type: ignore[attr-defined]

    @admin.display(description="covered")
    def covered(self, obj: Flag) -> str | SafeString:
        cover = cover_over(obj)
        if cover is None:
            return "-"
        address = reverse("admin:reviews_cover_change", args=[cover.pk])
        return format_html('<a href="{}">{}</a>', address, cover_words(cover))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Flag]:
        return super().get_queryset(request).prefetch_related(ACTIVE_COVER)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        # Also where nobody may change an object, which is what the stock admin asks.
        if not may_somewhere(actor_at(request), Permission.COVER):
            return {}
        return super().get_actions(request)

    @admin.action(description="Snooze")
    def snooze(
        self, request: HttpRequest, queryset: QuerySet[Flag]
    ) -> HttpResponse | None:
        return preview(self, request, queryset, Snooze(actor_at(request)))

    @admin.action(description="Waive")
    def waive(
        self, request: HttpRequest, queryset: QuerySet[Flag]
    ) -> HttpResponse | None:
        return preview(self, request, queryset, Waive(actor_at(request)))

    @admin.action(description="Override")
    def override(
        self, request: HttpRequest, queryset: QuerySet[Flag]
    ) -> HttpResponse | None:
        return preview(self, request, queryset, Override(actor_at(request)))

    @admin.action(description="End the snooze, waiver or override")
    def end_cover(
        self, request: HttpRequest, queryset: QuerySet[Flag]
    ) -> HttpResponse | None:
        return preview(self, request, queryset, EndCover(actor_at(request)))

    @admin.display(description="ticket")
    def ticket_words(self, obj: Flag) -> str | SafeString:
        return ticket_shown(tickets_of([obj.pk]).get(obj.pk))

    @admin.display(description="why")
    def why(self, obj: Flag) -> SafeString:
        # Not `reason`: a field has that name, which the clock's flags leave empty.
        return said(why_flagged(obj))

    @admin.display(description="source")
    def source(self, obj: Flag) -> SafeString:
        return web_link(obj.source_url)

    @admin.display(description="evidence")
    def evidence(self, obj: Flag) -> SafeString:
        ids = obj.signals.values_list("pk", flat=True)
        return fact_lines(list(facts_numbered(ids).values()))

    def changes(self, obj: Flag) -> QuerySet[Change]:
        # Scans open flags by the thousand; what people did stands with the solution.
        tells = Q(details__flag=obj.pk)
        if obj.closed_by_id is not None:
            tells |= Q(details__evaluation=obj.closed_by_id)
        return Change.objects.filter(
            tells, object_kind="solution", object_id=obj.solution_id
        )


def log_column(actor: Actor) -> Callable[[Flag], str | SafeString]:
    """Return a column that links to the form, where the actor may evaluate."""

    @admin.display(description="answer")
    def log_link(flag: Flag) -> str | SafeString:
        open_to = may(actor, Permission.EVALUATE, flag.solution.team_id)
        if flag.closed_at is not None or not open_to:
            return "-"
        address = log_address(flag.solution_id)
        return format_html('<a href="{}">Log an evaluation</a>', address)

    return log_link
