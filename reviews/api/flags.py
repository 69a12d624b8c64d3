"""The open questions, and those that were answered."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from reviews.api.documentation import documented
from reviews.api.doors import Door, answered
from reviews.api.filters import choice, text, truth, word
from reviews.api.pagination import ID, Column, KeysetPagination, read_day
from reviews.api.signals import SignalSerializer, shown_signal
from reviews.api.solutions import OWNER, TEAM
from reviews.models.choices import values_of
from reviews.models.flag import CLOSINGS
from reviews.queries.facts import facts_numbered
from reviews.queries.flags import (
    FlagFilter,
    FlagRow,
    find_flag,
    flags_matching,
    read_flags,
)
from reviews.rules.signals import Severity
from reviews.rules.vocabulary import Action, Cause

TAG = "flags"
OPEN, CLOSED = "open", "closed"


class FlagPages(KeysetPagination):
    endpoint = "flags"
    orderings = {"due_on": (Column("due_on", read_day), ID)}
    default = "due_on"


class FlagSerializer(serializers.Serializer[Any]):
    """One question about a solution."""

    id = serializers.IntegerField()
    solution = serializers.CharField(help_text="The solution's slug.")
    solution_name = serializers.CharField()
    cause = serializers.ChoiceField(list(Cause))
    action = serializers.ChoiceField(list(Action))
    status = serializers.ChoiceField([OPEN, CLOSED])
    due_on = serializers.DateField()
    overdue = serializers.BooleanField(help_text="Open, and its due day has passed.")
    reason = serializers.CharField(help_text="Why it is there, as a sentence.")
    severity = serializers.ChoiceField(
        ["", *Severity], help_text="Empty for what the clock asks."
    )
    source_url = serializers.CharField(
        help_text="Where a person can read what it rests on; empty for none."
    )
    evidence = serializers.ListField(
        child=serializers.IntegerField(), help_text="The signals that it rests on."
    )
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_because = serializers.ChoiceField(
        ["", *values_of(CLOSINGS)], help_text="Empty while it is open."
    )
    closed_by = serializers.IntegerField(
        allow_null=True, help_text="The evaluation that answered it."
    )
    reopens = serializers.IntegerField(
        allow_null=True, help_text="The earlier flag of the same question."
    )
    team = serializers.CharField(allow_null=True, help_text="The team's slug.")
    owner = serializers.CharField(allow_null=True, help_text="A username.")
    facts = SignalSerializer(
        many=True,
        required=False,
        help_text="The same signals in full, at the flag's own address alone.",
    )


class Flags(Door):
    pagination_class = FlagPages
    parameters = [
        word("status", [OPEN, CLOSED], "Whether it is still open; all if left out."),
        choice("cause", Cause, "Why it was opened."),
        choice("action", Action, "What it asks for."),
        OWNER,
        TEAM,
        truth("overdue", "Whether it is open and its due day has passed."),
        text("solution", "The solution's slug."),
        *FlagPages.parameters(),
    ]

    @documented(
        "List the flags",
        tag=TAG,
        answer=FlagSerializer(many=True),
        parameters=parameters,
    )
    def get(self, request: Request) -> HttpResponse:
        today = timezone.localdate()
        names = FlagFilter.__dataclass_fields__
        wanted = {name: self.query[name] for name in names if name in self.query}
        if "status" in self.query:
            wanted["is_open"] = self.query["status"] == OPEN
        found = flags_matching(FlagFilter(**wanted), today=today)
        return self.page(
            FlagPages(), found, read_flags, lambda row: shown_flag(row, today)
        )


class OneFlag(Door):
    @documented("Show a flag", tag=TAG, answer=FlagSerializer, errors=[404])
    def get(self, request: Request, id: int) -> HttpResponse:
        row = find_flag(id)
        if row is None:
            raise Http404
        facts = facts_numbered(row.evidence) if row.evidence else {}
        return answered(
            {
                **shown_flag(row, timezone.localdate()),
                "facts": [shown_signal(fact) for fact in facts.values()],
            }
        )


def shown_flag(row: FlagRow, today: date) -> dict[str, Any]:
    """Return a flag as the API shows it."""
    return {
        "id": row.id,
        "solution": row.solution,
        "solution_name": row.solution_name,
        "cause": row.cause,
        "action": row.action,
        "status": OPEN if row.closed_at is None else CLOSED,
        "due_on": row.due_on,
        "overdue": row.overdue_on(today),
        "reason": row.reason,
        "severity": row.severity,
        "source_url": row.source_url,
        "evidence": row.evidence,
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "closed_because": row.closed_because,
        "closed_by": row.closed_by,
        "reopens": row.reopens,
        "team": row.team,
        "owner": row.owner,
    }
