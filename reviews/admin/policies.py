"""The staff pages of review policies: how long verdicts hold."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from reviews.admin.actor import actor_at
from reviews.admin.base import RegisterAdmin, clock_now
from reviews.models import ReviewPolicy
from reviews.rules.access import Permission
from reviews.services.policies import remove_policy, set_policy


class ReviewPolicyAdmin(RegisterAdmin[ReviewPolicy]):
    adding = Permission.ADMINISTER
    changing = Permission.ADMINISTER
    deleting = Permission.ADMINISTER

    list_display = ["holds", "kind", "criticality", "tag"]
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
        )
    ]

    @admin.display(description="a verdict holds")
    def holds(self, obj: ReviewPolicy) -> str:
        return "1 month" if obj.months == 1 else f"{obj.months} months"

    def save_model(
        self, request: HttpRequest, obj: ReviewPolicy, form: Any, change: Any
    ) -> None:
        set_policy(policy=obj, actor=actor_at(request), **clock_now())

    def delete_model(self, request: HttpRequest, obj: ReviewPolicy) -> None:
        remove_policy(policy=obj, actor=actor_at(request), **clock_now())
