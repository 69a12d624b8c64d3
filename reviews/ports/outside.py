"""What all ports to the outside share: how asking fails, and how often one may ask."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


class OutsideError(Exception):
    """
    Somebody outside could not be asked, or the answer could not be used.

    The message may be shown. `permanent` says that asking again will not help until
    somebody changes something; `retry_after` is how long the other side wants to be
    left alone, None where it did not say. `unknown` says that what was asked for may
    have been done all the same: the request went out, and what became of it was not
    heard. `status` is the status of the answer, 0 where there was none.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        unknown: bool = False,
        status: int = 0,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.unknown = unknown
        self.status = status


class HostBusyError(OutsideError):
    """A host was not asked now, for it wants to be left alone, or others come first."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What an answer was marked with, to ask whether it still holds (RFC 9110, 13)."""

    etag: str = ""
    last_modified: str = ""


class HostBudget(Protocol):
    """How often a host may be asked, by all workers together."""

    def take(self, host: str) -> None:
        """
        Use up one request to a host, after a short wait if need be.

        :raises HostBusyError: if its turn comes later than that.
        """
        ...

    def hold(self, host: str, wait: timedelta) -> None:
        """Leave a host alone for a while."""
        ...
