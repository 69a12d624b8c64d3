"""The staff pages of solutions."""

from copy import copy
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from reviews.admin.actor import actor_at, teams_where
from reviews.admin.base import RegisterAdmin, clock_now
from reviews.admin.filters import OwnerFilter, TagFilter, TeamFilter
from reviews.admin.picking import PersonField, is_search
from reviews.admin.previews import Step, preview
from reviews.admin.registering import (
    FILLABLE,
    KEPT,
    fill_in,
    look_up_here,
    typed_in,
)
from reviews.admin.solution_filters import (
    CriticalityFilter,
    DeprecationFilter,
    FreshnessFilter,
    KindFilter,
    OwnerLeftFilter,
    StateFilter,
)
from reviews.admin.solution_form import SolutionForm, identifier_lines
from reviews.admin.solution_panel import panel_of
from reviews.admin.solution_steps import (
    AssignWeek,
    ChangeCriticality,
    ChangeOwner,
    ChangeTeam,
    Delete,
)
from reviews.admin.wording import standing, why
from reviews.models import Change, Solution
from reviews.models.solution import REVIEW_ORDER
from reviews.queries.history import history_of
from reviews.rules.access import Permission, may
from reviews.services.solutions import edit_solution, register_solution

_LOOKUPS = {"lookup", "fill"}
_SAID = ("name", "kind", "description", "homepage", "version", "criticality")
_CONTRACT = ("contract_ends_on", "notice_period_days")
_CLOCK = ("freshness", "why", "state", "last_evaluated_on", "next_review_on")


