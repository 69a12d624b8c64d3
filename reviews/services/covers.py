"""
Snoozing, waiving and overriding flags, and taking that back.

A flag stays open under what covers it, and is asked again on the day `until` without
anything having to run. What ends a cover by itself is in `services.expiring` (its day),
`services.flags` (an answer) and `services.evidence.judging` (other facts).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from reviews.models import Cover, Flag, Notice, Solution, User
from reviews.rules.access import Actor, NotAllowedError, Permission, may, require
from reviews.rules.covers import LONGEST_SNOOZE_DAYS, LONGEST_WAIVER_DAYS
from reviews.rules.staleness import contract_pull
from reviews.rules.vocabulary import BY_THE_CLOCK, Cause, CoverKind
from reviews.services.access import actor_of
from reviews.services.audit import record_change
from reviews.services.errors import ConflictError, InvalidError
from reviews.services.evidence.judging import judge_solutions
from reviews.services.locks import locked_flag
from reviews.services.uncovering import ask_again, end_covers_of, told
from reviews.services.validation import line
from reviews.services.weighing import weigh_solutions

REASON_LIMIT = 500

_DONE = {
    CoverKind.SNOOZE: "snoozed",
    CoverKind.WAIVER: "waived",
    CoverKind.OVERRIDE: "overridden",
}
_MAKE = {
    CoverKind.SNOOZE: "A snooze",
    CoverKind.WAIVER: "A waiver",
    CoverKind.OVERRIDE: "An override",
}
_LONGEST = {
    CoverKind.SNOOZE: LONGEST_SNOOZE_DAYS,
    CoverKind.WAIVER: LONGEST_WAIVER_DAYS,
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A cover as somebody wants it; the ids and names are of a waiver alone."""

    kind: CoverKind
    reason: str
    until: date | None = None
    owner_id: int = 0
    approver_id: int | None = None


def snooze_flag(
    *,
    flag_id: int,
    until: date,
    reason: str,
    actor: Actor,
    today: date,
    now: datetime,
) -> Cover:
    """
    Ask about a flag later: on the day `until`, at most LONGEST_SNOOZE_DAYS from today.

    :raises NotAllowedError: without the right to cover what the team owns.
    :raises InvalidError: if the day or the reason breaks a rule; `field` says which.
    :raises ConflictError: if the flag is closed, waived or overridden.
    """
    wanted = _Wanted(CoverKind.SNOOZE, reason, until)
    return _cover(flag_id, wanted, actor=actor, today=today, now=now)


def waive_flag(
    *,
    flag_id: int,
    owner_id: int,
    reason: str,
    until: date,
    actor: Actor,
    today: date,
    now: datetime,
    approver_id: int | None = None,
) -> Cover:
    """
    Accept what a flag asks about until a day, at most LONGEST_WAIVER_DAYS from today.

    Whoever calls approves it; an administrator may name another person who may.

    :raises NotAllowedError: without the right to cover what the team owns, and to anyone
        but an administrator who names another approver.
    :raises InvalidError: if a part of it breaks a rule; `field` says which.
    :raises ConflictError: if the flag is closed.
    """
    wanted = _Wanted(CoverKind.WAIVER, reason, until, owner_id, approver_id)
    return _cover(flag_id, wanted, actor=actor, today=today, now=now)


def override_flag(
    *, flag_id: int, reason: str, actor: Actor, today: date, now: datetime
) -> Cover:
    """
    Say that what a flag of evidence rests on is wrong, until its facts change.

    :raises NotAllowedError: without the right to cover what the team owns.
    :raises InvalidError: without a reason, and for a flag that the clock asks.
    :raises ConflictError: if the flag is closed.
    """
    wanted = _Wanted(CoverKind.OVERRIDE, reason)
    return _cover(flag_id, wanted, actor=actor, today=today, now=now)


def revoke_cover(
    *, cover_id: int, reason: str, actor: Actor, today: date, now: datetime
) -> Cover:
    """
    End a snooze, a waiver or an override, and ask its flag again at once.

    :raises NotAllowedError: without the right to cover what the team owns.
    :raises InvalidError: without a reason.
    :raises ConflictError: if it has ended already.
    """
    with transaction.atomic():
        flag_id = Cover.objects.filter(pk=cover_id).values_list("flag_id", flat=True)
        flag = locked_flag(flag_id.first() or 0)
        require(actor, Permission.COVER, flag.solution.team_id)
        reason = line(reason, limit=REASON_LIMIT, field="reason")
        cover = Cover.objects.get(pk=cover_id)
        cover.flag = flag
        if cover.ended_at is not None:
            raise ConflictError(
                f"This {cover.kind} has ended already: there is nothing to take back."
            )
        ask_again(
            [cover],
            because="revoked",
            actor=actor,
            now=now,
            what="cover revoked",
            by=actor.name,
            revoked_because=reason,
        )
        _follow(flag, CoverKind(cover.kind), today=today, now=now)
        cover.refresh_from_db()
    return cover


def _cover(
    flag_id: int, wanted: _Wanted, *, actor: Actor, today: date, now: datetime
) -> Cover:
    """Put a cover over a flag, in the place of any other."""
    with transaction.atomic():
        flag = locked_flag(flag_id)
        require(actor, Permission.COVER, flag.solution.team_id)
        cover = _filled(flag, wanted, actor=actor, today=today, now=now)
        former = _replaced(flag, wanted.kind, actor=actor, today=today, now=now)
        cover.save()
        if wanted.kind is not CoverKind.SNOOZE:
            cover.signals.set(flag.signals.all())
        flag.covered_by = cover.kind
        flag.covered_until = cover.until or date.max
        flag.save(update_fields=["covered_by", "covered_until"])
        Notice.objects.create(key=f"cover:{cover.pk}:made", created_at=now)
        record_change(
            actor=actor,
            subject=flag.solution,
            label=flag.solution.slug,
            what=_DONE[wanted.kind],
            details=told(cover) | ({"replaces": former.pk} if former else {}),
            now=now,
        )
        kinds = [wanted.kind, *([CoverKind(former.kind)] if former else [])]
        _follow(flag, *kinds, today=today, now=now)
    return cover


