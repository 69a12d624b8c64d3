"""Pages of lists that may be long."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

COUNTED = 10_000


class CappedPaginator(Paginator[Any]):
    """
    A paginator that stops counting at ten thousand rows.

    A database counts by reading: the count of a million rows would take longer than the
    page. Who wants row ten thousand and one is better served by a filter.
    """

    @cached_property
    def count(self) -> int:
        if not isinstance(self.object_list, QuerySet):
            return len(self.object_list)
        return self.object_list.order_by()[:COUNTED].count()

    @property
    def capped(self) -> bool:
        """Whether there may be rows that were not counted."""
        return self.count >= COUNTED
