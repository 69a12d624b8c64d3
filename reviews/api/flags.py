"""The open questions, and those that were answered."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from reviews.api.documentation import documented
from reviews.api.doors import Door, answered
from reviews.api.filters import choice, text, truth
from reviews.api.pagination import ID, Column, KeysetPagination, read_day
from reviews.api.signals import SignalSerializer, shown_signal
from reviews.api.solutions import OWNER, TEAM
from reviews.api.tickets import FlagTicketSerializer, shown_with_its_flag
from reviews.models import Flag
from reviews.models.choices import values_of
from reviews.models.flag import CLOSINGS
from reviews.queries.covers import CoverRow
from reviews.queries.escalation import climbs
from reviews.queries.facts import facts_numbered
from reviews.queries.flags import (
    FlagFilter,
    FlagRow,
    FlagStatus,
    find_flag,
    flags_matching,
    read_flags,
)
from reviews.queries.home import OwnerName
from reviews.rules.escalation import Level, Rung
from reviews.rules.signals import Severity
from reviews.rules.vocabulary import Action, Cause, CoverKind

TAG = "flags"


class FlagPages(KeysetPagination):
    endpoint = "flags"
    orderings = {"due_on": (Column("due_on", read_day), ID)}
    default = "due_on"


class CoverSerializer(serializers.Serializer[Any]):
    """A snooze, a waiver or an override: why nobody is asked for a while."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(list(CoverKind))
    reason = serializers.CharField()
    until = serializers.DateField(
        allow_null=True,
        help_text="The first day on which the flag is asked again; null for an "
        "override, which ends when its facts change.",
    )
    owner = serializers.CharField(
        allow_null=True,
        help_text="Of a waiver: the username of who answers for it; null for who left.",
    )
    owner_name = serializers.CharField(help_text="As it was then; empty for no waiver.")
    approver = serializers.CharField(
        allow_null=True, help_text="Of a waiver: a username; null for who left."
    )
    approver_name = serializers.CharField(
        help_text="As it was then; empty for no waiver."
    )
    made_by = serializers.CharField(help_text="A name.")
    made_at = serializers.DateTimeField()


class EscalationSerializer(serializers.Serializer[Any]):
    """How far a flag has climbed that nobody has answered."""

    level = serializers.ChoiceField(
        list(Level),
        help_text="`owner`, then the team's `lead`, then the leads' lead: `head`.",
    )
    since = serializers.DateField(help_text="The day on which it came there.")
    next_on = serializers.DateField(
        allow_null=True, help_text="The day on which it climbs; null at the top."
    )
    asked = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Who is asked there, usernames, at the flag's own address alone.",
    )


class FlagSerializer(serializers.Serializer[Any]):
    """One question about a solution."""

    id = serializers.IntegerField()
    solution = serializers.CharField(help_text="The solution's slug.")
    solution_name = serializers.CharField()
    cause = serializers.ChoiceField(list(Cause))
    action = serializers.ChoiceField(list(Action))
    status = serializers.ChoiceField(
        list(FlagStatus),
        help_text="`open` is asked today; what is snoozed, waived or overridden is not.",
    )
    cover = CoverSerializer(
        allow_null=True, help_text="What covers it today, so that nobody is asked."
    )
    due_on = serializers.DateField()
    overdue = serializers.BooleanField(
        help_text="Asked today, and its due day has passed."
    )
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
        ["", *values_of(CLOSINGS)], help_text="Empty until it is closed."
    )
    closed_by = serializers.IntegerField(
        allow_null=True, help_text="The evaluation that answered it."
    )
    reopens = serializers.IntegerField(
        allow_null=True, help_text="The earlier flag of the same question."
    )
    team = serializers.CharField(allow_null=True, help_text="The team's slug.")
    owner = serializers.CharField(allow_null=True, help_text="A username.")
    escalation = EscalationSerializer(
        allow_null=True, help_text="Null while nobody is asked: covered, or closed."
    )
    ticket = FlagTicketSerializer(
        allow_null=True, help_text="The issue that stands for it in a ticket system."
    )
    facts = SignalSerializer(
        many=True,
        required=False,
        help_text="The same signals in full, at the flag's own address alone.",
    )


class Flags(Door):
    pagination_class = FlagPages
    parameters = [
        choice("status", FlagStatus, "What has become of it today; all if left out."),
        choice("cause", Cause, "Why it was opened."),
        choice("action", Action, "What it asks for."),
        OWNER,
        TEAM,
        truth("overdue", "Whether it is asked today and its due day has passed."),
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
        found = flags_matching(FlagFilter(**wanted), today=today)
        return self.page(
            FlagPages(), found, read_flags, lambda row: shown_flag(row, today)
        )


class OneFlag(Door):
    @documented("Show a flag", tag=TAG, answer=FlagSerializer, errors=[404])
    def get(self, request: Request, id: int) -> HttpResponse:
        return answered(found_or_404(id))


def found_or_404(id: int) -> dict[str, Any]:
    """
    Return a flag as its own address shows it, with its signals in full.

    :raises Http404: if there is none.
    """
    row = find_flag(id)
    if row is None:
        raise Http404
    today = timezone.localdate()
    facts = facts_numbered(row.evidence) if row.evidence else {}
    climb = climbs(Flag.objects.filter(pk=id), today=today).get(id)
    return {
        **shown_flag(row, today),
        "escalation": shown_rung(climb.rung, climb.asked) if climb else None,
        "facts": [shown_signal(fact) for fact in facts.values()],
    }


def shown_flag(row: FlagRow, today: date) -> dict[str, Any]:
    """Return a flag as the API shows it."""
    cover = row.cover_on(today)
    rung = row.rung_on(today)
    return {
        "id": row.id,
        "solution": row.solution,
        "solution_name": row.solution_name,
        "cause": row.cause,
        "action": row.action,
        "status": row.status_on(today),
        "cover": shown_cover(cover) if cover else None,
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
        "escalation": shown_rung(rung) if rung else None,
        "ticket": shown_with_its_flag(row.ticket) if row.ticket else None,
    }


def shown_rung(rung: Rung, asked: Iterable[OwnerName] | None = None) -> dict[str, Any]:
    """Return how far a flag has climbed; `asked` are the people there, if known."""
    shown = {"level": rung.level, "since": rung.since, "next_on": rung.next_on}
    if asked is None:
        return shown
    return {**shown, "asked": [person.username for person in asked]}


def shown_cover(row: CoverRow) -> dict[str, Any]:
    """Return a cover as the API shows it with its flag."""
    return {
        "id": row.id,
        "kind": row.kind,
        "reason": row.reason,
        "until": row.until,
        "owner": row.owner_username,
        "owner_name": row.owner,
        "approver": row.approver_username,
        "approver_name": row.approver,
        "made_by": row.made_by,
        "made_at": row.made_at,
    }
