"""
Connections to ticket systems: made, changed, switched, and their secrets.

A secret comes in, is sealed, and never comes out again but to be used; the audit trail
says that there is another, and not which. Nothing here sends anything but a test.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from reviews.models import Connection, Ticket
from reviews.ports.tickets import Finding, TicketSystem
from reviews.ports.vault import Vault
from reviews.rules.access import Actor, Permission, require
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import System
from reviews.services.audit import differences, record_change
from reviews.services.connection_drafts import (
    AddressCheck,
    ConnectionDraft,
    checked,
    draft_of,
    origin_of,
)
from reviews.services.errors import ConflictError, InvalidError

FORMER_SECRET_HOLDS = timedelta(hours=24)
"""How long deliveries that are signed with the secret before are accepted."""

SECRET_LIMIT = 2_000

ELSEWHERE = (
    "It leads elsewhere now, and its tickets are known by their numbers there. If this "
    "is the same project under another name, choose “try again”. If it is another one, "
    "change it back, and make another connection: what happens to be number 7 there "
    "would be taken for this connection's ticket 7, and be written over."
)
"""Why a connection with tickets stands still after a change of its place."""

# Whose issues are numbered, or looked for, in one project and not in the whole system.
_NUMBERED_BY_PROJECT = frozenset({System.GITHUB, System.GITLAB, System.REDMINE})

# What a draft has and the row has as it is; the teams are rows of their own.
_COLUMNS = (
    *("name", "slug", "system", "address", "project", "issue_type", "login"),
    *("owner_id", "position", "fields", "tickets_per_day", "writes_per_minute"),
    *("lag_seconds", "decides"),
)
_LISTS = ("causes", "actions", "severities")


@dataclass(frozen=True, slots=True)
class Saved:
    """
    A connection as it was saved.

    `was_emptied` says that its stored secrets were removed, because its address leads
    elsewhere: they were not for whoever is there.
    """

    connection: Connection
    was_emptied: bool = False


def make_connection(
    *,
    draft: ConnectionDraft,
    token: str,
    secret: str,
    actor: Actor,
    vault: Vault,
    check: AddressCheck,
    now: datetime,
) -> Saved:
    """
    Make a connection, switched on and simulating: it sends nothing until it is live.

    :raises NotAllowedError: to anyone but administrators.
    :raises InvalidError: naming the field that breaks a rule.
    :raises ConflictError: if another connection has the slug.
    """
    require(actor, Permission.CONNECT, None)
    wanted = checked(draft, kept_owner_id=None, check=check)
    with transaction.atomic():
        if Connection.objects.filter(slug=wanted.slug).exists():
            raise ConflictError("Another connection has this slug.", field="slug")
        connection = Connection(created_at=now, updated_at=now)
        _write(connection, wanted)
        connection.sealed_token = vault.seal(_secret(token, "token"))
        connection.sealed_secret = vault.seal(_secret(secret, "secret"))
        connection.save()
        connection.teams.set(wanted.team_ids)
        told = differences({}, _told(wanted)) | _told_of(token=token, secret=secret)
        _record(connection, "connection added", told, actor, now)
    return Saved(connection)


def change_connection(
    *,
    connection: Connection,
    draft: ConnectionDraft,
    token: str | None,
    secret: str | None,
    actor: Actor,
    vault: Vault,
    check: AddressCheck,
    now: datetime,
) -> Saved:
    """
    Change a connection; a token or a secret that is None is kept.

    An address on another host clears the secrets that were kept: nobody entered them
    for that host. With tickets, a connection that leads elsewhere stands still until
    somebody says that it is the same place.

    :raises NotAllowedError: to anyone but administrators.
    :raises InvalidError: naming the field that breaks a rule, or that never changes.
    """
    require(actor, Permission.CONNECT, None)
    wanted = checked(draft, kept_owner_id=connection.owner_id, check=check)
    with transaction.atomic():
        held = _held(connection)
        before = draft_of(held)
        _refuse_other_identity(before, wanted)
        _write(held, wanted)
        was_emptied = origin_of(before.address) != origin_of(wanted.address) and _empty(
            held, keeps_token=token is None, keeps_secret=secret is None
        )
        if token is not None:
            held.sealed_token = vault.seal(_secret(token, "token"))
        if secret is not None:
            _replace_secret(held, vault.seal(_secret(secret, "secret")), now)
        held.updated_at = now
        # Workers write the other columns meanwhile.
        held.save(update_fields=[*_COLUMNS, *_LISTS, *_SECRETS, "updated_at"])
        _stop_elsewhere(held, before, wanted, now)
        held.teams.set(wanted.team_ids)
        told = {
            **differences(_told(before), _told(wanted)),
            **_told_of(token=token, secret=secret),
            **({"secrets": "removed, as the host is another"} if was_emptied else {}),
        }
        if told:
            _record(held, "connection changed", told, actor, now)
    return Saved(held, was_emptied=was_emptied)


def set_live(
    *, connection: Connection, is_live: bool, actor: Actor, now: datetime
) -> None:
    """
    Have a connection send from now on, or only say again what it would send.

    What it simulated stays in the ledger. Tickets of which nothing was sent yet are given
    up where it stops: their flags are free for another connection.

    :raises NotAllowedError: to anyone but administrators.
    """
    what = "connection goes live" if is_live else "connection simulates"
    _set(connection, "is_live", is_live, what, actor, now)


def switch_connection(
    *, connection: Connection, is_on: bool, actor: Actor, now: datetime
) -> None:
    """
    Switch a connection on or off; what is off neither sends, reads nor simulates.

    Tickets of which nothing was sent yet are given up, as in `set_live`.

    :raises NotAllowedError: to anyone but administrators.
    """
    what = "connection switched on" if is_on else "connection switched off"
    _set(connection, "is_on", is_on, what, actor, now)


def check_soon(*, connection: Connection, actor: Actor) -> None:
    """
    Have a connection ask at the next minute what has changed over there.

    :raises NotAllowedError: to anyone but administrators.
    """
    require(actor, Permission.CONNECT, None)
    Connection.objects.filter(pk=connection.pk).update(polled_at=None)


def rotate_webhook_secret(
    *,
    connection: Connection,
    actor: Actor,
    vault: Vault,
    now: datetime,
    former_holds: timedelta = FORMER_SECRET_HOLDS,
) -> str:
    """
    Return a new secret for the deliveries of a connection; it is shown this once.

    The one before stays good for a while, until it has been entered over there.

    :raises NotAllowedError: to anyone but administrators.
    """
    require(actor, Permission.CONNECT, None)
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        held = _held(connection)
        _replace_secret(held, vault.seal(secret), now, former_holds)
        held.updated_at = now
        held.save(update_fields=[*_SECRETS, "updated_at"])
        _record(held, "webhook secret renewed", {}, actor, now)
    return secret


def delete_connection(*, connection: Connection, actor: Actor, now: datetime) -> None:
    """
    Delete a connection that never had a ticket, with its ledger.

    :raises NotAllowedError: to anyone but administrators.
    :raises ConflictError: if it has tickets, with the way out.
    """
    require(actor, Permission.CONNECT, None)
    with transaction.atomic():
        held = _held(connection)
        count = held.tickets.count()
        if count:
            tickets = "1 ticket" if count == 1 else f"{count:,} tickets"
            raise ConflictError(
                f"{held.name} has {tickets}, which would lose their flags: switch it "
                "off instead."
            )
        _record(held, "connection deleted", {"slug": held.slug}, actor, now)
        held.delete()


def check_connection(*, system: TicketSystem, actor: Actor) -> tuple[Finding, ...]:
    """
    Return what a connection was tested for, up to the first thing that is wrong.

    Nothing is written, here or over there. Call it with no transaction open.

    :raises NotAllowedError: to anyone but administrators.
    """
    require(actor, Permission.CONNECT, None)
    return system.check()


_SECRETS = (
    *("sealed_token", "sealed_secret", "sealed_former_secret"),
    "former_secret_until",
)


def _held(connection: Connection) -> Connection:
    return Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)


def _write(connection: Connection, draft: ConnectionDraft) -> None:
    for name in _COLUMNS:
        setattr(connection, name, getattr(draft, name))
    for name in _LISTS:
        setattr(connection, name, list(getattr(draft, name)))


def _refuse_other_identity(before: ConnectionDraft, wanted: ConnectionDraft) -> None:
    """Return if a draft is of the same connection: its tickets are that system's."""
    if wanted.slug != before.slug:
        raise InvalidError(
            "The slug stays: the address for webhooks and the names of the settings "
            "are made of it.",
            field="slug",
        )
    if wanted.system is not before.system:
        raise InvalidError(
            "The system stays: make another connection for another system.",
            field="system",
        )


