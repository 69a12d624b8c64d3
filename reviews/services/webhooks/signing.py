"""
Signing what goes out, as Standard Webhooks 1.0 has it.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from standardwebhooks import Webhook

from reviews.models import Endpoint
from reviews.ports.vault import SealedError, Vault

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """Return a secret with 256 bits of randomness."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def secrets_of(endpoint: Endpoint, *, vault: Vault, now: datetime) -> Sequence[str]:
    """
    Return the secrets that sign for an endpoint now, the newest first.

    A former one that cannot be opened any more is left out.

    :raises SealedError: if the newest one cannot be opened any more.
    """
    found = [vault.open(endpoint.sealed_secret)]
    until = endpoint.former_secret_until
    if until is None or until <= now:
        return found
    try:
        found.append(vault.open(endpoint.sealed_former_secret))
    except SealedError:
        return found
    return found


def message_name(id: UUID) -> str:
    """Return what a receiver knows a message by, however often it is sent."""
    return f"msg_{id.hex}"


def signed_headers(
    message_id: UUID, body: str, *, secrets: Sequence[str], now: datetime
) -> dict[str, str]:
    """Return the headers by which a receiver knows who sent a body, and when."""
    name = message_name(message_id)
    # The library takes any instant for one in UTC.
    at = now.astimezone(UTC)
    signatures = [Webhook(secret).sign(name, at, body) for secret in secrets]
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
