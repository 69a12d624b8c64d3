"""The choices that the filters at the head of a page offer."""

from collections.abc import Iterable

from reviews.pages.parameters import NOBODY
from reviews.queries.home import Filter, OwnerName, TeamName

Choice = tuple[str, str, bool]
"""A filter's value, its words, and whether it is chosen."""


def team_choices(teams: Iterable[TeamName], chosen: TeamName | None) -> list[Choice]:
    """Return the teams to filter by, and that of what no team owns."""
    none = TeamName()
    return [
        *((team.slug, team.name, team == chosen) for team in teams),
        (NOBODY, none.name, none == chosen),
    ]


def owner_choices(
    owners: Iterable[OwnerName], chosen: OwnerName | None
) -> list[Choice]:
    """Return the owners to filter by, and that of what nobody owns."""
    people = sorted(
        (owner for owner in owners if owner.id), key=lambda o: o.name.casefold()
    )
    none = OwnerName()
    return [
        *((owner.username, owner.name, owner == chosen) for owner in people),
        (NOBODY, none.name, none == chosen),
    ]


def narrowed_words(narrowed: Filter) -> str:
    """Return what a page is narrowed to, empty for everything."""
    team, owner = narrowed.team, narrowed.owner
    return ", ".join(
        [
            *([f"team {team.name}" if team.id else team.name] if team else []),
            *([f"owner {owner.name}" if owner.id else owner.name] if owner else []),
        ]
    )