def _stop_elsewhere(
    connection: Connection,
    before: ConnectionDraft,
    wanted: ConnectionDraft,
    now: datetime,
) -> None:
    """Have a connection wait for a word if its tickets may not be where it leads now."""
    is_elsewhere = before.address.lower() != wanted.address.lower() or (
        before.project.lower() != wanted.project.lower()
        and wanted.system in _NUMBERED_BY_PROJECT
    )
    sent = connection.tickets.exclude(state=SendState.READY.value)
    if is_elsewhere and sent.exists():
        connection.problem, connection.problem_at = ELSEWHERE, now
        connection.save(update_fields=["problem", "problem_at"])


def _empty(connection: Connection, *, keeps_token: bool, keeps_secret: bool) -> bool:
    """Remove the secrets; return whether one is gone that was to be kept."""
    lost = (keeps_token and bool(connection.sealed_token)) or (
        keeps_secret and bool(connection.sealed_secret)
    )
    connection.sealed_token = connection.sealed_secret = ""
    connection.sealed_former_secret = ""
    connection.former_secret_until = None
    return lost


def _replace_secret(
    connection: Connection,
    sealed: str,
    now: datetime,
    former_holds: timedelta = FORMER_SECRET_HOLDS,
) -> None:
    former = connection.sealed_secret
    connection.sealed_secret = sealed
    connection.sealed_former_secret = former
    connection.former_secret_until = now + former_holds if former else None


