"""What people say of a solution, as a form."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import (
    AdminTextareaWidget,
    AdminTextInputWidget,
    AdminURLFieldWidget,
)
from django.db.models import Q

from reviews.admin.actor import teams_where
from reviews.admin.refusals import ServiceForm
from reviews.models import Solution, User
from reviews.rules.access import Permission
from reviews.rules.vocabulary import Criticality, Kind, Scheme
from reviews.services.drafts import Draft, draft_of

_WRITABLE = [scheme for scheme in Scheme if scheme is not Scheme.NAME]
_SCHEMES = ", ".join(scheme.value for scheme in _WRITABLE)


class SolutionForm(ServiceForm[Solution]):
    """Says what a person wants of a solution; the service checks it."""

    field_of: ClassVar = {"purl": "identifiers", "slug": "name"}

    homepage = forms.URLField(
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=AdminURLFieldWidget,
    )
    tags = forms.CharField(
        required=False,
        max_length=2000,
        widget=AdminTextInputWidget,
        help_text="Words, separated by commas or spaces.",
    )
    identifiers = forms.CharField(
        required=False,
        max_length=12_000,
        widget=AdminTextareaWidget(attrs={"rows": 4}),
        help_text=(
            "One per line: a package URL such as pkg:pypi/django, or a scheme and a "
            f"value such as endoflife: django/5.2. Schemes: {_SCHEMES}."
        ),
    )
    seen_at = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    class Meta:
        model = Solution
        fields = (
            "name",
            "kind",
            "description",
            "homepage",
            "version",
            "criticality",
            "team",
            "owner",
            "contract_ends_on",
            "notice_period_days",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"].help_text = (
                "Package: code that others publish. Vendor: a company or a service. "
                "Model: an AI model. Built: what you make yourselves."
            )
        solution = self.instance
        if not solution._state.adding:
            tags = solution.tags.order_by("name").values_list("name", flat=True)
            self.initial["tags"] = ", ".join(tags)
            self.initial["identifiers"] = "\n".join(identifier_lines(solution))
            self.initial["seen_at"] = solution.updated_at.isoformat()
        if "team" in self.fields:
            self._narrow_teams()
        if "owner" in self.fields:
            people = User.objects.filter(Q(is_active=True) | Q(pk=solution.owner_id))
            self.fields["owner"].queryset = people  # type: ignore[attr-defined]

    def _narrow_teams(self) -> None:
        teams = teams_where(self.actor, Permission.REGISTER)
        team = self.fields["team"]
        team.queryset = teams  # type: ignore[attr-defined]
        if self.actor.is_administrator:
            team.empty_label = "no team"  # type: ignore[attr-defined]
            return
        team.required = True
        if self.instance._state.adding and len(teams) == 1:
            self.initial.setdefault("team", teams[0].pk)

    def clean_tags(self) -> list[str]:
        tags: str = self.cleaned_data["tags"]
        return tags.replace(",", " ").split()

    def clean_identifiers(self) -> list[tuple[Scheme, str]]:
        lines = self.cleaned_data["identifiers"].splitlines()
        return [
            _identifier(number, line.strip())
            for number, line in enumerate(lines, start=1)
            if line.strip()
        ]

    def clean_seen_at(self) -> datetime | None:
        if self.instance._state.adding:
            return None
        try:
            return datetime.fromisoformat(self.cleaned_data["seen_at"])
        except ValueError:
            raise forms.ValidationError(
                "The form does not say which state of the solution it shows: "
                "open it again."
            ) from None

    def draft(self) -> Draft:
        """Return what the form says; what it does not ask about stays as it is."""
        said = self.cleaned_data
        return Draft(
            name=said["name"],
            kind=Kind(said["kind"]),
            description=said["description"],
            homepage=said["homepage"],
            version=said["version"],
            criticality=Criticality(said["criticality"]),
            team_id=self._id_of("team"),
            owner_id=self._id_of("owner"),
            tags=said["tags"],
            identifiers=said["identifiers"],
            contract_ends_on=said["contract_ends_on"],
            notice_period_days=said["notice_period_days"],
        )

    def _id_of(self, field: str) -> int | None:
        if field not in self.fields:
            kept: int | None = getattr(self.instance, f"{field}_id")
            return kept
        chosen = self.cleaned_data[field]
        return chosen.pk if chosen else None


def identifier_lines(solution: Solution) -> list[str]:
    """Return a solution's identifiers as the form reads them."""
    return [
        value if scheme is Scheme.PURL else f"{scheme}: {value}"
        for scheme, value in sorted(draft_of(solution).identifiers)
        if scheme is not Scheme.NAME
    ]


def _identifier(number: int, line: str) -> tuple[Scheme, str]:
    if line.startswith("pkg:"):
        return Scheme.PURL, line
    scheme, colon, value = line.partition(":")
    if not colon or scheme.strip() not in {known.value for known in _WRITABLE}:
        raise forms.ValidationError(
            f"Line {number} is neither a package URL (pkg:…) nor a scheme, a colon and "
            f"a value. Schemes: {_SCHEMES}."
        )
    return Scheme(scheme.strip()), value.strip()