class SolutionAdmin(RegisterAdmin[Solution]):
    adding = Permission.REGISTER
    changing = Permission.EDIT
    deleting = Permission.DELETE

    form = SolutionForm
    actions = [
        "change_owner",
        "change_team",
        "change_criticality",
        "assign_week",
        "delete_solutions",
    ]
    autocomplete_fields = ["owner"]
    list_display = [
        "name",
        "kind",
        "state",
        "freshness",
        "next_review",
        "owner_name",
        "team",
        "criticality",
        "version",
    ]
    list_filter = [
        FreshnessFilter,
        DeprecationFilter,
        StateFilter,
        KindFilter,
        TeamFilter,
        OwnerFilter,
        OwnerLeftFilter,
        CriticalityFilter,
        TagFilter,
    ]
    list_select_related = ["owner", "team"]
    ordering = [REVIEW_ORDER.asc(), "pk"]
    search_fields = ["name", "slug", "key", "identifiers__value"]
    search_help_text = "Name, slug or identifier:"
    # Any other column would sort the whole register.
    sortable_by = ["name", "next_review"]

    def team_of(self, obj: Solution) -> int | None:
        return obj.team_id

    # --- Columns and read-only fields ---

    @admin.display(description="freshness")
    def freshness(self, obj: Solution) -> SafeString:
        return standing(obj, timezone.localdate()).badge()

    @admin.display(description="next review", ordering=REVIEW_ORDER.asc())
    def next_review(self, obj: Solution) -> str:
        return str(obj.next_review_on) if obj.next_review_on else "none"

    @admin.display(description="owner")
    def owner_name(self, obj: Solution) -> str:
        if obj.owner is None:
            return "nobody"
        return obj.owner.label() + ("" if obj.owner.is_active else " (left)")

    @admin.display(description="why then")
    def why(self, obj: Solution) -> str:
        return why(obj, timezone.localdate())

    @admin.display(description="tags")
    def tags_shown(self, obj: Solution) -> str:
        return ", ".join(obj.tags.order_by("name").values_list("name", flat=True))

    @admin.display(description="identifiers")
    def identifiers_shown(self, obj: Solution) -> str:
        return "\n".join(identifier_lines(obj))

    def changes(self, obj: Solution) -> QuerySet[Change]:
        return history_of(obj.pk)

    # --- Looking up before registering ---

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.lookup_view)
        return [
            path("lookup/", view, name="reviews_solution_lookup"),
            *super().get_urls(),
        ]

    def lookup_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with what the register has on a text: a part of the form's page."""
        if not self.has_add_permission(request):
            raise PermissionDenied("Only who registers solutions looks them up here.")
        looked_up = look_up_here(request.GET.get("what", ""), actor_at(request))
        template = "admin/reviews/solution/_lookup.html"
        shown = {"lookup": looked_up, "is_asking": settings.EVIDENCE}
        return render(request, template, shown)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        more: dict[str, Any] = {"is_asking": settings.EVIDENCE}
        is_lookup = request.method == "GET" or bool(_LOOKUPS & request.POST.keys())
        if is_lookup and self.has_add_permission(request):
            request, told = self._looked_up(request)
            more |= told
        else:
            more |= {"what": request.POST.get("what", "")}
        return super().add_view(request, form_url, more | (extra_context or {}))

    def _looked_up(self, request: HttpRequest) -> tuple[HttpRequest, dict[str, Any]]:
        """Return the request for a form that holds all that was typed, and the answer."""
        said = request.POST if request.method == "POST" else request.GET
        what = said.get("what", "")
        typed = typed_in(request.POST)
        looked_up = look_up_here(what, actor_at(request))
        more: dict[str, Any] = {
            "lookup": looked_up,
            "what": what,
            "was_filled": {
                name: request.POST[key]
                for name in FILLABLE
                if (key := f"filled-{name}") in request.POST
            },
            "nothing_asked": request.method == "POST" and looked_up is None,
        }
        kept = {name: request.POST.get(name, "") for name in FILLABLE | KEPT}
        holds = {name: value for name, value in kept.items() if value}
        if "fill" in said and looked_up and not looked_up.error:
            filled = fill_in(looked_up.answer, typed)
            # What an earlier look-up had filled in makes room for this one.
            holds = {**typed, **filled.initial}
            more |= {"filled": filled, "was_filled": filled.initial}
        # Looking something up stores nothing: the form comes anew, and unchecked.
        opened = copy(request)
        opened.method = "GET"
        opened.begun = holds  # type: ignore[attr-defined]
        return opened, more

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**getattr(request, "begun", {})}

    # --- The form ---

    def get_fieldsets(self, request: HttpRequest, obj: Solution | None = None) -> Any:
        editable = obj is None or self.has_change_permission(request, obj)
        words = (
            ("tags", "identifiers") if editable else ("tags_shown", "identifiers_shown")
        )
        belongs = ("team", "owner") if editable else ("team", "owner_name")
        unseen = ("seen_at",) if editable and obj is not None else ()
        fieldsets: list[tuple[str | None, dict[str, Any]]] = [
            (None, {"fields": (*_SAID, *belongs, *words, *unseen)}),
            ("Contract", {"fields": _CONTRACT}),
        ]
        if obj is not None:
            clock = {
                "fields": _CLOCK,
                "description": "Follows from the log of evaluations and the policies; "
                "to change it, log an evaluation.",
            }
            fieldsets.append(("The clock", clock))
        return fieldsets

    def get_readonly_fields(
        self, request: HttpRequest, obj: Solution | None = None
    ) -> tuple[str, ...]:
        if obj is None:
            return _CLOCK
        if not may(actor_at(request), Permission.REASSIGN, obj.team_id):
            return (*_CLOCK, "team", "owner")
        return _CLOCK

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "owner":
            kwargs["form_class"] = PersonField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: Solution, form: Any, change: Any
    ) -> None:
        draft, actor = form.draft(), actor_at(request)
        if change:
            edit_solution(
                solution_id=obj.pk,
                draft=draft,
                actor=actor,
                seen_at=form.cleaned_data["seen_at"],
                **clock_now(),
            )
        else:
            obj.pk = register_solution(draft=draft, actor=actor, **clock_now()).pk
        obj.refresh_from_db()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        panel = panel_of(obj, actor_at(request)) if obj else None
        return super().change_view(
            request, object_id, form_url, {"panel": panel, **(extra_context or {})}
        )

    # --- Many at once ---

    def has_reassign_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, Permission.REASSIGN, None)

    @admin.action(description="Change owner…", permissions=["reassign"])
    def change_owner(
        self, request: HttpRequest, queryset: QuerySet[Solution]
    ) -> HttpResponse | None:
        return self._preview(request, queryset, ChangeOwner)

    @admin.action(description="Change team…", permissions=["reassign"])
    def change_team(
        self, request: HttpRequest, queryset: QuerySet[Solution]
    ) -> HttpResponse | None:
        return self._preview(request, queryset, ChangeTeam)

    @admin.action(description="Change criticality…", permissions=["change"])
    def change_criticality(
        self, request: HttpRequest, queryset: QuerySet[Solution]
    ) -> HttpResponse | None:
        return self._preview(request, queryset, ChangeCriticality)

    def has_plan_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, Permission.PLAN, None)

    @admin.action(description="Assign a due week…", permissions=["plan"])
    def assign_week(
        self, request: HttpRequest, queryset: QuerySet[Solution]
    ) -> HttpResponse | None:
        return self._preview(request, queryset, AssignWeek)

    @admin.action(description="Delete…", permissions=["delete"])
    def delete_solutions(
        self, request: HttpRequest, queryset: QuerySet[Solution]
    ) -> HttpResponse | None:
        return self._preview(request, queryset, Delete)

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_delete_permission(request, obj):
            raise PermissionDenied("Only a lead of the owning team deletes a solution.")
        one = self.get_queryset(request).filter(pk=obj.pk)
        shown = self._preview(request, one, Delete)
        if shown is not None:
            return shown
        if self.get_object(request, str(obj.pk)) is not None:
            return HttpResponseRedirect(self.address_of(obj.pk))
        return HttpResponseRedirect(reverse("admin:reviews_solution_changelist"))

    def _preview(
        self, request: HttpRequest, queryset: QuerySet[Solution], kind: type[Step]
    ) -> HttpResponse | None:
        rows = queryset.select_related("owner", "team")
        return preview(self, request, rows, kind(actor_at(request)))

    # --- Searching for a solution to evaluate ---

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Solution], search_term: str
    ) -> tuple[QuerySet[Solution], bool]:
        found, doubled = super().get_search_results(request, queryset, search_term)
        if is_search(request, "evaluation", "solution"):
            actor = actor_at(request)
            if not actor.is_administrator:
                found = found.filter(team__in=teams_where(actor, Permission.EVALUATE))
        return found, doubled
