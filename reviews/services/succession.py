"""
Who comes after whom: giving solutions another owner, one at a time or all that one has.

A person's waivers go along with the solutions: somebody has to answer for them. What
nobody is left to own is never hidden; the queue and the page of people ask for it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q

from reviews.models import Cover, Membership, Solution, User
from reviews.models.cover import CoverQuerySet
from reviews.rules.access import Actor, NotAllowedError, Permission, Role, require
from reviews.rules.vocabulary import CoverKind, Verdict
from reviews.services.audit import record_change, record_changes
from reviews.services.errors import ConflictError, InvalidError
from reviews.services.locks import locked_solution
from reviews.services.uncovering import told

BATCH = 500

Recipient = User | str
"""Who receives what a team owns, or why nobody does."""


@dataclass(frozen=True, slots=True)
class Passing:
    """A solution, or a waiver over one of its flags, and to whom it goes, or why not."""

    is_waiver: bool
    slug: str
    name: str
    team: str
    to: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What passed to somebody else, and what did not."""

    moved: tuple[Passing, ...]
    refused: tuple[Passing, ...]

    @property
    def solutions(self) -> int:
        """How many solutions passed."""
        return sum(not each.is_waiver for each in self.moved)

    @property
    def waivers(self) -> int:
        """How many waivers passed."""
        return sum(each.is_waiver for each in self.moved)


@dataclass(frozen=True, slots=True)
class Left:
    """What a person still owns; what is retired needs no owner."""

    solutions: int
    waivers: int

    def __bool__(self) -> bool:
        return bool(self.solutions or self.waivers)

    def __str__(self) -> str:
        solutions = "solution" if self.solutions == 1 else "solutions"
        waivers = "waiver" if self.waivers == 1 else "waivers"
        owned = ((self.solutions, solutions), (self.waivers, waivers))
        return " and ".join(f"{n:,} {noun}" for n, noun in owned if n) or "nothing"


@dataclass(slots=True)
class _Plan:
    solutions: list[tuple[Solution, User]] = field(default_factory=list)
    waivers: list[tuple[Cover, User]] = field(default_factory=list)
    refused: list[Passing] = field(default_factory=list)

    def outcome(self) -> HandedOver:
        moved = [
            *(_passing(solution, to=to.label()) for solution, to in self.solutions),
            *(
                _passing(cover.flag.solution, is_waiver=True, to=to.label())
                for cover, to in self.waivers
            ),
        ]
        return HandedOver(tuple(moved), tuple(self.refused))


def reassign_solution(
    *,
    solution_id: int,
    owner_id: int | None,
    actor: Actor,
    today: date,
    now: datetime,
) -> Solution:
    """
    Give a solution another owner, or none; nothing is written if it has that one.

    :raises NotAllowedError: without the right to reassign what the team owns.
    :raises InvalidError: if the new owner is nobody who can sign in.
    :raises ConflictError: if the solution has left the register.
    """
    with transaction.atomic():
        solution = locked_solution(solution_id)
        require(actor, Permission.REASSIGN, solution.team_id)
        if solution.owner_id == owner_id:
            return solution
        former = solution.owner
        solution.owner = None if owner_id is None else _active(owner_id, "owner_id")
        solution.updated_at = now
        solution.save(update_fields=["owner", "updated_at"])
        record_change(
            actor=actor,
            subject=solution,
            label=solution.slug,
            what="reassigned",
            details=_from_to(former, solution.owner),
            now=now,
        )
    return solution


def check_hand_over(
    *, from_id: int, to_id: int | None, actor: Actor, today: date
) -> HandedOver:
    """
    Return what `hand_over` would do, and write nothing.

    :raises InvalidError: as `hand_over` does.
    :raises ConflictError: as `hand_over` does.
    """
    return _planned(from_id, to_id, actor=actor, today=today, lock=False).outcome()


