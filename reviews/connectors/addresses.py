"""
Which addresses may be dialled: one strict reading of a URL, and the networks it is for.

Pure: nothing is looked up and nothing opened here. `dialling` connects only to what
passed, and no other parser of URLs is asked after this one.
"""

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Self
from urllib.parse import quote, urljoin

URL_LIMIT = 8_000
"""How many characters a URL may have."""

_NAME_LIMIT = 253
_PORTS = {"http": 80, "https": 443}

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)"
    r"(?P<query>(?:\?[^#]*)?)(?:#.*)?"
)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BRACKETED = re.compile(r"\[(?P<host>[0-9A-Fa-f:.]+)\](?::(?P<port>.*))?")
_NAMED = re.compile(r"(?P<host>[^:\[\]]*)(?::(?P<port>.*))?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# RFC 3986, 3.3 and 3.4. Everything else has to come percent-encoded.
_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")
_QUERY = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")

# What a redirect may hold unencoded; the rest of it is encoded before it is read.
_LEFT_ALONE = "%/:=&?~#+!$,;'@()*[]"


class AddressError(ValueError):
    """An address is not one to ask. The message may be shown and does not repeat it."""


@dataclass(frozen=True, slots=True)
class Destination:
    """
    A URL taken apart. The host is in lower case and in ASCII, without brackets.

    `target` is what stands in the request line: path and query, still percent-encoded.
    """

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def of(cls, url: str) -> Self:
        """
        Return where a URL leads.

        An international name is turned into its ASCII form, a final dot is dropped and
        so is a fragment. Nothing else is put right: what is unusual is refused.

        :raises AddressError: for any scheme but http and https, a user in the address,
            characters that some programs drop or take for others, an encoded or empty
            host, a number that some programs take for an IPv4 address, and a bad port.
        """
        _refuse_characters(url)
        parts = _URL.fullmatch(url)
        if parts is None:
            raise AddressError("The address is not of the form https://host/path.")
        scheme = parts["scheme"].lower()
        if scheme not in _PORTS:
            raise AddressError("The address is neither https nor http.")
        host, port = _host_and_port(parts["authority"], _PORTS[scheme])
        path, query = parts["path"] or "/", parts["query"]
        if not (_PATH.fullmatch(path) and _QUERY.fullmatch(query[1:])):
            raise AddressError("The path has characters that must be percent-encoded.")
        if not {".", ".."}.isdisjoint(path.split("/")):
            raise AddressError("The path has steps, . or .., in it.")
        return cls(scheme, host, port, path + query)

    def redirected(self, location: str) -> Self:
        """
        Return where an answer from here sends its reader.

        `location` is the header as it came, one character a byte, and may be relative.

        :raises AddressError: as for any other URL, and where https would become http.
        """
        # Looked at before they are joined: joining drops some of what is refused.
        _refuse_characters(location)
        there_url = quote(location.encode("latin-1", "replace"), safe=_LEFT_ALONE)
        # With a scheme it stands for itself; joining would make up a missing host.
        if not _ABSOLUTE.match(there_url):
            try:
                there_url = urljoin(self.url, there_url)
            except ValueError as error:
                raise AddressError("The address cannot be read.") from error
        there = self.of(there_url)
        if self.scheme == "https" and there.scheme == "http":
            raise AddressError("The address is http, where this one was https.")
        return there

    @property
    def authority(self) -> str:
        """Return host and port, always with the port: what a budget knows a host by."""
        return f"{self._bracketed}:{self.port}"

    @property
    def name(self) -> str:
        """Return the host for people: with the port only where it is unusual."""
        usual = self.port == _PORTS[self.scheme]
        return self._bracketed if usual else self.authority

    @property
    def url(self) -> str:
        """Return the URL in its one normal form."""
        return f"{self.scheme}://{self.name}{self.target}"

    def trusted_by(self, first: "Destination") -> bool:
        """
        Return whether a token that was meant for another address may come here too.

        Only for the same host and port, or the same host's move from http to https.
        """
        if self.host != first.host:
            return False
        here, there = (self.scheme, self.port), (first.scheme, first.port)
        return here == there or (here, there) == (("https", 443), ("http", 80))

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def _refuse_characters(text: str) -> None:
    if len(text) > URL_LIMIT:
        raise AddressError(f"The address is longer than {URL_LIMIT} characters.")
    # Spaces, control characters and backslashes are read differently by different
    # programs: dropped, cut at, or taken for a slash.
    if any(char.isspace() or not char.isprintable() or char == "\\" for char in text):
        raise AddressError("The address has a space, control character or backslash.")


def _host_and_port(authority: str, default: int) -> tuple[str, int]:
    if "@" in authority:
        raise AddressError("The address names a user.")
    bracketed = _BRACKETED.fullmatch(authority)
    parts = bracketed or _NAMED.fullmatch(authority)
    if parts is None:
        raise AddressError("The address has no host that can be read.")
    host = _numeric_host(parts["host"]) if bracketed else _host(parts["host"])
    if parts["port"] is None:
        return host, default
    if not _PORT.fullmatch(parts["port"]) or int(parts["port"]) > 65_535:
        raise AddressError("The address has a port that is no number up to 65535.")
    return host, int(parts["port"])


def _numeric_host(text: str) -> str:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError as error:
        raise AddressError("The address has no IPv6 address in brackets.") from error


def _host(text: str) -> str:
    """Return a host's name in lower case and in ASCII, or an IPv4 address."""
    try:
        # This also turns circled digits and full-width letters into plain ones.
        host = text.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise AddressError("The host's name cannot be read.") from error
    labels = host.split(".")
    if len(host) > _NAME_LIMIT or not all(map(_LABEL.fullmatch, labels)):
        raise AddressError("The host's name cannot be read.")
    if not _NUMBER.fullmatch(labels[-1]):
        return host
    # 127.1, 0177.0.0.1, 0x7f000001 and 2130706433 are all taken for 127.0.0.1 by some
    # program or other. Only the one plain spelling is an address here.
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError as error:
        raise AddressError(
            "The host is a number, but not an IPv4 address in its plain form."
        ) from error


def _networks(*texts: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(map(ipaddress.ip_network, texts))


# Closed unless a network is allowed by name. Sources: the special-purpose registries of
# IANA for IPv4 and IPv6 (RFC 6890 and what came after).
#
# The documentation ranges 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 (RFC 5737) and
# 2001:db8::/32 (RFC 3849) are deliberately not here: nothing private lives there, and
# closed networks use them to present a mirror of a registry.
_CLOSED = _networks(
    "0.0.0.0/8",  # this network; 0.0.0.0 itself connects to this machine
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # shared by a provider's customers
    "127.0.0.0/8",  # this machine
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # protocol assignments
    "192.88.99.0/24",  # relays from IPv6, given up
    "192.168.0.0/16",  # private
    "198.18.0.0/15",  # benchmarks of network devices
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and 255.255.255.255
    # Only 2000::/3 is the public Internet; everything around it is closed, by name
    # where it has one.
    "::/128",  # unspecified; connects to this machine
    "::1/128",  # this machine
    "::/96",  # IPv4 inside IPv6, given up
    "::/3",  # among others discarded, 100::/64
    "4000::/2",  # among others routers' segments, 5f00::/16
    "8000::/1",
    "fc00::/7",  # private
    "fec0::/10",  # private, given up
    "ff00::/8",  # multicast
    "2001::/23",  # protocol assignments, benchmarks, Teredo
    "3ffe::/16",  # the test network 6bone, given back
)

# Closed whatever is allowed: what answers there hands out a machine's own credentials,
# or is an IPv4 address in disguise, by which an allow-list would be passed.
_ALWAYS_CLOSED = _networks(
    "169.254.0.0/16",  # link-local, and most clouds' metadata
    "fe80::/10",  # link-local
    "fd00:ec2::254/128",  # metadata of Amazon
    "fd20:ce::254/128",  # metadata of Google
    "100.100.100.200/32",  # metadata of Alibaba
    "192.0.0.192/32",  # metadata of Oracle
    "168.63.129.16/32",  # the host's own agent at Azure
    "::ffff:0:0/96",  # IPv4 mapped into IPv6
    "64:ff9b::/96",  # IPv4 translated by NAT64
    "64:ff9b:1::/48",  # the same, locally
    "2002::/16",  # 6to4
    "2001::/32",  # Teredo
)


@dataclass(frozen=True, slots=True)
class Network:
    """
    What may be dialled: the public Internet, and what an operator allows beyond it.

    `allowed` are private networks that may be dialled all the same. `ports` are the
    ports; an empty set means any. `origins` are hosts with their ports ("mirror:8080")
    that the operator named: those may be private, and on any port. `remedy` is what a
    refusal ends with: the setting that would allow it.
    """

    allowed: tuple[IPv4Network | IPv6Network, ...] = ()
    ports: frozenset[int] = frozenset({80, 443})
    origins: frozenset[str] = frozenset()
    remedy: str = ""

    def check_port(self, port: int, origin: str = "") -> None:
        """:raises AddressError: if this port is not to be dialled at a host."""
        if self.ports and port not in self.ports and origin not in self.origins:
            raise AddressError(self._said(f"Port {port} is not one that may be asked."))

    def check_address(self, text: str, origin: str = "") -> None:
        """
        Pass an IP address that may be dialled for a host.

        :raises AddressError: if it is private and not allowed, or never to be dialled.
        """
        address = ipaddress.ip_address(text)
        if any(address in network for network in _ALWAYS_CLOSED):
            raise AddressError("The host has a private address that is never asked.")
        closed = any(address in network for network in _CLOSED)
        trusted = origin in self.origins
        if closed and not (trusted or any(address in net for net in self.allowed)):
            raise AddressError(self._said("The host has a private address."))

    def _said(self, why: str) -> str:
        return f"{why} {self.remedy}".rstrip()
