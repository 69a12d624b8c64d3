"""What a page offers to choose from, and whom it names to be asked."""

from reviews.models import Solution, User
from reviews.queries.home import NOT_RETIRED, OwnerName, owner_name
from reviews.rules.vocabulary import Kind

COMPONENTS_OFFERED = 100


def administrators(most: int) -> list[OwnerName]:
    """Return some of those who administer the tracker, by username."""
    found = User.objects.filter(is_superuser=True, is_active=True)
    return [owner_name(user) for user in found.order_by("username")[:most]]


def members_of(team_id: int) -> list[OwnerName]:
    """Return who belongs to a team and may sign in, by username."""
    members = User.objects.filter(memberships__team=team_id, is_active=True)
    return [owner_name(user) for user in members.order_by("username")]


def built_components(team_ids: list[int] | None) -> list[tuple[str, str]]:
    """Return slug and name of the first built components of some teams, or of all."""
    found = Solution.objects.filter(NOT_RETIRED, kind=Kind.BUILT.value)
    if team_ids is not None:
        found = found.filter(team__in=team_ids)
    rows = found.order_by("name", "pk").values_list("slug", "name")
    return list(rows[:COMPONENTS_OFFERED])
