"""Tests of asking over TLS: whom a client trusts, and what it says where it does not."""

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from reviews.connectors.dialling import trusting_context
from reviews.connectors.http import HTTPClient, Network, TooLargeError
from reviews.ports.outside import OutsideError
from tests.connectors.serving import (
    MEGABYTE,
    MemoryBudget,
    Reply,
    Server,
    dripping_body,
    endless_body,
    hang_up,
    json_answer,
    redirect,
    serving,
    truncated,
)

OPENSSL = shutil.which("openssl")
NAME = "registry.example"

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="makes certificates: openssl")


@dataclass
class Guarded:
    """A server with a certificate for `NAME`, which it signed itself."""

    server: Server
    certificate: Path
    names_asked: list[str | None] = field(default_factory=list)

    def url(self, path: str, name: str = NAME) -> str:
        return f"https://{name}:{self.server.port}{path}"


def certificate(folder: Path, *, days: int) -> tuple[Path, Path]:
    """Return a certificate for `NAME`, which signs itself, and its key."""
    key, asked, signed = folder / "key.pem", folder / "asked.pem", folder / "signed.pem"
    extensions = folder / "extensions"
    extensions.write_text(f"subjectAltName = DNS:{NAME}\nbasicConstraints = CA:TRUE\n")

    def openssl(*arguments: object) -> None:
        command = [str(OPENSSL), *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True)

    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    openssl("req", "-new", "-key", key, "-subj", f"/CN={NAME}", "-out", asked)
    # Unlike "req -x509", this lets a certificate end before it begins.
    signing = ("-req", "-in", asked, "-signkey", key, "-extfile", extensions)
    openssl("x509", *signing, "-days", days, "-out", signed)
    return signed, key


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"), days=2)


@pytest.fixture
def guarded(lasting: tuple[Path, Path]) -> Iterator[Guarded]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*lasting)
    names: list[str | None] = []
    context.sni_callback = lambda sock, name, used: names.append(name)
    with serving(tls=context) as server:
        yield Guarded(server, lasting[0], names)


@pytest.fixture
def trusted(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> Guarded:
    """Return the server, after the operator said that its certificate is to be trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(guarded.certificate))
    return guarded


@pytest.fixture
def client(budget: MemoryBudget) -> HTTPClient:
    return HTTPClient(
        agent="best-before-tests (tests@example.com)",
        network=Network(allowed=(ip_network("127.0.0.0/8"),), ports=frozenset()),
        budget=budget,
        deadline=timedelta(seconds=1),
        ceiling=MEGABYTE,
        resolve=lambda host, port: ("127.0.0.1",),
    )


def test_a_certificate_that_nobody_vouches_for_is_refused(
    guarded: Guarded, client: HTTPClient
) -> None:
    with pytest.raises(
        OutsideError, match="certificate that is not trusted"
    ) as refused:
        client.get(guarded.url("/a"), token="secret")

    assert not refused.value.permanent
    assert guarded.server.asked == []


def test_no_library_variable_brings_trust_in_by_the_back_door(
    guarded: Guarded, client: HTTPClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(guarded.certificate))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(guarded.certificate))

    with pytest.raises(OutsideError, match="not trusted"):
        client.get(guarded.url("/a"))


def test_the_name_is_asked_for_and_checked_though_an_address_is_dialled(
    trusted: Guarded, client: HTTPClient
) -> None:
    trusted.server.script("/a", json_answer({"name": "a"}))

    response = client.get(trusted.url("/a"))

    assert response.json() == {"name": "a"}
    assert trusted.names_asked == [NAME]
    assert trusted.server.asked[0].headers["host"] == f"{NAME}:{trusted.server.port}"


def test_a_certificate_for_another_name_is_refused(
    trusted: Guarded, client: HTTPClient
) -> None:
    with pytest.raises(OutsideError, match=r"^other\.example:\d+ has a certificate"):
        client.get(trusted.url("/a", name="other.example"))

    assert trusted.server.asked == []


def test_a_certificate_that_has_run_out_is_refused(
    client: HTTPClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed, key = certificate(tmp_path, days=-1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(signed))
    with serving(tls=context) as server:
        with pytest.raises(OutsideError, match="certificate has expired"):
            client.get(f"https://{NAME}:{server.port}/a")

        assert server.asked == []


def test_the_authorities_of_the_system_and_of_certifi_are_both_trusted(
    trusted: Guarded,
) -> None:
    authorities = trusting_context().get_ca_certs()

    own = [one for one in authorities if (("commonName", NAME),) in one["subject"]]
    assert len(own) == 1
    assert len(authorities) > 50


def test_a_server_that_speaks_no_tls_is_not_asked_without(
    registry: Server, client: HTTPClient
) -> None:
    with pytest.raises(OutsideError, match="No secure connection"):
        client.get(f"https://{NAME}:{registry.port}/a")

    assert registry.asked == []


def test_a_redirect_from_https_to_http_is_not_followed(
    trusted: Guarded, registry: Server, client: HTTPClient
) -> None:
    trusted.server.script("/a", redirect(registry.url("/b")))

    with pytest.raises(OutsideError, match="not followed"):
        client.get(trusted.url("/a"))

    assert registry.asked == []


def test_a_token_meant_for_one_host_stays_there_over_tls(
    trusted: Guarded, registry: Server, client: HTTPClient
) -> None:
    registry.script("/a", redirect(trusted.url("/b")))
    trusted.server.script("/b", json_answer({}))

    client.get(registry.url("/a"), token="secret")

    assert registry.asked[0].headers["authorization"] == "Bearer secret"
    assert "authorization" not in trusted.server.asked[0].headers


def test_a_drip_over_tls_ends_with_the_call(
    trusted: Guarded, client: HTTPClient
) -> None:
    trusted.server.script("/a", dripping_body(b"x" * 1_000, 0.2))
    started = time.monotonic()

    with pytest.raises(OutsideError, match="within 1 seconds"):
        client.get(trusted.url("/a"))

    assert 0.9 < time.monotonic() - started < 2


def test_a_handshake_that_never_comes_ends_with_the_call(client: HTTPClient) -> None:
    started = time.monotonic()

    with (
        socket.create_server(("127.0.0.1", 0)) as mute,
        pytest.raises(OutsideError, match="within 1 seconds"),
    ):
        client.get(f"https://{NAME}:{mute.getsockname()[1]}/a")

    assert time.monotonic() - started < 2


def test_no_more_is_read_over_tls_than_the_ceiling(
    trusted: Guarded, client: HTTPClient
) -> None:
    trusted.server.script("/a", endless_body())

    with pytest.raises(TooLargeError):
        client.get(trusted.url("/a"))


@pytest.mark.parametrize(
    "reply", [hang_up(), truncated(b"{}")], ids=["no answer", "half an answer"]
)
def test_a_connection_lost_over_tls_is_asked_for_once_more(
    trusted: Guarded, client: HTTPClient, reply: Reply
) -> None:
    trusted.server.script("/a", reply, json_answer({}))

    assert client.get(trusted.url("/a")).json() == {}
