"""The staff pages of the audit trail, for administrators to read."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviews.admin.base import ReadOnlyAdmin
from reviews.admin.filters import WordFilter
from reviews.admin.history import lines_of
from reviews.models import (
    Change,
    Connection,
    Endpoint,
    EvaluationTemplate,
    ReviewPolicy,
    Solution,
    Team,
    User,
)
from reviews.rules.access import Permission
from reviews.services.audit import kind_of

_SUBJECTS = (
    *(Solution, Team, User, ReviewPolicy, EvaluationTemplate),
    *(Connection, Endpoint),
)


class SubjectFilter(WordFilter):
    title = "what was changed"
    parameter_name = "of"
    column = "object_kind"
    words = [(kind_of(model), str(model._meta.verbose_name)) for model in _SUBJECTS]


class ChangeAdmin(ReadOnlyAdmin[Change]):
    viewing = Permission.ADMINISTER

    list_display = ["at", "actor", "object_kind", "object_label", "what", "door"]
    list_filter = [SubjectFilter]
    ordering = ["-pk"]
    search_fields = ["object_label", "actor"]
    search_help_text = "Name of the object, or who changed it:"
    sortable_by = []
    readonly_fields = [
        "at",
        "actor",
        "door",
        "object_kind",
        "object_label",
        "what",
        "details_shown",
    ]

    @admin.display(description="details")
    def details_shown(self, obj: Change) -> SafeString:
        [line] = lines_of([obj])
        phrases = format_html_join("", "<li>{}</li>", zip(line.details))
        return format_html('<ul class="plain">{}</ul>', phrases)
