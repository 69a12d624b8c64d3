"""What is done to a connection by one click, and what its page tells of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from reviews import wiring
from reviews.admin.picking import is_number
from reviews.models import Arrival, Attempt, Connection, Flag
from reviews.ports.tickets import Finding
from reviews.ports.vault import SealedError
from reviews.queries.connections import Standings, standings_of
from reviews.queries.ticket_needs import held_back
from reviews.rules.access import Actor
from reviews.rules.telling import AttemptOutcome
from reviews.services.connections import (
    check_connection,
    check_soon,
    set_live,
    switch_connection,
)
from reviews.services.tickets.problems import try_connection_again

LINES = 20
"""How much of the ledger a page shows."""

Step = Callable[[Connection, Actor, datetime], str]


def _go_live(connection: Connection, actor: Actor, now: datetime) -> str:
    set_live(connection=connection, is_live=True, actor=actor, now=now)
    return "It is live: tickets are made from the next minute on."


def _simulate(connection: Connection, actor: Actor, now: datetime) -> str:
    set_live(connection=connection, is_live=False, actor=actor, now=now)
    return "It simulates: nothing is sent, and the ledger says what would be."


def _switch_on(connection: Connection, actor: Actor, now: datetime) -> str:
    switch_connection(connection=connection, is_on=True, actor=actor, now=now)
    return "It is switched on."


def _switch_off(connection: Connection, actor: Actor, now: datetime) -> str:
    switch_connection(connection=connection, is_on=False, actor=actor, now=now)
    return "It is switched off: nothing is sent, and nothing read."


def _check(connection: Connection, actor: Actor, now: datetime) -> str:
    check_soon(connection=connection, actor=actor)
    return "It is asked within a minute what has changed."


def _try_again(connection: Connection, actor: Actor, now: datetime) -> str:
    again = try_connection_again(connection_id=connection.pk, actor=actor, now=now)
    return f"It is tried again, with {again} that had been refused."


STEPS: Mapping[str, Step] = {
    "live": _go_live,
    "simulate": _simulate,
    "on": _switch_on,
    "off": _switch_off,
    "check": _check,
    "again": _try_again,
}


def tested(connection: Connection, actor: Actor) -> tuple[Finding, ...]:
    """Return what a connection was tested for; no transaction may be open."""
    try:
        system = wiring.ticket_system(connection)
    except SealedError as error:
        return (Finding("credentials", is_well=False, text=str(error)),)
    return check_connection(system=system, actor=actor)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """
    A request and what came of it; `sent` is what would have been sent, by method,
    address and body, empty where that was not kept.
    """

    id: int
    at: datetime
    what: str
    outcome: str
    tone: str
    status: int | None
    detail: str
    flag: str
    flag_url: str
    sent: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands around the form of a connection."""

    inbound: str
    standings: Standings
    held_back: int
    last_delivery_at: datetime | None
    ledger: list[LedgerLine]
    older_than: int | None
    is_first: bool


def shown(connection: Connection, before: str) -> Shown:
    """Return what a page tells of a connection; `before` is where its ledger begins."""
    attempts = Attempt.objects.filter(connection=connection).select_related(
        "flag__solution"
    )
    if is_number(before):
        attempts = attempts.filter(pk__lt=int(before))
    rows = list(attempts.order_by("-pk")[: LINES + 1])
    arrivals = Arrival.objects.filter(connection=connection).order_by("-pk")
    waiting = held_back(timezone.localdate()) if connection.is_on else {}
    return Shown(
        inbound=inbound_address(connection),
        standings=standings_of(connection.pk),
        held_back=waiting.get(connection.pk, 0),
        last_delivery_at=arrivals.values_list("received_at", flat=True).first(),
        ledger=[_line(row) for row in rows[:LINES]],
        older_than=rows[LINES - 1].pk if len(rows) > LINES else None,
        is_first=not is_number(before),
    )


def inbound_address(connection: Connection) -> str:
    """Return where a system sends its deliveries: to be entered over there."""
    path = f"/hooks/{connection.system}/{connection.slug}/"
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def token_setting(connection: Connection) -> str:
    """Return the name of the setting that has the token, empty where none has it."""
    bare = Connection(slug=connection.slug)
    return _setting(connection, "TOKEN") if wiring.token_of(bare) else ""


def secret_setting(connection: Connection) -> str:
    """Return the name of the setting that has the secret, empty where none has it."""
    given = wiring.given_secret_of(connection)
    return _setting(connection, "SECRET") if given else ""


def _setting(connection: Connection, kind: str) -> str:
    return f"TICKETS_{connection.slug.upper().replace('-', '_')}_{kind}"


_TONES = {
    AttemptOutcome.DONE.value: "fresh",
    AttemptOutcome.SIMULATED.value: "unreviewed",
    AttemptOutcome.PASSING.value: "due_soon",
    AttemptOutcome.UNKNOWN.value: "due_soon",
    AttemptOutcome.REFUSED.value: "overdue",
}


def _line(row: Attempt) -> LedgerLine:
    flag: Flag | None = row.flag
    return LedgerLine(
        id=row.pk,
        at=row.at,
        what=row.what,
        outcome=row.get_outcome_display(),
        tone=_TONES[row.outcome],
        status=row.status,
        detail=row.detail,
        flag=str(flag) if flag else "",
        flag_url=reverse("admin:reviews_flag_change", args=[flag.pk]) if flag else "",
        sent=_sent(row.request),
    )


def _sent(request: object) -> str:
    if not isinstance(request, dict):
        return ""
    body = json.dumps(request.get("payload"), indent=2, ensure_ascii=False)
    return f"{request.get('method')} {request.get('url')}\n\n{body}"
