"""Under what names solutions are known: their keys, and their further identifiers."""

from reviews.models import Identifier, Solution
from reviews.rules.naming import scheme_of
from reviews.rules.vocabulary import Scheme


def identifiers_of(solution: Solution) -> list[tuple[Scheme, str]]:
    """Return a solution's identifiers, its key first."""
    others = solution.identifiers.order_by("scheme", "value")
    return [
        (scheme_of(solution.key), solution.key),
        *((Scheme(row.scheme), row.value) for row in others),
    ]


def ids_known_as(scheme: Scheme, value: str) -> list[int]:
    """Return the solutions with an identifier: one at most, unless two came at once."""
    others = Identifier.objects.filter(scheme=scheme, value=value).values_list(
        "solution_id", flat=True
    )
    if scheme not in (Scheme.PURL, Scheme.NAME):
        return list(others)
    by_key = Solution.objects.filter(key=value).values_list("pk", flat=True)
    return list(by_key.union(others))
