"""The port to endpoints that want to be told: one message to one address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint answered: the status, and how what it said begins, in one line."""

    status: int
    excerpt: str = ""


class Sender(Protocol):
    """What carries a message to an address."""

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """
        Return what the address answers to a POST, whatever the status.

        It is sent once, and never sent on to where a redirect leads.

        :raises OutsideError: if nobody was reached, or the answer could not be read, or
            the host wants to be left alone: `retry_after` says for how long.
        """
        ...