def _secret(text: str, field: str) -> str:
    if len(text) > SECRET_LIMIT:
        raise InvalidError(
            f"It has {len(text):,} characters; at most {SECRET_LIMIT:,} are allowed.",
            field=field,
        )
    # It stands in a header, where a line break would begin another.
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise InvalidError(
            "It holds a space at an end, a line break or a letter that no such secret "
            "has: copy it again.",
            field=field,
        )
    return text


def _set(
    connection: Connection,
    column: str,
    wanted: bool,
    what: str,
    actor: Actor,
    now: datetime,
) -> None:
    require(actor, Permission.CONNECT, None)
    with transaction.atomic():
        held = _held(connection)
        if getattr(held, column) == wanted:
            return
        setattr(held, column, wanted)
        held.updated_at = now
        held.save(update_fields=[column, "updated_at"])
        given_up = 0 if wanted else _give_up_unsent(held)
        told = {"tickets given up": given_up} if given_up else {}
        _record(held, what, told, actor, now)


def _give_up_unsent(connection: Connection) -> int:
    """Forget the tickets of which nothing has gone out; return how many."""
    unsent = Ticket.objects.filter(
        connection=connection, state=SendState.READY.value, first_sent_at=None
    )
    count, _ = unsent.delete()
    return count


def _told(draft: ConnectionDraft) -> dict[str, Any]:
    """Return what the audit trail compares; no secret is part of a draft."""
    lists = {name: list(getattr(draft, name)) for name in _LISTS}
    columns = {name: getattr(draft, name) for name in _COLUMNS}
    return columns | lists | {"teams": sorted(draft.team_ids)}


def _told_of(*, token: str | None, secret: str | None) -> dict[str, str]:
    said = {"token": token, "webhook secret": secret}
    return {
        name: "entered" if value else "removed"
        for name, value in said.items()
        if value is not None
    }


def _record(
    connection: Connection,
    what: str,
    details: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    record_change(
        actor=actor,
        subject=connection,
        label=connection.slug,
        what=what,
        details=details,
        now=now,
    )
