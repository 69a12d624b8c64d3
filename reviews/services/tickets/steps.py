"""
What is done to tickets that are there: commented, closed, opened again, updated.

Closing, opening and updating may be done twice without harm: the ticket is read first,
and what stands so already is left. A comment is looked for by its marker.

Each side owns fields. What the tracker owns is written over if it was changed over
there; was it changed on both sides, nothing is sent, and somebody decides.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, assert_never

from django.db import transaction
from django.db.models import Exists, OuterRef

from reviews.models import Ticket, TicketStep
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import Draft, RemoteTicket
from reviews.rules.outgoing import SendState
from reviews.rules.ticket_fields import Change, changed_by
from reviews.rules.ticketing import Standing, StepKind
from reviews.services.outgoing import finish, intend, refuse, take
from reviews.services.tickets.drafting import draft_of, text_digest
from reviews.services.tickets.outcomes import settle_looked, settle_sent
from reviews.services.tickets.planning import new_marker
from reviews.services.tickets.problems import OURS
from reviews.services.tickets.shift import Outcome, Shift

COMMENT_LAG = timedelta(seconds=30)
"""
How long a lost comment is waited for: lists of comments do not lag, but the request may
still be on its way, or at work on the other side.
"""

GONE = (
    "This ticket was deleted, or is out of sight of the connection's account. No other "
    "one is made by itself."
)


def due_steps(shift: Shift) -> list[int]:
    """
    Return the steps that are due for a connection's tickets, by id.

    Those of one ticket come strictly one after the other: none comes before an earlier
    one that waits or was refused, but for an update that its flag no longer needs.
    """
    earlier = TicketStep.objects.filter(
        ticket=OuterRef("ticket"), pk__lt=OuterRef("pk")
    )
    in_the_way = earlier.exclude(state=SendState.DONE.value).exclude(
        kind=StepKind.UPDATE.value, ticket__flag__closed_at__isnull=False
    )
    due = TicketStep.objects.to_take_up_at(shift.clock()).filter(
        ~Exists(in_the_way),
        ticket__connection=shift.connection.pk,
        ticket__state=SendState.DONE.value,
    )
    return list(due.order_by("created_at", "pk").values_list("pk", flat=True))


def take_step(shift: Shift, id: int) -> Outcome:
    """
    Do a step, if it is not done yet, and return what came of it.

    :raises LostClaimError: if another worker took the step meanwhile.
    """
    step = take(TicketStep, id, now=shift.clock(), lag=COMMENT_LAG)
    if step is None:
        return Outcome.LEFT
    ticket = Ticket.objects.select_related(
        "flag__solution__team", "flag__solution__owner"
    ).get(pk=step.ticket_id)
    kind = StepKind(step.kind)
    match kind:
        case StepKind.COMMENT:
            return _comment(shift, step, ticket)
        case StepKind.CLOSE:
            return _stand(shift, step, ticket, closed=True)
        case StepKind.REOPEN:
            return _stand(shift, step, ticket, closed=False)
        case StepKind.UPDATE:
            return _update(shift, step, ticket)
        case _:
            assert_never(kind)


def _comment(shift: Shift, step: TicketStep, ticket: Ticket) -> Outcome:
    id, system = ticket.remote_id, shift.system
    if step.first_sent_at is not None:
        try:
            comments = shift.ask(
                "comments", ticket.flag_id, lambda: system.comments(id)
            )
        except OutsideError as error:
            return settle_looked(shift, step, error)
        if any(step.marker in comment.text for comment in comments):
            finish(step, now=shift.clock())
            return Outcome.DONE
    intend(step, now=shift.clock())
    try:
        shift.ask(
            "comment",
            ticket.flag_id,
            lambda: system.comment(id, step.text, marker=step.marker),
        )
    except OutsideError as error:
        return settle_sent(shift, step, error)
    finish(step, now=shift.clock())
    return Outcome.DONE


def _stand(shift: Shift, step: TicketStep, ticket: Ticket, *, closed: bool) -> Outcome:
    id, system = ticket.remote_id, shift.system
    try:
        remote = shift.ask("read", ticket.flag_id, lambda: system.read(id))
    except OutsideError as error:
        return settle_looked(shift, step, error)
    if remote is None:
        return _gone(shift, step)
    if remote.is_closed is not closed:
        change = system.close if closed else system.reopen
        intend(step, now=shift.clock())
        try:
            shift.ask(step.kind, ticket.flag_id, lambda: change(id))
        except OutsideError as error:
            return settle_sent(shift, step, error)
    standing = Standing.CLOSED if closed else Standing.OPEN
    _finish_with(step, shift.clock(), standing=standing.value)
    return Outcome.DONE


def _update(shift: Shift, step: TicketStep, ticket: Ticket) -> Outcome:
    flag, id, system = ticket.flag, ticket.remote_id, shift.system
    if flag.closed_at is not None:
        finish(step, now=shift.clock())
        return Outcome.DONE
    try:
        remote = shift.ask("read", flag.pk, lambda: system.read(id))
    except OutsideError as error:
        return settle_looked(shift, step, error)
    if remote is None:
        return _gone(shift, step)
    draft = draft_of(flag, marker=ticket.marker, site_url=shift.site_url)
    fields = tuple(_compared(shift, ticket, draft, remote))
    conflict = _conflict(fields)
    if conflict and not step.key.startswith(OURS):
        return _quarrel(shift, step, conflict)
    is_ours, is_old = _of_text(ticket, draft, remote)
    if any(change is not Change.NOBODY for _, change, *_ in fields) or (
        is_ours and is_old
    ):
        intend(step, now=shift.clock())
        try:
            shift.ask(
                "update", flag.pk, lambda: system.update(id, draft, with_text=is_ours)
            )
            remote = shift.ask("read", flag.pk, lambda: system.read(id)) or remote
        except OutsideError as error:
            return settle_sent(shift, step, error)
    now = shift.clock()
    _finish_with(step, now, **_sent(ticket, draft, remote, is_ours=is_ours))
    if not is_ours and is_old and _has_news(ticket, draft):
        _add_evidence(ticket, draft, now)
    return Outcome.DONE


Compared = tuple[str, Change, date | str | None, date | str | None]
"""A field that both sides have: its name, who changed it, what is said here and there."""


def _compared(
    shift: Shift, ticket: Ticket, draft: Draft, remote: RemoteTicket
) -> Iterator[Compared]:
    title = " ".join(remote.title.split())
    yield (
        "title",
        changed_by(sent=ticket.sent_title, ours=draft.title, theirs=title),
        draft.title,
        title,
    )
    # A system that has no such field says nothing of it, which is no change.
    if remote.due_on is not None or shift.connection.fields.get("due_on"):
        change = changed_by(
            sent=ticket.sent_due_on, ours=draft.due_on, theirs=remote.due_on
        )
        yield "due day", change, draft.due_on, remote.due_on
    if remote.severity is not None and draft.severity:
        # Where none was sent, what stands there is the system's own default.
        sent = ticket.sent_severity or remote.severity
        change = changed_by(sent=sent, ours=draft.severity, theirs=remote.severity)
        yield "severity", change, draft.severity, remote.severity


def _conflict(fields: tuple[Compared, ...]) -> str:
    """Return what both sides changed, in a sentence for each field, or nothing."""
    return " ".join(
        f"The {name} was changed on both sides: here it is {ours or 'empty'}, in the "
        f"ticket it is {theirs or 'empty'}."
        for name, change, ours, theirs in fields
        if change is Change.BOTH
    )


def _of_text(ticket: Ticket, draft: Draft, remote: RemoteTicket) -> tuple[bool, bool]:
    """Return whether a ticket's text is as it was sent, and whether it is out of date."""
    stands, wanted = text_digest(remote.text), text_digest(draft.text)
    return stands in (ticket.sent_text_digest, wanted), stands != wanted


