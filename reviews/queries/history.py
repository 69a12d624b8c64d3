"""What happened to a solution, from the audit trail."""

from django.db.models import Q

from reviews.models import Change, Solution
from reviews.models.final import FinalQuerySet


def history_of(solution_id: int) -> FinalQuerySet[Change]:
    """
    Return the changes of a solution, in no order.

    With them comes the import that brought it, which it shares with all of its file.
    """
    brought_by = Solution.objects.filter(pk=solution_id).values("registration_id")
    return Change.objects.filter(
        Q(object_id=solution_id, object_kind="solution") | Q(pk__in=brought_by)
    )
