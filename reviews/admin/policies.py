"""The staff pages of review policies: how long verdicts hold."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Field
from django.http import HttpRequest

from reviews.admin.actor import actor_at
from reviews.admin.base import RegisterAdmin, clock_now
from reviews.models import ReviewPolicy
from reviews.rules.access import Permission
from reviews.rules.escalation import (
    DEFAULT_HEAD_AFTER_DAYS,
    DEFAULT_LEAD_AFTER_DAYS,
)
from reviews.services.policies import remove_policy, set_policy

_DAYS = {
    "lead_after_days": "Days until it climbs to the team's lead",
    "head_after_days": "Further days until it climbs to the leads' lead",
}


class ReviewPolicyAdmin(RegisterAdmin[ReviewPolicy]):
    adding = Permission.ADMINISTER
    changing = Permission.ADMINISTER
    deleting = Permission.ADMINISTER

    list_display = ["holds", "kind", "criticality", "tag", "climbs"]
    list_select_related = ["tag"]
    ordering = ["months", "pk"]
    sortable_by = []
    fieldsets = [
        (
            None,
            {
                "fields": ["months", "kind", "criticality", "tag"],
                "description": "What is left empty is left open. Of several policies "
                "that cover a solution the shortest counts; of none, six months. "
                "Saving winds every clock that the policy bears on.",
            },
        ),
        (
            "Escalation",
            {
                "fields": list(_DAYS),
                "description": "An unanswered flag climbs to the team's lead so many "
                "days after its due day, and so many days after that to the leads of "
                "the team that it is part of. Of several policies the fewest days "
                f"count; of none, {DEFAULT_LEAD_AFTER_DAYS} and "
                f"{DEFAULT_HEAD_AFTER_DAYS}.",
            },
        ),
    ]

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name in _DAYS:
            kwargs["label"] = _DAYS[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="a flag climbs after")
    def climbs(self, obj: ReviewPolicy) -> str:
        lead, head = obj.lead_after_days, obj.head_after_days
        if lead is None and head is None:
            return "-"
        to_lead = "the usual days" if lead is None else _days(lead)
        to_head = "the usual days" if head is None else _days(head)
        return f"{to_lead}, then {to_head}"

    @admin.display(description="a verdict holds")
    def holds(self, obj: ReviewPolicy) -> str:
        return "1 month" if obj.months == 1 else f"{obj.months} months"

    def save_model(
        self, request: HttpRequest, obj: ReviewPolicy, form: Any, change: Any
    ) -> None:
        set_policy(policy=obj, actor=actor_at(request), **clock_now())

    def delete_model(self, request: HttpRequest, obj: ReviewPolicy) -> None:
        remove_policy(policy=obj, actor=actor_at(request), **clock_now())


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
