"""The staff pages of templates: what evaluations of each kind ask about."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviews.admin.actor import actor_at
from reviews.admin.base import RegisterAdmin
from reviews.admin.template_form import TemplateForm
from reviews.models import EvaluationTemplate
from reviews.models.choices import SCALES
from reviews.queries.templates import template_row
from reviews.rules.access import Permission
from reviews.rules.vocabulary import Kind
from reviews.services.templates import save_template

_NEWER = EvaluationTemplate.objects.filter(
    kind=OuterRef("kind"), version__gt=OuterRef("version")
)
_NAME = "reviews_evaluationtemplate"
_SHOWN = ("kind", "version", "made_by_name", "made_at", "versions")


class EvaluationTemplateAdmin(RegisterAdmin[EvaluationTemplate]):
    """A page for each kind; saving it writes the next version, and keeps the others."""

    changing = Permission.ADMINISTER

    change_form_template = "admin/reviews/evaluationtemplate/change_form.html"
    form = TemplateForm
    list_display = ["kind", "version", "count", "made_by_name", "made_at"]
    ordering = ["kind", "-version"]
    sortable_by = []

    def get_queryset(self, request: HttpRequest) -> QuerySet[EvaluationTemplate]:
        rows = super().get_queryset(request).prefetch_related("criteria")
        match = request.resolver_match
        if match is not None and match.url_name == f"{_NAME}_changelist":
            return rows.filter(~Exists(_NEWER))
        return rows

    def has_change_permission(
        self, request: HttpRequest, obj: EvaluationTemplate | None = None
    ) -> bool:
        if obj is not None and not _is_newest(obj):
            return False
        return super().has_change_permission(request, obj)

    @admin.display(description="questions")
    def count(self, obj: EvaluationTemplate) -> int:
        return len(obj.criteria.all())

    @admin.display(description="questions")
    def questions_shown(self, obj: EvaluationTemplate) -> SafeString:
        scales = dict(SCALES)
        lines = (
            (
                each.question,
                scales[each.scale],
                ", has to be answered" if each.required else "",
                format_html(" {}", each.guidance),
            )
            for each in template_row(obj).questions
        )
        items = format_html_join("", "<li><b>{}</b> ({}{}){}</li>", lines)
        return format_html('<ul class="plain">{}</ul>', items)

    @admin.display(description="all versions")
    def versions(self, obj: EvaluationTemplate) -> SafeString:
        rows = EvaluationTemplate.objects.filter(kind=obj.kind).order_by("-version")
        links = (
            (
                reverse(f"admin:{_NAME}_change", args=[row.pk]),
                row.version,
                timezone.localdate(row.made_at),
            )
            for row in rows
        )
        items = format_html_join(
            "", '<li><a href="{}">Version {}</a> of {}</li>', links
        )
        return format_html('<ul class="plain">{}</ul>', items)

    def get_fieldsets(
        self, request: HttpRequest, obj: EvaluationTemplate | None = None
    ) -> Any:
        if obj is None or not self.has_change_permission(request, obj):
            return [(None, {"fields": [*_SHOWN, "questions_shown"]})]
        return [(None, {"fields": [*_SHOWN, "rows"]})]

    def get_readonly_fields(
        self, request: HttpRequest, obj: EvaluationTemplate | None = None
    ) -> list[str]:
        return [*_SHOWN, "questions_shown"]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        template = self.get_object(request, unquote(object_id))
        more = {
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            "is_newest": template is not None and _is_newest(template),
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, more)

    def save_model(
        self, request: HttpRequest, obj: EvaluationTemplate, form: Any, change: Any
    ) -> None:
        written = save_template(
            kind=Kind(obj.kind),
            questions=form.asked(),
            actor=actor_at(request),
            now=timezone.now(),
            seen_version=obj.version,
        )
        obj.pk, obj.version = written.pk, written.version

    def response_change(
        self, request: HttpRequest, obj: EvaluationTemplate
    ) -> HttpResponse:
        if str(obj.pk) in request.path.split("/"):
            said = "Nothing was changed, so there is no new version."
        else:
            said = (
                f"Version {obj.version} is in use now. Evaluations that were logged keep "
                "the questions that they answered."
            )
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(self.address_of(obj.pk))


def _is_newest(template: EvaluationTemplate) -> bool:
    return not EvaluationTemplate.objects.filter(
        kind=template.kind, version__gt=template.version
    ).exists()
