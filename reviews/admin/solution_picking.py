"""
Picking one registered solution out of all of them.

It is searched for while one types. Where no script runs, a field for its slug stands
beside it. Several are picked in as many fields: the stock field for several is none
that a screen reader understands.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reviews.admin.picking import PickOne
from reviews.models import Evaluation, Solution

_FIELD = Evaluation._meta.get_field("replacement")


class GivenSolution(forms.Widget):
    """A solution that is chosen already: a link to it, and nothing that takes focus."""

    def __init__(self, solution: Solution) -> None:
        super().__init__()
        self.solution = solution

    def id_for_label(self, id_: str) -> str:
        # A hidden field has no label; its name stands there as text.
        return ""

    def render(self, name: str, *args: Any, **kwargs: Any) -> SafeString:
        return format_html(
            '<input type="hidden" name="{}" value="{}">'
            '<span class="given"><a href="{}">{}</a></span>',
            name,
            self.solution.pk,
            reverse("solution", args=[self.solution.slug]),
            self.solution.name,
        )


class PickSolution(PickOne):
    """Any solution of the register."""

    def __init__(self) -> None:
        super().__init__(_FIELD, admin.site)

    def build_attrs(
        self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        return attrs | {"data-placeholder": "search for a solution"}

    def render(self, name: str, *args: Any, **kwargs: Any) -> SafeString:
        return format_html(
            '{}<noscript><label>Or its slug <input type="text" name="{}-slug" '
            'maxlength="120"></label></noscript>',
            super().render(name, *args, **kwargs),
            name,
        )

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        slug = str(data.get(f"{name}-slug", "")).strip()
        if not slug:
            return super().value_from_datadict(data, files, name)
        known = Solution.objects.filter(slug=slug.replace("\0", ""))
        return known.values_list("pk", flat=True).first() or slug
