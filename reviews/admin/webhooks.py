"""The staff pages of webhooks: who is told, with a secret of their own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reviews.admin.actor import actor_at
from reviews.admin.base import RegisterAdmin
from reviews.admin.picking import is_number
from reviews.admin.previews import preview
from reviews.admin.webhook_form import EndpointForm, RotateForm
from reviews.admin.webhook_steps import ReplayFailed, SendTest, SwitchOff, SwitchOn
from reviews.models import Endpoint
from reviews.rules.access import Permission
from reviews.services.webhooks.endpoints import (
    change_endpoint,
    delete_endpoint,
    make_endpoint,
    rotate_secret,
)
from reviews.wiring import check_outside, vault

_TYPED = ["url", "description", "events", "payload"]
_SEEN = [
    "standing",
    "owner",
    "former_secret_until",
    "ledger",
    "created_at",
    "updated_at",
]


class EndpointAdmin(RegisterAdmin[Endpoint]):
    viewing = Permission.CONNECT
    adding = Permission.CONNECT
    changing = Permission.CONNECT
    deleting = Permission.CONNECT

    form = EndpointForm
    actions = ["switch_on", "switch_off", "send_test", "replay_failed"]
    list_display = ["__str__", "told_of", "payload", "standing", "owner", "ledger"]
    list_select_related = ["owner"]
    ordering = ["pk"]
    search_fields = ["description", "url"]
    sortable_by = []

    def get_fields(self, request: HttpRequest, obj: Endpoint | None = None) -> Any:
        return _TYPED if obj is None else [*_TYPED, *_SEEN]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Endpoint | None = None
    ) -> list[str]:
        return [] if obj is None else _SEEN

    @admin.display(description="events")
    def told_of(self, obj: Endpoint) -> str:
        return ", ".join(obj.events) or "all"

    @admin.display(description="state")
    def standing(self, obj: Endpoint) -> str:
        if not obj.is_on:
            return f"off: {obj.off_because}"
        if obj.failing_since is None:
            return "on"
        since = timezone.localtime(obj.failing_since)
        return f"on, but nothing has arrived since {since:%Y-%m-%d %H:%M}"

    @admin.display(description="deliveries")
    def ledger(self, obj: Endpoint) -> SafeString:
        listed = reverse("admin:reviews_delivery_changelist")
        return format_html(
            '<a href="{}?endpoint={}">What it was sent</a>', listed, obj.pk
        )

    # --- The form ---

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # The secret is shown on the next page, whichever button is pressed.
        one = {"show_save_and_continue": False, "show_save_and_add_another": False}
        return super().add_view(request, form_url, {**one, **(extra_context or {})})

    def save_model(
        self, request: HttpRequest, obj: Endpoint, form: Any, change: Any
    ) -> None:
        said: dict[str, Any] = {
            "wish": form.wish(),
            "actor": actor_at(request),
            "check": check_outside,
            "now": timezone.now(),
        }
        if change:
            change_endpoint(endpoint_id=obj.pk, **said)
            return
        row, secret = make_endpoint(vault=vault(), **said)
        obj.pk = row.pk
        obj.refresh_from_db()
        request.made_secret = secret  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: Endpoint, post_url_continue: str | None = None
    ) -> HttpResponse:
        secret = request.made_secret  # type: ignore[attr-defined]
        return self._shown_once(request, obj, secret)

    def delete_model(self, request: HttpRequest, obj: Endpoint) -> None:
        delete_endpoint(endpoint_id=obj.pk, actor=actor_at(request), now=timezone.now())

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        # The stock page lists everything that goes along: here that is a whole ledger.
        told = [f"{obj}, with the ledger of its deliveries" for obj in objs]
        return told, {"webhooks": len(told)}, set(), []

    # --- The secret ---

    def get_urls(self) -> list[URLPattern]:
        rotate = path(
            "<path:object_id>/rotate/",
            self.admin_site.admin_view(self.rotate_view),
            name="reviews_endpoint_rotate",
        )
        return [rotate, *super().get_urls()]

    def rotate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied("Only administrators rotate a webhook's secret.")
        number = unquote(object_id)
        endpoint = (
            Endpoint.objects.filter(pk=int(number)).first()
            if is_number(number)
            else None
        )
        if endpoint is None:
            raise Http404
        form = RotateForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            row, secret = rotate_secret(
                endpoint_id=endpoint.pk,
                hours=form.cleaned_data["hours"],
                actor=actor_at(request),
                vault=vault(),
                now=timezone.now(),
            )
            return self._shown_once(request, row, secret)
        return self._page(request, endpoint, "rotate", "Another secret", form=form)

    def _shown_once(
        self, request: HttpRequest, obj: Endpoint, secret: str
    ) -> HttpResponse:
        # Shown in this answer only: a message or a session would keep it.
        response = self._page(request, obj, "made", "The secret", secret=secret)
        response["Cache-Control"] = "no-store"
        return response

    def _page(
        self,
        request: HttpRequest,
        obj: Endpoint,
        name: str,
        title: str,
        *,
        form: forms.Form | None = None,
        secret: str = "",
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"{title} of {obj}",
            "opts": self.opts,
            "subject": obj,
            "form": form,
            "secret": secret,
            "address": self.address_of(obj.pk),
            "media": self.media,
        }
        template = f"admin/reviews/endpoint/{name}.html"
        return TemplateResponse(request, template, context)

    # --- Many at once ---

    @admin.action(description="Switch on…", permissions=["change"])
    def switch_on(
        self, request: HttpRequest, queryset: QuerySet[Endpoint]
    ) -> HttpResponse | None:
        return preview(self, request, queryset, SwitchOn(actor_at(request)))

    @admin.action(description="Switch off…", permissions=["change"])
    def switch_off(
        self, request: HttpRequest, queryset: QuerySet[Endpoint]
    ) -> HttpResponse | None:
        return preview(self, request, queryset, SwitchOff(actor_at(request)))

    @admin.action(description="Send a test…", permissions=["change"])
    def send_test(
        self, request: HttpRequest, queryset: QuerySet[Endpoint]
    ) -> HttpResponse | None:
        return preview(self, request, queryset, SendTest(actor_at(request)))

    @admin.action(description="Send again what failed…", permissions=["change"])
    def replay_failed(
        self, request: HttpRequest, queryset: QuerySet[Endpoint]
    ) -> HttpResponse | None:
        return preview(self, request, queryset, ReplayFailed(actor_at(request)))
