"""The forms of webhooks: who is told of what, and for how long a former secret signs."""

from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import (
    AdminIntegerFieldWidget,
    AdminRadioSelect,
    AdminTextInputWidget,
)

from reviews.admin.refusals import ServiceForm
from reviews.models import Endpoint
from reviews.models.choices import PAYLOADS
from reviews.rules.telling import Event, Payload
from reviews.services.webhooks.endpoints import (
    DESCRIPTION_LIMIT,
    FORMER_SECRET_HOURS,
    LONGEST_FORMER_SECRET_HOURS,
    OFFERED,
    URL_LIMIT,
    Wish,
)

_WORDS = {
    Event.FLAG_OPENED: "a flag is opened",
    Event.FLAG_HARDENED: "a flag asks for a deprecation, and no longer for a review",
    Event.FLAG_ASKED_AGAIN: "a flag is asked again after a snooze, waiver or override",
    Event.FLAG_CLIMBED: "a flag climbs to a lead",
    Event.FLAG_CLOSED: "a flag is closed",
    Event.FLAG_SNOOZED: "a flag is snoozed",
    Event.FLAG_OVERRIDDEN: "a flag is overridden",
    Event.WAIVER_ACCEPTED: "a waiver is accepted",
    Event.WAIVER_ENDED: "a waiver has ended",
    Event.EVALUATION_RECORDED: "an evaluation is logged",
    Event.PROPOSAL_DECIDED: "a proposal is decided",
}
_EVENTS = [(event.value, f"{event.value}: {_WORDS[event]}") for event in OFFERED]


class EndpointForm(ServiceForm[Endpoint]):
    field_of: ClassVar = {name: name for name in ("url", "description", "events")}

    url = forms.CharField(
        max_length=URL_LIMIT,
        label="Address",
        widget=AdminTextInputWidget,
        help_text="https or http. A host of your own with a private address has to be "
        "named in the setting OUTBOUND_ALLOWED_HOSTS.",
    )
    description = forms.CharField(
        required=False,
        max_length=DESCRIPTION_LIMIT,
        widget=AdminTextInputWidget,
        help_text="What it is called in notices and histories, which do not repeat "
        "the address.",
    )
    events = forms.MultipleChoiceField(
        required=False,
        choices=_EVENTS,
        widget=forms.CheckboxSelectMultiple,
        help_text="With none ticked, it is told of all.",
    )
    payload = forms.ChoiceField(
        choices=PAYLOADS, widget=AdminRadioSelect, initial=Payload.THIN.value
    )

    class Meta:
        model = Endpoint
        fields = ("url", "description", "events", "payload")

    def wish(self) -> Wish:
        """Return what was typed."""
        said: dict[str, Any] = self.cleaned_data
        return Wish(
            url=said["url"],
            description=said["description"],
            events=[Event(word) for word in said["events"]],
            payload=Payload(said["payload"]),
        )


class RotateForm(forms.Form):
    hours = forms.IntegerField(
        min_value=0,
        max_value=LONGEST_FORMER_SECRET_HOURS,
        initial=FORMER_SECRET_HOURS,
        widget=AdminIntegerFieldWidget,
        label="The former secret signs as well for how many hours",
        help_text="0 if somebody else knows it: then it ends at once.",
    )
