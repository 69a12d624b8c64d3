"""The staff pages of tags, which come and go with the solutions that bear them."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reviews.admin.base import ReadOnlyAdmin
from reviews.models import Tag


class TagAdmin(ReadOnlyAdmin[Tag]):
    list_display = ["name", "borne_by"]
    readonly_fields = ["name", "borne_by"]
    ordering = ["name"]
    search_fields = ["name"]

    @admin.display(description="solutions")
    def borne_by(self, obj: Tag) -> SafeString:
        listed = reverse("admin:reviews_solution_changelist")
        return format_html('<a href="{}?tag={}">What bears it</a>', listed, obj.pk)
