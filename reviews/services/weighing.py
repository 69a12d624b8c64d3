"""
Putting solutions in their place in the queue: their class of risk, and their quiet.

Both are kept with the solution, because the queue is read in their order. Whatever
changes a criticality, a flag or a cover calls this in its own transaction; what imports
change of the dependents is weighed once a night.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction

from reviews.models import Solution
from reviews.rules.risk import OF_CRITICALITY, OF_DEPENDENTS, OF_SEVERITY
from reviews.rules.vocabulary import Cause
from reviews.services.bulk import one_of


def _cases(column: str, powers: Mapping[Any, int]) -> str:
    whens = " ".join(f"WHEN '{word}' THEN {power}" for word, power in powers.items())
    return f"CASE {column} {whens} ELSE 0 END"


_DEPENDENTS = " ".join(
    f"WHEN count(DISTINCT component_id) >= {least} THEN {power}"
    for least, power in OF_DEPENDENTS
)
_IS_REVIEW = f"CASE flag.cause WHEN '{Cause.REVIEW_DUE}' THEN 1 ELSE 0 END"
_IS_TRUST = f"CASE flag.cause WHEN '{Cause.TRUST_DECAYED}' THEN 1 ELSE 0 END"
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
                -- Quiet only while something covers every question that is open, and
                -- before the day on which the clock asks one that is not open yet.
                SELECT CASE WHEN count(*) > 0 AND count(*) = count(flag.covered_until)
                            THEN {{least}}(
                                min(flag.covered_until),
                                CASE WHEN sum({_IS_REVIEW}) > 0 THEN {{never}}
                                ELSE coalesce(
                                    each.unpulled_on, each.next_review_on, {{never}}
                                ) END,
                                CASE WHEN sum({_IS_TRUST}) > 0 THEN {{never}}
                                ELSE coalesce(each.trust_ends_on, {{never}}) END
                            ) END
                FROM reviews_flag AS flag
                WHERE flag.solution_id = each.id AND flag.closed_at IS NULL
            ) AS quiet_until
        FROM reviews_solution AS each WHERE {{which}}
    ) AS weighed
    WHERE weighed.id = solution.id
      AND (solution.risk_class <> weighed.risk_class
           OR solution.quiet_until {{differs}} weighed.quiet_until)
"""


_LOCK = """
    SELECT 1 FROM reviews_solution AS each WHERE {which}
    ORDER BY each.id FOR NO KEY UPDATE
"""

BATCH = 2_000


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
    """
    Do the same for the whole register; only what moved is written.

    A batch at a time, each in a transaction of its own: people go on working.
    """
    last, moved = 0, 0
    while True:
        batch = list(
            Solution.objects.filter(pk__gt=last)
            .order_by("pk")
            .values_list("pk", flat=True)[:BATCH]
        )
        if not batch:
            return moved
        last = batch[-1]
        moved += weigh_solutions(solution_ids=batch, today=today)


def _weigh(which: str, parameters: dict[str, Any], today: date) -> int:
    on_postgresql = connection.vendor == "postgresql"
    words = {
        "which": which,
        "differs": "IS DISTINCT FROM" if on_postgresql else "IS NOT",
        "least": "least" if on_postgresql else "min",
        "never": "DATE '9999-12-31'" if on_postgresql else "'9999-12-31'",
    }
    day = connection.ops.adapt_datefield_value(today)
    with transaction.atomic(), connection.cursor() as cursor:
        if on_postgresql:
            # In the order of everybody else, and before the flags are read: what waits
            # for a lock would otherwise write what it had read before.
            cursor.execute(_LOCK.format(which=which), parameters)
        cursor.execute(_WEIGH.format(**words), {**parameters, "today": day})
        return int(cursor.rowcount)
