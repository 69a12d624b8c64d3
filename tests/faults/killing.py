"""Where a worker is killed: found by what it writes into the database."""

import os
import signal
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from django.db import transaction

_ROWS = ('UPDATE "reviews_ticket" ', 'UPDATE "reviews_ticketstep" ')


class Kill(StrEnum):
    """The moment in which a worker is killed that makes a ticket, or a comment."""

    NEVER = "never"
    BEFORE_INTENT = "before the intent"
    AFTER_INTENT = "after the intent"
    DURING_POST = "during the POST"
    AFTER_POST = "after the POST"
    AFTER_COMMIT = "after the commit"


def end_this_process() -> None:
    """Die at once, as by a power cut: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


class Killer:
    """
    Kills its own process in a moment of the sending of a row: a database wrapper.

    The intent is the statement that counts the attempt; what follows it in the ledger or
    in the row itself follows the POST. `DURING_POST` is the ticket system's to do.
    """

    def __init__(self, moment: Kill) -> None:
        self._moment = moment
        self._intended = False

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,
        context: Any,
    ) -> Any:
        writes_row = sql.startswith(_ROWS)
        if writes_row and "COALESCE" in sql and not self._intended:
            self._die_at(Kill.BEFORE_INTENT)
            result = execute(sql, params, many, context)
            self._intended = True
            self._die_at(Kill.AFTER_INTENT)
            return result
        if self._intended and (
            writes_row or sql.startswith('INSERT INTO "reviews_attempt"')
        ):
            self._die_at(Kill.AFTER_POST)
        result = execute(sql, params, many, context)
        if self._intended and writes_row and self._moment is Kill.AFTER_COMMIT:
            transaction.on_commit(end_this_process)
        return result

    def _die_at(self, moment: Kill) -> None:
        if self._moment is moment:
            end_this_process()
