"""
The inbox of what ticket systems say: one row for each delivery, before it is answered.

Nothing else happens while the sender waits. What a delivery means is found out by
`services.tickets.reading`, as soon as a worker comes to it.
"""

import hashlib
import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from reviews.models import Arrival, Connection

logger = logging.getLogger(__name__)

KEPT = timedelta(days=30)
"""How long what came is kept, to know a repetition and to answer questions."""


def receive(
    *,
    connection: Connection,
    delivery_id: str,
    event: str,
    body: str,
    now: datetime,
) -> bool:
    """
    Store a delivery; return whether it is a new one.

    What has the id of an earlier one is that one, repeated. If its body is another, it is
    not believed: that is logged, and the earlier one stands.
    """
    digest = hashlib.sha256(body.encode()).hexdigest()
    try:
        with transaction.atomic():
            Arrival.objects.create(
                connection=connection,
                delivery_id=delivery_id,
                event=event,
                digest=digest,
                body=body,
                received_at=now,
            )
    except IntegrityError:
        earlier = Arrival.objects.get(connection=connection, delivery_id=delivery_id)
        if earlier.digest != digest:
            logger.warning(
                "connection %s: delivery %r came again with another body: ignored",
                connection.slug,
                delivery_id,
            )
        return False
    return True


def forget_arrivals(*, now: datetime) -> int:
    """Delete what was handled and came longer ago than KEPT; return how many."""
    past = Arrival.objects.filter(received_at__lt=now - KEPT, handled_at__isnull=False)
    return past.delete()[0]
