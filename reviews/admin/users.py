"""The staff pages of people: administrators change them, staff may look people up."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters

from reviews.admin.actor import actor_at
from reviews.admin.base import RegisterAdmin, clock_now
from reviews.admin.filters import OfferedFilter
from reviews.admin.picking import is_number
from reviews.admin.user_forms import AddUserForm, ChangeUserForm
from reviews.models import User
from reviews.models.choices import Choices
from reviews.rules.access import Permission
from reviews.services.succession import Left
from reviews.services.users import add_user, change_user, delete_user, set_password

_CAPACITY = "reviews_per_week"

_sensitive = method_decorator(sensitive_post_parameters())


class AccountFilter(OfferedFilter):
    title = "account"
    parameter_name = "account"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Choices:
        return [
            ("active", "active"),
            ("inactive", "deactivated"),
            ("administrator", "administrators"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        match self.value():
            case "active":
                return queryset.filter(is_active=True)
            case "inactive":
                return queryset.filter(is_active=False)
            case "administrator":
                return queryset.filter(is_superuser=True)
            case _:
                return None


class UserAdmin(RegisterAdmin[User]):
    adding = Permission.ADMINISTER
    changing = Permission.ADMINISTER
    deleting = Permission.ADMINISTER

    form = ChangeUserForm
    list_display = [
        "username",
        "first_name",
        "last_name",
        "is_active",
        "administrator",
        "capacity",
    ]
    list_filter = [AccountFilter]
    ordering = ["username"]
    search_fields = ["username", "first_name", "last_name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).defer("password")

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        if self._is_administrator(request):
            return [*self.search_fields, "email"]
        return [*self.search_fields]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        found, doubled = super().get_search_results(request, queryset, search_term)
        match = request.resolver_match
        if match is not None and match.url_name == "autocomplete":
            found = found.filter(is_active=True)
        return found, doubled

    @admin.display(description="administrator", boolean=True)
    def administrator(self, obj: User) -> bool:
        return obj.is_superuser

    @admin.display(description="reviews a week")
    def capacity(self, obj: User) -> int:
        return obj.reviews_per_week

    @admin.display(description="roles")
    def roles(self, obj: User) -> str | SafeString:
        rows = obj.memberships.select_related("team").order_by("team__name")
        shown = [(row.team.name, row.get_role_display()) for row in rows]
        return format_html_join("\n", "<p>{}: {}</p>", shown) if shown else "none"

    # --- The form ---

    def get_form(
        self,
        request: HttpRequest,
        obj: User | None = None,
        change: bool = False,
        **kw: Any,
    ) -> type[forms.ModelForm[User]]:
        if obj is None:
            kw["form"] = AddUserForm
        return super().get_form(request, obj, change, **kw)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        names = ["username", "first_name", "last_name"]
        if obj is None:
            passwords = ["password1", "password2"]
            added = [*names, "email", *passwords, _CAPACITY, "is_superuser"]
            return [(None, {"fields": added})]
        if not self._is_administrator(request):
            seen = [*names, _CAPACITY, "is_active", "is_superuser", "roles"]
            return [(None, {"fields": seen})]
        rights = ["is_active", "is_superuser", "roles", "last_login", "date_joined"]
        return [
            (None, {"fields": [*names, "email", _CAPACITY]}),
            ("Rights", {"fields": rights}),
        ]

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> list[str]:
        return [] if obj is None else ["roles", "last_login", "date_joined"]

    @_sensitive
    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return super().add_view(request, form_url, extra_context)

    def save_model(
        self, request: HttpRequest, obj: User, form: Any, change: Any
    ) -> None:
        actor = actor_at(request)
        if change:
            left = change_user(user=obj, actor=actor, **clock_now())
            if left:
                self._tell_of_left(request, obj, left)
        else:
            password = form.cleaned_data["password1"]
            add_user(user=obj, password=password, actor=actor, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        left = delete_user(user=obj, actor=actor_at(request), **clock_now())
        if left:
            said = format_html(
                "{} owned {}, which nobody owns now. "
                '<a href="{}">See what has no owner</a>',
                obj.label(),
                left,
                reverse("people"),
            )
            self.message_user(request, said, messages.WARNING)

    def _tell_of_left(self, request: HttpRequest, user: User, left: Left) -> None:
        said = format_html(
            '{} still owns {}. <a href="{}">Hand them over</a>',
            user.label(),
            left,
            reverse("person", args=[user.get_username()]),
        )
        self.message_user(request, said, messages.WARNING)

    def may_see_history(self, request: HttpRequest, obj: User) -> bool:
        return self._is_administrator(request)

    def _is_administrator(self, request: HttpRequest) -> bool:
        return self.allows(request, Permission.ADMINISTER, None)

    # --- The password ---

    def get_urls(self) -> list[URLPattern]:
        password = path(
            "<path:object_id>/password/",
            self.admin_site.admin_view(self.password_view),
            name="reviews_user_password",
        )
        return [password, *super().get_urls()]

    @_sensitive
    def password_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self._is_administrator(request):
            raise PermissionDenied("Only administrators set somebody's password.")
        user = User.objects.filter(self._by_id(object_id)).first()
        if user is None:
            raise Http404
        form = SetPasswordForm(user, request.POST or None)
        if request.method == "POST" and form.is_valid():
            set_password(
                user=user,
                password=form.cleaned_data["new_password1"],
                actor=actor_at(request),
                now=timezone.now(),
            )
            if user == request.user:
                update_session_auth_hash(request, user)
            said = f"{user.get_username()} signs in with the new password from now on."
            self.message_user(request, said, messages.SUCCESS)
            return HttpResponseRedirect(self.address_of(user.pk))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Set the password of {user.get_username()}",
            "opts": self.opts,
            "subject": user,
            "address": self.address_of(user.pk),
            "form": form,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/reviews/user/password.html", context)

    def _by_id(self, object_id: str) -> Q:
        number = unquote(object_id)
        return Q(pk=int(number)) if is_number(number) else Q(pk__in=[])
