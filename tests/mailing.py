"""A real mail server for the tests: it takes note, refuses, and dies as it is told."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from reviews.connectors.notices.email import Email, MailServer
from tests.conftest import NOW

SENDER = "Best Before <best-before@tracker.example>"


@dataclass
class Mailbox:
    """
    What a server took, and how it behaves.

    `refused` are the answers to single readers; to everything it answers `to_data`. It
    takes a message and hangs up before it says so as often as `deaths` says. Until
    it is `let_go`, it takes a message, sets `reached`, and says nothing.
    """

    host: str
    port: int
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    to_data: str = "250 OK"
    to_sender: str = "250 OK"
    deaths: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.let_go.set()

    @property
    def messages(self) -> list[EmailMessage]:
        return [read(content) for _, content in self.taken]

    def of(self, reader: str) -> list[EmailMessage]:
        return [read(content) for to, content in self.taken if to == reader]

    def ids_of(self, reader: str) -> list[str]:
        return [str(message["Message-ID"]) for message in self.of(reader)]

    def messenger(self, **more: Any) -> Email:
        return Email(
            MailServer(self.host, self.port),
            sender=SENDER,
            name="tracker.example",
            clock=lambda: NOW,
            **more,
        )

    # The names are the ones that aiosmtpd looks for.
    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.to_sender

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.to_data.startswith("250"):
            self.taken += [(to, envelope.content) for to in envelope.rcpt_tos]
        self.reached.set()
        await asyncio.get_running_loop().run_in_executor(None, self.let_go.wait)
        if self.deaths:
            self.deaths -= 1
            server.transport.abort()
        return self.to_data


def read(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=default)


def text_of(message: EmailMessage) -> str:
    return str(message.get_content()).replace("\r\n", "\n")


@contextlib.contextmanager
def mail_server(**more: Any) -> Iterator[Mailbox]:
    """Run a mail server on 127.0.0.1, in a thread; `more` is for aiosmtpd."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Mailbox("127.0.0.1", port)
    controller = Controller(box, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield box
    finally:
        box.let_go.set()
        controller.stop()
