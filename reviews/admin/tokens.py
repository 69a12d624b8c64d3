"""The staff pages of API tokens: one's own, and for administrators all."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from reviews.admin.actor import actor_at, user_at
from reviews.admin.base import RegisterAdmin, clock_now
from reviews.admin.filters import OfferedFilter
from reviews.admin.history import changes_of
from reviews.admin.picking import PersonField
from reviews.admin.previews import Step, preview
from reviews.admin.token_form import TokenForm
from reviews.models import APIToken, Change
from reviews.models.choices import Choices
from reviews.rules.access import NotAllowedError, Permission
from reviews.services.errors import ConflictError
from reviews.services.tokens import create_token, revoke_token

_SHOWN = ("name", "user", "scopes_shown", "created_at", "expires_at", "revoked_at")


class InForceFilter(OfferedFilter):
    title = "in force"
    parameter_name = "in_force"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Choices:
        return [("yes", "in force"), ("no", "expired or revoked")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        chosen = self.value()
        if chosen is None:
            return None
        in_force = {"revoked_at": None, "expires_at__gt": timezone.now()}
        if chosen == "yes":
            return queryset.filter(**in_force)
        return queryset.exclude(**in_force)


class Revoke(Step):
    title = "Revoke API tokens"
    done = "Tokens revoked"
    button = "Revoke them now"
    destructive = True

    def told(self, obj: APIToken) -> str:
        return f"of {obj.user.label()}, expires {obj.expires_at:%Y-%m-%d}"

    def check(self, obj: APIToken) -> None:
        if not self.actor.is_administrator and obj.user_id != self.actor.user_id:
            raise NotAllowedError("Only its owner and administrators revoke a token.")
        if obj.revoked_at is not None:
            raise ConflictError("It was revoked already.")

    def take(self, obj: APIToken, form: forms.Form) -> None:
        self.check(obj)
        revoke_token(token=obj, actor=self.actor, now=clock_now()["now"])


class APITokenAdmin(RegisterAdmin[APIToken]):
    # Everybody on the staff pages holds tokens of their own; see `get_queryset`.
    adding = Permission.READ

    form = TokenForm
    actions = ["revoke"]
    autocomplete_fields = ["user"]
    list_display = _SHOWN
    list_filter = [InForceFilter]
    list_select_related = ["user"]
    ordering = ["-pk"]
    search_fields = ["name", "user__username"]
    sortable_by = []

    def get_queryset(self, request: HttpRequest) -> QuerySet[APIToken]:
        tokens = super().get_queryset(request).defer("digest")
        if self.allows(request, Permission.ADMINISTER, None):
            return tokens
        return tokens.filter(user=user_at(request))

    @admin.display(description="scopes")
    def scopes_shown(self, obj: APIToken) -> str:
        return ", ".join(obj.scopes) or "all that its owner may do"

    # --- Adding ---

    def get_fields(self, request: HttpRequest, obj: APIToken | None = None) -> Any:
        if obj is not None:
            return _SHOWN
        asked = ["name", "scopes", "days"]
        administers = self.allows(request, Permission.ADMINISTER, None)
        return ["user", *asked] if administers else asked

    def get_readonly_fields(
        self, request: HttpRequest, obj: APIToken | None = None
    ) -> tuple[str, ...]:
        return () if obj is None else _SHOWN

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": user_at(request).pk}

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "user":
            kwargs["form_class"] = PersonField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # The token is shown on the next page, whichever button is pressed.
        one = {"show_save_and_continue": False, "show_save_and_add_another": False}
        return super().add_view(request, form_url, {**one, **(extra_context or {})})

    def save_model(
        self, request: HttpRequest, obj: APIToken, form: Any, change: Any
    ) -> None:
        row, token = create_token(
            user=form.cleaned_data.get("user") or user_at(request),
            scopes=form.cleaned_data["scopes"],
            days=form.cleaned_data["days"],
            name=form.cleaned_data["name"],
            actor=actor_at(request),
            now=timezone.now(),
        )
        obj.pk = row.pk
        obj.refresh_from_db()
        request.made_token = token  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: APIToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        # Shown in this answer only: a message or a session would keep it.
        context = {
            **self.admin_site.each_context(request),
            "title": "Your new API token",
            "opts": self.opts,
            "row": obj,
            "token": request.made_token,  # type: ignore[attr-defined]
            "address": self.address_of(obj.pk),
        }
        response = TemplateResponse(
            request, "admin/reviews/apitoken/made.html", context
        )
        response["Cache-Control"] = "no-store"
        return response

    # --- Ending ---

    @admin.action(description="Revoke…", permissions=["view"])
    def revoke(
        self, request: HttpRequest, queryset: QuerySet[APIToken]
    ) -> HttpResponse | None:
        rows = queryset.select_related("user")
        return preview(self, request, rows, Revoke(actor_at(request)))

    def changes(self, obj: APIToken) -> QuerySet[Change]:
        return changes_of(obj.user).filter(details__token=obj.pk)
