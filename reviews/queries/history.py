"""What happened to a solution, from the audit trail."""

from django.db.models import Q, QuerySet

from reviews.models import Change, Solution


def history_of(solution: Solution) -> QuerySet[Change]:
    """
    Return the changes of a solution, the newest first.

    With them comes the import that brought it, which it shares with all of its file.
    """
    return Change.objects.filter(
        Q(object_kind="solution", object_id=solution.pk)
        | Q(pk=solution.registration_id)
    ).order_by("-pk")
