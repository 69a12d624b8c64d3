"""Tests of asking over HTTP: what comes back, and what is sent."""

import hashlib

import pytest

from reviews.connectors.http import (
    HTTPClient,
    Response,
    TooLargeError,
)
from reviews.ports.outside import OutsideError, Validators
from tests.connectors.conftest import ClientFor
from tests.connectors.serving import (
    MEGABYTE,
    Reply,
    Server,
    answer,
    json_answer,
    packed,
    page,
    redirect,
)

TOKEN = "ghp_abcdefghijklmnop"


def test_an_answer_comes_back_whole(registry: Server, http: HTTPClient) -> None:
    marks = {"ETag": '"1"', "Last-Modified": "Sun, 22 Nov 2026 09:00:00 GMT"}
    registry.script("/a/json", json_answer({"name": "a"}, headers=marks))

    response = http.get(registry.url("/a/json"))

    content = b'{"name": "a"}'
    assert response == Response(
        url=registry.url("/a/json"),
        status=200,
        content=content,
        validators=Validators('"1"', "Sun, 22 Nov 2026 09:00:00 GMT"),
        redirected=False,
    )
    assert response.json() == {"name": "a"}
    assert response.digest == hashlib.sha256(content).hexdigest()


def test_a_request_says_who_asks_and_nothing_of_the_machine(
    registry: Server, http: HTTPClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    registry.script("/a", json_answer({}))

    http.get(registry.url("/a"), accept="application/vnd.registry+json")

    (asked,) = registry.asked
    assert asked.headers == {
        "host": f"127.0.0.1:{registry.port}",
        "user-agent": "best-before-tests (tests@example.com)",
        "accept": "application/vnd.registry+json",
        "accept-encoding": "gzip",
        "connection": "close",
    }


def test_passwords_of_the_account_are_not_sent(
    registry: Server,
    http: HTTPClient,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    registry.script("/a", json_answer({}))

    http.get(registry.url("/a"))

    assert "authorization" not in registry.asked[0].headers


def test_cookies_are_not_sent_back(registry: Server, http: HTTPClient) -> None:
    registry.script("/a", redirect("/b", headers={"Set-Cookie": "a=b"}))
    registry.script("/b", json_answer({}, headers={"Set-Cookie": "c=d"}))

    http.get(registry.url("/a"))
    http.get(registry.url("/b"))

    assert all("cookie" not in asked.headers for asked in registry.asked)


def test_what_was_known_is_asked_for_only_if_it_changed(
    registry: Server, http: HTTPClient
) -> None:
    registry.script("/a", json_answer({}, headers={"ETag": 'W/"7"'}))
    known = http.get(registry.url("/a")).validators

    again = http.get(registry.url("/a"), known=known)

    assert (again.status, again.content) == (304, b"")
    assert again.validators == Validators(etag='W/"7"')
    assert registry.asked[1].headers["if-none-match"] == 'W/"7"'


def test_a_day_of_change_is_sent_as_it_came(registry: Server, http: HTTPClient) -> None:
    changed = "Sun, 22 Nov 2026 09:00:00 GMT"
    registry.script("/a", json_answer({}, headers={"Last-Modified": changed}))

    again = http.get(registry.url("/a"), known=Validators(last_modified=changed))

    assert again.status == 304
    assert registry.asked[0].headers["if-modified-since"] == changed


def test_nothing_changed_is_no_answer_where_nothing_was_known(
    registry: Server, http: HTTPClient
) -> None:
    registry.script("/a", answer(status=304))

    with pytest.raises(OutsideError, match="nothing was known"):
        http.get(registry.url("/a"))


@pytest.mark.parametrize(
    "mark", ["\x00", "a\x7f", "\xe9", "x" * 1_001], ids=["NUL", "DEL", "é", "long"]
)
def test_a_mark_that_cannot_be_sent_back_is_not_kept(
    registry: Server, http: HTTPClient, mark: str
) -> None:
    registry.script("/a", json_answer({}, headers={"ETag": mark}))

    assert http.get(registry.url("/a")).validators == Validators()


def test_a_mark_with_a_line_break_is_not_sent(
    registry: Server, http: HTTPClient
) -> None:
    registry.script("/a", json_answer({}))

    http.get(registry.url("/a"), known=Validators('"1"\r\nX-Evil: 1', "\n"))

    assert "if-none-match" not in registry.asked[0].headers
    assert "x-evil" not in registry.asked[0].headers


def test_a_payload_is_sent_as_json(registry: Server, http: HTTPClient) -> None:
    registry.script("/query", json_answer({"found": []}))

    response = http.post(registry.url("/query"), payload={"name": "a"}, token=TOKEN)

    (asked,) = registry.asked
    assert response.json() == {"found": []}
    assert (asked.method, asked.json()) == ("POST", {"name": "a"})
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "identity", "GZIP"])
def test_a_packed_answer_is_unpacked(
    registry: Server, http: HTTPClient, encoding: str
) -> None:
    named_so = {"x-gzip": "gzip", "GZIP": "gzip"}.get(encoding, encoding)
    registry.script("/a", packed(b'{"name": "a"}', named_so))

    assert http.get(registry.url("/a")).json() == {"name": "a"}


def test_a_page_that_is_not_there_is_an_answer(
    registry: Server, http: HTTPClient
) -> None:
    assert http.get(registry.url("/nothing")).status == 404


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(page(), id="a page"),
        pytest.param(answer(b""), id="nothing"),
        pytest.param(answer(b'{"a": '), id="broken off"),
        pytest.param(answer(b'{"a": "\xe9"}'), id="not UTF-8"),
        pytest.param(answer('{"a": 1}'.encode("utf-16")), id="UTF-16"),
        pytest.param(answer(b"[" * 100_000), id="nested too deeply"),
        pytest.param(answer(b"1" * 5_000), id="a number too long"),
        pytest.param(answer(b'{} {"a": 1}'), id="two documents"),
    ],
)
def test_what_is_not_json_is_an_unusable_answer(
    registry: Server, http: HTTPClient, reply: Reply
) -> None:
    registry.script("/a", reply)
    response = http.get(registry.url("/a"))

    with pytest.raises(OutsideError, match=r"/a gave an unusable answer") as refused:
        response.json()

    assert not refused.value.permanent


def test_an_answer_of_just_the_ceiling_is_read_and_one_more_byte_is_not(
    registry: Server, client_for: ClientFor
) -> None:
    registry.script("/fits", answer(b"x" * MEGABYTE))
    registry.script("/more", answer(b"x" * (MEGABYTE + 1)))
    asking = client_for(ceiling=MEGABYTE)

    assert len(asking.get(registry.url("/fits")).content) == MEGABYTE
    with pytest.raises(TooLargeError, match="larger than 1000000 bytes") as refused:
        asking.get(registry.url("/more"))

    assert refused.value.permanent
