"""
Putting solutions in their place in the queue: their class of risk, and their quiet.

Both are kept with the solution, because the queue is read in their order. Whatever
changes a criticality, a flag or a cover calls this in its own transaction; what imports
change of the dependents is weighed once a night.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection

from reviews.models import Solution
from reviews.rules.risk import OF_CRITICALITY, OF_DEPENDENTS, OF_SEVERITY
from reviews.services.bulk import one_of


def _cases(column: str, powers: Mapping[Any, int]) -> str:
    whens = " ".join(f"WHEN '{word}' THEN {power}" for word, power in powers.items())
    return f"CASE {column} {whens} ELSE 0 END"


_DEPENDENTS = " ".join(
    f"WHEN count(DISTINCT component_id) >= {least} THEN {power}"
    for least, power in OF_DEPENDENTS
)
_WEIGH = f"""
    UPDATE reviews_solution AS solution
    SET risk_class = weighed.risk_class, quiet_until = weighed.quiet_until
    FROM (
        SELECT each.id,
            {_cases("each.criticality", OF_CRITICALITY)}
            + coalesce((
                SELECT max({_cases("flag.severity", OF_SEVERITY)})
                FROM reviews_flag AS flag
                WHERE flag.solution_id = each.id AND flag.closed_at IS NULL
                  AND (flag.covered_until IS NULL OR flag.covered_until <= %(today)s)
              ), 0)
            + (
                SELECT CASE {_DEPENDENTS} ELSE 0 END
                FROM reviews_dependency WHERE solution_id = each.id
              ) AS risk_class,
            (
                -- Quiet only while something covers every question that is open.
                SELECT CASE WHEN count(*) = count(flag.covered_until)
                            THEN min(flag.covered_until) END
                FROM reviews_flag AS flag
                WHERE flag.solution_id = each.id AND flag.closed_at IS NULL
            ) AS quiet_until
        FROM reviews_solution AS each WHERE {{which}}
    ) AS weighed
    WHERE weighed.id = solution.id
      AND (solution.risk_class <> weighed.risk_class
           OR solution.quiet_until {{differs}} weighed.quiet_until)
"""


def weigh_solutions(*, solution_ids: Sequence[int], today: date) -> int:
    """Bring the class and the quiet of some solutions up to date; return how many moved."""
    if not solution_ids:
        return 0
    ids, parameters = one_of("ids", solution_ids)
    return _weigh(f"each.id {ids}", parameters, today)


def weigh_quiet(*, today: date) -> int:
    """Do the same for all that are quiet, of which a scan may have asked something."""
    return _weigh("each.quiet_until IS NOT NULL", {}, today)


def quiet_ids() -> list[int]:
    """Return the solutions that are quiet, in order."""
    quiet = Solution.objects.filter(quiet_until__isnull=False)
    return list(quiet.order_by("pk").values_list("pk", flat=True))


def weigh_register(*, today: date) -> int:
    """Do the same for the whole register; only what moved is written."""
    return _weigh("true", {}, today)


def _weigh(which: str, parameters: dict[str, Any], today: date) -> int:
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    day = connection.ops.adapt_datefield_value(today)
    with connection.cursor() as cursor:
        cursor.execute(
            _WEIGH.format(which=which, differs=differs), {**parameters, "today": day}
        )
        return int(cursor.rowcount)
