"""Reading on from a row instead of counting from the start."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q


def beyond(order: Sequence[str], position: Sequence[Any]) -> Q:
    """
    Return the condition for the rows that come after a position in an ascending order.

    The order has to end with a column that no two rows share.
    """
    *names, last = order
    *values, final = position
    condition = Q(**{f"{last}__gt": final})
    for name, value in zip(reversed(names), reversed(values), strict=True):
        condition = Q(**{f"{name}__gt": value}) | (Q(**{name: value}) & condition)
    # Said once more on its own, so that the index begins there.
    return Q(**{f"{order[0]}__gte": position[0]}) & condition
