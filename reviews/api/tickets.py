"""The tickets that stand for flags: where they are, and asking for one by hand."""

import re
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from reviews.api.documentation import IDEMPOTENCY_KEY, LOCATION, documented
from reviews.api.doors import Door, answered, encoded
from reviews.api.fields import StrictSerializer, TextField, WholeNumberField
from reviews.api.filters import Parameter, choice, text, truth
from reviews.api.pagination import ID, KeysetPagination
from reviews.api.problems import refuse
from reviews.api.reaffirming import NothingSerializer
from reviews.api.solutions import TEAM
from reviews.models import Connection, Flag
from reviews.queries.tickets import (
    TicketFilter,
    TicketRow,
    find_ticket,
    read_tickets,
    tickets_matching,
)
from reviews.rules.access import Permission
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import Standing, System
from reviews.services.idempotency import Answer
from reviews.services.tickets.planning import ask_for_ticket
from reviews.services.tickets.problems import try_again

TAG = "tickets"
_LARGEST_ID = 2**63 - 1


class NewTicketSerializer(StrictSerializer):
    """Which flag is to have a ticket, and where."""

    flag = WholeNumberField(
        min_value=1, max_value=_LARGEST_ID, help_text="The flag's id."
    )
    connection = TextField(
        required=False,
        allow_null=True,
        max_length=50,
        help_text="The slug of a connection that is live; without one, the first that "
        "takes such a flag.",
    )


