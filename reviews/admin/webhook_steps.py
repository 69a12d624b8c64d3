"""What is done to many webhooks, or many deliveries, at once."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.utils import timezone

from reviews.admin.previews import Step
from reviews.models import Delivery, Endpoint
from reviews.queries.webhooks import DeliveryState, delivery_state
from reviews.services.errors import ConflictError
from reviews.services.webhooks.endpoints import (
    replay,
    replay_failed,
    send_test,
    switch_endpoint,
)

_OFF = "It is switched off, so nothing is sent there: switch it on first."
_A_WEEK = timedelta(days=7)


class _EndpointStep(Step):
    def told(self, obj: Endpoint) -> str:
        return "on" if obj.is_on else f"off: {obj.off_because}"


class SwitchOn(_EndpointStep):
    title = "Switch webhooks on"
    done = "Webhooks switched on"
    button = "Switch them on"

    def check(self, obj: Endpoint) -> None:
        if obj.is_on:
            raise ConflictError("It is on already.")

    def take(self, obj: Endpoint, form: forms.Form) -> None:
        switch_endpoint(
            endpoint_id=obj.pk, on=True, actor=self.actor, now=timezone.now()
        )


class SwitchOff(_EndpointStep):
    title = "Switch webhooks off"
    done = "Webhooks switched off"
    button = "Switch them off"
    destructive = True

    def check(self, obj: Endpoint) -> None:
        if not obj.is_on:
            raise ConflictError("It is off already.")

    def take(self, obj: Endpoint, form: forms.Form) -> None:
        switch_endpoint(
            endpoint_id=obj.pk, on=False, actor=self.actor, now=timezone.now()
        )


class SendTest(_EndpointStep):
    title = "Send a test to webhooks"
    done = "Tests that go out within a minute; the deliveries say what came of them"
    button = "Send a test"

    def check(self, obj: Endpoint) -> None:
        if not obj.is_on:
            raise ConflictError(_OFF)

    def take(self, obj: Endpoint, form: forms.Form) -> None:
        send_test(endpoint_id=obj.pk, actor=self.actor, now=timezone.now())


class ReplayFailed(_EndpointStep):
    title = "Send again what failed"
    done = "Webhooks that are sent again what had failed"
    button = "Send it again"

    def form(self, said: Any) -> forms.Form:
        return _SinceForm(said)

    def check(self, obj: Endpoint) -> None:
        if not obj.is_on:
            raise ConflictError(_OFF)

    def take(self, obj: Endpoint, form: forms.Form) -> None:
        since = datetime.combine(form.cleaned_data["since"], time.min)
        replay_failed(
            endpoint_id=obj.pk,
            since=timezone.make_aware(since),
            actor=self.actor,
            now=timezone.now(),
        )


class Replay(Step):
    title = "Send deliveries again"
    done = "Deliveries that are sent again, with the same id"
    button = "Send them again"

    def told(self, obj: Delivery) -> str:
        return delivery_state(obj.state, obj.refused_at).value

    def check(self, obj: Delivery) -> None:
        if not obj.endpoint.is_on:
            raise ConflictError(_OFF)
        if delivery_state(obj.state, obj.refused_at) is DeliveryState.SENDING:
            raise ConflictError("It is being sent at this moment: look again soon.")

    def take(self, obj: Delivery, form: forms.Form) -> None:
        replay(
            endpoint_id=obj.endpoint_id,
            delivery_id=obj.pk,
            actor=self.actor,
            now=timezone.now(),
        )


class _SinceForm(forms.Form):
    since = forms.DateField(label="What failed since", widget=AdminDateWidget)

    def __init__(self, said: Any) -> None:
        super().__init__(said)
        self.fields["since"].initial = timezone.localdate() - _A_WEEK
