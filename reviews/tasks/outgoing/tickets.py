"""Tickets: planned, made, followed and read again."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from reviews.connectors.addresses import AddressError
from reviews.models import Connection
from reviews.ports.tickets import TicketSystem
from reviews.ports.vault import SealedError
from reviews.queries.ticket_duty import connections_with_work
from reviews.services.tickets.following import follow_flags
from reviews.services.tickets.planning import plan_tickets, simulate_tickets
from reviews.services.tickets.problems import note_problem
from reviews.services.tickets.reading import read_tickets
from reviews.services.tickets.sending import send_tickets
from reviews.wiring import ticket_system

logger = logging.getLogger(__name__)

READING = timedelta(seconds=20)
SHIFT = timedelta(seconds=50)
"""How long a worker works for one connection before it asks what else there is."""

EXPIRES_SECONDS = 55
"""How long the word that there is work is worth anything: a minute later comes another."""


@shared_task
def look_after_tickets() -> None:
    """Write down what is to be done, and have each connection worked for by itself."""
    today, now = timezone.localdate(), timezone.now()
    site_url = settings.SITE_URL
    _each(
        partial(plan_tickets, today=today, now=now),
        partial(follow_flags, today=today, now=now, site_url=site_url),
    )
    for connection_id in connections_with_work(today=today, now=now):
        look_after_connection.apply_async(
            kwargs={"connection_id": connection_id}, expires=EXPIRES_SECONDS
        )


@shared_task
def look_after_connection(*, connection_id: int) -> None:
    """
    Work for a connection for a while: read, then send; or say what would be sent.

    A slow host keeps only the worker that is at it.
    """
    connection = Connection.objects.in_use().filter(pk=connection_id).first()
    if connection is None or connection.problem_at is not None:
        return
    try:
        system = ticket_system(connection)
    except (SealedError, AddressError) as error:
        note_problem(
            connection=connection,
            problem=str(error),
            now=timezone.now(),
            today=timezone.localdate(),
        )
        return
    if connection.is_live:
        _each(partial(_read, connection, system), partial(_send, connection, system))
    else:
        simulate_tickets(
            connection=connection,
            system=system,
            today=timezone.localdate(),
            now=timezone.now(),
            site_url=settings.SITE_URL,
        )


def _read(connection: Connection, system: TicketSystem) -> None:
    read_tickets(
        connection=connection,
        system=system,
        clock=timezone.now,
        today=timezone.localdate(),
        site_url=settings.SITE_URL,
        until=timezone.now() + READING,
    )


def _send(connection: Connection, system: TicketSystem) -> None:
    sent = send_tickets(
        connection=connection,
        system=system,
        clock=timezone.now,
        today=timezone.localdate(),
        site_url=settings.SITE_URL,
        until=timezone.now() + SHIFT,
    )
    logger.info("%s: %s", connection.slug, sent)


def _each(*jobs: Callable[[], object]) -> None:
    """Do one after the other, whatever becomes of those before."""
    for job in jobs:
        try:
            job()
        except Exception:
            logger.exception("tickets: a job went wrong")
