"""Snoozing, waiving, overriding and assigning flags; and the waivers there are."""

from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from reviews.api.documentation import IDEMPOTENCY_KEY, documented
from reviews.api.doors import Door, answered, encoded
from reviews.api.fields import DayField, StrictSerializer, TextField
from reviews.api.filters import choice, text
from reviews.api.flags import TAG, CoverSerializer, FlagSerializer, found_or_404
from reviews.api.flags import shown_cover as shown_with_its_flag
from reviews.api.pagination import ID, Column, KeysetPagination, read_day
from reviews.api.problems import refuse
from reviews.api.solutions import TEAM
from reviews.models import Flag, User
from reviews.models.choices import values_of
from reviews.models.cover import ENDINGS
from reviews.queries.covers import (
    CoverFilter,
    CoverRow,
    Standing,
    covers_matching,
    find_cover,
    read_covers,
)
from reviews.queries.solutions import NONE
from reviews.rules.access import Permission
from reviews.rules.covers import LONGEST_SNOOZE_DAYS, LONGEST_WAIVER_DAYS
from reviews.rules.vocabulary import Action, Cause, CoverKind
from reviews.services.covers import (
    REASON_LIMIT,
    override_flag,
    revoke_cover,
    snooze_flag,
    waive_flag,
)
from reviews.services.idempotency import Answer
from reviews.services.succession import reassign_solution

WAIVERS = "waivers"


class SnoozeSerializer(StrictSerializer):
    """Until when nobody is asked, and why."""

    until = DayField(
        help_text="The first day on which the flag is asked again, at most "
        f"{LONGEST_SNOOZE_DAYS} days from today."
    )
    reason = TextField(max_length=REASON_LIMIT)


class WaiveSerializer(StrictSerializer):
    """Who accepts it, why, and until when; the approver is whoever calls."""

    owner = TextField(max_length=150, help_text="The username of who answers for it.")
    reason = TextField(max_length=REASON_LIMIT)
    expires_on = DayField(
        help_text="The first day on which the flag is asked again, at most "
        f"{LONGEST_WAIVER_DAYS} days from today."
    )
    approver = TextField(
        required=False,
        allow_null=True,
        max_length=150,
        help_text="The username of a lead or an administrator; only administrators "
        "name anyone but themselves.",
    )


class ReasonSerializer(StrictSerializer):
    """Why."""

    reason = TextField(max_length=REASON_LIMIT)


class AssignSerializer(StrictSerializer):
    """Who is to own the solution."""

    owner = TextField(
        allow_null=True, max_length=150, help_text="A username; null for nobody."
    )


class WaiverSerializer(CoverSerializer):
    """What somebody accepts until a day, and the flag that it covers."""

    status = serializers.ChoiceField(
        list(Standing), help_text="Whether it covers its flag today."
    )
    flag = serializers.IntegerField(help_text="The flag's id.")
    cause = serializers.ChoiceField(list(Cause))
    action = serializers.ChoiceField(list(Action))
    solution = serializers.CharField(help_text="The solution's slug.")
    solution_name = serializers.CharField()
    team = serializers.CharField(allow_null=True, help_text="The team's slug.")
    ended_at = serializers.DateTimeField(
        allow_null=True,
        help_text="Null until the end is noted, which the nightly scan does.",
    )
    ended_because = serializers.ChoiceField(
        ["", *values_of(ENDINGS)], help_text="Empty until the end is noted."
    )
    ended_by = serializers.CharField(help_text="The name of who ended it, if anybody.")


class DecidedDoor(Door):
    """What all that is decided on a flag has in common: it answers with the flag."""

    def decide(self, id: int, work: Callable[[dict[str, Any]], object]) -> HttpResponse:
        """Return the flag as it stands after some work on it, done once a key."""

        def answer() -> Answer:
            work({"today": timezone.localdate(), "now": timezone.now()})
            return Answer(HTTPStatus.OK.value, encoded(found_or_404(id)))

        return self.once(answer)


class SnoozeFlag(DecidedDoor):
    @documented(
        "Snooze a flag",
        tag=TAG,
        answer=FlagSerializer,
        body=SnoozeSerializer,
        errors=[404, 409, 422],
        headers=[IDEMPOTENCY_KEY],
        description="Asks later, and accepts no risk: the evidence goes on pulling the "
        "review. It takes the place of an earlier snooze, not of a waiver or an override.",
    )
    def post(self, request: Request, id: int) -> HttpResponse:
        self.require_scope(Permission.COVER)
        _require_flag(id)
        fields = self.fields(SnoozeSerializer)
        return self.decide(
            id,
            lambda clock: snooze_flag(flag_id=id, **fields, actor=self.actor, **clock),
        )


class WaiveFlag(DecidedDoor):
    @documented(
        "Waive a flag",
        tag=TAG,
        answer=FlagSerializer,
        body=WaiveSerializer,
        errors=[404, 409, 422],
        headers=[IDEMPOTENCY_KEY],
        description="Accepts what the flag asks about until a day, on which it is asked "
        "again by itself; sooner, if it becomes worse.",
    )
    def post(self, request: Request, id: int) -> HttpResponse:
        self.require_scope(Permission.COVER)
        _require_flag(id)
        fields = self.fields(WaiveSerializer)
        approver = fields.get("approver")
        return self.decide(
            id,
            lambda clock: waive_flag(
                flag_id=id,
                owner_id=_person("owner", fields["owner"]),
                reason=fields["reason"],
                until=fields["expires_on"],
                approver_id=None if approver is None else _person("approver", approver),
                actor=self.actor,
                **clock,
            ),
        )