def _has_news(ticket: Ticket, draft: Draft) -> bool:
    flag = ticket.flag
    told = (ticket.sent_reason, ticket.sent_action, ticket.sent_due_on)
    return told != (flag.reason, flag.action, draft.due_on) or (
        ticket.sent_severity != draft.severity
    )


def _sent(
    ticket: Ticket, draft: Draft, remote: RemoteTicket, *, is_ours: bool
) -> dict[str, Any]:
    """Return what a ticket was sent last, as its columns have it."""
    digest = text_digest(remote.text) if is_ours else ticket.sent_text_digest
    return {
        "sent_title": draft.title,
        "sent_text_digest": digest,
        "sent_due_on": draft.due_on,
        "sent_severity": draft.severity,
        "sent_reason": ticket.flag.reason,
        "sent_action": ticket.flag.action,
        "conflict": "",
    }


def _quarrel(shift: Shift, step: TicketStep, conflict: str) -> Outcome:
    """Commit that both sides changed something: nothing is sent until one decides."""
    with transaction.atomic():
        refuse(step, problem=conflict, now=shift.clock())
        Ticket.objects.filter(pk=step.ticket_id).update(conflict=conflict[:500])
    return Outcome.REFUSED


def _gone(shift: Shift, step: TicketStep) -> Outcome:
    now = shift.clock()
    with transaction.atomic():
        refuse(step, problem=GONE, now=now)
        Ticket.objects.filter(pk=step.ticket_id).update(
            standing=Standing.GONE.value, problem=GONE, read_at=now
        )
    return Outcome.REFUSED


def _finish_with(step: TicketStep, now: datetime, **columns: Any) -> None:
    """Commit that a step is done, and what its ticket is known to be by that."""
    with transaction.atomic():
        finish(step, now=now)
        Ticket.objects.filter(pk=step.ticket_id).update(**columns)


def _add_evidence(ticket: Ticket, draft: Draft, now: datetime) -> None:
    """Have the new facts told in a comment: the text has become somebody else's."""
    step = TicketStep(
        ticket=ticket,
        kind=StepKind.COMMENT.value,
        key=f"evidence:{text_digest(draft.text)[:12]}",
        marker=new_marker(),
        text=(
            "The description was edited here, so it is left as it is. This is what has "
            f"become of the question:\n\n{draft.text}"
        ),
        next_at=now,
        created_at=now,
    )
    TicketStep.objects.bulk_create([step], ignore_conflicts=True)
