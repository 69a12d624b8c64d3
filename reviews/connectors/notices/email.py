"""E-mail by SMTP, as plain text."""

import contextlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WITH_CRLF
from email.utils import format_datetime, parseaddr
from typing import Any, cast

import certifi

from reviews.ports.notices import Letter
from reviews.ports.outside import OutsideError

SECONDS = 30.0
"""How long one message may take in all, from the connection to the last answer."""

_LONGEST_LINE = 900
_SAID = 200
# Narrower than RFC 5321: no quoted names, nothing but ASCII.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?"
)
# What no header may hold of a text that others wrote.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mail is handed in: by STARTTLS, by TLS from the start, or in the clear."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False


class Email:
    """
    Hands messages to a mail server, one connection each.

    `sender` is the From of all of them, `name` what this machine calls itself. `clock`
    gives the instant that stands in the header Date.

    Source: RFC 5321 (SMTP), RFC 5322 (Message-ID), RFC 8058 (one-click unsubscribe),
    RFC 3834 (Auto-Submitted).
    """

    def __init__(
        self,
        server: MailServer,
        *,
        sender: str,
        name: str,
        clock: Callable[[], datetime],
        seconds: float = SECONDS,
    ) -> None:
        self._server = server
        self._sender = sender
        self._name = name
        self._clock = clock
        self._seconds = seconds

    def send(self, letter: Letter) -> None:
        """
        Hand a message over.

        :raises OutsideError: if it was not taken. It is `permanent` where the server
            refuses this reader or this message for good, and `unknown` where the
            connection was lost after the text had begun to go out. Without a `status`
            no message could be handed over at all.
        """
        _check_address(letter.to)
        content = self._message(letter).as_bytes()
        with self._connected() as smtp:
            self._greet(smtp)
            self._name_both(smtp, letter.to)
            self._hand_over(smtp, content)

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage(policy=WITH_CRLF)
        message["Message-ID"] = letter.id
        message["Date"] = format_datetime(self._clock())
        message["From"] = self._sender
        message["To"] = Address(addr_spec=letter.to)
        message["Subject"] = _header(letter.subject)
        if letter.stop_url:
            message["List-Unsubscribe"] = f"<{letter.stop_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message["Auto-Submitted"] = "auto-generated"
        longest = max(map(len, letter.text.splitlines()), default=0)
        plain = letter.text.isascii() and longest <= _LONGEST_LINE
        text = letter.text.encode(errors="replace").decode()
        message.set_content(text, cte="7bit" if plain else "quoted-printable")
        return message

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Open a connection that is closed when the time for all of it is over."""
        smtp = self._smtp()
        watch = threading.Timer(self._seconds, _cut, [smtp])
        watch.daemon = True
        watch.start()
        try:
            try:
                smtp.connect(self._server.host, self._server.port)
            except (OSError, smtplib.SMTPException) as error:
                raise OutsideError(
                    f"The mail server {self._server.host} cannot be reached: "
                    f"{_told(error)}"
                ) from error
            yield smtp
            # The message is handed over; what the goodbye comes to is no matter.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.quit()
        finally:
            watch.cancel()
            smtp.close()

    def _smtp(self) -> smtplib.SMTP:
        smtp: Any
        if self._server.use_ssl:
            smtp = smtplib.SMTP_SSL(
                local_hostname=self._name,
                timeout=self._seconds,
                context=_trusting(),
            )
        else:
            smtp = smtplib.SMTP(local_hostname=self._name, timeout=self._seconds)
        # Not given above, where the library would dial at once, before anybody watches;
        # it checks the certificate against this name.
        smtp._host = self._server.host
        return cast(smtplib.SMTP, smtp)

    def _greet(self, smtp: smtplib.SMTP) -> None:
        """Say who is there. What goes wrong here is no reader's fault, and may pass."""
        try:
            smtp.ehlo()
            if self._server.use_tls:
                smtp.starttls(context=_trusting())
                smtp.ehlo()
            if self._server.username:
                smtp.login(self._server.username, self._server.password)
        except (OSError, smtplib.SMTPException) as error:
            raise OutsideError(
                f"The mail server {self._server.host} did not let this tracker in: "
                f"{_told(error)}"
            ) from error

    def _name_both(self, smtp: smtplib.SMTP, to: str) -> None:
        sender = parseaddr(self._sender)[1]
        try:
            code, said = smtp.mail(sender)
            if code >= 400:
                raise OutsideError(
                    f"The mail server refuses the sender {sender} (EMAIL_FROM): "
                    f"{_reply(code, said)}"
                )
            code, said = smtp.rcpt(to)
        except (OSError, smtplib.SMTPException) as error:
            raise OutsideError(f"The mail server hung up: {_told(error)}") from error
        if code >= 400:
            raise OutsideError(
                f"The mail server does not take mail for {to}: {_reply(code, said)}",
                permanent=code >= 500,
                status=code,
            )

    def _hand_over(self, smtp: smtplib.SMTP, content: bytes) -> None:
        said: bytes | str
        try:
            code, said = smtp.data(content)
        except smtplib.SMTPDataError as error:
            code, said = error.smtp_code, error.smtp_error
        except (OSError, smtplib.SMTPException) as error:
            raise OutsideError(
                "The mail server hung up before it said whether it took the message: "
                f"{_told(error)}",
                unknown=True,
            ) from error
        if code >= 400:
            raise OutsideError(
                f"The mail server did not take the message: {_reply(code, said)}",
                permanent=code >= 500,
                status=code,
            )


def _trusting() -> ssl.SSLContext:
    """Return what a server's certificate is checked with: the system's, and certifi's."""
    context = ssl.create_default_context()
    # A slim container has no store of its own.
    context.load_verify_locations(certifi.where())
    return context


def _cut(smtp: smtplib.SMTP) -> None:
    """Close the connection under a conversation that takes too long."""
    open_one = smtp.sock
    if open_one is not None:
        with contextlib.suppress(OSError):
            open_one.shutdown(socket.SHUT_RDWR)


def _check_address(to: str) -> None:
    """:raises OutsideError: for what cannot stand in a command to a mail server."""
    if not _ADDRESS.fullmatch(to):
        raise OutsideError(
            "The e-mail address of this account is not one that mail can be sent to; "
            "an administrator can put it right.",
            permanent=True,
            status=553,
        )


def _header(text: str) -> str:
    # A line break would begin another header, and "=?" an encoded word: what looks
    # like one is shown as it was typed.
    return _CONTROLS.sub(" ", text).replace("=?", "= ?").strip()


def _reply(code: int, said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {_CONTROLS.sub(' ', text)[:_SAID]}".strip()


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error.smtp_code, error.smtp_error)
    return _CONTROLS.sub(" ", str(error))[:_SAID] or type(error).__name__
