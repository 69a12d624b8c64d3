"""
People: what each owns, what of it is due, what they did lately; and what nobody owns.

Figures are counted in groups for the people of one page, so that they cost what those
people own, however large the register is.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q

from reviews.models import Cover, Evaluation, Membership, Solution, User
from reviews.models.cover import CoverQuerySet
from reviews.queries.home import NOT_RETIRED, TeamName, all_teams
from reviews.queries.reviewing import reviewers_since
from reviews.rules.staleness import due_soon_until, reviewed_since
from reviews.rules.vocabulary import CoverKind

WEEKS_AHEAD = 4
RECENT = 20
"""How many of somebody's evaluations their page shows."""


@dataclass(frozen=True, slots=True)
class Owned:
    """
    How many solutions somebody owns, and how they stand; what is retired is left out.

    `coming` are due within four weeks, the overdue ones with them.
    """

    owns: int = 0
    overdue: int = 0
    due_soon: int = 0
    coming: int = 0

    def __add__(self, other: "Owned") -> "Owned":
        return Owned(
            self.owns + other.owns,
            self.overdue + other.overdue,
            self.due_soon + other.due_soon,
            self.coming + other.coming,
        )


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person, with the last six months' reviews, and `waivers` that are active."""

    id: int
    username: str
    name: str
    is_active: bool
    is_administrator: bool
    reviews_per_week: int
    roles: tuple[tuple[str, str], ...]
    owned: Owned
    full: int
    reaffirmed: int
    snoozes: int
    waivers: int

    @property
    def fits(self) -> int:
        """How many reviews there is time for in four weeks; none for who has left."""
        return WEEKS_AHEAD * self.reviews_per_week if self.is_active else 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of people, and before the first of them those who left and own something."""

    active: tuple[PersonRow, ...]
    left: tuple[PersonRow, ...]


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """
    An evaluation that somebody logged.

    `is_approved` is what a lead decided on a proposal, None while that is awaited.
    """

    slug: str
    name: str
    verdict: str
    evaluated_on: date
    summary: str
    is_reaffirmed: bool
    is_proposal: bool
    is_approved: bool | None


@dataclass(frozen=True, slots=True)
class Person:
    """A person's own page: what they own by team, and what they reviewed last."""

    row: PersonRow
    by_team: tuple[tuple[TeamName, Owned], ...]
    reviews: tuple[ReviewRow, ...]
    colleagues: tuple[tuple[str, str], ...]


def people_listed(*, today: date, limit: int, after: str = "") -> Listed:
    """
    Return the first people who can sign in, or the first after a username.

    Those who left come with the first of them, if they still own something.
    """
    users = User.objects.order_by("username")
    active = list(users.filter(is_active=True, username__gt=after)[:limit])
    left: list[User] = []
    if not after:
        owned = Solution.objects.filter(NOT_RETIRED, owner=OuterRef("pk"))
        waived = _waivers(today).filter(owner=OuterRef("pk"))
        gone = users.filter(Exists(owned) | Exists(waived), is_active=False)
        left = list(gone[:limit])
    rows = _rows([*active, *left], today)
    return Listed(tuple(rows[: len(active)]), tuple(rows[len(active) :]))


def unowned() -> list[tuple[TeamName, int]]:
    """Return how many solutions have no owner, by the team; no team last."""
    rows = (
        Solution.objects.filter(NOT_RETIRED, owner=None)
        .values_list("team_id", "team__slug", "team__name")
        .annotate(Count("pk"))
        .order_by(F("team__name").asc(nulls_last=True))
    )
    return [
        (TeamName(id, slug, name) if id else TeamName(), count)
        for id, slug, name, count in rows
    ]


