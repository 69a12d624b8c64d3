"""Webhooks: who is told of what happens, and the ledger of what each was sent."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request

from reviews.api.documentation import IDEMPOTENCY_KEY, LOCATION, documented
from reviews.api.doors import Door, answered, encoded
from reviews.api.filters import choice
from reviews.api.pagination import ID, KeysetPagination
from reviews.api.reaffirming import NothingSerializer
from reviews.api.webhook_fields import (
    DeliverySerializer,
    EndpointChangesSerializer,
    EndpointSerializer,
    NewEndpointSerializer,
    RotateSerializer,
    SecretEndpointSerializer,
    shown_delivery,
    shown_endpoint,
    wished,
)
from reviews.models import Endpoint
from reviews.queries.webhooks import (
    DeliveryState,
    EndpointRow,
    deliveries_of,
    find_delivery,
    find_endpoint,
    read_deliveries,
    read_endpoints,
)
from reviews.rules.access import Permission, require
from reviews.rules.telling import Event, Payload
from reviews.services.idempotency import Answer
from reviews.services.webhooks.endpoints import (
    Wish,
    change_endpoint,
    delete_endpoint,
    make_endpoint,
    replay,
    rotate_secret,
    send_test,
    switch_endpoint,
)
from reviews.wiring import check_outside, vault

TAG = "webhooks"
WHOSE = (
    "For administrators, with the scope webhooks:write: an address may hold a secret."
)
SIGNED = (
    "What is sent is signed as Standard Webhooks 1.0 has it; its id stays the same "
    "however often it is sent."
)
_REPLAYED = "Idempotency-Replayed"


class EndpointPages(KeysetPagination):
    endpoint = "webhooks"
    orderings = {"id": (ID,)}
    default = "id"


class DeliveryPages(KeysetPagination):
    endpoint = "deliveries"
    orderings = {"id": (ID,)}
    default = "-id"


class WebhookDoor(Door):
    """What all doors to webhooks have in common: administrators alone pass."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require(self.actor, Permission.CONNECT, None)

    def with_secret(
        self, work: Callable[[], tuple[Endpoint, str]], status: HTTPStatus
    ) -> HttpResponse:
        """
        Return the endpoint that some work has given a secret, and the secret.

        What is kept to be repeated under a key has none: it would lie open there.
        """
        whole = b""

        def answer() -> Answer:
            nonlocal whole
            endpoint, secret = work()
            row = found_or_404(endpoint.pk)
            whole = encoded(row | {"secret": secret}).encode()
            headers = {"Location": reverse("api-webhook", args=[endpoint.pk])}
            is_new = status is HTTPStatus.CREATED
            content = encoded(row | {"secret": None})
            return Answer(status.value, content, headers if is_new else {})

        response = self.once(answer)
        if _REPLAYED not in response:
            response.content = whole
        return response


class Webhooks(WebhookDoor):
    pagination_class = EndpointPages
    parameters = EndpointPages.parameters()

    @documented(
        "List the webhooks",
        tag=TAG,
        answer=EndpointSerializer(many=True),
        parameters=parameters,
        description=WHOSE,
    )
    def get(self, request: Request) -> HttpResponse:
        found = Endpoint.objects.all()
        return self.page(EndpointPages(), found, read_endpoints, shown_endpoint)

    @documented(
        "Make a webhook",
        tag=TAG,
        answer=SecretEndpointSerializer,
        status=HTTPStatus.CREATED,
        body=NewEndpointSerializer,
        errors=[409, 422],
        headers=[IDEMPOTENCY_KEY, LOCATION],
        description=f"{SIGNED} It is told of what happens from now on.",
    )
    def post(self, request: Request) -> HttpResponse:
        fields = self.fields(NewEndpointSerializer)
        wish = wished(Wish(fields["url"]), fields)
        return self.with_secret(
            lambda: make_endpoint(
                wish=wish,
                actor=self.actor,
                check=check_outside,
                vault=vault(),
                now=timezone.now(),
            ),
            HTTPStatus.CREATED,
        )


