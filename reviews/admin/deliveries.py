"""The staff pages of the ledger of webhooks: what each was sent, and sending it again."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviews.admin.actor import actor_at
from reviews.admin.base import ReadOnlyAdmin
from reviews.admin.filters import LONGEST_LIST, OfferedFilter, RowFilter
from reviews.admin.history import changes_of
from reviews.admin.previews import preview
from reviews.admin.webhook_steps import Replay
from reviews.models import Change, Delivery, Endpoint
from reviews.models.choices import Choices
from reviews.queries.webhooks import (
    DeliveryState,
    delivery_state,
    in_state,
    tries_of,
)
from reviews.rules.access import Permission
from reviews.services.webhooks.signing import message_name


class StateFilter(OfferedFilter):
    title = "state"
    parameter_name = "is"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Choices:
        return [(state.value, state.value) for state in DeliveryState]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        chosen = self.value()
        if chosen is None:
            return None
        return queryset.filter(in_state(DeliveryState(chosen)))


class EndpointFilter(RowFilter):
    title = "webhook"
    parameter_name = "endpoint"
    column = "endpoint"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> Iterable[tuple[str, str]]:
        for endpoint in Endpoint.objects.order_by("pk")[:LONGEST_LIST]:
            yield str(endpoint.pk), str(endpoint)


class DeliveryAdmin(ReadOnlyAdmin[Delivery]):
    viewing = Permission.CONNECT

    actions = ["replay"]
    list_display = [
        "created_at",
        "event",
        "endpoint",
        "state_shown",
        "attempts",
        "status",
        "problem",
    ]
    list_filter = [StateFilter, EndpointFilter]
    list_select_related = ["endpoint"]
    ordering = ["-pk"]
    sortable_by = []
    readonly_fields = [
        "endpoint",
        "event",
        "message",
        "state_shown",
        "attempts",
        "replays",
        "created_at",
        "next_at",
        "last_sent_at",
        "done_at",
        "refused_at",
        "status",
        "answer",
        "problem",
        "tries",
        "sent",
    ]

    @admin.display(description="state")
    def state_shown(self, obj: Delivery) -> str:
        return delivery_state(obj.state, obj.refused_at).value

    @admin.display(description="message id")
    def message(self, obj: Delivery) -> str:
        return message_name(obj.message_id)

    @admin.display(description="tries")
    def tries(self, obj: Delivery) -> str | SafeString:
        rows = [
            (
                timezone.localtime(each.at).strftime("%Y-%m-%d %H:%M:%S"),
                each.get_outcome_display(),
                each.detail,
            )
            for each in tries_of(obj.pk)
        ]
        return format_html_join("\n", "<p>{}: {}. {}</p>", rows) if rows else "none"

    @admin.display(description="what is sent")
    def sent(self, obj: Delivery) -> SafeString:
        text = json.dumps(obj.content, indent=2, ensure_ascii=False)
        return format_html("<pre>{}</pre>", text)

    @admin.action(description="Send again…", permissions=["view"])
    def replay(
        self, request: HttpRequest, queryset: QuerySet[Delivery]
    ) -> HttpResponse | None:
        rows = queryset.select_related("endpoint")
        return preview(self, request, rows, Replay(actor_at(request)))

    def changes(self, obj: Delivery) -> QuerySet[Change]:
        return changes_of(obj.endpoint).filter(details__delivery=obj.pk)
