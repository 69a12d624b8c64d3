"""Taking a lease; see `models.Lease` for what it is."""

from django.db import OperationalError, connection

from reviews.models import Lease
from reviews.services.errors import BusyError

SCAN = "scan"
IMPORT = "import"


def take_lease(name: str, *, wait: bool) -> None:
    """
    Hold a lease until the transaction ends that this is called in.

    SQLite lets one transaction write at a time, so there the transaction is the lease.

    :raises BusyError: if another process holds it: at once, or with `wait` after the
        database's lock timeout.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A lease is held by a transaction: open one first.")
    row = Lease.objects.select_for_update(nowait=not wait).filter(name=name)
    try:
        held = row.exists() if connection.vendor == "sqlite" else len(row) == 1
    except OperationalError as error:
        raise BusyError(
            f"Another {name} is running; try again when it is done."
        ) from error
    if not held:
        raise RuntimeError(f"There is no lease {name!r}: run the migrations.")