def hand_over(
    *,
    from_id: int,
    to_id: int | None,
    actor: Actor,
    today: date,
    now: datetime,
) -> HandedOver:
    """
    Pass all that a person owns to another person, and the person's active waivers too.

    Without `to_id`, each goes to the owning team's lead, of several to the one who owns
    the fewest. What the actor has no right to pass on, and what nobody is there for,
    stays where it is and is told.

    :raises InvalidError: if that is nobody who can sign in, or the person themselves.
    :raises ConflictError: if the person who owns has no account any more.
    """
    with transaction.atomic():
        plan = _planned(from_id, to_id, actor=actor, today=today, lock=True)
        former = User.objects.get(pk=from_id)
        outcome = plan.outcome()
        if not outcome.moved:
            return outcome
        _pass_solutions(plan.solutions, former, actor=actor, now=now)
        _pass_waivers(plan.waivers, actor=actor, now=now)
        details = {
            "solutions": outcome.solutions,
            "waivers": outcome.waivers,
            "to": "the teams' leads"
            if to_id is None
            else User.objects.get(pk=to_id).get_username(),
        }
        if outcome.refused:
            details["not handed over"] = len(outcome.refused)
        record_change(
            actor=actor,
            subject=former,
            label=former.get_username(),
            what="handed over",
            details=details,
            now=now,
        )
    return outcome


def left_with(user_id: int, *, today: date) -> Left:
    """Return what a person owns that will want an owner: solutions, active waivers."""
    solutions = Solution.objects.filter(owner_id=user_id)
    return Left(
        solutions.exclude(state=Verdict.RETIRE.value).count(),
        _waivers_of(user_id, today).count(),
    )


def _planned(
    from_id: int, to_id: int | None, *, actor: Actor, today: date, lock: bool
) -> _Plan:
    """Return what passes to whom; with `lock`, of rows that nobody else changes."""
    if not User.objects.filter(pk=from_id).exists():
        raise ConflictError("This person has no account any more.")
    if to_id == from_id:
        raise InvalidError("That is the same person: name another.", field="to")
    to = None if to_id is None else _active(to_id, "to")
    solutions, waivers = _held(from_id, today, lock=lock)
    teams = {solution.team_id for solution in solutions.values()}
    recipients = _recipients(teams, to, from_id)
    plan = _Plan()
    for solution in solutions.values():
        if solution.owner_id != from_id:
            continue
        who = _allowed(solution, Permission.REASSIGN, actor, recipients)
        if isinstance(who, str):
            plan.refused.append(_passing(solution, refusal=who))
        else:
            plan.solutions.append((solution, who))
    for cover in waivers:
        solution = cover.flag.solution
        who = _allowed(solution, Permission.COVER, actor, recipients)
        if isinstance(who, str):
            plan.refused.append(_passing(solution, is_waiver=True, refusal=who))
        else:
            plan.waivers.append((cover, who))
    return plan


def _held(
    user_id: int, today: date, *, lock: bool
) -> tuple[dict[int, Solution], list[Cover]]:
    """Return the solutions a person owns or answers a waiver of, and the waivers."""
    # In the order of their ids, and before any waiver: nobody can wait for another in a
    # circle then, whoever else covers or evaluates meanwhile.
    covered = _waivers_of(user_id, today).values("flag__solution_id")
    held = Solution.objects.filter(Q(owner_id=user_id) | Q(pk__in=covered))
    held = held.select_related("team").order_by("pk")
    if lock:
        held = held.select_for_update(of=("self",), no_key=True)
    solutions = {solution.pk: solution for solution in held}
    waivers = _waivers_of(user_id, today).select_related("flag").order_by("pk")
    if lock:
        waivers = waivers.select_for_update(of=("self",), no_key=True)
    # One that was made since the solutions were read stays for another time.
    kept = [cover for cover in waivers if cover.flag.solution_id in solutions]
    for cover in kept:
        cover.flag.solution = solutions[cover.flag.solution_id]
    return solutions, kept


