"""The form that makes an API token."""

from typing import ClassVar

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminIntegerFieldWidget, AdminTextInputWidget

from reviews.admin.refusals import ServiceForm
from reviews.models import APIToken
from reviews.rules.access import Scope
from reviews.services.tokens import LONGEST_DAYS

_SCOPES = [
    (Scope.READ.value, "read the register"),
    (Scope.SOLUTIONS.value, "register and edit solutions"),
    (Scope.EVALUATIONS.value, "log evaluations"),
    (Scope.INVENTORY.value, "import inventories"),
    (Scope.FLAGS.value, "snooze, waive and override flags"),
    (Scope.TICKETS.value, "make and retry tickets"),
    (Scope.WEBHOOKS.value, "manage webhooks"),
]


class TokenForm(ServiceForm[APIToken]):
    field_of: ClassVar = {"user": "user", "days": "days"}

    name = forms.CharField(
        max_length=100,
        widget=AdminTextInputWidget,
        help_text="What will use it, such as “CI of the shop”.",
    )
    scopes = forms.MultipleChoiceField(
        required=False,
        choices=_SCOPES,
        widget=forms.CheckboxSelectMultiple,
        help_text="With none ticked, it may do all that its owner may.",
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_DAYS,
        widget=AdminIntegerFieldWidget,
        label="Lasts for how many days",
    )

    class Meta:
        model = APIToken
        fields = ("user",)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.initial.setdefault("days", settings.API_TOKEN_DAYS)

    def clean_scopes(self) -> list[Scope]:
        return [Scope(scope) for scope in self.cleaned_data["scopes"]]
