"""Rows that a transaction reads in order to change them."""

from reviews.models import Flag, Solution
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


def locked_flag(flag_id: int) -> Flag:
    """
    Return a flag, with its solution, that nobody else changes meanwhile.

    The solution is locked before the flag, as whoever logs an evaluation does it.

    :raises ConflictError: if it has left the register.
    """
    of_flag = Flag.objects.filter(pk=flag_id).values_list("solution_id", flat=True)
    solution_id = of_flag.first()
    if solution_id is None:
        raise ConflictError("This flag is no longer in the register.")
    solution = locked_solution(solution_id)
    flag = Flag.objects.select_for_update(no_key=True).get(pk=flag_id)
    flag.solution = solution
    return flag