def _allowed(
    solution: Solution,
    permission: Permission,
    actor: Actor,
    recipients: Mapping[int | None, Recipient],
) -> Recipient:
    try:
        require(actor, permission, solution.team_id)
    except NotAllowedError as error:
        return str(error)
    return recipients[solution.team_id]


def _recipients(
    team_ids: Collection[int | None], to: User | None, from_id: int
) -> dict[int | None, Recipient]:
    """Return who receives what each team owns: the person named, or else its lead."""
    if to is not None:
        return dict.fromkeys(team_ids, to)
    leads = list(
        Membership.objects.filter(
            team__in=[id for id in team_ids if id is not None],
            role=Role.LEAD.value,
            user__is_active=True,
        )
        .exclude(user=from_id)
        .select_related("user")
    )
    loads = dict(
        Solution.objects.exclude(state=Verdict.RETIRE.value)
        .filter(owner__in={lead.user_id for lead in leads})
        .values_list("owner_id")
        .annotate(Count("pk"))
        .order_by()
    )
    found: dict[int | None, Recipient] = {
        id: "The team has no active lead: name a person."
        if id is not None
        else "No team owns it, so it has no lead: name a person."
        for id in team_ids
    }
    leads.sort(key=lambda lead: (loads.get(lead.user_id, 0), lead.user.get_username()))
    # The last one that is set stays: the one who owns the fewest.
    found.update((lead.team_id, lead.user) for lead in reversed(leads))
    return found


def _pass_solutions(
    passed: list[tuple[Solution, User]], former: User, *, actor: Actor, now: datetime
) -> None:
    for to, ids in _by_person((solution.pk, to) for solution, to in passed).items():
        for start in range(0, len(ids), BATCH):
            Solution.objects.filter(pk__in=ids[start : start + BATCH]).update(
                owner=to, updated_at=now
            )
    record_changes(
        actor=actor,
        what="reassigned",
        changed=(
            (solution, solution.slug, _from_to(former, to)) for solution, to in passed
        ),
        now=now,
    )


def _pass_waivers(
    passed: list[tuple[Cover, User]], *, actor: Actor, now: datetime
) -> None:
    for to, ids in _by_person((cover.pk, to) for cover, to in passed).items():
        for start in range(0, len(ids), BATCH):
            Cover.objects.filter(pk__in=ids[start : start + BATCH]).update(
                owner=to, owner_name=to.label()[:200]
            )
    record_changes(
        actor=actor,
        what="waiver handed over",
        changed=(
            (
                cover.flag.solution,
                cover.flag.solution.slug,
                told(cover) | {"owner": [cover.owner_name, to.label()]},
            )
            for cover, to in passed
        ),
        now=now,
    )


def _by_person(pairs: Iterable[tuple[int, User]]) -> dict[User, list[int]]:
    found: dict[User, list[int]] = {}
    for id, to in pairs:
        found.setdefault(to, []).append(id)
    return found


def _waivers_of(user_id: int, today: date) -> CoverQuerySet:
    return Cover.objects.active_on(today).filter(
        kind=CoverKind.WAIVER.value, owner_id=user_id
    )


def _active(user_id: int, field: str) -> User:
    """
    Return a person who can sign in.

    :raises InvalidError: for anyone else.
    """
    person = User.objects.filter(pk=user_id, is_active=True).first()
    if person is None:
        raise InvalidError(
            "The new owner is a person who can sign in: name another.", field=field
        )
    return person


def _from_to(former: User | None, owner: User | None) -> dict[str, list[str | None]]:
    names = [user.get_username() if user else None for user in (former, owner)]
    return {"owner": names}


def _passing(
    solution: Solution, *, is_waiver: bool = False, to: str = "", refusal: str = ""
) -> Passing:
    team = solution.team.name if solution.team else "no team"
    return Passing(is_waiver, solution.slug, solution.name, team, to, refusal)
