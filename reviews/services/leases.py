"""Taking a lease; see `models.Lease` for what it is."""

from typing import Any

from django.db import OperationalError, connection
from django.db.models import Subquery
from psycopg.errors import LockNotAvailable

from reviews.models import Lease
from reviews.services.errors import BusyError

SCAN = "scan"
IMPORT = "import"


def take_lease(name: str, *, wait: bool, **reading: Subquery) -> tuple[Any, ...]:
    """
    Hold a lease until the transaction ends that this is called in.

    Returns the values of what is read in the same query, which spares a round trip. They
    may be those of a moment before the lease was free.

    SQLite lets one transaction write at a time, so there the transaction is the lease.

    :raises BusyError: if another process holds it: at once, or with `wait` after the
        database's lock timeout.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A lease is held by a transaction: open one first.")
    row = Lease.objects.select_for_update(nowait=not wait).filter(name=name)
    try:
        found = list(row.annotate(**reading).values_list("name", *reading))
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise BusyError(
            f"Another {name} is running; try again when it is done."
        ) from error
    if not found:
        raise RuntimeError(f"There is no lease {name!r}: run the migrations.")
    return tuple(found[0][1:])
