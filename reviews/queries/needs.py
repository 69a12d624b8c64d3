"""What needs somebody first: the head of the queue, read for the home page."""

from dataclasses import dataclass
from datetime import date

from reviews.models import Solution
from reviews.queries.queue_order import Show, Wanted, places


@dataclass(frozen=True, slots=True)
class Needed:
    """An entry of the queue: a solution, and by when its review is owed."""

    slug: str
    name: str
    kind: str
    criticality: str
    state: str
    next_review_on: date
    pulled_by: str


def first_needed(wanted: Wanted, *, today: date, limit: int) -> list[Needed]:
    """Return the first entries of a queue, the highest risk first; two queries."""
    found = places(Show.DUE, wanted, today=today, limit=limit)
    rows = Solution.objects.in_bulk([place.id for place in found])
    return [
        Needed(
            slug=row.slug,
            name=row.name,
            kind=row.get_kind_display(),
            criticality=row.criticality,
            state=row.state,
            next_review_on=place.next_review_on,
            pulled_by=row.pulled_by,
        )
        for place in found
        # Somebody may have deleted one between the two queries.
        if (row := rows.get(place.id)) is not None
    ]
