"""Tests of where a request goes: by which name, to which address, after a redirect."""

from ipaddress import ip_network

import pytest

from reviews.connectors.http import (
    HTTPClient,
    Network,
    segment,
)
from reviews.ports.outside import OutsideError
from tests.connectors.conftest import HERE, ClientFor
from tests.connectors.serving import (
    MemoryBudget,
    Server,
    answer,
    bomb,
    json_answer,
    redirect,
    serving,
)

ANYWHERE = Network(
    allowed=(ip_network("127.0.0.0/8"), ip_network("::1/128")), ports=frozenset()
)
TOKEN = "ghp_abcdefghijklmnop"


def as_written(host: str, port: int) -> tuple[str, ...]:
    return (host,)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://registry.example/",
        "http://user:secret@registry.example/",
        "http://127.0.0.1\\@registry.example/",
        "http://127.1/",
        "http://registry.example/a b",
    ],
)
def test_an_address_that_is_not_read_plainly_is_not_asked(
    client_for: ClientFor, budget: MemoryBudget, url: str
) -> None:
    with pytest.raises(OutsideError) as refused:
        client_for().get(url)

    assert refused.value.permanent
    assert "secret" not in str(refused.value)
    assert budget.taken == []


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(("127.0.0.1",), id="this machine"),
        pytest.param(("192.0.2.1", "127.0.0.1"), id="a public and a private one"),
        pytest.param(("192.0.2.1", "::1"), id="a private one of IPv6"),
        pytest.param(("169.254.169.254",), id="metadata"),
    ],
)
def test_a_name_with_a_private_address_is_not_asked(
    registry: Server, client_for: ClientFor, budget: MemoryBudget, addresses: tuple[str]
) -> None:
    asking = client_for(
        network=Network(ports=frozenset()), resolve=lambda host, port: addresses
    )

    with pytest.raises(OutsideError, match="private address") as refused:
        asking.get(registry.named("registry.example", "/a"))

    assert refused.value.permanent
    assert (registry.asked, budget.taken) == ([], [])


def test_a_port_that_is_not_for_the_web_is_not_asked(
    registry: Server, client_for: ClientFor
) -> None:
    asking = client_for(network=Network(allowed=HERE.allowed))

    with pytest.raises(OutsideError, match=f"Port {registry.port} ") as refused:
        asking.get(registry.url("/a"))

    assert refused.value.permanent
    assert registry.asked == []


def test_a_name_is_looked_up_once_and_dialled_where_it_was_checked(
    registry: Server, client_for: ClientFor
) -> None:
    registry.script("/a", json_answer({}))
    looked_up: list[tuple[str, int]] = []

    def rebinding(host: str, port: int) -> tuple[str, ...]:
        looked_up.append((host, port))
        # The second time, the name would lead to what nobody allowed.
        return ("127.0.0.1",) if len(looked_up) == 1 else ("127.0.0.2",)

    client_for(resolve=rebinding).get(registry.named("registry.example", "/a"))

    assert looked_up == [("registry.example", registry.port)]
    assert registry.asked[0].headers["host"] == f"registry.example:{registry.port}"


def test_a_name_that_leads_nowhere_is_said_to(client_for: ClientFor) -> None:
    def nowhere(host: str, port: int) -> tuple[str, ...]:
        raise OSError("Name or service not known")

    with pytest.raises(
        OutsideError, match=r"^The name gone\.example cannot be resolved from here\.$"
    ):
        client_for(resolve=nowhere).get("https://gone.example/")


def test_an_address_that_refuses_leaves_the_next_to_be_tried(
    registry: Server, client_for: ClientFor
) -> None:
    registry.script("/a", json_answer({}))
    asking = client_for(
        resolve=lambda host, port: ("::1", "127.0.0.1"), network=ANYWHERE
    )

    assert asking.get(registry.named("registry.example", "/a")).status == 200


def test_a_closed_door_is_said_to_be_one(client_for: ClientFor) -> None:
    with serving() as server:
        url = server.url("/a")

    with pytest.raises(OutsideError, match="refused the connection") as refused:
        client_for().get(url)

    assert not refused.value.permanent


def test_a_segment_reaches_the_server_as_it_was_encoded(
    registry: Server, http: HTTPClient
) -> None:
    name = segment("@a/../b?x=1#y%2f\\é ")
    registry.script(f"/{name}/json", json_answer({}))
    registry.script("/%2E%2E/json", json_answer({}))

    assert http.get(registry.url(f"/{name}/json")).status == 200
    assert http.get(registry.url(f"/{segment('..')}/json")).status == 200
    assert registry.paths() == [
        "/%40a%2F..%2Fb%3Fx%3D1%23y%252f%5C%C3%A9%20/json",
        "/%2E%2E/json",
    ]


@pytest.mark.parametrize("name", ["", "\ud800"], ids=["empty", "half a character"])
def test_what_is_no_name_is_not_asked_for(name: str) -> None:
    with pytest.raises(OutsideError) as refused:
        segment(name)

    assert refused.value.permanent


@pytest.mark.parametrize(
    ("name", "encoded"), [(".", "%2E"), ("...", "%2E%2E%2E"), (".a", ".a"), ("~", "~")]
)
def test_dots_alone_are_encoded_in_a_segment(name: str, encoded: str) -> None:
    assert segment(name) == encoded


