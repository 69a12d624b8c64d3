"""Connections to ticket systems for the tests, made through the services."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from reviews.connectors.vault import SecretVault
from reviews.models import Change, Connection, User
from reviews.rules.ticketing import System
from reviews.services.connection_drafts import ConnectionDraft, draft_of
from reviews.services.connections import (
    Saved,
    change_connection,
    make_connection,
)
from tests.conftest import NOW, Cast

VAULT = SecretVault(["a key of the tests"])
LATER = NOW + timedelta(hours=1)
GITHUB = ConnectionDraft(
    name="Shop on GitHub",
    slug="shop",
    system=System.GITHUB,
    address="https://api.github.com",
    project="acme/shop",
)


def anything(address: str) -> None:
    """Let every address pass."""


def private(address: str) -> None:
    raise ValueError("It is private: name it in the setting OUTBOUND_ALLOWED_HOSTS.")


def made(
    cast: Cast,
    draft: ConnectionDraft = GITHUB,
    *,
    token: str = "token-1",
    secret: str = "secret-1",
    by: User | None = None,
    **more: Any,
) -> Connection:
    saved = make_connection(
        draft=replace(draft, **more.pop("said", {})),
        token=token,
        secret=secret,
        actor=cast.actor(by or cast.dora),
        vault=VAULT,
        now=NOW,
        **{"check": anything, **more},
    )
    return saved.connection


def changed(
    cast: Cast,
    connection: Connection,
    *,
    token: str | None = None,
    secret: str | None = None,
    by: User | None = None,
    **said: Any,
) -> Saved:
    saved = change_connection(
        connection=connection,
        draft=replace(draft_of(connection), **said),
        token=token,
        secret=secret,
        actor=cast.actor(by or cast.dora),
        vault=VAULT,
        check=anything,
        now=LATER,
    )
    connection.refresh_from_db()
    return saved


def trail() -> list[tuple[str, dict[str, Any]]]:
    rows = Change.objects.filter(object_kind="connection").order_by("pk")
    return list(rows.values_list("what", "details"))
