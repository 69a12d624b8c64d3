"""The staff pages as a site: who may enter, and what there is."""

from collections.abc import Iterable
from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse

from reviews import models
from reviews.admin.actor import actor_at
from reviews.admin.changes import ChangeAdmin
from reviews.admin.connections import ConnectionAdmin
from reviews.admin.covers import CoverAdmin
from reviews.admin.deliveries import DeliveryAdmin
from reviews.admin.evaluations import EvaluationAdmin
from reviews.admin.flags import FlagAdmin
from reviews.admin.memberships import MembershipAdmin
from reviews.admin.picking import SearchView
from reviews.admin.policies import ReviewPolicyAdmin
from reviews.admin.scans import ScanAdmin
from reviews.admin.sign_in import NOT_STAFF, OwnPasswordForm, StaffSignInForm
from reviews.admin.signals import SignalAdmin, SourceCheckAdmin
from reviews.admin.solutions import SolutionAdmin
from reviews.admin.tags import TagAdmin
from reviews.admin.teams import TeamAdmin
from reviews.admin.templates import EvaluationTemplateAdmin
from reviews.admin.tokens import APITokenAdmin
from reviews.admin.users import UserAdmin
from reviews.admin.webhooks import EndpointAdmin
from reviews.rules.access import may_enter_admin

PAGES: dict[type[Model], type[admin.ModelAdmin[Any]]] = {
    models.Solution: SolutionAdmin,
    models.Evaluation: EvaluationAdmin,
    models.Flag: FlagAdmin,
    models.Cover: CoverAdmin,
    models.Signal: SignalAdmin,
    models.SourceCheck: SourceCheckAdmin,
    models.Tag: TagAdmin,
    models.Team: TeamAdmin,
    models.Membership: MembershipAdmin,
    models.User: UserAdmin,
    models.ReviewPolicy: ReviewPolicyAdmin,
    models.EvaluationTemplate: EvaluationTemplateAdmin,
    models.APIToken: APITokenAdmin,
    models.Connection: ConnectionAdmin,
    models.Endpoint: EndpointAdmin,
    models.Delivery: DeliveryAdmin,
    models.Scan: ScanAdmin,
    models.Change: ChangeAdmin,
}


class TrackerAdminSite(admin.AdminSite):
    site_header = "Best Before"
    site_title = "Best Before"
    index_title = "Staff pages"
    site_url = "/"
    login_form = StaffSignInForm

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")
        # Registered here and not by importing modules: the site is made while this
        # package is being imported.
        for model, model_admin in PAGES.items():
            super().register(model, model_admin)

    def register(
        self,
        model_or_iterable: type[Any] | Iterable[type[Any]],
        admin_class: type[admin.ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """
        Register nothing more.

        Django's own apps offer pages for groups and the like, which decide nothing here:
        roles in teams do.
        """

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        order = list(PAGES)
        for app in apps:
            app["models"].sort(key=lambda each: order.index(each["model"]))
        return apps

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and may_enter_admin(actor_at(request))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # Signing in again helps only those who are not signed in.
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied(NOT_STAFF)
            response: HttpResponseBase = guarded(request, *args, **kwargs)
            return response

        return update_wrapper(door, guarded)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        request.current_app = self.name
        view = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return view(request)  # type: ignore[return-value]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return SearchView.as_view(admin_site=self)(request)  # type: ignore[return-value]