class OverrideFlag(DecidedDoor):
    @documented(
        "Override a flag",
        tag=TAG,
        answer=FlagSerializer,
        body=ReasonSerializer,
        errors=[404, 409, 422],
        headers=[IDEMPOTENCY_KEY],
        description="Says that what the flag rests on is wrong. It ends as soon as one of "
        "those facts changes, or another joins them.",
    )
    def post(self, request: Request, id: int) -> HttpResponse:
        self.require_scope(Permission.COVER)
        _require_flag(id)
        fields = self.fields(ReasonSerializer)
        return self.decide(
            id,
            lambda clock: override_flag(
                flag_id=id, **fields, actor=self.actor, **clock
            ),
        )


class AssignFlag(DecidedDoor):
    @documented(
        "Assign a flag",
        tag=TAG,
        answer=FlagSerializer,
        body=AssignSerializer,
        errors=[404, 409, 422],
        headers=[IDEMPOTENCY_KEY],
        description="Gives the solution behind the flag another owner, who is asked about "
        "all of its flags from then on. It takes the scope solutions:write.",
    )
    def post(self, request: Request, id: int) -> HttpResponse:
        self.require_scope(Permission.REASSIGN)
        solution_id = _require_flag(id)
        owner = self.fields(AssignSerializer)["owner"]
        return self.decide(
            id,
            lambda clock: reassign_solution(
                solution_id=solution_id,
                owner_id=None if owner is None else _person("owner", owner),
                actor=self.actor,
                **clock,
            ),
        )


class WaiverPages(KeysetPagination):
    endpoint = WAIVERS
    orderings = {"until": (Column("until", read_day), ID)}
    default = "until"


class Waivers(Door):
    pagination_class = WaiverPages
    parameters = [
        choice("status", Standing, "Whether it covers its flag today."),
        text("owner", f"The username of who answers for it; `{NONE}` for who left."),
        TEAM,
        text("solution", "The solution's slug."),
        *WaiverPages.parameters(),
    ]

    @documented(
        "List the waivers",
        tag=WAIVERS,
        answer=WaiverSerializer(many=True),
        parameters=parameters,
    )
    def get(self, request: Request) -> HttpResponse:
        today = timezone.localdate()
        names = ("owner", "team", "solution")
        wanted = {name: self.query[name] for name in names if name in self.query}
        if "status" in self.query:
            wanted["is_active"] = self.query["status"] is Standing.ACTIVE
        found = covers_matching(
            CoverFilter(kind=CoverKind.WAIVER, **wanted), today=today
        )
        return self.page(
            WaiverPages(), found, read_covers, lambda row: shown_waiver(row, today)
        )


class OneWaiver(Door):
    @documented("Show a waiver", tag=WAIVERS, answer=WaiverSerializer, errors=[404])
    def get(self, request: Request, id: int) -> HttpResponse:
        return answered(waiver_or_404(id))


class RevokeWaiver(Door):
    @documented(
        "Revoke a waiver",
        tag=WAIVERS,
        answer=WaiverSerializer,
        body=ReasonSerializer,
        errors=[404, 409, 422],
        headers=[IDEMPOTENCY_KEY],
        description="Ends it at once: its flag is asked again.",
    )
    def post(self, request: Request, id: int) -> HttpResponse:
        self.require_scope(Permission.COVER)
        waiver_or_404(id)
        fields = self.fields(ReasonSerializer)

        def work() -> Answer:
            revoke_cover(
                cover_id=id,
                reason=fields["reason"],
                actor=self.actor,
                today=timezone.localdate(),
                now=timezone.now(),
            )
            return Answer(HTTPStatus.OK.value, encoded(waiver_or_404(id)))

        return self.once(work)


def waiver_or_404(id: int) -> dict[str, Any]:
    """
    Return a waiver as its own address shows it.

    :raises Http404: if there is none.
    """
    row = find_cover(id)
    if row is None or row.kind != CoverKind.WAIVER:
        raise Http404
    return shown_waiver(row, timezone.localdate())


def shown_waiver(row: CoverRow, today: date) -> dict[str, Any]:
    """Return a waiver as the API shows it."""
    return {
        **shown_with_its_flag(row),
        "status": row.standing_on(today),
        "flag": row.flag_id,
        "cause": row.cause,
        "action": row.action,
        "solution": row.solution,
        "solution_name": row.solution_name,
        "team": row.team,
        "ended_at": row.ended_at,
        "ended_because": row.ended_because,
        "ended_by": row.ended_by,
    }


def _require_flag(id: int) -> int:
    """Return the number of the solution behind a flag."""
    solution_id = Flag.objects.filter(pk=id).values_list("solution_id", flat=True)
    found = solution_id.first()
    if found is None:
        raise Http404
    return found


def _person(field: str, username: str) -> int:
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise refuse("Nobody with this username can sign in here.", field=field)
    return person.pk
