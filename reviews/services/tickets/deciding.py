"""
Decisions that people take in a ticket: a verdict, a waiver, or closing it without one.

Whoever works on the project there is taken for an engineer of the owning team, and for
no more; whoever may only write under its issues decides nothing. To
deprecate is a proposal, and a waiver has the connection's owner for its approver and
ends on the default day. A comment is obeyed once; so is a label or a resolution.
"""

from datetime import date, datetime, timedelta

from django.db import transaction

from reviews.models import Evaluation, Flag, Ticket, TicketStep, User
from reviews.ports.tickets import Comment, RemoteTicket, TicketSystem
from reviews.rules.access import Actor, NotAllowedError, Role
from reviews.rules.commands import Command, command_in, command_of_close
from reviews.rules.staleness import contract_pull
from reviews.rules.ticketing import WAIVER_DAYS, Standing, StepKind
from reviews.rules.vocabulary import Cause
from reviews.services.access import actor_of
from reviews.services.covers import waive_flag
from reviews.services.errors import ConflictError, DomainError, InvalidError
from reviews.services.evaluations import Judgement, record_evaluation
from reviews.services.locks import locked_flag
from reviews.services.tickets.drafting import (
    HOW_TO_DECIDE,
    comment_asking_for_decision,
    escaped,
)
from reviews.services.tickets.hints import plain
from reviews.services.tickets.standing import add_step, is_under_way, locked_ticket

SUMMARY_LIMIT = 200
REASON_LIMIT = 400
ID_LIMIT = 80


def look_for_decision(
    *,
    ticket: Ticket,
    remote: RemoteTicket,
    system: TicketSystem,
    today: date,
    now: datetime,
    site_url: str,
) -> None:
    """
    Obey what people decided in a ticket that was just read, or ask them for it, once.

    New comments are obeyed in their order. A label, resolution or status decides when a
    ticket is closed over there, while its flag is asked. What is refused is said in a
    comment, with what to write instead.

    :raises OutsideError: if its comments cannot be read.
    """
    if not Flag.objects.open().filter(pk=ticket.flag_id).exists():
        return
    ours = _markers(ticket)
    for comment in system.comments(ticket.remote_id):
        command = command_in(comment.text)
        if command is None or any(word in comment.text for word in ours):
            continue
        if comment.is_insider:
            _obey_comment(ticket, comment, command, today=today, now=now)
    if remote.is_closed:
        _follow_close(ticket, remote, today=today, now=now, site_url=site_url)


def _markers(ticket: Ticket) -> list[str]:
    """Return the words by which this product's own comments are known."""
    steps = TicketStep.objects.filter(ticket=ticket)
    return [ticket.marker, *steps.values_list("marker", flat=True)]


def _obey_comment(
    ticket: Ticket, comment: Comment, command: Command, *, today: date, now: datetime
) -> None:
    """Obey a comment that is newer than all that were obeyed or refused."""
    with transaction.atomic():
        row = _locked(ticket)
        if row is None or not _is_newer(comment, row.decided_comment):
            return
        who = plain(comment.author, limit=100) or "Somebody"
        if row.flag.closed_at is None:
            key = comment.id[:ID_LIMIT]
            _obey(row, command, who=who, key=key, today=today, now=now)
        row.decided_comment = comment.id[:100]
        row.save(update_fields=["decided_comment", "asked_for_decision_at"])


def _follow_close(
    ticket: Ticket, remote: RemoteTicket, *, today: date, now: datetime, site_url: str
) -> None:
    """Take a decision from how a ticket was closed, or ask for one."""
    with transaction.atomic():
        row = _locked(ticket)
        if row is None or not _was_closed_by_them(row, today):
            return
        command = command_of_close(
            labels=remote.labels,
            words=[remote.resolution, remote.status],
            decisions=row.connection.fields.get("decisions") or {},
        )
        if command is not None and row.connection.decides:
            _obey_close(row, command, today=today, now=now)
        elif row.asked_for_decision_at is None:
            _ask(row, now=now, site_url=site_url)
        row.save(update_fields=["asked_for_decision_at"])


def _obey_close(row: Ticket, command: Command, *, today: date, now: datetime) -> None:
    key = plain(command.text, limit=ID_LIMIT)
    answered = [f"refused:{key}", f"proposed:{key}"]
    if TicketStep.objects.filter(ticket=row, key__in=answered).exists():
        return
    _obey(row, command, who="Somebody", key=key, today=today, now=now)


def _ask(row: Ticket, *, now: datetime, site_url: str) -> None:
    text = comment_asking_for_decision(row.flag, site_url=site_url)
    if not row.connection.decides:
        text = (
            "This was closed, and the question about "
            f"{escaped(row.flag.solution.name)} is still open. Decide it here: "
            f"{site_url}/queue/{row.flag.solution.slug}/"
        )
    add_step(row, StepKind.COMMENT, key="asks-decision", text=text, now=now)
    row.asked_for_decision_at = now


