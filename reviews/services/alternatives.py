"""The other solutions that an evaluation names: those compared, and the one to use."""

from collections.abc import Sequence

from reviews.models import Alternative, Evaluation, Solution
from reviews.rules.verdicts import ENDINGS
from reviews.rules.vocabulary import Verdict
from reviews.services.errors import ConflictError, InvalidError

REGISTERED_LIMIT = 20

REPLACED_AFTER = frozenset({Verdict.HOLD, *ENDINGS})
"""The verdicts beside which another solution may be named to use instead."""


def check_alternatives(solution: Solution, ids: Sequence[int]) -> None:
    """
    Return if solutions may be named as looked at beside another one.

    :raises InvalidError: for too many, one that is not registered, and the solution
        itself.
    """
    if len(ids) > REGISTERED_LIMIT:
        raise InvalidError(
            f"At most {REGISTERED_LIMIT} registered alternatives.",
            field="alternative_solutions",
        )
    if solution.pk in ids:
        raise InvalidError(
            f"{solution.slug} is no alternative to itself.",
            field="alternative_solutions",
        )
    if Solution.objects.filter(pk__in=ids).count() != len(set(ids)):
        raise InvalidError(
            "An alternative is not in the register (any more): choose it anew.",
            field="alternative_solutions",
        )


def check_replacement(
    solution: Solution, verdict: Verdict, replacement_id: int | None
) -> None:
    """
    Return if a solution may be named to use instead of another one.

    :raises InvalidError: beside a verdict that lets people go on using it, for one that
        is not registered, and for the solution itself.
    :raises ConflictError: for one that is itself deprecated or retired.
    """
    if replacement_id is None:
        return
    if verdict not in REPLACED_AFTER:
        raise InvalidError(
            f"Beside {verdict} nothing is used instead: leave the replacement out, or "
            "conclude hold, deprecate or retire.",
            field="replacement",
        )
    if replacement_id == solution.pk:
        raise InvalidError(
            f"{solution.slug} cannot be used instead of itself.", field="replacement"
        )
    replacement = Solution.objects.filter(pk=replacement_id).first()
    if replacement is None:
        raise InvalidError(
            "What is to be used instead is not in the register (any more): "
            "choose it anew.",
            field="replacement",
        )
    if replacement.verdict() in ENDINGS:
        state = "deprecated" if replacement.state == Verdict.DEPRECATE else "retired"
        raise ConflictError(
            f"{replacement.slug} is {state} itself: name something to use instead that "
            "is not on its way out.",
            field="replacement",
        )


def keep_alternatives(evaluation: Evaluation, ids: Sequence[int]) -> None:
    """Add the registered solutions that an evaluation looked at, each once."""
    Alternative.objects.bulk_create(
        Alternative(evaluation=evaluation, solution_id=id) for id in dict.fromkeys(ids)
    )
