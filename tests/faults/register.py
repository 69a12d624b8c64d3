"""A register with many flags that ask for tickets, written quickly."""

from datetime import datetime, timedelta

from django.core.management import call_command
from django.utils import timezone

from reviews.models import Connection, Flag, Solution, Ticket
from reviews.rules.ticketing import System
from reviews.rules.vocabulary import Action, Cause, Kind
from reviews.services.tickets.planning import new_marker
from reviews.wiring import vault

TOKEN = "the-token"
"""What the fake ticket systems take, unless they are told otherwise."""


def open_flags(number: int, now: datetime) -> list[Flag]:
    """Return as many flags as are asked for, of a solution each, all of them asked."""
    day = now.date() - timedelta(days=10)
    solutions = Solution.objects.bulk_create(
        Solution(
            slug=f"solution-{index}",
            key=f"package:solution-{index}",
            name=f"Solution {index}",
            kind=Kind.PACKAGE.value,
            registered_on=day,
            first_review_on=day,
            next_review_on=day,
            created_at=now,
            updated_at=now,
        )
        for index in range(number)
    )
    return Flag.objects.bulk_create(
        Flag(
            solution=solution,
            cause=Cause.REVIEW_DUE.value,
            action=Action.REVIEW.value,
            due_on=day,
            opened_at=now,
        )
        for solution in solutions
    )


def connection_to(
    address: str, now: datetime, *, slug: str = "github", **said: object
) -> Connection:
    """Return a live connection to a fake GitHub, unsaved; quick, unless told otherwise."""
    given: dict[str, object] = {
        "name": slug,
        "system": System.GITHUB.value,
        "address": address,
        "project": "acme/payments",
        "sealed_token": vault().seal(TOKEN),
        "is_live": True,
        "tickets_per_day": 10_000,
        "writes_per_minute": 60_000,
        "lag_seconds": 1,
        "created_at": now,
        "updated_at": now,
    }
    return Connection(slug=slug, **(given | said))


def intents(pairs: list[tuple[Connection, Flag]], now: datetime) -> list[Ticket]:
    """Return the tickets that are to be made: a connection for each flag."""
    return Ticket.objects.bulk_create(
        Ticket(
            connection=connection,
            flag=flag,
            marker=new_marker(),
            next_at=now,
            created_at=now,
        )
        for connection, flag in pairs
    )


def seed(*, address: str, flags: int) -> None:
    """Set up an empty register, with a connection and tickets that are to be made."""
    call_command("migrate", verbosity=0, interactive=False)
    now = timezone.now()
    connection = connection_to(address, now)
    connection.save()
    intents([(connection, flag) for flag in open_flags(flags, now)], now)
