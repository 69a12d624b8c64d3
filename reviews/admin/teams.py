"""The staff pages of teams: everyone reads them, administrators change them."""

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviews.admin.actor import actor_at
from reviews.admin.base import RegisterAdmin
from reviews.models import Team
from reviews.rules.access import Permission
from reviews.services.teams import save_team


class TeamAdmin(RegisterAdmin[Team]):
    adding = Permission.ADMINISTER
    changing = Permission.ADMINISTER

    list_display = ["name", "slug", "part_of"]
    list_select_related = ["parent"]
    ordering = ["name", "pk"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["members", "owns"]

    def get_fields(
        self, request: HttpRequest, obj: Team | None = None
    ) -> tuple[str, ...]:
        said = ("name", "slug", "parent")
        return said if obj is None else (*said, *self.readonly_fields)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "parent":
            kwargs["queryset"] = Team.objects.order_by("name", "pk")
            kwargs["help_text"] = (
                "Its leads are the leads' lead: a flag that nobody here answers climbs "
                "to them, and to the administrators where there is none."
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="part of")
    def part_of(self, obj: Team) -> str:
        return obj.parent.name if obj.parent else "-"

    @admin.display(description="members")
    def members(self, obj: Team) -> SafeString:
        rows = obj.memberships.select_related("user").order_by("role", "user__username")
        listed = reverse("admin:reviews_membership_changelist")
        people = format_html_join(
            "",
            "<li>{}: {}</li>",
            ((row.user.label(), row.get_role_display()) for row in rows),
        )
        return format_html(
            '<ul class="plain">{}</ul><a href="{}?team={}">Roles in this team</a>',
            people,
            listed,
            obj.pk,
        )

    @admin.display(description="solutions")
    def owns(self, obj: Team) -> SafeString:
        listed = reverse("admin:reviews_solution_changelist")
        return format_html(
            '<a href="{}?team={}">What the team owns</a>', listed, obj.pk
        )

    def save_model(
        self, request: HttpRequest, obj: Team, form: Any, change: Any
    ) -> None:
        save_team(team=obj, actor=actor_at(request), now=timezone.now())
