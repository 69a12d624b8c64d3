"""What a page offers to choose from, and whom it names to be asked."""

from reviews.models import Solution, User
from reviews.queries.home import NOT_RETIRED, OwnerName, owner_name
from reviews.rules.vocabulary import Kind, Verdict

COMPONENTS_OFFERED = 100


def administrators(most: int) -> list[OwnerName]:
    """Return some of those who administer the tracker, by username."""
    found = User.objects.filter(is_superuser=True, is_active=True)
    return [owner_name(user) for user in found.order_by("username")[:most]]


def members_of(team_id: int) -> list[OwnerName]:
    """Return who belongs to a team and may sign in, by username."""
    members = User.objects.filter(memberships__team=team_id, is_active=True)
    return [owner_name(user) for user in members.order_by("username")]


def offered_instead(solution_id: int) -> list[tuple[str, str]]:
    """Return slug and name of the first usable solutions of the same kind as another."""
    kind = Solution.objects.filter(pk=solution_id).values("kind")
    ending = [Verdict.DEPRECATE.value, Verdict.RETIRE.value]
    found = Solution.objects.filter(kind__in=kind).exclude(pk=solution_id)
    rows = found.exclude(state__in=ending).order_by("name", "pk")
    return list(rows.values_list("slug", "name")[:COMPONENTS_OFFERED])


def built_components(team_ids: list[int] | None) -> list[tuple[str, str]]:
    """Return slug and name of the first built components of some teams, or of all."""
    found = Solution.objects.filter(NOT_RETIRED, kind=Kind.BUILT.value)
    if team_ids is not None:
        found = found.filter(team__in=team_ids)
    rows = found.order_by("name", "pk").values_list("slug", "name")
    return list(rows[:COMPONENTS_OFFERED])
