"""
Opening and closing flags, many at a time.

The statements are set-based, and the same for a scan of the whole register and for one
solution whose evaluation was just logged. They state in SQL what `rules.staleness` says
of a day; a property test holds the two to each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from reviews.models import Flag
from reviews.rules.vocabulary import BY_THE_CLOCK, Action, Cause
from reviews.services.bulk import one_of

# What the clock says is due, by cause; {review}, {unpulled} and {trust} are the columns'
# own conditions. What evidence pulled forward has flags of its own, so for such a
# solution the day counts on which a review would be owed without it.
_DUE = f"""
    SELECT id, '{Cause.REVIEW_DUE}', '{Action.REVIEW}', next_review_on,
           last_evaluated_on, pulled_by, answered_review_flag_id
    FROM reviews_solution
    WHERE next_review_on <= %(today)s AND unpulled_on IS NULL AND {{review}}
    UNION ALL
    SELECT id, '{Cause.REVIEW_DUE}', '{Action.REVIEW}', unpulled_on,
           last_evaluated_on, '', answered_review_flag_id
    FROM reviews_solution WHERE unpulled_on <= %(today)s AND {{unpulled}}
    UNION ALL
    SELECT id, '{Cause.TRUST_DECAYED}', '{Action.DEPRECATE}', trust_ends_on,
           last_evaluated_on, '', answered_trust_flag_id
    FROM reviews_solution WHERE trust_ends_on <= %(today)s AND {{trust}}
"""

_OPEN = """
    INSERT INTO reviews_flag (solution_id, cause, action, due_on, vouched_on,
                              pulled_by, reopens_id, opened_at)
    SELECT due.*, %(now)s FROM due WHERE true
    ON CONFLICT (solution_id, cause) WHERE closed_at IS NULL DO NOTHING
"""
_WITH_DUE = """
    WITH due (solution_id, cause, action, due_on, vouched_on, pulled_by, reopens_id)
    AS ({})
"""
_NOTICE = """
    INSERT INTO reviews_notice (key, created_at)
    SELECT 'flag:' || id || ':open', %(now)s FROM
"""

_NOTICE_OF_CLOSED = """
    INSERT INTO reviews_notice (key, created_at)
    SELECT 'flag:' || id || ':closed', %(now)s FROM reviews_flag WHERE id {flags}
    ON CONFLICT DO NOTHING
"""

_DAY_OF_CAUSE = f"""
    CASE flag.cause WHEN '{Cause.REVIEW_DUE}'
                    THEN coalesce(solution.unpulled_on, solution.next_review_on)
                    WHEN '{Cause.TRUST_DECAYED}' THEN solution.trust_ends_on END
"""
_PULL_OF_CAUSE = f"""
    CASE WHEN flag.cause = '{Cause.REVIEW_DUE}' AND solution.unpulled_on IS NULL
         THEN solution.pulled_by ELSE '' END
"""
_BY_THE_CLOCK = "flag.cause IN ('{}')".format("', '".join(sorted(BY_THE_CLOCK)))
_CAUSE_GONE = f"""
    SELECT flag.id FROM reviews_flag AS flag
    JOIN reviews_solution AS solution ON solution.id = flag.solution_id
    WHERE flag.closed_at IS NULL AND flag.solution_id {{ids}} AND {_BY_THE_CLOCK}
      AND ({_DAY_OF_CAUSE} IS NULL OR {_DAY_OF_CAUSE} > %(today)s)
"""
_LOCK = """
    SELECT 1 FROM reviews_solution WHERE id IN (
        SELECT flag.solution_id FROM reviews_flag AS flag WHERE flag.id {flags}
    ) ORDER BY id FOR NO KEY UPDATE
"""
_CLOSE = """
    UPDATE reviews_flag AS flag
    SET closed_at = %(now)s, closed_by_id = %(evaluation)s,
        covered_by = '', covered_until = NULL,
        closed_because = CASE WHEN solution.state = 'retire' THEN 'retired'
                              ELSE %(because)s END
    FROM reviews_solution AS solution
    WHERE solution.id = flag.solution_id AND flag.closed_at IS NULL
      AND flag.id {flags}
"""
_UNCOVER = """
    UPDATE reviews_cover SET ended_at = %(now)s, ended_because = 'answered'
    WHERE ended_at IS NULL AND flag_id {flags}
"""
_ANSWERED = """
    UPDATE reviews_solution AS solution SET {column} = flag.id
    FROM reviews_flag AS flag
    WHERE flag.solution_id = solution.id AND flag.cause = '{cause}'
      AND flag.id {flags}
