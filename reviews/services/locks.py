"""Rows that a transaction reads in order to change them."""

from reviews.models import Solution
from reviews.services.errors import ConflictError


def locked_solution(solution_id: int) -> Solution:
    """
    Return a solution that nobody else changes until the transaction ends.

    A scan may meanwhile point flags at it: that asks only for its key.

    :raises ConflictError: if it has left the register.
    """
    row = Solution.objects.select_for_update(of=("self",), no_key=True).filter(
        pk=solution_id
    )
    solution = row.first()
    if solution is None:
        raise ConflictError("This solution is no longer in the register.")
    return solution
