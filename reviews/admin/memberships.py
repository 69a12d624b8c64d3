"""The staff pages of roles in teams."""

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from reviews.admin.actor import actor_at
from reviews.admin.base import RegisterAdmin
from reviews.admin.filters import TeamFilter, WordFilter
from reviews.admin.history import changes_of
from reviews.admin.picking import PersonField
from reviews.models import Change, Membership
from reviews.models.choices import ROLES
from reviews.rules.access import Permission, Role
from reviews.services.teams import set_role


class RoleFilter(WordFilter):
    title = "role"
    parameter_name = "role"
    words = ROLES


class MembershipAdmin(RegisterAdmin[Membership]):
    adding = Permission.ADMINISTER
    changing = Permission.ADMINISTER
    deleting = Permission.ADMINISTER

    autocomplete_fields = ["user"]
    fields = ["user", "team", "role"]
    list_display = ["person", "team", "role"]
    list_filter = [TeamFilter, RoleFilter]
    list_select_related = ["user", "team"]
    ordering = ["team__name", "user__username", "pk"]
    search_fields = ["user__username", "user__first_name", "user__last_name"]
    sortable_by = []

    @admin.display(description="person")
    def person(self, obj: Membership) -> str:
        return obj.user.label()

    def get_readonly_fields(
        self, request: HttpRequest, obj: Membership | None = None
    ) -> list[str]:
        # Another person or team is another membership.
        return [] if obj is None else ["user", "team"]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "user":
            kwargs["form_class"] = PersonField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: Membership, form: Any, change: Any
    ) -> None:
        self._set(request, obj, Role(obj.role))
        obj.pk = Membership.objects.get(user=obj.user_id, team=obj.team_id).pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        self._set(request, obj, None)

    def _set(self, request: HttpRequest, obj: Membership, role: Role | None) -> None:
        set_role(
            user=obj.user,
            team=obj.team,
            role=role,
            actor=actor_at(request),
            now=timezone.now(),
        )

    def changes(self, obj: Membership) -> QuerySet[Change]:
        return changes_of(obj.team).filter(details__user=obj.user.get_username())
