"""Tests of which addresses may be dialled."""

import socket
from ipaddress import ip_network

import pytest

from reviews.connectors.addresses import AddressError, Destination, Network

INTERNET = Network()


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://registry.example/a/json", "https://registry.example/a/json"),
        ("HTTPS://Registry.EXAMPLE/A", "https://registry.example/A"),
        ("https://registry.example", "https://registry.example/"),
        ("https://registry.example.:443/", "https://registry.example/"),
        ("http://registry.example:80?q=1", "http://registry.example/?q=1"),
        ("http://registry.example:443/", "http://registry.example:443/"),
        ("https://registry.example/a#part", "https://registry.example/a"),
        ("https://registry.example/%40a%2Fb", "https://registry.example/%40a%2Fb"),
        ("https://registry.example/%2E%2E/a", "https://registry.example/%2E%2E/a"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://раураl.example/", "https://xn--l-7sba6dbr.example/"),
        ("https://my_mirror/", "https://my_mirror/"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
        ("http://①②⑦.⓪.⓪.①/", "http://127.0.0.1/"),
        ("http://[0:0::0001]:8080/a", "http://[::1]:8080/a"),
        ("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
    ],
)
def test_a_url_is_brought_into_one_form(url: str, normal: str) -> None:
    destination = Destination.of(url)

    assert destination.url == normal
    assert Destination.of(normal) == destination


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="nothing"),
        pytest.param("registry.example/a", id="no scheme"),
        pytest.param("//registry.example/a", id="no scheme, but slashes"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("file://127.0.0.1/etc/passwd", id="file with a host"),
        pytest.param("gopher://registry.example/", id="gopher"),
        pytest.param("ftp://registry.example/", id="ftp"),
        pytest.param("data:text/html,hello", id="data"),
        pytest.param("jar:http://registry.example!/", id="jar"),
        pytest.param("ht\ntp://registry.example/", id="newline in the scheme"),
        pytest.param("http://registry.example/\r\nX-A: b", id="CRLF"),
        pytest.param("http://registry\t.example/", id="tab"),
        pytest.param(" http://registry.example/", id="space before"),
        pytest.param("http://registry.example/ ", id="space after"),
        pytest.param("http://registry.example/\x00", id="NUL"),
        pytest.param("http://registry.example/\u2028", id="line separator"),
        pytest.param("http://registry.example/\u202e", id="text turned round"),
        pytest.param("http://127.0.0.1\\@good.example/", id="backslash and user"),
        pytest.param("http://good.example\\.evil.example/", id="backslash"),
        pytest.param("http://good@127.0.0.1/", id="user"),
        pytest.param("http://user:secret@registry.example/", id="user and password"),
        pytest.param("http://@registry.example/", id="empty user"),
        pytest.param("http:///a", id="no host"),
        pytest.param("http://:80/a", id="a port alone"),
        pytest.param("http://./", id="a dot alone"),
        pytest.param("http://a..example/", id="an empty label"),
        pytest.param("http://registry.example../", id="two final dots"),
        pytest.param("http://%00/", id="encoded NUL as host"),
        pytest.param("http://registry%2eexample/", id="encoded host"),
        pytest.param("http://127%2e0.0.1/", id="encoded number"),
        pytest.param("http://-a.example/", id="a hyphen first"),
        pytest.param("http://a!b.example/", id="exclamation mark"),
        pytest.param("http://℀.example/", id="turns into a slash"),
        pytest.param(f"http://{'a' * 64}.example/", id="a label too long"),
        pytest.param(f"http://{'a.' * 130}example/", id="a name too long"),
        pytest.param("http://127.1/", id="short IPv4"),
        pytest.param("http://0/", id="zero"),
        pytest.param("http://0177.0.0.1/", id="octal IPv4"),
        pytest.param("http://0x7f000001/", id="hexadecimal IPv4"),
        pytest.param("http://0x7f.0.0.0x1/", id="hexadecimal parts"),
        pytest.param("http://2130706433/", id="decimal IPv4"),
        pytest.param("http://①②⑦.①/", id="circled digits, short"),
        pytest.param("http://1.2.3.4.5/", id="five parts"),
        pytest.param("http://256.1.1.1/", id="256"),
        pytest.param("http://registry.1/", id="a number as top label"),
        pytest.param("http://[::1/", id="an open bracket"),
        pytest.param("http://::1/", id="IPv6 without brackets"),
        pytest.param("http://[fe80::1%25eth0]/", id="IPv6 with a zone"),
        pytest.param("http://[v1.a]/", id="a future address"),
        pytest.param("http://[::1]a/", id="something after the bracket"),
        pytest.param("http://registry.example:/", id="an empty port"),
        pytest.param("http://registry.example:0/", id="port 0"),
        pytest.param("http://registry.example:65536/", id="port 65536"),
        pytest.param("http://registry.example:080/", id="port with a zero"),
        pytest.param("http://registry.example:+80/", id="port with a sign"),
        pytest.param("http://registry.example:８０/", id="port in wide digits"),
        pytest.param("http://registry.example:80:80/", id="two ports"),
        pytest.param("http://registry.example/../a", id="a step up"),
        pytest.param("http://registry.example/a/.", id="a step on the spot"),
        pytest.param("http://registry.example/é", id="not encoded"),
        pytest.param("http://registry.example/%zz", id="badly encoded"),
        pytest.param("http://registry.example/?q=<a>", id="query not encoded"),
        pytest.param("http://registry.example/" + "a" * 8_000, id="too long"),
    ],
)
def test_an_address_that_can_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(AddressError) as refused:
        Destination.of(url)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/b", "https://registry.example/b"),
        ("b?x=1", "https://registry.example/a/b?x=1"),
        ("../b", "https://registry.example/b"),
        ("//mirror.example/b", "https://mirror.example/b"),
        ("https://mirror.example/b#part", "https://mirror.example/b"),
        ("/caf\xc3\xa9", "https://registry.example/caf%C3%A9"),
        ('/"b"', "https://registry.example/%22b%22"),
    ],
)
def test_a_redirect_is_read_from_where_it_stands(location: str, expected: str) -> None:
    here = Destination.of("https://registry.example/a/json")

    assert here.redirected(location).url == expected


