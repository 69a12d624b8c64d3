"""How often a host may be asked, kept in the database for all workers together."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from reviews.models import Allowance
from reviews.ports.outside import HostBusyError

_TAKE = """
    INSERT INTO reviews_allowance AS allowance (host, next_at)
    VALUES (%(host)s, %(after)s)
    ON CONFLICT (host) DO UPDATE
    SET next_at = CASE WHEN allowance.next_at > %(now)s
                       THEN {later} ELSE %(after)s END
    WHERE allowance.next_at <= %(patience)s
    RETURNING next_at
"""
_LATER = {
    "postgresql": "allowance.next_at + %(step)s::interval",
    # SQLite keeps instants as text, to the microsecond; its own functions cut them to
    # the millisecond, which the form allows for.
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', allowance.next_at, %(step)s)",
}


class StoredBudget:
    """
    A budget of requests per host that any number of workers share.

    A request takes the next free instant and waits for it. Is that further off than a
    few seconds, or does the host want to be left alone, the request is refused: the
    caller's schedule comes back to it.
    """

    def __init__(
        self,
        *,
        per_second: float,
        patience: timedelta,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.interval = timedelta(seconds=1 / per_second)
        self.patience = patience
        self.clock = clock
        self.sleep = sleep

    def take(self, host: str) -> None:
        """
        Use up one request to a host, after a wait of seconds if need be.

        :raises HostBusyError: if its turn comes later than that.
        """
        now = self.clock()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                _TAKE.format(later=_LATER[connection.vendor]),
                {
                    "host": host,
                    "now": _instant(now),
                    "after": _instant(now + self.interval),
                    "patience": _instant(now + self.patience),
                    "step": f"+{self.interval.total_seconds():.6f} seconds",
                },
            )
            row = cursor.fetchone()
        if row is None:
            wait = Allowance.objects.get(host=host).next_at - now
            raise HostBusyError(
                f"{host} is to be left alone for {_span(wait)}.", retry_after=wait
            )
        turn = Allowance._meta.get_field("next_at").to_python(row[0])
        if turn.tzinfo is None:
            turn = turn.replace(tzinfo=now.tzinfo)
        wait = turn - self.interval - now
        if wait > timedelta():
            self.sleep(wait.total_seconds())

    def hold(self, host: str, wait: timedelta) -> None:
        """Leave a host alone for a while; never for less than was already said."""
        until = self.clock() + wait
        row, made = Allowance.objects.get_or_create(
            host=host, defaults={"next_at": until}
        )
        if not made:
            Allowance.objects.filter(pk=row.pk, next_at__lt=until).update(next_at=until)


def _instant(instant: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(instant)


def _span(wait: timedelta) -> str:
    minutes = round(wait.total_seconds() / 60)
    return (
        f"{minutes} minutes" if minutes > 1 else f"{wait.total_seconds():.0f} seconds"
    )
