"""Slugs that nothing in the register has yet."""

import secrets
from collections.abc import Sequence

from django.db import connection

from reviews.models import Solution
from reviews.rules.naming import slug_stem
from reviews.services.bulk import lines_table

ROUNDS = 20


def free_slugs(names: Sequence[str]) -> list[str]:
    """
    Return a slug for each name: the name itself, numbered where that is taken.

    One query a round; after twenty numbers, chance takes over.
    """
    stems = [slug_stem(name) for name in names]
    slugs = [""] * len(stems)
    used: set[str] = set()
    open_places = list(range(len(stems)))
    for round_number in range(1, ROUNDS + 2):
        wanted = {place: _numbered(stems[place], round_number) for place in open_places}
        taken = _taken(list(set(wanted.values())))
        still_open = []
        for place, slug in wanted.items():
            if slug in taken or slug in used:
                still_open.append(place)
                continue
            used.add(slug)
            slugs[place] = slug
        open_places = still_open
        if not open_places:
            break
    for place in open_places:
        slugs[place] = f"{stems[place]}-{secrets.token_hex(4)}"
    return slugs


def _taken(slugs: Sequence[str]) -> set[str]:
    wanted, parameters = lines_table("wanted", slugs)
    with connection.cursor() as cursor:
        # Each asks the index by itself, however large the register is.
        cursor.execute(
            f"SELECT wanted.value FROM {wanted} WHERE "
            f"(SELECT true FROM {Solution._meta.db_table} WHERE slug = wanted.value)",
            parameters,
        )
        return {slug for (slug,) in cursor.fetchall()}


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"
