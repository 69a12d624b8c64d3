"""The port to what keeps secrets readable to this installation alone."""

from typing import Protocol


class SealedError(Exception):
    """A secret cannot be opened: the key has changed since. The text may be shown."""


class Vault(Protocol):
    """Seals what is stored, and opens it when it is used."""

    def seal(self, secret: str) -> str:
        """Return text that may be stored; empty for an empty secret."""
        ...

    def open(self, sealed: str) -> str:
        """
        Return the secret; empty for what is empty.

        :raises SealedError: if it was sealed with a key that is not known any more.
        """
        ...