def _obey(
    row: Ticket, command: Command, *, who: str, key: str, today: date, now: datetime
) -> None:
    """Do what was decided, and say so in a comment if it takes more than that."""
    try:
        with transaction.atomic():
            said = _done(row, command, who=who, today=today, now=now)
    except (DomainError, NotAllowedError) as error:
        text = (
            f"{escaped(command.text)} was not done. {escaped(str(error))} To decide, "
            f"write a new comment that begins with {HOW_TO_DECIDE}."
        )
        add_step(row, StepKind.COMMENT, key=f"refused:{key}", text=text, now=now)
        # That says what to write instead, so it is not asked for once more.
        row.asked_for_decision_at = row.asked_for_decision_at or now
        return
    if said:
        add_step(row, StepKind.COMMENT, key=f"proposed:{key}", text=said, now=now)


def _done(
    row: Ticket, command: Command, *, who: str, today: date, now: datetime
) -> str:
    """
    Return what is to be said of a decision that was carried out, mostly nothing.

    :raises DomainError: if it cannot be carried out.
    :raises NotAllowedError: if nobody whom it takes may.
    """
    if not row.connection.decides:
        raise ConflictError(
            "Nothing is decided in the tickets of this connection: log an evaluation."
        )
    if command.problem:
        raise InvalidError(command.problem)
    if command.verdict is None:
        _waive(row, command, who=who, today=today, now=now)
        return ""
    evaluation = _evaluate(row, command, who=who, today=today, now=now)
    if not evaluation.is_proposal:
        return ""
    return (
        f"That is a proposal to {evaluation.verdict}, made by {escaped(who)}: it takes "
        "effect when a lead of the owning team approves it."
    )


def _evaluate(
    row: Ticket, command: Command, *, who: str, today: date, now: datetime
) -> Evaluation:
    if command.verdict is None:
        raise InvalidError("A verdict is missing.")
    solution = row.flag.solution
    team_id = solution.team_id
    reason = plain(command.reason, limit=REASON_LIMIT)
    by = f"{who} in {row}"
    return record_evaluation(
        solution_id=solution.pk,
        judgement=Judgement(
            verdict=command.verdict,
            evaluated_on=today,
            summary=plain(reason or f"Decided in {row}.", limit=SUMMARY_LIMIT),
            rationale=f"{by} ({row.url}): {plain(command.text, limit=500)}",
        ),
        actor=Actor(
            name=by,
            door=f"ticket {row.connection.slug}",
            roles={} if team_id is None else {team_id: Role.ENGINEER},
        ),
        today=today,
        now=now,
    )


def _waive(
    row: Ticket, command: Command, *, who: str, today: date, now: datetime
) -> None:
    """Waive a ticket's flag until the default day, whatever day is asked for."""
    approver = row.connection.owner
    if approver is None or not approver.is_active:
        raise ConflictError(
            "A waiver needs an approver, who is the owner of the connection, and this "
            "connection has none who can sign in."
        )
    reason = plain(command.reason, limit=REASON_LIMIT)
    waive_flag(
        flag_id=row.flag_id,
        owner_id=_owner(row.flag, approver).pk,
        reason=f"{who} in {row}: {reason or 'no reason was given'}",
        until=_last_day(row.flag, today),
        actor=actor_of(approver, door=f"ticket {row.connection.slug}"),
        today=today,
        now=now,
    )


def _owner(flag: Flag, otherwise: User) -> User:
    owner = flag.solution.owner
    return owner if owner is not None and owner.is_active else otherwise


def _last_day(flag: Flag, today: date) -> date:
    """Return the default day, or an earlier one on which a review is asked anyway."""
    last = today + timedelta(days=WAIVER_DAYS)
    if flag.cause != Cause.REVIEW_DUE:
        return last
    solution = flag.solution
    contract = contract_pull(
        solution.contract_ends_on,
        solution.notice_period_days,
        solution.last_evaluated_on,
    )
    known = [contract.on if contract else None, solution.assumption_due_on]
    return min([day for day in known if day and day > today] + [last])


def _locked(ticket: Ticket) -> Ticket | None:
    """Return a ticket, locked after its solution and its flag, as all others do it."""
    try:
        flag = locked_flag(ticket.flag_id)
    except ConflictError:
        return None
    row = locked_ticket(ticket.pk)
    if row is not None:
        row.flag = flag
    return row


def _was_closed_by_them(row: Ticket, today: date) -> bool:
    """Return whether people closed a ticket whose flag asks, and nobody has answered."""
    flag = row.flag
    if flag.closed_at is not None or row.standing != Standing.CLOSED:
        return False
    if flag.covered_until is not None and flag.covered_until > today:
        return False
    # This product closes the tickets of what is covered, and opens them again.
    if row.told_cover_id or is_under_way(row, StepKind.CLOSE, StepKind.REOPEN):
        return False
    undecided = Evaluation.objects.filter(
        solution_id=flag.solution_id, is_proposal=True, decision=None
    )
    return not undecided.exists()


def _is_newer(comment: Comment, decided: str) -> bool:
    """Return whether a comment came after one; all systems number them upwards."""
    if not decided:
        return True
    if comment.id.isdecimal() and decided.isdecimal():
        return int(comment.id) > int(decided)
    return (len(comment.id), comment.id) > (len(decided), decided)
