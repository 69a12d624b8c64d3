"""Reading on from a row instead of counting from the start."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan


def beyond(order: Sequence[str], position: Sequence[Any]) -> TupleGreaterThan:
    """
    Return the condition for the rows that come after a position in an ascending order.

    The order has to end with a column that no two rows share. It is one comparison of
    whole rows: with anything else an index ends at the first column.
    """
    return TupleGreaterThan(Tuple(*map(F, order)), tuple(position))