@pytest.mark.parametrize("agent", ["", "a\r\nX-Evil: b", "é"])
def test_an_agent_that_cannot_be_sent_is_refused_at_once(
    client_for: ClientFor, agent: str
) -> None:
    with pytest.raises(ValueError, match="agent"):
        client_for(agent=agent)


# Redirects.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(
    registry: Server, http: HTTPClient, budget: MemoryBudget, status: int
) -> None:
    registry.script("/old", redirect("/new?x=1", status))
    registry.script("/new", json_answer({"name": "new"}))

    response = http.get(registry.url("/old"))

    assert response.url == registry.url("/new?x=1")
    assert response.redirected
    assert response.json() == {"name": "new"}
    assert budget.taken == [f"127.0.0.1:{registry.port}"] * 2


def test_three_redirects_are_followed_and_not_a_fourth(
    registry: Server, http: HTTPClient
) -> None:
    for step in range(20):
        registry.script(f"/{step}", redirect(f"/{step + 1}"))
    registry.script("/3", json_answer({}))
    assert http.get(registry.url("/0")).status == 200
    registry.script("/3", redirect("/4"))
    registry.asked.clear()

    with pytest.raises(OutsideError, match="more than 3 times"):
        http.get(registry.url("/0"))

    assert registry.paths() == ["/0", "/1", "/2", "/3"]


def test_a_redirect_to_a_private_address_reaches_nobody(
    registry: Server, client_for: ClientFor
) -> None:
    only_one = Network(allowed=(ip_network("127.0.0.1/32"),), ports=frozenset())
    with serving("127.0.0.2") as canary:
        registry.script("/a", redirect(canary.url("/secret")))

        with pytest.raises(OutsideError, match="private address") as refused:
            client_for(network=only_one, resolve=as_written).get(registry.url("/a"))

        assert canary.asked == []
    assert not refused.value.permanent


def test_a_redirect_to_a_name_is_checked_by_its_address(
    registry: Server, client_for: ClientFor
) -> None:
    only_one = Network(allowed=(ip_network("127.0.0.1/32"),), ports=frozenset())
    addresses = {"registry.example": "127.0.0.1", "inside.example": "127.0.0.2"}
    with serving("127.0.0.2") as canary:
        registry.script("/a", redirect(canary.named("inside.example", "/secret")))
        asking = client_for(
            network=only_one, resolve=lambda host, port: (addresses[host],)
        )

        with pytest.raises(OutsideError, match=r"inside\.example.*private address"):
            asking.get(registry.named("registry.example", "/a"))

        assert canary.asked == []


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://user@registry.example/",
        "http://127.0.0.1\\@registry.example/",
        "http://registry.example:0/",
        "http://169.254.169.254/latest/",
        "http://2130706433/",
    ],
)
def test_a_redirect_that_is_not_read_plainly_is_not_followed(
    registry: Server, http: HTTPClient, location: str
) -> None:
    registry.script("/a", redirect(location))

    with pytest.raises(OutsideError) as refused:
        http.get(registry.url("/a"))

    assert not refused.value.permanent
    assert registry.paths() == ["/a"]


def test_the_body_of_a_redirect_is_not_read(
    registry: Server, client_for: ClientFor
) -> None:
    registry.script("/a", bomb(20, 302, Location="/b"))
    registry.script("/b", json_answer({}))

    assert client_for(ceiling=1_000).get(registry.url("/a")).json() == {}


def test_a_redirect_without_a_place_is_a_failure(
    registry: Server, http: HTTPClient
) -> None:
    registry.script("/a", answer(status=302))

    with pytest.raises(OutsideError, match="status 302"):
        http.get(registry.url("/a"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_payload_is_never_sent_elsewhere(
    registry: Server, http: HTTPClient, status: int
) -> None:
    registry.script("/query", redirect("/elsewhere", status))

    with pytest.raises(OutsideError, match=f"status {status}"):
        http.post(registry.url("/query"), payload={})

    assert registry.paths() == ["/query"]


def test_a_token_goes_to_its_own_host_alone(
    registry: Server, client_for: ClientFor
) -> None:
    registry.script("/a", redirect("/b"))
    registry.script("/b", redirect(registry.named("mirror.example", "/c")))
    registry.script("/c", redirect(registry.named("registry.example", "/d")))
    registry.script("/d", json_answer({}))

    client_for().get(registry.named("registry.example", "/a"), token=TOKEN)

    sent = {asked.path: asked.headers.get("authorization") for asked in registry.asked}
    bearer = f"Bearer {TOKEN}"
    assert sent == {"/a": bearer, "/b": bearer, "/c": None, "/d": bearer}


@pytest.mark.parametrize("token", [f"{TOKEN}\r\nX-Evil: 1", f" {TOKEN}", f"{TOKEN}é"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_repeated(
    registry: Server, http: HTTPClient, token: str
) -> None:
    with pytest.raises(OutsideError) as refused:
        http.get(registry.url("/a"), token=token)

    assert refused.value.permanent
    assert TOKEN not in repr(refused.value)
    assert refused.value.__cause__ is None
    assert registry.asked == []