def find_person(username: str, *, today: date) -> Person | None:
    """Return a person's page, None if nobody has the username."""
    user = User.objects.filter(username=username).first()
    if user is None:
        return None
    owned = {team_id: owned for (_, team_id), owned in _owned([user.pk], today).items()}
    held = {
        *owned,
        *_waivers(today)
        .filter(owner=user)
        .values_list("flag__solution__team_id", flat=True),
    }
    teams = [*all_teams(), TeamName()] if held else []
    return Person(
        row=_rows([user], today)[0],
        by_team=tuple(
            (team, owned.get(team.id, Owned())) for team in teams if team.id in held
        ),
        reviews=_reviews(user),
        colleagues=_colleagues(user, {id for id in held if id is not None}),
    )


def _rows(users: list[User], today: date) -> list[PersonRow]:
    ids = [user.pk for user in users]
    owned: dict[int, Owned] = defaultdict(Owned)
    for (owner_id, _), figures in _owned(ids, today).items():
        owned[owner_id] += figures
    roles = _roles(ids)
    waivers = dict(
        _waivers(today)
        .filter(owner__in=ids)
        .values_list("owner_id")
        .annotate(Count("pk"))
        .order_by()
    )
    done = {row.id: row for row in reviewers_since(reviewed_since(today), of=ids)}
    rows = []
    for user in users:
        did = done.get(user.pk)
        rows.append(
            PersonRow(
                id=user.pk,
                username=user.get_username(),
                name=user.label(),
                is_active=user.is_active,
                is_administrator=user.is_superuser,
                reviews_per_week=user.reviews_per_week,
                roles=roles.get(user.pk, ()),
                owned=owned[user.pk],
                full=did.full if did else 0,
                reaffirmed=did.reaffirmed if did else 0,
                snoozes=did.snoozes if did else 0,
                waivers=waivers.get(user.pk, 0),
            )
        )
    return rows


def _owned(
    owner_ids: Collection[int], today: date
) -> Mapping[tuple[int, int | None], Owned]:
    """Return what people own by owner and team."""
    soon = due_soon_until(today)
    ahead = today + min(timedelta(weeks=WEEKS_AHEAD), date.max - today)
    rows = (
        Solution.objects.filter(NOT_RETIRED, owner__in=owner_ids)
        .values_list("owner_id", "team_id")
        .annotate(
            Count("pk"),
            overdue=Count("pk", filter=Q(next_review_on__lt=today)),
            due_soon=Count("pk", filter=Q(next_review_on__range=(today, soon))),
            coming=Count("pk", filter=Q(next_review_on__lt=ahead)),
        )
        .order_by()
    )
    return {
        (owner_id, team_id): Owned(*figures) for owner_id, team_id, *figures in rows
    }


def _roles(user_ids: Collection[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    memberships = Membership.objects.filter(user__in=user_ids).select_related("team")
    for each in memberships.order_by("team__name"):
        found[each.user_id].append((each.team.name, each.get_role_display()))
    return {id: tuple(roles) for id, roles in found.items()}


def _waivers(today: date) -> CoverQuerySet:
    return Cover.objects.active_on(today).filter(kind=CoverKind.WAIVER.value)


def _reviews(user: User) -> tuple[ReviewRow, ...]:
    # Named by column: what is sorted of a busy person should not carry every rationale.
    rows = Evaluation.objects.filter(author=user).values_list(
        "solution__slug",
        "solution__name",
        "verdict",
        "evaluated_on",
        "summary",
        "reaffirms",
        "is_proposal",
        "decision__approved",
    )
    return tuple(
        ReviewRow(slug, name, verdict, on, summary, bool(reaffirms), proposed, approved)
        for slug, name, verdict, on, summary, reaffirms, proposed, approved in (
            rows.order_by("-evaluated_on", "-pk")[:RECENT]
        )
    )


def _colleagues(user: User, team_ids: Collection[int]) -> tuple[tuple[str, str], ...]:
    """Return who might take over: usernames and names, from the teams concerned."""
    people = User.objects.filter(
        is_active=True,
        pk__in=Membership.objects.filter(team__in=team_ids).values("user"),
    ).exclude(pk=user.pk)
    return tuple(
        (each.get_username(), each.label()) for each in people.order_by("username")[:50]
    )
