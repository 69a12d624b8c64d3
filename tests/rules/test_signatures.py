"""Which deliveries are believed, and which are not."""

import base64
import hashlib
import hmac
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from reviews.rules.signatures import SignatureError, Signed, delivery_id, verify
from reviews.rules.ticketing import System

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SECRET = "a secret of sixteen words"
OTHER = "the secret of another connection"
KEY = base64.b64encode(b"the bytes of a standard key").decode()
OTHER_KEY = base64.b64encode(b"the bytes of another key").decode()
STANDARD = f"whsec_{KEY}"
BODY = b'{"action":"closed","issue":{"number":7,"title":"\xc3\xa9"}}'
MUTATIONS = 1_000

Headers = dict[str, str]


def hex_of(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def standard(
    body: bytes = BODY, *, key: str = KEY, at: datetime = NOW, id: str = "msg_1"
) -> Headers:
    seconds = str(int(at.timestamp()))
    content = f"{id}.{seconds}.".encode() + body
    digest = hmac.new(base64.b64decode(key), content, hashlib.sha256).digest()
    return {
        "webhook-id": id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def github(body: bytes = BODY, secret: str = SECRET) -> Headers:
    return {"x-hub-signature-256": f"sha256={hex_of(body, secret)}"}


def jira(body: bytes = BODY, secret: str = SECRET) -> Headers:
    return {"x-hub-signature": f"sha256={hex_of(body, secret)}"}


def redmine(body: bytes = BODY, secret: str = SECRET) -> Headers:
    return {"x-redmine-signature-256": f"sha256={hex_of(body, secret)}"}


SIGNED_BODIES = [
    pytest.param(System.GITHUB, SECRET, github(), id="github"),
    pytest.param(System.JIRA, SECRET, jira(), id="jira"),
    pytest.param(System.REDMINE, SECRET, redmine(), id="redmine"),
    pytest.param(System.GITLAB, STANDARD, standard(), id="gitlab, signed"),
    pytest.param(System.REDMINE, STANDARD, standard(), id="redmine, standard"),
]
TOKEN = pytest.param(
    System.GITLAB, SECRET, {"x-gitlab-token": SECRET}, id="gitlab, token"
)
HEX = [
    (System.GITHUB, "x-hub-signature-256"),
    (System.JIRA, "x-hub-signature"),
    (System.REDMINE, "x-redmine-signature-256"),
]


def is_believed(
    system: System,
    headers: Headers,
    *secrets: str,
    body: bytes = BODY,
    now: datetime = NOW,
) -> bool:
    try:
        verify(system, Signed(headers, body), secrets=secrets, now=now)
    except SignatureError:
        return False
    return True


@pytest.mark.parametrize(("system", "secret", "headers"), [*SIGNED_BODIES, TOKEN])
def test_what_was_signed_with_the_secret_is_believed(
    system: System, secret: str, headers: Headers
) -> None:
    assert is_believed(system, headers, secret)


def test_the_documented_example_is_believed() -> None:
    """Source: GitHub, "Validating webhook deliveries", "Testing the webhook payload"."""
    wanted = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    assert is_believed(
        System.GITHUB,
        {"x-hub-signature-256": f"sha256={wanted}"},
        "It's a Secret to Everybody",
        body=b"Hello, World!",
    )


def test_the_example_of_standard_webhooks_is_believed() -> None:
    """Source: Standard Webhooks 1.0, the reference libraries' test vector."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }

    assert is_believed(
        System.GITLAB,
        headers,
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        body=b'{"test": 2432232314}',
        now=datetime.fromtimestamp(1614265330, UTC),
    )


@pytest.mark.parametrize(("system", "secret", "headers"), [*SIGNED_BODIES, TOKEN])
def test_the_log_is_told_neither_the_body_nor_the_secret(
    system: System, secret: str, headers: Headers
) -> None:
    altered = {name: f"{said}x" for name, said in headers.items()}

    with pytest.raises(SignatureError) as refused:
        verify(system, Signed(altered, BODY), secrets=[secret], now=NOW)

    assert not any(word in str(refused.value) for word in ("action", SECRET, KEY))


@pytest.mark.parametrize(("system", "secret", "headers"), [*SIGNED_BODIES, TOKEN])
@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_without_a_secret_nothing_is_believed(
    system: System, secret: str, headers: Headers, secrets: tuple[str, ...]
) -> None:
    assert not is_believed(system, headers, *secrets)
    assert not is_believed(system, {**headers, "x-gitlab-token": ""}, *secrets)


@pytest.mark.parametrize(("system", "secret", "headers"), [*SIGNED_BODIES, TOKEN])
def test_the_secret_of_another_connection_is_not_believed(
    system: System, secret: str, headers: Headers
) -> None:
    assert not is_believed(system, headers, OTHER)
    assert not is_believed(system, headers, f"whsec_{OTHER_KEY}")


@pytest.mark.parametrize(("system", "header"), HEX)
@pytest.mark.parametrize(
    "said",
    [
        "",
        " ",
        "sha256=",
        hex_of(BODY),
        f"sha256={hex_of(BODY).upper()}",
        f"SHA256={hex_of(BODY)}",
        f"sha256={hex_of(BODY)[:-1]}",
        f"sha256={hex_of(BODY)}0",
        f"sha256={hex_of(BODY)},sha256={hex_of(BODY)}",
        f"sha256={hex_of(BODY)} sha256={hex_of(BODY)}",
        f" sha256={hex_of(BODY)}",
        f"sha256={hex_of(BODY)}\n",
        f"sha256={hex_of(BODY, OTHER)}",
        f"sha1={hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()}",
        f"sha256={hashlib.sha256(BODY).hexdigest()}",
        "sha256=" + "٠" * 64,
        "sha256=" + "é" * 64,
    ],
)
def test_a_signature_of_another_form_is_not_believed(
    system: System, header: str, said: str
) -> None:
    assert not is_believed(system, {header: said}, SECRET)


@pytest.mark.parametrize(("system", "header"), HEX)
def test_a_signature_in_another_system_s_header_is_not_believed(
    system: System, header: str
) -> None:
    everywhere = {**github(), **jira(), **redmine(), "x-gitlab-token": SECRET}
    del everywhere[header]

    assert not is_believed(system, everywhere, SECRET)


@pytest.mark.parametrize(("system", "secret", "headers"), SIGNED_BODIES)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY + b"\n",
        BODY[:-1],
        BODY.replace(b":", b": "),
        b'{"action":"closed","issue":{"number":7,"title":"\\u00e9"}}',
    ],
)
def test_the_same_json_written_otherwise_is_not_believed(
    system: System, secret: str, headers: Headers, body: bytes
) -> None:
    assert not is_believed(system, headers, secret, body=body)


@pytest.mark.parametrize("system", [System.GITLAB, System.REDMINE])
@pytest.mark.parametrize(
    ("away", "believed"),
    [
        (timedelta(minutes=-5), True),
        (timedelta(minutes=5), True),
        (timedelta(minutes=-5, seconds=-1), False),
        (timedelta(minutes=-6), False),
        (timedelta(minutes=6), False),
        (timedelta(days=-400), False),
    ],
)
def test_a_delivery_is_believed_for_five_minutes(
    system: System, away: timedelta, believed: bool
) -> None:
    assert is_believed(system, standard(at=NOW + away), STANDARD) is believed


@pytest.mark.parametrize(
    "said", ["", "now", "-1", "1e9", "1.5", "0x10", " 1", "٣", "9" * 13, "9" * 5000]
)
def test_an_instant_that_is_no_number_is_not_believed(said: str) -> None:
    headers = standard() | {"webhook-timestamp": said}

    assert not is_believed(System.GITLAB, headers, STANDARD)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp"])
def test_what_the_signature_is_over_has_to_be_there(missing: str) -> None:
    headers = standard()
    del headers[missing]

    assert not is_believed(System.GITLAB, headers, STANDARD)


def test_where_there_is_a_signing_token_the_plain_one_is_not_believed() -> None:
    headers = {"x-gitlab-token": STANDARD}

    assert not is_believed(System.GITLAB, headers, STANDARD)
    assert not is_believed(System.GITLAB, headers | standard(key=OTHER_KEY), STANDARD)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_!!!", "whsec_é", "whsec_===="])
def test_a_signing_token_that_is_none_lets_nothing_in(secret: str) -> None:
    empty = hmac.new(b"", b"msg_1.", hashlib.sha256).digest()
    signature = base64.b64encode(empty).decode()
    headers = standard() | {"webhook-signature": f"v1,{signature}"}

    assert not is_believed(System.GITLAB, headers, secret)


def test_one_of_several_signatures_is_enough() -> None:
    former, now = standard(key=OTHER_KEY), standard()
    both = f"v1a,x {former['webhook-signature']} {now['webhook-signature']}"

    assert is_believed(System.GITLAB, now | {"webhook-signature": both}, STANDARD)


def test_while_the_secret_is_changed_both_are_believed() -> None:
    assert is_believed(System.GITHUB, github(secret=OTHER), SECRET, OTHER)
    assert is_believed(System.GITHUB, github(), SECRET, OTHER)
    assert not is_believed(System.GITHUB, github(secret="a third"), SECRET, OTHER)


def test_a_plain_token_gives_way_to_a_signing_token() -> None:
    secrets = (STANDARD, SECRET)

    assert is_believed(System.GITLAB, standard(), *secrets)
    assert is_believed(System.GITLAB, {"x-gitlab-token": SECRET}, *secrets)
    assert not is_believed(System.GITLAB, {"x-gitlab-token": STANDARD}, *secrets)


def test_a_token_may_have_letters_beyond_ascii() -> None:
    as_handed_over = "pässword".encode().decode("latin-1")

    assert is_believed(System.GITLAB, {"x-gitlab-token": as_handed_over}, "pässword")
    assert not is_believed(System.GITLAB, {"x-gitlab-token": "p?ssword"}, "pässword")


Mutation = tuple[Headers, bytes]


def flipped(text: bytes, luck: random.Random) -> bytes:
    """Return bytes of which one is another."""
    at = luck.randrange(len(text))
    other = (text[at] + luck.randrange(1, 256)) % 256
    return text[:at] + bytes([other]) + text[at + 1 :]


def mutations(
    headers: Headers, body: bytes | None, others: list[Headers], luck: random.Random
) -> Iterator[Mutation]:
    """Give a signed delivery with one thing changed, again and again."""

    def in_header(change: Callable[[str], str]) -> Mutation:
        name = luck.choice(sorted(headers))
        return headers | {name: change(headers[name])}, body or BODY

    def another(text: str) -> str:
        return flipped(text.encode(), luck).decode("latin-1")

    ways: list[Callable[[], Mutation]] = [
        lambda: in_header(another),
        lambda: in_header(lambda text: text[: luck.randrange(len(text))]),
        lambda: in_header(lambda text: f"{text}{luck.choice('0aZ =,')}"),
        lambda: in_header(lambda text: f"{text},{text}"),
        lambda: in_header(lambda text: text.swapcase()),
        lambda: ({luck.choice(sorted(headers)): "x"}, body or BODY),
        lambda: (luck.choice(others), body or BODY),
    ]
    if body is not None:
        ways += [
            lambda: (headers, flipped(body, luck)),
            lambda: (headers, body[: luck.randrange(len(body))]),
            lambda: (headers, body + bytes([luck.randrange(256)])),
        ]
    while True:
        yield luck.choice(ways)()


@pytest.mark.parametrize(("system", "secret", "headers"), [*SIGNED_BODIES, TOKEN])
def test_no_mutation_of_a_signed_delivery_is_believed(
    system: System, secret: str, headers: Headers
) -> None:
    """A plain token says nothing of the body, which can write nothing anyway."""
    luck = random.Random(f"{system} {sorted(headers)}")
    others = [
        github(secret=OTHER) | jira(secret=OTHER) | redmine(secret=OTHER),
        standard(key=OTHER_KEY) | {"x-gitlab-token": OTHER},
        standard(at=NOW - timedelta(minutes=6)),
        standard(at=NOW + timedelta(minutes=6)),
    ]
    body = None if "x-gitlab-token" in headers else BODY
    tried = mutations(headers, body, others, luck)
    believed = 0

    for _ in range(MUTATIONS):
        changed, altered = next(tried)
        # A text without letters has no other case.
        if (changed, altered) != (headers, BODY):
            believed += is_believed(system, changed, secret, body=altered)

    assert believed == 0


@pytest.mark.parametrize(
    ("system", "headers", "id"),
    [
        (System.GITHUB, {"x-github-delivery": "72d3162e"}, "72d3162e"),
        (System.JIRA, {"x-atlassian-webhook-identifier": "abc"}, "abc"),
        (System.GITLAB, {"x-gitlab-event-uuid": "e"}, "e"),
        (System.GITLAB, {"x-gitlab-event-uuid": "e", "idempotency-key": "k"}, "k"),
        (System.GITLAB, {"idempotency-key": "k", "webhook-id": "w"}, "w"),
        (System.REDMINE, {"webhook-id": "w"}, "w"),
        (System.GITHUB, {}, ""),
        (System.GITLAB, {}, ""),
        (System.GITHUB, {"x-gitlab-event-uuid": "e"}, ""),
    ],
)
def test_a_delivery_is_called_what_its_sender_calls_it(
    system: System, headers: Headers, id: str
) -> None:
    assert delivery_id(system, Signed(headers, BODY)) == id


@pytest.mark.parametrize("system", [System.REDMINE, System.JIRA])
def test_a_sender_that_names_none_has_the_body_name_it(system: System) -> None:
    one, other = Signed({}, BODY), Signed({}, BODY + b" ")

    assert delivery_id(system, one) == f"sha256:{hashlib.sha256(BODY).hexdigest()}"
    assert delivery_id(system, one) != delivery_id(system, other)
