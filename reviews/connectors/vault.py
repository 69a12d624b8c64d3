"""Secrets at rest: sealed with a key that the database does not have."""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from reviews.ports.vault import SealedError

_PURPOSE = b"best-before credentials"


class SecretVault:
    """
    Seals with the first of some keys and opens with any of them, so that a key may change.

    Source: Fernet (AES-128-CBC with HMAC-SHA256) of the cryptography library, its key
    drawn from the installation's by HKDF (RFC 5869).
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in keys])

    def seal(self, secret: str) -> str:
        """Return text that may be stored; empty for an empty secret."""
        return self._fernet.encrypt(secret.encode()).decode() if secret else ""

    def open(self, sealed: str) -> str:
        """
        Return the secret; empty for what is empty.

        :raises SealedError: if it was sealed with a key that is not known any more.
        """
        if not sealed:
            return ""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealedError(
                "This secret cannot be read: SECRET_KEY has changed since it was "
                "entered. Enter it again, or give the former key in "
                "SECRET_KEY_FALLBACKS."
            ) from error


def _derived(key: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return base64.urlsafe_b64encode(derive.derive(key.encode()))
