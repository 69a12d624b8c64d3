"""Keeping what was listed of a product's cycles, so that the forecast may learn."""

from dataclasses import replace
from datetime import date

from reviews.rules.endoflife.lifecycle import Cycle, Listing, Product


def listed_again(before: Product | None, now: Product, today: date) -> Product:
    """
    Return a product as it is listed today, with all that was listed of it earlier.

    Each cycle's listings gain one when what is listed of its end changed. A cycle that
    is no longer listed is left out.
    """
    known = {cycle.name: cycle for cycle in before.cycles} if before else {}
    return replace(
        now,
        cycles=tuple(
            _listed(known.get(cycle.name), cycle, today) for cycle in now.cycles
        ),
        release_days=tuple(
            sorted({*now.release_days, *(before.release_days if before else ())})
        ),
        tracked_since=(before.tracked_since if before else None) or today,
    )


def _listed(before: Cycle | None, now: Cycle, today: date) -> Cycle:
    listings = before.listings if before else ()
    newest = listings[-1] if listings else None
    if newest is None or (newest.ends_on, newest.ended) != (now.ends_on, now.ended):
        listings = (*listings, Listing(today, now.ends_on, now.ended))
    return replace(now, listings=listings)