@pytest.mark.parametrize(
    "location",
    [
        pytest.param("http://registry.example/b", id="https to http"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("ht\ttp://registry.example/", id="a tab, which joining drops"),
        pytest.param("/\\evil.example/", id="a backslash"),
        pytest.param("https://evil.example\\@registry.example/", id="two readings"),
        pytest.param("//user@evil.example/", id="a user"),
        pytest.param("https://[::1", id="an open bracket"),
        pytest.param("https:///b", id="no host"),
        pytest.param("https://b\xfccher.example/", id="a host that is not ASCII"),
    ],
)
def test_a_redirect_is_read_as_strictly_as_any_address(location: str) -> None:
    here = Destination.of("https://registry.example/a/json")

    with pytest.raises(AddressError):
        here.redirected(location)


def test_a_redirect_may_turn_http_into_https() -> None:
    here = Destination.of("http://registry.example/a")

    assert here.redirected("https://registry.example/a").scheme == "https"


@pytest.mark.parametrize(
    ("first", "second", "trusted"),
    [
        ("https://a.example/x", "https://a.example/y", True),
        ("http://a.example/x", "https://a.example/x", True),
        ("https://a.example/x", "http://a.example/x", False),
        ("https://a.example/x", "https://b.example/x", False),
        ("https://a.example/x", "https://a.example:8443/x", False),
        ("http://a.example:8080/x", "https://a.example/x", False),
        ("https://a.example/x", "https://evil.a.example/x", False),
    ],
)
def test_a_token_stays_with_the_host_that_it_is_for(
    first: str, second: str, trusted: bool
) -> None:
    assert Destination.of(second).trusted_by(Destination.of(first)) is trusted


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "169.254.169.254",
        "169.254.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::808:808",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "100::1",
        "5f00::1",
        "4000::1",
    ],
)
def test_a_private_address_is_never_dialled_unasked(address: str) -> None:
    with pytest.raises(AddressError, match="private address"):
        INTERNET.check_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "126.255.255.255",
        "128.0.0.1",
        "172.15.255.255",
        "172.32.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "223.255.255.255",
        "2606:4700::1111",
        # A closed network may present its mirror there.
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "2001:db8::1",
    ],
)
def test_a_public_address_may_be_dialled(address: str) -> None:
    INTERNET.check_address(address)


def test_an_allowed_network_may_be_dialled_and_its_neighbours_may_not() -> None:
    network = Network(allowed=(ip_network("10.1.0.0/16"), ip_network("fd12::/16")))

    network.check_address("10.1.2.3")
    network.check_address("fd12::1")
    for neighbour in ("10.2.0.1", "127.0.0.1", "fd13::1", "::ffff:10.1.2.3"):
        with pytest.raises(AddressError):
            network.check_address(neighbour)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.1.1",
        "fe80::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
    ],
)
def test_a_clouds_metadata_is_never_dialled_whatever_is_allowed(address: str) -> None:
    network = Network(allowed=(ip_network("0.0.0.0/0"), ip_network("::/0")))

    with pytest.raises(AddressError, match="never asked"):
        network.check_address(address)


@pytest.mark.parametrize("port", [1, 22, 25, 79, 81, 5432, 6379, 8080, 65535])
def test_only_the_ports_of_the_web_may_be_dialled_unasked(port: int) -> None:
    INTERNET.check_port(80)
    INTERNET.check_port(443)

    with pytest.raises(AddressError, match="Port"):
        INTERNET.check_port(port)


def test_without_a_list_of_ports_every_port_may_be_dialled() -> None:
    Network(ports=frozenset()).check_port(8080)


@pytest.mark.parametrize(
    "spelling", ["127.1", "0177.0.0.1", "0x7f000001", "2130706433", "0", "localhost"]
)
def test_whatever_the_system_makes_of_a_spelling_is_refused_by_address(
    spelling: str,
) -> None:
    found = socket.getaddrinfo(spelling, 80, type=socket.SOCK_STREAM)

    assert found
    for *_, address in found:
        with pytest.raises(AddressError, match="private address"):
            INTERNET.check_address(str(address[0]))
