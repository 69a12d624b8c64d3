"""The port to those who are told something: one message to one address."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """
    A message, rendered.

    `id` is the same however often it is sent (RFC 5322's Message-ID for an e-mail, with
    its angle brackets). `to` is what the channel knows its reader by: an e-mail address,
    a member's id, the address of an incoming webhook. `text` is plain text. `stop_url`
    is where the reader says that it was the last one.
    """

    id: str
    to: str
    subject: str
    text: str
    stop_url: str = ""


class Messenger(Protocol):
    """A channel by which people are told."""

    def send(self, letter: Letter) -> None:
        """
        Hand a message over.

        :raises OutsideError: if it was not taken. It is `permanent` where this reader
            cannot be written to, `unknown` where it may have been taken all the same.
        """
        ...
