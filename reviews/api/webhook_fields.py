"""What the bodies and answers of webhooks hold."""

from dataclasses import replace
from typing import Any

from rest_framework import serializers

from reviews.api.fields import (
    StrictSerializer,
    TextField,
    TextsField,
    TruthField,
    WholeNumberField,
    WordField,
)
from reviews.api.problems import refuse
from reviews.queries.webhooks import DeliveryRow, DeliveryState, EndpointRow
from reviews.rules.telling import Event, Payload
from reviews.rules.text import shown
from reviews.services.webhooks.endpoints import (
    DESCRIPTION_LIMIT,
    FORMER_SECRET_HOURS,
    LONGEST_FORMER_SECRET_HOURS,
    OFFERED,
    URL_LIMIT,
    Wish,
)
from reviews.services.webhooks.signing import message_name

_ONCE = (
    "Shown in this answer alone. An answer that is repeated for an Idempotency-Key has "
    "null in its place: rotate it if it was lost."
)


class EndpointSerializer(serializers.Serializer[Any]):
    """An address that is told of what happens."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    description = serializers.CharField()
    events = serializers.ListField(
        child=serializers.CharField(), help_text="An empty list stands for all of them."
    )
    payload = serializers.ChoiceField(
        list(Payload),
        help_text="`thin`: ids and addresses; `full`: what the API shows of it as well.",
    )
    owner = serializers.CharField(
        allow_null=True, help_text="The username of who is told when it fails."
    )
    is_on = serializers.BooleanField()
    off_because = serializers.CharField(help_text="Why it is switched off, if it is.")
    failing_since = serializers.DateTimeField(
        allow_null=True,
        help_text="Since when nothing has arrived; after five days of that it is "
        "switched off.",
    )
    former_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the former secret signs as well."
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class SecretEndpointSerializer(EndpointSerializer):
    """An address that is told of what happens, and the secret that signs it."""

    secret = serializers.CharField(allow_null=True, help_text=_ONCE)


class EndpointChangesSerializer(StrictSerializer):
    """Who is to be told of what."""

    answered = frozenset(EndpointSerializer().fields)

    url = TextField(
        max_length=URL_LIMIT,
        help_text="https or http. A private address takes the setting "
        "OUTBOUND_ALLOWED_HOSTS.",
    )
    description = TextField(required=False, max_length=DESCRIPTION_LIMIT)
    events = TextsField(
        required=False,
        max_length=len(Event),
        help_text=f"Some of {', '.join(OFFERED)}; an empty list stands for all of them.",
    )
    payload = WordField(Payload, required=False)
    is_on = TruthField(
        required=False, help_text="What waits is sent once it is on again."
    )


class NewEndpointSerializer(EndpointChangesSerializer):
    """Who is to be told of what; it begins switched on."""

    is_on = None  # type: ignore[assignment]


class RotateSerializer(StrictSerializer):
    """For how long the former secret signs as well."""

    hours = WholeNumberField(
        required=False,
        min_value=0,
        max_value=LONGEST_FORMER_SECRET_HOURS,
        help_text=f"{FORMER_SECRET_HOURS} if left out; 0 if somebody else knows it.",
    )


class DeliverySerializer(serializers.Serializer[Any]):
    """One message to one address."""

    id = serializers.IntegerField()
    event = serializers.CharField(help_text="What happened, such as `flag.opened`.")
    message_id = serializers.CharField(
        help_text="Its header webhook-id, the same over all tries."
    )
    state = serializers.ChoiceField(
        list(DeliveryState),
        help_text="`failed` was tried some ten times over three days, and waits for a "
        "replay.",
    )
    attempts = serializers.IntegerField(help_text="Since it was last asked for.")
    replays = serializers.IntegerField(help_text="How often it was sent again.")
    created_at = serializers.DateTimeField()
    next_at = serializers.DateTimeField(
        allow_null=True, help_text="When it is tried next, while it waits."
    )
    last_sent_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    failed_at = serializers.DateTimeField(allow_null=True)
    status = serializers.IntegerField(
        allow_null=True, help_text="Of the last answer, if there was one."
    )
    answer = serializers.CharField(help_text="How the last answer began.")
    problem = serializers.CharField(help_text="Why the last try failed, if it did.")


def wished(wish: Wish, fields: dict[str, Any]) -> Wish:
    """
    Return a wish with the fields of a body in their places.

    :raises RequestError: for an event that there is not.
    """
    said = {name: fields[name] for name in fields if name != "is_on"}
    if "events" in said:
        said["events"] = [_event(name) for name in said["events"]]
    return replace(wish, **said)


def _event(name: str) -> Event:
    try:
        return Event(name)
    except ValueError as error:
        raise refuse(
            f"There is no event {shown(name)}: there are {', '.join(OFFERED)}.",
            field="events",
            code="choice",
        ) from error


_ENDPOINT_SHOWN = tuple(EndpointSerializer().fields)


def shown_endpoint(row: EndpointRow) -> dict[str, Any]:
    """Return an endpoint as the API shows it."""
    return {name: getattr(row, name) for name in _ENDPOINT_SHOWN}


def shown_delivery(row: DeliveryRow) -> dict[str, Any]:
    """Return a line of the ledger as the API shows it."""
    waits = row.state is DeliveryState.WAITING
    return {
        "id": row.id,
        "event": row.event,
        "message_id": message_name(row.message_id),
        "state": row.state,
        "attempts": row.attempts,
        "replays": row.replays,
        "created_at": row.created_at,
        "next_at": row.next_at if waits else None,
        "last_sent_at": row.last_sent_at,
        "done_at": row.done_at,
        "failed_at": row.refused_at,
        "status": row.status,
        "answer": row.answer,
        "problem": row.problem,
    }
