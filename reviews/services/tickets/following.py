"""
What tickets are told of the fate of their flags.

It follows from what a flag is and what its ticket was told, never from events, so that
nothing is missed; every step is written in the transaction that notes it as told.
"""

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from reviews.models import Cover, Ticket, TicketStep
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import Standing, StepKind
from reviews.rules.vocabulary import CoverKind
from reviews.services.tickets.drafting import (
    comment_on_asking_again,
    comment_on_closing,
    comment_on_cover,
)
from reviews.services.tickets.planning import new_marker

BATCH = 500

Asked = tuple[StepKind, str, str]
"""A step: what to do, the key under which it is asked for once, the text of a comment."""


def follow_flags(*, today: date, now: datetime, site_url: str) -> int:
    """
    Write the steps that bring tickets into line with their flags; return how many.

    A closed flag's ticket is told why and closed. A waived or overridden one's, too; it
    is opened again when the flag is asked again. A snoozed one is told. Another due day,
    severity, action or reason is an update.
    """
    written = 0
    for tickets, steps_of in (
        (_to_close(), partial(_closing, site_url=site_url)),
        (_to_cover(today), partial(_covering, today=today, site_url=site_url)),
        (_to_ask_again(today), partial(_asking_again, site_url=site_url)),
        (_to_update(today), partial(_updating, now=now)),
    ):
        for id in list(tickets.values_list("pk", flat=True)[:BATCH]):
            with transaction.atomic():
                ticket = (
                    tickets.select_for_update(of=("self",), no_key=True)
                    .select_related("flag__solution", "flag__closed_by")
                    .filter(pk=id)
                    .first()
                )
                # Somebody else has told it meanwhile.
                if ticket is not None:
                    written += _write(ticket, steps_of(ticket), now)
    return written


def _there() -> QuerySet[Ticket]:
    return Ticket.objects.filter(state=SendState.DONE.value).exclude(
        standing=Standing.GONE.value
    )


def _to_close() -> QuerySet[Ticket]:
    return _there().filter(flag__closed_at__isnull=False, told_closed=False)


def _to_cover(today: date) -> QuerySet[Ticket]:
    active = Cover.objects.active_on(today).filter(flag=OuterRef("flag"))
    return _there().filter(
        Exists(active.exclude(pk=OuterRef("told_cover")))
        | Exists(active) & Q(told_cover=None),
        flag__closed_at=None,
        flag__covered_until__gt=today,
    )


def _to_ask_again(today: date) -> QuerySet[Ticket]:
    return _there().filter(
        Q(flag__covered_until=None) | Q(flag__covered_until__lte=today),
        flag__closed_at=None,
        told_cover__isnull=False,
    )


def _to_update(today: date) -> QuerySet[Ticket]:
    waiting = TicketStep.objects.filter(
        ticket=OuterRef("pk"), kind=StepKind.UPDATE.value
    ).exclude(state=SendState.DONE.value)
    differs = (
        Q(sent_due_on=None)
        | ~Q(sent_due_on=F("flag__due_on"))
        | ~Q(sent_severity=F("flag__severity"))
        | ~Q(sent_action=F("flag__action"))
        | ~Q(sent_reason=F("flag__reason"))
    )
    return _there().filter(
        differs,
        ~Exists(waiting),
        Q(flag__covered_until=None) | Q(flag__covered_until__lte=today),
        flag__closed_at=None,
        conflict="",
    )


def _closing(ticket: Ticket, *, site_url: str) -> Iterable[Asked]:
    ticket.told_closed = True
    yield (
        StepKind.COMMENT,
        "closed",
        comment_on_closing(ticket.flag, site_url=site_url),
    )
    yield StepKind.CLOSE, "close:closed", ""


def _covering(ticket: Ticket, *, today: date, site_url: str) -> Iterable[Asked]:
    cover = Cover.objects.active_on(today).get(flag=ticket.flag_id)
    cover.flag = ticket.flag
    ticket.told_cover = cover
    yield (
        StepKind.COMMENT,
        f"cover:{cover.pk}",
        comment_on_cover(cover, site_url=site_url),
    )
    if cover.kind != CoverKind.SNOOZE:
        yield StepKind.CLOSE, f"close:cover:{cover.pk}", ""


def _asking_again(ticket: Ticket, *, site_url: str) -> Iterable[Asked]:
    cover_id, ticket.told_cover = ticket.told_cover_id, None
    yield (
        StepKind.COMMENT,
        f"asked-again:{cover_id}",
        comment_on_asking_again(ticket.flag, site_url=site_url),
    )
    yield StepKind.REOPEN, f"reopen:{cover_id}", ""


def _updating(ticket: Ticket, *, now: datetime) -> Iterable[Asked]:
    # A value may come back that was sent before, so the instant tells them apart.
    yield StepKind.UPDATE, f"update:{now.isoformat()}", ""


def _write(ticket: Ticket, steps: Iterable[Asked], now: datetime) -> int:
    rows = [
        TicketStep(
            ticket=ticket,
            kind=kind.value,
            key=key,
            marker=new_marker(),
            text=text,
            next_at=now,
            created_at=now,
        )
        for kind, key, text in steps
    ]
    TicketStep.objects.bulk_create(rows, ignore_conflicts=True)
    ticket.save(update_fields=["told_closed", "told_cover"])
    return len(rows)