def _filled(
    flag: Flag, wanted: _Wanted, *, actor: Actor, today: date, now: datetime
) -> Cover:
    """
    Return a cover that is complete, and not saved yet.

    :raises InvalidError: if a part of it breaks a rule; `field` says which.
    :raises NotAllowedError: for naming an approver, to anyone but an administrator.
    """
    reason = line(wanted.reason, limit=REASON_LIMIT, field="reason")
    if wanted.until is not None:
        _check_day(wanted.kind, wanted.until, today)
        _check_no_date_is_hidden(flag, wanted, today)
    if wanted.kind is CoverKind.OVERRIDE and flag.cause in BY_THE_CLOCK:
        raise InvalidError(
            f"This flag is there because of its day ({flag.get_cause_display()}), and "
            "no evidence could be wrong: log an evaluation, or snooze or waive it."
        )
    cover = Cover(
        kind=wanted.kind.value,
        flag=flag,
        reason=reason,
        until=wanted.until,
        made_by_id=actor.user_id,
        made_by_name=actor.name[:200],
        made_at=now,
        action=flag.action,
        severity=flag.severity,
    )
    if wanted.kind is CoverKind.WAIVER:
        owner = _active(wanted.owner_id, "owner")
        cover.owner, cover.owner_name = owner, owner.label()[:200]
        approver = _approver(flag.solution, wanted.approver_id, actor)
        cover.approver_id, cover.approver_name = approver
    return cover


def _check_day(kind: CoverKind, until: date, today: date) -> None:
    field = "expires_on" if kind is CoverKind.WAIVER else "until"
    longest = _LONGEST[kind]
    last = today + timedelta(days=longest)
    if not today < until <= last:
        raise InvalidError(
            f"{_MAKE[kind]} lasts at most {longest} days: name a day from "
            f"{today + timedelta(days=1)} to {last}, not {until}.",
            field=field,
        )


def _check_no_date_is_hidden(flag: Flag, wanted: _Wanted, today: date) -> None:
    """Return if no day that is known to ask for a review lies under the cover."""
    if flag.cause != Cause.REVIEW_DUE or wanted.until is None:
        return
    solution = flag.solution
    contract = contract_pull(
        solution.contract_ends_on,
        solution.notice_period_days,
        solution.last_evaluated_on,
    )
    known = [(contract.on, contract.reason)] if contract else []
    if solution.assumption_due_on:
        known.append((solution.assumption_due_on, solution.assumption_reason))
    for day, reason in sorted(known):
        if today < day < wanted.until:
            raise InvalidError(
                f"On {day} a review is asked for another reason ({reason}): name that "
                "day or an earlier one.",
                field="expires_on" if wanted.kind is CoverKind.WAIVER else "until",
            )


def _active(user_id: int, field: str) -> User:
    person = User.objects.filter(pk=user_id, is_active=True).first()
    if person is None:
        raise InvalidError(
            f"The {field} of a waiver is a person who can sign in: name another.",
            field=field,
        )
    return person


def _approver(
    solution: Solution, approver_id: int | None, actor: Actor
) -> tuple[int | None, str]:
    """Return the id and the name of who approves a waiver."""
    if approver_id is None or approver_id == actor.user_id:
        return actor.user_id, actor.name[:200]
    if not actor.is_administrator:
        raise NotAllowedError(
            "Only administrators may name another approver: whoever makes a waiver "
            "approves it."
        )
    person = _active(approver_id, "approver")
    if not may(actor_of(person, door=actor.door), Permission.COVER, solution.team_id):
        raise InvalidError(
            f"{person.label()} may not approve a waiver here: name a lead of the "
            "owning team or an administrator.",
            field="approver",
        )
    return person.pk, person.label()[:200]


def _replaced(
    flag: Flag, kind: CoverKind, *, actor: Actor, today: date, now: datetime
) -> Cover | None:
    """
    End what covers a flag, if anything does, and return it if its day had not come.

    :raises ConflictError: if the flag is closed, or a snooze would replace more.
    """
    if flag.closed_at is not None:
        raise ConflictError("This flag is closed: nobody is asked about it any more.")
    former = Cover.objects.active().filter(flag=flag).first()
    if former is None:
        return None
    over = former.until is not None and former.until <= today
    if not over and kind is CoverKind.SNOOZE and former.kind != CoverKind.SNOOZE:
        raise ConflictError(
            f"This flag is {_DONE[CoverKind(former.kind)]} until "
            f"{former.until or 'its facts change'}: a snooze would say less than that. "
            f"Revoke the {former.kind} first if it no longer holds."
        )
    end_covers_of(
        flag_ids=[flag.pk],
        because="expired" if over else "replaced",
        now=now,
        by="" if over else actor.name,
    )
    return None if over else former


def _follow(flag: Flag, *kinds: CoverKind, today: date, now: datetime) -> None:
    """Bring the next review and the place in the queue into line with a flag's cover."""
    ids = [flag.solution_id]
    # A snooze accepts nothing, so the evidence goes on pulling the review.
    if flag.cause not in BY_THE_CLOCK and set(kinds) != {CoverKind.SNOOZE}:
        judge_solutions(solution_ids=ids, today=today, now=now)
    weigh_solutions(solution_ids=ids, today=today)
