"""Webhooks as frozen rows: the endpoints, and the ledger of what each was sent."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet

from reviews.models import Attempt, Delivery, Endpoint
from reviews.models.outgoing import OutgoingQuerySet
from reviews.rules.outgoing import SendState


class DeliveryState(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


class EndpointRow(msgspec.Struct, frozen=True):
    """
    An endpoint, without its secrets; `owner` is a username.

    No events mean all of them. The former secret signs as well until its instant.
    """

    id: int
    url: str
    description: str
    events: Sequence[str]
    payload: str
    owner: str | None
    is_on: bool
    off_because: str
    failing_since: datetime | None
    former_secret_until: datetime | None
    created_at: datetime
    updated_at: datetime


class DeliveryRow(msgspec.Struct, frozen=True):
    """
    A line of the ledger.

    `status` and `answer` are of the last answer, `problem` says why the last try
    failed. `next_at` is when a waiting one is tried.
    """

    id: int
    endpoint_id: int
    event: str
    message_id: UUID
    sending: str
    attempts: int
    replays: int
    created_at: datetime
    next_at: datetime
    last_sent_at: datetime | None
    done_at: datetime | None
    refused_at: datetime | None
    status: int | None
    answer: str
    problem: str

    @property
    def state(self) -> DeliveryState:
        """How far it has come."""
        return delivery_state(self.sending, self.refused_at)


def delivery_state(sending: str, refused_at: datetime | None) -> DeliveryState:
    """Return how far a message has come whose row says this."""
    if sending == SendState.DONE:
        return DeliveryState.DELIVERED
    if refused_at is not None:
        return DeliveryState.FAILED
    if sending == SendState.SENDING:
        return DeliveryState.SENDING
    return DeliveryState.WAITING


_ENDPOINT = tuple(
    name if name != "owner" else "owner__username"
    for name in EndpointRow.__struct_fields__
)
_DELIVERY = tuple(
    name if name != "sending" else "state" for name in DeliveryRow.__struct_fields__
)


def read_endpoints(endpoints: QuerySet[Endpoint]) -> list[EndpointRow]:
    """Return the rows of a query."""
    return [EndpointRow(*row) for row in endpoints.values_list(*_ENDPOINT)]


def find_endpoint(id: int) -> EndpointRow | None:
    """Return the endpoint with an id, if there is one."""
    return next(iter(read_endpoints(Endpoint.objects.filter(pk=id))), None)


def deliveries_of(
    endpoint_id: int, state: DeliveryState | None = None
) -> OutgoingQuerySet[Delivery]:
    """Return what an endpoint was sent, or is to be, in no order."""
    found: OutgoingQuerySet[Delivery] = Delivery.objects.filter(endpoint_id=endpoint_id)
    return found if state is None else found.filter(in_state(state))


def in_state(state: DeliveryState) -> Q:
    """Return the condition that a message has come so far."""
    match state:
        case DeliveryState.DELIVERED:
            return Q(state=SendState.DONE.value)
        case DeliveryState.SENDING:
            return Q(state=SendState.SENDING.value)
        case DeliveryState.FAILED:
            return Q(refused_at__isnull=False)
        case DeliveryState.WAITING:
            waiting = [SendState.READY.value, SendState.UNKNOWN.value]
            return Q(state__in=waiting, refused_at=None)


def read_deliveries(deliveries: OutgoingQuerySet[Delivery]) -> list[DeliveryRow]:
    """Return the rows of a query."""
    return [DeliveryRow(*row) for row in deliveries.values_list(*_DELIVERY)]


def find_delivery(id: int, *, endpoint_id: int) -> DeliveryRow | None:
    """Return the delivery with an id to an endpoint, if there is one."""
    return next(iter(read_deliveries(deliveries_of(endpoint_id).filter(pk=id))), None)


def tries_of(delivery_id: int) -> list[Attempt]:
    """Return the tries of a delivery that are still kept, the first one first."""
    return list(Attempt.objects.filter(delivery=delivery_id).order_by("pk"))


def endpoints_with_something_due(now: datetime) -> list[int]:
    """Return the endpoints that are switched on and to which something is to be sent."""
    due = Delivery.objects.to_take_up_at(now).filter(endpoint__is_on=True)
    ids = due.order_by("endpoint_id").values_list("endpoint_id", flat=True)
    return list(ids.distinct())
