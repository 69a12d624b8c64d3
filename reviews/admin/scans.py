"""The staff pages of scans: what the nightly job has done."""

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from reviews.admin.base import ReadOnlyAdmin
from reviews.models import Scan


class ScanAdmin(ReadOnlyAdmin[Scan]):
    list_display = [
        "on",
        "started_at",
        "finished_at",
        "opened",
        "closed",
        "problem_count",
    ]
    # The index on `finished_at` serves it.
    ordering = ["-finished_at", "-pk"]
    sortable_by = []
    readonly_fields = [
        "on",
        "through",
        "started_at",
        "finished_at",
        "opened",
        "closed",
        "problems_shown",
    ]

    @admin.display(description="problems")
    def problem_count(self, obj: Scan) -> str:
        return str(len(obj.problems)) if obj.problems else "none"

    @admin.display(description="problems")
    def problems_shown(self, obj: Scan) -> str | SafeString:
        if not obj.problems:
            return "none"
        return format_html_join("\n", "<p>{}</p>", ((each,) for each in obj.problems))