class FlagTicketSerializer(serializers.Serializer[Any]):
    """The ticket of a flag, as the flag shows it."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(
        list(SendState),
        help_text="Whether it is there: `done`. What is `unknown` was sent, and is "
        "looked for because its answer was lost.",
    )
    key = serializers.CharField(
        help_text="What people call it; empty until it is there."
    )
    url = serializers.CharField(help_text="Where people read it; empty until then.")
    standing = serializers.ChoiceField(
        ["", *Standing], help_text="Whether it is open over there; empty until read."
    )
    status = serializers.CharField(help_text="In its own system's words.")
    assignee = serializers.CharField(help_text="In its own system's words.")
    refused = serializers.BooleanField(
        help_text="Whether it, or something done to it, waits for a retry."
    )
    problem = serializers.CharField(help_text="What stands in the way, if anything.")
    conflict = serializers.CharField(
        help_text="What both sides changed; a retry sends the tracker's values."
    )


class TicketSerializer(FlagTicketSerializer):
    """The one issue in a ticket system that stands for a flag."""

    flag = serializers.IntegerField(help_text="The flag's id.")
    solution = serializers.CharField(help_text="The solution's slug.")
    solution_name = serializers.CharField()
    team = serializers.CharField(allow_null=True, help_text="The team's slug.")
    connection = serializers.CharField(help_text="The connection's slug.")
    system = serializers.ChoiceField(list(System))
    attempts = serializers.IntegerField(help_text="How often it was sent.")
    created_at = serializers.DateTimeField(help_text="When it was asked for.")
    done_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was known to be there."
    )
    updated_at = serializers.DateTimeField(
        allow_null=True, help_text="When it changed over there, as last read."
    )
    read_at = serializers.DateTimeField(allow_null=True)


def _flag_id(given: str) -> int:
    if re.fullmatch(r"[0-9]{1,19}", given) and int(given) <= _LARGEST_ID:
        return int(given)
    raise ValueError("It takes the id of a flag, a whole number.")


class TicketPages(KeysetPagination):
    endpoint = "tickets"
    orderings = {"id": (ID,)}
    default = "-id"


class Tickets(Door):
    pagination_class = TicketPages
    parameters = [
        choice("state", SendState, "Whether it is there, or on its way."),
        choice("standing", Standing, "How it stands in its own system."),
        text("connection", "The connection's slug."),
        truth("refused", "Whether it, or something done to it, waits for a retry."),
        Parameter("flag", "The flag's id.", _flag_id),
        text("solution", "The solution's slug."),
        TEAM,
        *TicketPages.parameters(),
    ]

    @documented(
        "List the tickets",
        tag=TAG,
        answer=TicketSerializer(many=True),
        parameters=parameters,
    )
    def get(self, request: Request) -> HttpResponse:
        names = TicketFilter.__dataclass_fields__
        wanted = {name: self.query[name] for name in names if name in self.query}
        found = tickets_matching(TicketFilter(**wanted))
        return self.page(TicketPages(), found, read_tickets, shown_ticket)

    @documented(
        "Ask for a ticket",
        tag=TAG,
        answer=TicketSerializer,
        status=HTTPStatus.CREATED,
        body=NewTicketSerializer,
        errors=[409, 422],
        headers=[IDEMPOTENCY_KEY, LOCATION],
        description="Has a ticket made for a flag now, beyond what a connection makes by "
        "itself in a day. It is sent within a minute or so: `state` says when it is "
        "there. A flag that is closed, or has a ticket, is a conflict.",
    )
    def post(self, request: Request) -> HttpResponse:
        self.require_scope(Permission.TICKET)
        fields = self.fields(NewTicketSerializer)
        flag_id: int = fields["flag"]
        if not Flag.objects.filter(pk=flag_id).exists():
            raise refuse("There is no flag with this id.", field="flag")

        def work() -> Answer:
            ticket = ask_for_ticket(
                flag_id=flag_id,
                connection_id=_connection_id(fields.get("connection")),
                actor=self.actor,
                today=timezone.localdate(),
                now=timezone.now(),
            )
            location = reverse("api-ticket", args=[ticket.pk])
            content = encoded(ticket_or_404(ticket.pk))
            return Answer(HTTPStatus.CREATED.value, content, {"Location": location})

        return self.once(work)


class OneTicket(Door):
    @documented("Show a ticket", tag=TAG, answer=TicketSerializer, errors=[404])
    def get(self, request: Request, id: int) -> HttpResponse:
        return answered(ticket_or_404(id))


class RetryTicket(Door):
    @documented(
        "Retry a ticket",
        tag=TAG,
        answer=TicketSerializer,
        body=NothingSerializer,
        errors=[404, 409, 422],
        headers=[IDEMPOTENCY_KEY],
        description="Has sent again what was refused, with an empty body or an empty "
        "object. Of a conflict it means that the tracker's values stand. Where nothing "
        "was refused, 409 says so.",
    )
    def post(self, request: Request, id: int) -> HttpResponse:
        self.require_scope(Permission.TICKET)
        ticket_or_404(id)
        if request.stream is not None:
            self.fields(NothingSerializer)

        def work() -> Answer:
            try_again(ticket_id=id, actor=self.actor, now=timezone.now())
            return Answer(HTTPStatus.OK.value, encoded(ticket_or_404(id)))

        return self.once(work)


def ticket_or_404(id: int) -> dict[str, Any]:
    """
    Return a ticket as its own address shows it.

    :raises Http404: if there is none.
    """
    row = find_ticket(id)
    if row is None:
        raise Http404
    return shown_ticket(row)


def shown_ticket(row: TicketRow) -> dict[str, Any]:
    """Return a ticket as the API shows it."""
    return {
        **shown_with_its_flag(row),
        "flag": row.flag_id,
        "solution": row.solution,
        "solution_name": row.solution_name,
        "team": row.team,
        "connection": row.connection,
        "system": row.system,
        "attempts": row.attempts,
        "created_at": row.created_at,
        "done_at": row.done_at,
        "updated_at": row.updated_at,
        "read_at": row.read_at,
    }


def shown_with_its_flag(row: TicketRow) -> dict[str, Any]:
    """Return a ticket as the API shows it with its flag."""
    return {
        "id": row.id,
        "state": row.state,
        "key": row.key,
        "url": row.url,
        "standing": row.standing,
        "status": row.status,
        "assignee": row.assignee,
        "refused": row.is_refused,
        "problem": row.problem,
        "conflict": row.conflict,
    }


def _connection_id(slug: str | None) -> int | None:
    if slug is None:
        return None
    found = Connection.objects.live().filter(slug=slug).values_list("pk", flat=True)
    id = found.first()
    if id is None:
        raise refuse(
            "There is no connection with this slug that is switched on and live.",
            field="connection",
        )
    return id
