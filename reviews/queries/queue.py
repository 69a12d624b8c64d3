"""
The queue: what waits for somebody, each entry with what its reader needs to decide.

Which entries there are, and their order, is found by `queue_order`; here they are read,
in as many queries for fifty as for one.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, Subquery

from reviews.models import Cover, Evaluation, Flag, Membership, Solution
from reviews.queries.covers import CoverRow, read_covers
from reviews.queries.escalation import Climbing, climbing_columns
from reviews.queries.home import (
    OpenQuestion,
    OwnerName,
    TeamName,
    owner_name,
    team_name,
)
from reviews.queries.queue_order import (
    Place,
    Show,
    Wanted,
    places,
    proposal_ids,
    waiver_ids,
)
from reviews.queries.reaffirming import obstacles, streaks
from reviews.rules.access import Role
from reviews.rules.escalation import Rung
from reviews.rules.risk import OF_CRITICALITY, OF_SEVERITY, days_counted
from reviews.rules.signals import Severity
from reviews.rules.vocabulary import Action, Cause, Criticality


@dataclass(frozen=True, slots=True)
class Weight:
    """
    The numbers that a risk is made of: days, and the factors that are powers of two.

    The factors were weighed when something last changed; where the severity asked about
    today does not fit them any more, `severity` and `dependents` are None.
    """

    days: int
    of_class: int
    criticality: int
    severity: int | None
    dependents: int | None

    @property
    def risk(self) -> int:
        return self.days << self.of_class


@dataclass(frozen=True, slots=True)
class LastReview:
    """The evaluation that speaks for a solution; it was re-affirmed so often in a row."""

    on: date
    author: str
    reaffirmed: int


@dataclass(frozen=True, slots=True)
class AskedFlag:
    """
    A question that is asked, and how far it has climbed.

    `ticket` is what people call its ticket, empty until there is one; its address need
    not be one to follow.
    """

    question: OpenQuestion
    rung: Rung | None
    ticket: str = ""
    ticket_address: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A solution in the queue.

    `flags` are the questions that are asked, the earliest due first. `obstacle` says why
    it cannot be re-affirmed just so, empty where nothing stands in the way.
    """

    id: int
    slug: str
    name: str
    kind: str
    criticality: str
    state: str
    team: TeamName
    owner: OwnerName
    owner_left: bool
    next_review_on: date
    pulled_by: str
    weight: Weight
    last: LastReview | None
    flags: tuple[AskedFlag, ...]
    obstacle: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """An ending that was proposed; `leads` may decide on it, if they did not write it."""

    id: int
    slug: str
    name: str
    kind: str
    team: TeamName
    owner: OwnerName
    state: str
    verdict: str
    summary: str
    author: str
    author_id: int | None
    proposed_on: date
    leads: tuple[str, ...]


def owns_anything(user_id: int | None) -> bool:
    """Return whether somebody owns a solution, in use or retired."""
    return user_id is not None and Solution.objects.filter(owner=user_id).exists()


def entries(
    show: Show,
    wanted: Wanted,
    *,
    today: date,
    now: datetime,
    limit: int,
    offset: int = 0,
    may_reaffirm: bool = True,
) -> list[Entry]:
    """
    Return a part of a list of solutions, in the order of `queue_order.places`.

    Nine queries. Four of them look for obstacles, which is left out where the reader may
    re-affirm nothing anyway.
    """
    found = places(show, wanted, today=today, limit=limit, offset=offset)
    ids = [place.id for place in found]
    if not ids:
        return []
    rows = _solutions(ids)
    flags = _asked(ids, today)
    blocked = obstacles(ids, today=today, now=now) if may_reaffirm else {}
    repeated = streaks(ids)
    return [
        _entry(
            rows[place.id],
            place,
            flags.get(place.id, ()),
            blocked.get(place.id, ""),
            repeated.get(place.id, 0),
            today,
        )
        for place in found
        # Somebody may have deleted one between two statements.
        if place.id in rows
    ]


def proposals(
    wanted: Wanted, *, today: date, limit: int, offset: int = 0
) -> list[Proposal]:
    """Return the proposals that await a decision, the oldest first."""
    ids = proposal_ids(wanted, today=today, limit=limit, offset=offset)
    if not ids:
        return []
    rows = Evaluation.objects.filter(pk__in=ids).select_related(
        "solution__team", "solution__owner"
    )
    found = list(rows.order_by("pk"))
    leads = _leads({row.solution.team_id for row in found})
    return [_proposal(row, leads.get(row.solution.team_id, {})) for row in found]


def ending_waivers(
    wanted: Wanted, *, today: date, limit: int, offset: int = 0
) -> list[CoverRow]:
    """Return the waivers that end within fourteen days, what ends next first."""
    ids = waiver_ids(wanted, today=today, limit=limit, offset=offset)
    if not ids:
        return []
    return read_covers(Cover.objects.filter(pk__in=ids).order_by("until", "pk"))


