"""Tests of mail over TLS, with a password, and with certificates that nobody trusts."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from reviews.connectors.notices.email import Email, MailServer
from reviews.ports.outside import OutsideError
from tests.conftest import NOW
from tests.connectors.test_notices import letter
from tests.mailing import SENDER, Mailbox, mail_server

NAME = "localhost"
OPENSSL = shutil.which("openssl")

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="makes certificates: openssl")


@dataclass
class Guarded:
    """A server that takes mail after STARTTLS and a password."""

    box: Mailbox
    certificate: Path


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a certificate for `NAME`, which signs itself, and its key."""
    folder = tmp_path_factory.mktemp("mail")
    made, key = folder / "signed.pem", folder / "key.pem"
    command = [str(OPENSSL), "req", "-x509", "-nodes", "-days", "2"]
    command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-keyout", str(key), "-out", str(made), "-subj", f"/CN={NAME}"]
    command += ["-addext", f"subjectAltName=DNS:{NAME}"]
    subprocess.run(command, check=True, capture_output=True)
    return made, key


def _lets_in(server: Any, session: Any, envelope: Any, way: str, said: Any) -> Any:
    known = LoginPassword(login=b"tracker", password=b"a secret")
    return AuthResult(success=said == known)


def _serving_with(signed: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*signed)
    return context


@pytest.fixture
def guarded(signed: tuple[Path, Path]) -> Iterator[Guarded]:
    with mail_server(
        tls_context=_serving_with(signed),
        require_starttls=True,
        auth_required=True,
        authenticator=_lets_in,
    ) as box:
        yield Guarded(box, signed[0])


@pytest.fixture
def trusted(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> Guarded:
    """Return the server, after the operator said that its certificate is to be trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(guarded.certificate))
    return guarded


def messenger(box: Mailbox, host: str = NAME, **more: Any) -> Email:
    given: dict[str, Any] = {"username": "tracker", "password": "a secret"}
    given |= {"use_tls": True}
    return Email(
        MailServer(host, box.port, **given | more),
        sender=SENDER,
        name="tracker.example",
        clock=lambda: NOW,
        seconds=10,
    )


def refused(email: Email) -> OutsideError:
    with pytest.raises(OutsideError) as caught:
        email.send(letter())
    return caught.value


def test_a_message_arrives_after_starttls_and_a_password(trusted: Guarded) -> None:
    messenger(trusted.box).send(letter())

    assert len(trusted.box.taken) == 1


def test_a_wrong_password_is_no_readers_fault_and_is_not_repeated(
    trusted: Guarded,
) -> None:
    error = refused(messenger(trusted.box, password="another one"))

    assert (error.permanent, error.status) == (False, 0)
    assert "did not let this tracker in" in str(error)
    assert "another one" not in str(error)


def test_a_certificate_that_nobody_trusts_gets_no_password(guarded: Guarded) -> None:
    error = refused(messenger(guarded.box))

    assert (error.permanent, error.unknown) == (False, False)
    assert "certificate" in str(error)
    assert guarded.box.taken == []


def test_a_certificate_of_another_name_gets_no_password(trusted: Guarded) -> None:
    error = refused(messenger(trusted.box, host="127.0.0.1"))

    assert "certificate" in str(error)
    assert trusted.box.taken == []


def test_a_server_may_speak_tls_from_the_start(
    signed: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(signed[0]))
    context = _serving_with(signed)

    with mail_server(ssl_context=context, authenticator=_lets_in) as box:
        messenger(box, use_tls=False, use_ssl=True, username="").send(letter())

        assert len(box.taken) == 1
