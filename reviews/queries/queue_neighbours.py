"""What comes before and after a solution in a list of the queue."""

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from reviews.models import Cover, Evaluation, Solution
from reviews.queries.queue_order import (
    Show,
    Wanted,
    places,
    proposal_ids,
    waiver_ids,
)

FARTHEST = 1_000
"""How many entries of a list are walked one by one; beyond them comes the list itself."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """
    The slugs on either side, empty at an end, and the place among so many, from 1.

    What is not in the list has the place 0, and the first entry comes after it.
    """

    previous: str = ""
    next: str = ""
    position: int = 0
    count: int = 0


def neighbours(
    show: Show, wanted: Wanted, solution_id: int, *, today: date
) -> Neighbours:
    """Return what is next to a solution among the first FARTHEST entries of a list."""
    ids = _solution_ids(show, wanted, today)
    place = ids.index(solution_id) if solution_id in ids else -1
    before = ids[place - 1] if place > 0 else None
    after = ids[place + 1] if place + 1 < len(ids) else None
    slugs = dict(
        Solution.objects.filter(
            pk__in=[id for id in (before, after) if id is not None]
        ).values_list("pk", "slug")
    )
    return Neighbours(
        previous=slugs.get(before, "") if before is not None else "",
        next=slugs.get(after, "") if after is not None else "",
        position=place + 1,
        count=len(ids),
    )


def _solution_ids(show: Show, wanted: Wanted, today: date) -> list[int]:
    """Return the solutions of a list in its order, each once."""
    match show:
        case Show.PROPOSALS:
            ids = proposal_ids(wanted, today=today, limit=FARTHEST)
            rows = Evaluation.objects.filter(pk__in=ids)
            of = dict(rows.values_list("pk", "solution_id"))
        case Show.WAIVERS:
            ids = waiver_ids(wanted, today=today, limit=FARTHEST)
            of = dict(
                Cover.objects.filter(pk__in=ids).values_list("pk", "flag__solution_id")
            )
        case Show.DUE | Show.OVERDUE | Show.DUE_SOON | Show.PULLED | Show.ORPHANS:
            found = places(show, wanted, today=today, limit=FARTHEST)
            return [place.id for place in found]
        case _:
            assert_never(show)
    return list(dict.fromkeys(of[id] for id in ids if id in of))