_IN_EFFECT = Q(is_proposal=False) | Q(decision__approved=True)


def _solutions(ids: Sequence[int]) -> dict[int, Solution]:
    # Most supersede nothing: by that column alone SQLite would rather read all of them.
    later = Evaluation.objects.filter(
        _IN_EFFECT, supersedes=OuterRef("pk"), solution=OuterRef("solution")
    )
    speaking = (
        Evaluation.objects.filter(_IN_EFFECT, ~Exists(later), solution=OuterRef("pk"))
        .order_by("-evaluated_on", "-pk")
        .values("author_name")[:1]
    )
    rows = Solution.objects.filter(pk__in=ids).select_related("team", "owner")
    return {row.pk: row for row in rows.annotate(last_author=Subquery(speaking))}


_ASKED = (
    "solution_id",
    "cause",
    "action",
    "due_on",
    "vouched_on",
    "pulled_by",
    "reason",
    "severity",
    "source_url",
    "opened_at",
)


def _asked(ids: Sequence[int], today: date) -> dict[int, tuple[AskedFlag, ...]]:
    found: dict[int, list[AskedFlag]] = defaultdict(list)
    rows = Flag.objects.asked_on(today).filter(solution__in=ids)
    ordered = rows.order_by("due_on", "pk").values_list(
        "ticket__key", "ticket__url", *_ASKED, *climbing_columns()
    )
    for key, address, *row in ordered:
        solution_id, cause, action, due_on, *told = row[: len(_ASKED) - 1]
        rung = Climbing(*row[len(_ASKED) :]).rung(
            due_on=due_on,
            opened_at=row[len(_ASKED) - 1],
            closed_at=None,
            today=today,
        )
        question = OpenQuestion(Cause(cause), Action(action), due_on, *told)
        asked = AskedFlag(question, rung, key or "", address or "")
        found[solution_id].append(asked)
    return {id: tuple(flags) for id, flags in found.items()}


def _entry(
    solution: Solution,
    place: Place,
    flags: tuple[AskedFlag, ...],
    obstacle: str,
    reaffirmed: int,
    today: date,
) -> Entry:
    owner = solution.owner
    last = None
    if solution.last_evaluated_on is not None:
        author = getattr(solution, "last_author", None) or ""
        last = LastReview(solution.last_evaluated_on, author, reaffirmed)
    return Entry(
        id=solution.pk,
        slug=solution.slug,
        name=solution.name,
        kind=solution.get_kind_display(),
        criticality=solution.criticality,
        state=solution.state,
        team=team_name(solution.team),
        owner=owner_name(owner),
        owner_left=owner is not None and not owner.is_active,
        next_review_on=place.next_review_on,
        pulled_by=solution.pulled_by,
        weight=_weight(solution.criticality, place, flags, today),
        last=last,
        flags=flags,
        obstacle=obstacle,
    )


def _weight(
    criticality: str, place: Place, flags: tuple[AskedFlag, ...], today: date
) -> Weight:
    of_criticality = OF_CRITICALITY[Criticality(criticality)]
    of_severity = max(
        (
            OF_SEVERITY.get(Severity(flag.question.severity), 0)
            for flag in flags
            if flag.question.severity
        ),
        default=0,
    )
    rest = place.risk_class - of_criticality - of_severity
    fits = 0 <= rest <= 2
    return Weight(
        days=days_counted(place.next_review_on, today),
        of_class=place.risk_class,
        criticality=1 << of_criticality,
        severity=1 << of_severity if fits else None,
        dependents=1 << rest if fits else None,
    )


def _leads(team_ids: Collection[int | None]) -> dict[int | None, dict[int, str]]:
    """Return the leads of teams by their numbers, with the names they go by."""
    found: dict[int | None, dict[int, str]] = defaultdict(dict)
    rows = Membership.objects.filter(
        team__in=[id for id in team_ids if id is not None],
        role=Role.LEAD.value,
        user__is_active=True,
    ).select_related("user")
    for row in rows.order_by("user__username"):
        found[row.team_id][row.user_id] = row.user.label()
    return found


def _proposal(row: Evaluation, leads: dict[int, str]) -> Proposal:
    solution = row.solution
    return Proposal(
        id=row.pk,
        slug=solution.slug,
        name=solution.name,
        kind=solution.get_kind_display(),
        team=team_name(solution.team),
        owner=owner_name(solution.owner),
        state=solution.state,
        verdict=row.verdict,
        summary=row.summary,
        author=row.author_name,
        author_id=row.author_id,
        proposed_on=row.recorded_on,
        leads=tuple(name for id, name in leads.items() if id != row.author_id),
    )