class OneWebhook(WebhookDoor):
    @documented(
        "Show a webhook",
        tag=TAG,
        answer=EndpointSerializer,
        errors=[404],
        description=WHOSE,
    )
    def get(self, request: Request, id: int) -> HttpResponse:
        return answered(found_or_404(id))

    @documented(
        "Change a webhook, or switch it on or off",
        tag=TAG,
        answer=EndpointSerializer,
        body=EndpointChangesSerializer,
        errors=[404, 409],
        description="What is left out stays. What waits goes to the new address.",
    )
    def patch(self, request: Request, id: int) -> HttpResponse:
        row = row_or_404(id)
        fields = self.fields(EndpointChangesSerializer, partial=True)
        now = timezone.now()
        wish = Wish(
            row.url,
            row.description,
            [Event(event) for event in row.events],
            Payload(row.payload),
        )
        if fields.keys() - {"is_on"}:
            change_endpoint(
                endpoint_id=id,
                wish=wished(wish, fields),
                actor=self.actor,
                check=check_outside,
                now=now,
            )
        if "is_on" in fields:
            switch_endpoint(
                endpoint_id=id, on=fields["is_on"], actor=self.actor, now=now
            )
        return answered(found_or_404(id))

    @documented(
        "Delete a webhook with its ledger",
        tag=TAG,
        answer=None,
        status=HTTPStatus.NO_CONTENT,
        errors=[404, 409],
    )
    def delete(self, request: Request, id: int) -> HttpResponse:
        row_or_404(id)
        delete_endpoint(endpoint_id=id, actor=self.actor, now=timezone.now())
        return HttpResponse(status=HTTPStatus.NO_CONTENT)


class RotateSecret(WebhookDoor):
    @documented(
        "Give a webhook another secret",
        tag=TAG,
        answer=SecretEndpointSerializer,
        body=RotateSerializer,
        errors=[404, 409, 422],
        headers=[IDEMPOTENCY_KEY],
        description="Until the former one ends, each message has a signature of both.",
    )
    def post(self, request: Request, id: int) -> HttpResponse:
        row_or_404(id)
        fields = {} if request.stream is None else self.fields(RotateSerializer)
        return self.with_secret(
            lambda: rotate_secret(
                endpoint_id=id,
                actor=self.actor,
                vault=vault(),
                now=timezone.now(),
                **fields,
            ),
            HTTPStatus.OK,
        )


class TestWebhook(WebhookDoor):
    @documented(
        "Send a test to a webhook",
        tag=TAG,
        answer=DeliverySerializer,
        status=HTTPStatus.CREATED,
        body=NothingSerializer,
        errors=[404, 409, 422],
        headers=[IDEMPOTENCY_KEY],
        description="It goes out within a minute: the deliveries say what came of it.",
    )
    def post(self, request: Request, id: int) -> HttpResponse:
        row_or_404(id)
        if request.stream is not None:
            self.fields(NothingSerializer)

        def work() -> Answer:
            delivery = send_test(endpoint_id=id, actor=self.actor, now=timezone.now())
            content = encoded(delivery_or_404(id, delivery.pk))
            return Answer(HTTPStatus.CREATED.value, content)

        return self.once(work)


class Deliveries(WebhookDoor):
    pagination_class = DeliveryPages
    parameters = [
        choice("state", DeliveryState, "How far it has come."),
        *DeliveryPages.parameters(),
    ]

    @documented(
        "List what a webhook was sent",
        tag=TAG,
        answer=DeliverySerializer(many=True),
        errors=[404],
        parameters=parameters,
        description="What was delivered is kept for 90 days.",
    )
    def get(self, request: Request, id: int) -> HttpResponse:
        row_or_404(id)
        found = deliveries_of(id, self.query.get("state"))
        return self.page(DeliveryPages(), found, read_deliveries, shown_delivery)


class ReplayDelivery(WebhookDoor):
    @documented(
        "Send a delivery again",
        tag=TAG,
        answer=DeliverySerializer,
        body=NothingSerializer,
        errors=[404, 409, 422],
        headers=[IDEMPOTENCY_KEY],
        description="With the same id and content, whether it had arrived or not.",
    )
    def post(self, request: Request, id: int, delivery_id: int) -> HttpResponse:
        row_or_404(id)
        delivery_or_404(id, delivery_id)
        if request.stream is not None:
            self.fields(NothingSerializer)

        def work() -> Answer:
            replay(
                endpoint_id=id,
                delivery_id=delivery_id,
                actor=self.actor,
                now=timezone.now(),
            )
            content = encoded(delivery_or_404(id, delivery_id))
            return Answer(HTTPStatus.OK.value, content)

        return self.once(work)


def row_or_404(id: int) -> EndpointRow:
    """
    Return the endpoint with an id.

    :raises Http404: if there is none.
    """
    row = find_endpoint(id)
    if row is None:
        raise Http404
    return row


def found_or_404(id: int) -> dict[str, Any]:
    """
    Return an endpoint as its own address shows it.

    :raises Http404: if there is none.
    """
    return shown_endpoint(row_or_404(id))


def delivery_or_404(endpoint_id: int, id: int) -> dict[str, Any]:
    """
    Return a delivery to an endpoint as the API shows it.

    :raises Http404: if there is none.
    """
    row = find_delivery(id, endpoint_id=endpoint_id)
    if row is None:
        raise Http404
    return shown_delivery(row)