"""
_ANSWERS = {
    Cause.REVIEW_DUE: "answered_review_flag_id",
    Cause.TRUST_DECAYED: "answered_trust_flag_id",
}
_MOVE = f"""
    UPDATE reviews_flag AS flag
    SET due_on = {_DAY_OF_CAUSE}, vouched_on = solution.last_evaluated_on,
        pulled_by = {_PULL_OF_CAUSE}
    FROM reviews_solution AS solution
    WHERE solution.id = flag.solution_id AND flag.closed_at IS NULL
      AND flag.solution_id {{ids}} AND {_BY_THE_CLOCK}
      AND (flag.due_on <> {_DAY_OF_CAUSE} OR flag.pulled_by <> {_PULL_OF_CAUSE})
"""


@dataclass(frozen=True, slots=True)
class Settlement:
    """How many flags were opened, how many closed, and how many are asked again."""

    opened: int = 0
    closed: int = 0
    asked_again: int = 0

    def __add__(self, other: "Settlement") -> "Settlement":
        return Settlement(
            self.opened + other.opened,
            self.closed + other.closed,
            self.asked_again + other.asked_again,
        )


def open_flags_between(*, after: date | None, today: date, now: datetime) -> int:
    """
    Open a flag for each date after one day and up to another; return how many.

    Without `after`, from the beginning. Every flag has its notice in the outbox.
    """
    due = _due_after(after)
    return _open(due, {"after": after and _day(after), "today": _day(today)}, now)


def settle_flags(
    *,
    solution_ids: Sequence[int],
    today: date,
    now: datetime,
    because: str = "rescheduled",
    evaluation_id: int | None = None,
) -> Settlement:
    """
    Bring the flags of some solutions into line with their dates.

    What is due gets its flag, a flag whose cause has gone is closed, and one whose
    question stands with another day moves to that day.
    """
    if not solution_ids:
        return Settlement()
    ids, parameters = one_of("ids", solution_ids)
    parameters |= {
        "today": _day(today),
        "now": _instant(now),
        "because": because,
        "evaluation": evaluation_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CAUSE_GONE.format(ids=ids), parameters)
        answered = [flag_id for (flag_id,) in cursor.fetchall()]
        if answered:
            flags, flag_ids = one_of("flags", answered)
            if connection.vendor == "postgresql":
                # Solutions before flags, as whoever logs an evaluation locks them.
                cursor.execute(_LOCK.format(flags=flags), flag_ids)
            for statement in (_CLOSE, _UNCOVER, _NOTICE_OF_CLOSED):
                cursor.execute(statement.format(flags=flags), parameters | flag_ids)
            for cause, column in _ANSWERS.items():
                cursor.execute(
                    _ANSWERED.format(column=column, cause=cause, flags=flags), flag_ids
                )
        cursor.execute(_MOVE.format(ids=ids), parameters)
    of_these = f"id {ids}"
    due = _DUE.format(review=of_these, unpulled=of_these, trust=of_these)
    return Settlement(opened=_open(due, parameters, now), closed=len(answered))


def early_solution_ids(today: date) -> list[int]:
    """Return the solutions with an open flag that a day does not call for yet."""
    rows = Flag.objects.open().filter(due_on__gt=today)
    return list(rows.values_list("solution_id", flat=True).distinct())


def due_solution_ids(*, after: date | None, today: date) -> list[int]:
    """Return the solutions for which `open_flags_between` would open a flag."""
    due = _due_after(after)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_WITH_DUE.format(due)} SELECT DISTINCT solution_id FROM due ORDER BY 1",
            {"after": after and _day(after), "today": _day(today)},
        )
        return [solution_id for (solution_id,) in cursor.fetchall()]


def _due_after(after: date | None) -> str:
    window = "true" if after is None else "{} > %(after)s"
    return _DUE.format(
        review=window.format("next_review_on"),
        unpulled=window.format("unpulled_on"),
        trust=window.format("trust_ends_on"),
    )


def _open(due: str, parameters: dict[str, Any], now: datetime) -> int:
    parameters = parameters | {"now": _instant(now)}
    with_due = _WITH_DUE.format(due)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"{with_due}, opened AS ({_OPEN} RETURNING id) {_NOTICE} opened",
                parameters,
            )
            return int(cursor.rowcount)
        # SQLite's identifiers only rise, and nobody else writes in this transaction.
        cursor.execute("SELECT coalesce(max(id), 0) FROM reviews_flag")
        parameters["newest"] = cursor.fetchone()[0]
        cursor.execute(f"{with_due} {_OPEN}", parameters)
        cursor.execute(f"{_NOTICE} reviews_flag WHERE id > %(newest)s", parameters)
        return int(cursor.rowcount)


def _day(day: date) -> Any:
    return connection.ops.adapt_datefield_value(day)


def _instant(instant: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(instant)
