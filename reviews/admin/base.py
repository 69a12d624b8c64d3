"""
What all staff pages share.

The admin is a door: it validates, calls one service, and renders. Here every right goes
through `rules.access`, and whatever Django's admin would write by itself is shut off.
"""

from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import IntegrityError, models
from django.db.models import ForeignKey, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from reviews.admin.actor import actor_at, may_somewhere
from reviews.admin.history import changes_of, history_page
from reviews.admin.paging import CappedPaginator
from reviews.admin.picking import PickOne, is_number
from reviews.admin.refusals import RefusableForm
from reviews.models import Change
from reviews.rules.access import NotAllowedError, Permission, may
from reviews.services.errors import ConflictError, DomainError

Row = TypeVar("Row", bound=models.Model)

LONGEST_SEARCH = 200
_SPELLING = ("urlify.js", "prepopulate.js", "xregexp.js", "xregexp.min.js")
MOST_TERMS = 10


class RegisterAdmin(admin.ModelAdmin[Row]):
    """
    A model's staff pages.

    The four permissions say what it takes; None is for what nobody may. `team_of` says
    whose an object is.
    """

    viewing: Permission | None = Permission.READ
    adding: Permission | None = None
    changing: Permission | None = None
    deleting: Permission | None = None

    form: type[forms.ModelForm[Row]] = RefusableForm
    list_per_page = 50
    paginator = CappedPaginator
    save_on_top = False
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    view_on_site = False

    def team_of(self, obj: Row) -> int | None:
        return None

    @property
    def media(self) -> forms.Media:
        stock = super().media
        if self.prepopulated_fields:
            return stock
        # What spells slugs in the browser weighs a third of a page.
        names = stock._js  # type: ignore[attr-defined]
        return forms.Media(js=[each for each in names if not each.endswith(_SPELLING)])

    # --- Rights ---

    def allows(
        self, request: HttpRequest, permission: Permission | None, obj: Row | None
    ) -> bool:
        """Return whether the signed-in person has a right, to an object or to any."""
        if permission is None or not self.admin_site.has_permission(request):
            return False
        actor = actor_at(request)
        if obj is None:
            return may_somewhere(actor, permission)
        return may(actor, permission, self.team_of(obj))

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self.allows(request, self.viewing, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, self.adding, None)

    def has_change_permission(
        self, request: HttpRequest, obj: Row | None = None
    ) -> bool:
        return self.allows(request, self.changing, obj)

    def has_delete_permission(
        self, request: HttpRequest, obj: Row | None = None
    ) -> bool:
        return self.allows(request, self.deleting, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    # --- What may be asked ---

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        offered = self.get_list_filter(request)
        return lookup in {getattr(each, "parameter_name", None) for each in offered}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Row], search_term: str
    ) -> tuple[QuerySet[Row], bool]:
        if (
            len(search_term) > LONGEST_SEARCH
            or len(search_term.split()) > MOST_TERMS
            or "\0" in search_term
        ):
            raise DisallowedModelAdminLookup("Search for fewer and shorter words.")
        return super().get_search_results(request, queryset, search_term)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        # The stock admin fills a form with whatever the address says.
        return {}

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(field, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            # Beside a choice, what is chosen may be looked at, and not worked on.
            widget.can_add_related = False
            widget.can_change_related = False
            widget.can_delete_related = False
        return field

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField[Any] | None:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", PickOne(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        plural = str(self.opts.verbose_name_plural)
        title = {"title": plural[:1].upper() + plural[1:]}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any
    ) -> HttpResponse | None:
        selected = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        if not all(map(is_number, selected)):
            raise DisallowedModelAdminLookup("What was selected is no row.")
        return super().response_action(request, queryset, *args)

    # --- Forms and services ---

    def get_form(
        self,
        request: HttpRequest,
        obj: Row | None = None,
        change: bool = False,
        **kw: Any,
    ) -> type[forms.ModelForm[Row]]:
        if obj is not None and not self.has_change_permission(request, obj):
            kw["form"] = RefusableForm
        form = super().get_form(request, obj, change, **kw)
        form.actor = actor_at(request)  # type: ignore[attr-defined]
        form.refusal = getattr(request, "refusal", None)  # type: ignore[attr-defined]
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (DomainError, NotAllowedError) as error:
            refusal: DomainError | NotAllowedError = error
        except (IntegrityError, ObjectDoesNotExist):
            refusal = ConflictError(
                "Somebody stored the same, or what this depends on is gone: read it again."
            )
        # Everything is rolled back. The form comes again, with what was typed, and why.
        request.refusal = refusal  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(
        self, request: HttpRequest, obj: Row, form: Any, change: Any
    ) -> None:
        raise NotImplementedError("Call a service.")

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: Any
    ) -> None:
        # The service stored what belongs to the object as well.
        pass

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        raise NotImplementedError("Call a service.")

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> NoReturn:
        raise NotImplementedError("Call a service for each.")

    def get_deleted_objects(
        self, objs: QuerySet[Any] | Sequence[Any], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        deleted, counts, _, protected = super().get_deleted_objects(objs, request)
        # What goes along is the service's to decide, not that of a page for each model.
        return deleted, counts, set(), protected

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except (DomainError, NotAllowedError) as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(self.address_of(object_id))

    def address_of(self, object_id: object) -> str:
        """Return the address of an object's page."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[object_id], current_app=self.admin_site.name)

    # --- The audit trail, which is ours and not the admin's own log ---

    def log_addition(self, request: HttpRequest, obj: Row, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Row, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None

    def may_see_history(self, request: HttpRequest, obj: Row) -> bool:
        return self.has_view_permission(request, obj)

    def changes(self, obj: Row) -> QuerySet[Change]:
        """Return the lines of the audit trail that tell of an object."""
        return changes_of(obj)

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.may_see_history(request, obj):
            raise PermissionDenied("This history is not yours to read.")
        return history_page(self, request, obj, self.changes(obj))


class ReadOnlyAdmin(RegisterAdmin[Row]):
    """The pages of what nobody writes here; they show `readonly_fields`."""

    def get_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        return self.get_readonly_fields(request, obj)


def clock_now() -> dict[str, Any]:
    """Return the day and the instant, as services take them."""
    return {"today": timezone.localdate(), "now": timezone.now()}
