"""What ticket systems are answered when they deliver what happened."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reviews import wiring
from reviews.models import Arrival, Connection, User
from reviews.rules.ticketing import System
from tests.conftest import NOW
from tests.ticketing import connected

SECRET = "the secret of the webhook"
OTHER = "the secret of another team"
KEY = base64.b64encode(b"the key of the webhook").decode()
ISSUE: dict[str, Any] = {"action": "closed", "issue": {"number": 7, "id": 70_007}}
BODIES: dict[System, dict[str, Any]] = {
    System.GITHUB: ISSUE,
    System.JIRA: {
        "webhookEvent": "jira:issue_updated",
        "issue": {"id": "10001", "key": "PAY-1"},
    },
    System.GITLAB: {"object_kind": "issue", "object_attributes": {"iid": 7, "id": 9}},
    System.REDMINE: {"type": "issue.updated", "data": {"issue": {"id": 7}}},
}
EVERY = pytest.mark.parametrize("system", list(System))

pytestmark = pytest.mark.django_db

Headers = dict[str, str]


def mac(body: bytes, secret: str) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def signed(
    system: System, body: bytes, *, secret: str = SECRET, id: str = "d-1"
) -> Headers:
    match system:
        case System.GITHUB:
            return {
                "X-GitHub-Event": "issues",
                "X-GitHub-Delivery": id,
                "X-Hub-Signature-256": mac(body, secret),
            }
        case System.JIRA:
            return {
                "X-Atlassian-Webhook-Identifier": id,
                "X-Hub-Signature": mac(body, secret),
            }
        case System.GITLAB:
            return {
                "X-Gitlab-Event": "Issue Hook",
                "Idempotency-Key": id,
                "X-Gitlab-Token": secret,
            }
        case System.REDMINE:
            return {
                "Webhook-Id": id,
                "X-Redmine-Signature-256": mac(body, secret),
            }


def standard(body: bytes, *, id: str = "d-1", away: timedelta = timedelta()) -> Headers:
    seconds = int((NOW + away).timestamp())
    content = f"{id}.{seconds}.".encode() + body
    digest = hmac.new(base64.b64decode(KEY), content, hashlib.sha256).digest()
    return {
        "X-Gitlab-Event": "Issue Hook",
        "Webhook-Id": id,
        "Webhook-Timestamp": str(seconds),
        "Webhook-Signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def hooked(
    system: System = System.GITHUB, secret: str = SECRET, **said: Any
) -> Connection:
    sealed = wiring.vault().seal(secret)
    return connected(system=system.value, sealed_secret=sealed, **said)


def body_of(system: System) -> bytes:
    return json.dumps(BODIES[system]).encode()


def delivered(
    client: Client,
    connection: Connection,
    body: bytes,
    headers: Headers,
    content_type: str = "application/json",
) -> int:
    """Return how a delivery is answered: shortly, without a cookie, and not kept."""
    response = client.post(
        f"/hooks/{connection.system}/{connection.slug}/",
        body,
        content_type=content_type,
        headers=headers,
    )
    assert response.headers["Content-Type"] == "text/plain"
    assert len(response.content) < 200
    assert not response.cookies
    assert "no-store" in response.headers["Cache-Control"]
    return response.status_code


@EVERY
def test_what_is_signed_is_stored_before_it_is_answered(
    client: Client, system: System
) -> None:
    connection, body = hooked(system), body_of(system)

    assert delivered(client, connection, body, signed(system, body)) == 202

    arrival = Arrival.objects.get()
    assert (arrival.connection, arrival.delivery_id) == (connection, "d-1")
    assert arrival.body.encode() == body
    assert arrival.received_at == NOW
    assert arrival.handled_at is None
    assert (
        arrival.event
        == {
            System.GITHUB: "issues",
            System.JIRA: "jira:issue_updated",
            System.GITLAB: "Issue Hook",
            System.REDMINE: "issue.updated",
        }[system]
    )


@pytest.mark.parametrize("system", [System.GITLAB, System.REDMINE])
def test_standard_webhooks_are_taken_with_a_signing_token(
    client: Client, system: System
) -> None:
    connection, body = hooked(system, f"whsec_{KEY}"), body_of(system)

    assert delivered(client, connection, body, standard(body)) == 202
    assert delivered(client, connection, body, signed(system, body)) == 401


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_delivery_from_another_time_is_refused(client: Client, minutes: int) -> None:
    connection = hooked(System.GITLAB, f"whsec_{KEY}")
    body = body_of(System.GITLAB)
    headers = standard(body, away=timedelta(minutes=minutes))

    assert delivered(client, connection, body, headers) == 401
    assert not Arrival.objects.exists()


@EVERY
@pytest.mark.parametrize("way", ["none", "empty", "another secret", "other systems'"])
def test_what_is_not_signed_has_no_effect(
    client: Client, system: System, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    connection, body = hooked(system), body_of(system)
    names = {"X-Hub-Signature-256", "X-Hub-Signature", "X-Gitlab-Token"}
    names.add("X-Redmine-Signature-256")
    right = signed(system, body)
    unsigned = {name: said for name, said in right.items() if name not in names}
    headers = {
        "none": unsigned,
        "empty": right | dict.fromkeys(names & set(right), ""),
        "another secret": signed(system, body, secret=OTHER),
        "other systems'": unsigned
        | {name: mac(body, SECRET) for name in names - set(right)},
    }[way]

    assert delivered(client, connection, body, headers) == 401

    assert not Arrival.objects.exists()
    assert "issue" not in caplog.text.replace("issues", "")
    assert SECRET not in caplog.text


@EVERY
def test_all_refusals_of_a_signature_read_alike(client: Client, system: System) -> None:
    connection, body = hooked(system), body_of(system)
    path = f"/hooks/{system}/{connection.slug}/"
    answers = {
        client.post(
            path, body, content_type="application/json", headers=headers
        ).content
        for headers in ({}, signed(system, body, secret=OTHER), standard(body))
    }

    assert answers == {b"The signature is not valid.\n"}


def test_one_team_s_secret_does_not_open_another_team_s_door(client: Client) -> None:
    hooked(slug="ours")
    theirs = hooked(secret=OTHER, slug="theirs")
    body = body_of(System.GITHUB)

    assert delivered(client, theirs, body, signed(System.GITHUB, body)) == 401


def test_without_a_secret_nothing_is_accepted_and_the_answer_says_why(
    client: Client,
) -> None:
    connection, body = connected(), body_of(System.GITHUB)

    response = client.post(
        f"/hooks/github/{connection.slug}/",
        body,
        content_type="application/json",
        headers=signed(System.GITHUB, body, secret=""),
    )

    assert response.status_code == 503
    assert b"has no secret here" in response.content
    assert not Arrival.objects.exists()


def test_a_secret_that_cannot_be_opened_any_more_lets_nothing_in(
    client: Client,
) -> None:
    connection = connected(sealed_secret="sealed with a key that is gone")
    body = body_of(System.GITHUB)

    assert delivered(client, connection, body, signed(System.GITHUB, body)) == 503


def test_the_environment_s_secret_comes_first(client: Client, settings: Any) -> None:
    connection, body = hooked(slug="pay-ments"), body_of(System.GITHUB)
    settings.TICKETS_SECRETS = {"PAY_MENTS_SECRET": OTHER}

    given = signed(System.GITHUB, body, secret=OTHER)
    assert delivered(client, connection, body, given) == 202
    assert delivered(client, connection, body, signed(System.GITHUB, body)) == 401


@pytest.mark.parametrize(
    ("left", "status"), [(timedelta(seconds=1), 202), (timedelta(), 401), (None, 401)]
)
def test_the_former_secret_is_good_until_its_day(
    client: Client, left: timedelta | None, status: int
) -> None:
    connection = hooked(
        sealed_former_secret=wiring.vault().seal(OTHER),
        former_secret_until=None if left is None else NOW + left,
    )
    body = body_of(System.GITHUB)

    former = signed(System.GITHUB, body, secret=OTHER, id="d-1")
    assert delivered(client, connection, body, former) == status
    now = signed(System.GITHUB, body, id="d-2")
    assert delivered(client, connection, body, now) == 202


@pytest.mark.parametrize("path", ["github/nobody", "gitlab/issues", "bitbucket/issues"])
def test_an_unknown_webhook_is_not_found(client: Client, path: str) -> None:
    hooked(slug="issues")
    body = body_of(System.GITHUB)

    response = client.post(
        f"/hooks/{path}/",
        body,
        content_type="application/json",
        headers=signed(System.GITHUB, body),
    )

    assert (response.status_code, response.content) == (
        404,
        b"There is no such webhook.\n",
    )


def test_a_connection_that_is_off_ignores_what_it_is_sent(client: Client) -> None:
    connection, body = hooked(is_on=False), body_of(System.GITHUB)

    assert delivered(client, connection, body, signed(System.GITHUB, body)) == 202
    assert not Arrival.objects.exists()


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_there_is_nothing_to_look_at(client: Client, method: str) -> None:
    hooked()

    response = getattr(client, method)("/hooks/github/issues/")

    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"


@EVERY
def test_a_repetition_is_known(client: Client, system: System) -> None:
    connection, body = hooked(system), body_of(system)
    delivered(client, connection, body, signed(system, body))

    assert delivered(client, connection, body, signed(system, body)) == 200
    assert Arrival.objects.count() == 1


@EVERY
def test_another_body_under_a_known_id_is_ignored_and_logged(
    client: Client, system: System, caplog: pytest.LogCaptureFixture
) -> None:
    connection, body = hooked(system), body_of(system)
    other = body[:-1] + b', "more": 1}'
    delivered(client, connection, body, signed(system, body))

    assert delivered(client, connection, other, signed(system, other)) == 200

    assert Arrival.objects.get().body.encode() == body
    assert "came again with another body" in caplog.text
    assert "more" not in caplog.text


def test_the_same_id_at_another_connection_is_another_delivery(client: Client) -> None:
    body = body_of(System.GITHUB)

    for connection in (hooked(slug="one"), hooked(slug="two")):
        headers = signed(System.GITHUB, body)
        assert delivered(client, connection, body, headers) == 202


@pytest.mark.parametrize("system", [System.GITHUB, System.GITLAB])
@pytest.mark.parametrize("id", ["", "x" * 201, "x" * 10_000, "a b", "caf\u00e9"])
def test_a_delivery_needs_an_id(client: Client, system: System, id: str) -> None:
    connection, body = hooked(system), body_of(system)

    assert delivered(client, connection, body, signed(system, body, id=id)) == 400
    assert not Arrival.objects.exists()


@pytest.mark.parametrize("system", [System.JIRA, System.REDMINE])
def test_a_sender_without_ids_is_known_by_what_it_sends(
    client: Client, system: System
) -> None:
    connection, body = hooked(system), body_of(system)
    headers = signed(system, body)
    del headers[
        "Webhook-Id" if system is System.REDMINE else "X-Atlassian-Webhook-Identifier"
    ]

    assert delivered(client, connection, body, headers) == 202
    assert delivered(client, connection, body, headers) == 200
    assert Arrival.objects.get().delivery_id.startswith("sha256:")


@pytest.mark.parametrize(
    ("system", "event", "body"),
    [
        (System.GITHUB, "ping", b'{"zen": "Keep it logically awesome."}'),
        (System.GITHUB, "sponsorship", b"{}"),
        (System.GITHUB, "push", b'{"commits": null}'),
        (System.GITHUB, "issues", b'{"issue": {"number": 4711}}'),
        (System.GITHUB, "x" * 5000, b"{}"),
        (System.JIRA, "", b'{"webhookEvent": "board_created"}'),
        (System.JIRA, "", b"{}"),
        (System.GITLAB, "Push Hook", b'{"object_kind": "push"}'),
        (System.GITLAB, "Issue Hook", b'{"object_kind": "issue"}'),
        (System.GITLAB, "Issue Hook", b'{"object_attributes": null}'),
        (System.GITLAB, "Note Hook", b'{"object_kind": "note", "issue": null}'),
        (System.REDMINE, "", b'{"type": "wiki_page.updated"}'),
    ],
)
def test_what_is_not_about_a_ticket_is_welcome_all_the_same(
    client: Client, system: System, event: str, body: bytes
) -> None:
    connection = hooked(system)
    headers = signed(system, body)
    for name in ("X-GitHub-Event", "X-Gitlab-Event"):
        if name in headers:
            headers[name] = event

    assert delivered(client, connection, body, headers) == 202
    assert Arrival.objects.count() == 1


@EVERY
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"issue"',
        b"[" * 100_000,
        b'{"issue":' * 100_000,
        b'{"issue": ' + b"9" * 5000 + b"}",
        b"\xff\xfe{}",
        b'{"issue": "\xed\xa0\x80"}',
        b'{"issue": "\x00"}',
        b"{} \x00",
        b'{"issue": {"number": 7}',
        b"payload={}",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_cannot_be_read_is_refused(
    client: Client, system: System, body: bytes
) -> None:
    connection = hooked(system)

    assert delivered(client, connection, body, signed(system, body)) == 400
    assert not Arrival.objects.exists()


@pytest.mark.parametrize("system", [System.GITHUB, System.JIRA, System.REDMINE])
@pytest.mark.parametrize(
    "issue", [None, [], "7", {}, {"number": None, "id": True}, {"id": 1.5}, {"id": -1}]
)
def test_an_event_about_no_issue_that_can_be_told_is_refused(
    client: Client, system: System, issue: Any
) -> None:
    connection = hooked(system)
    about = {"webhookEvent": "jira:issue_updated", "type": "issue.updated"}
    body = json.dumps(about | {"issue": issue, "data": {"issue": issue}}).encode()

    assert delivered(client, connection, body, signed(system, body)) == 400


@EVERY
def test_escaped_characters_that_no_database_keeps_do_no_harm(
    client: Client, system: System
) -> None:
    connection = hooked(system)
    body = body_of(system)[:-1] + rb', "title": "\u0000 \ud800 <script>\r\n"}'

    assert delivered(client, connection, body, signed(system, body)) == 202
    assert Arrival.objects.get().body.encode() == body


@pytest.mark.parametrize("bytes_more", [0, 1])
def test_a_body_has_five_million_bytes_at_most(client: Client, bytes_more: int) -> None:
    connection = hooked()
    body = body_of(System.GITHUB)
    body += b" " * (5 * 1024 * 1024 - len(body) + bytes_more)

    status = delivered(client, connection, body, signed(System.GITHUB, body))

    assert status == (413 if bytes_more else 202)


def test_what_says_to_be_too_large_is_not_even_read(client: Client) -> None:
    hooked()

    response = client.post(
        "/hooks/github/shop/",
        b"{}",
        content_type="application/json",
        CONTENT_LENGTH="26214400",
    )

    assert response.status_code == 413


FORM = "application/x-www-form-urlencoded"


def test_github_may_send_a_form(client: Client) -> None:
    connection = hooked()
    body = b"payload=%7B%22issue%22%3A+%7B%22number%22%3A+7%7D%7D"

    status = delivered(client, connection, body, signed(System.GITHUB, body), FORM)

    assert status == 202
    assert Arrival.objects.get().body == '{"issue": {"number": 7}}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload=",
        b"other=%7B%7D",
        b"payload=%00",
        b"payload=%ED%A0%80",
        b"&".join([b"a=b"] * 100),
        b"payload=%7B%7D%00",
    ],
)
def test_a_form_without_json_is_refused(client: Client, body: bytes) -> None:
    connection = hooked()

    status = delivered(client, connection, body, signed(System.GITHUB, body), FORM)

    assert status == 400


@pytest.mark.parametrize("content_type", ["", "text/plain", "image/png", "x" * 3000])
def test_what_the_body_is_called_does_not_matter(
    client: Client, content_type: str
) -> None:
    connection, body = hooked(), body_of(System.GITHUB)

    status = delivered(
        client, connection, body, signed(System.GITHUB, body), content_type
    )

    assert status == 202


def test_nobody_has_to_sign_in_and_nobody_s_session_matters(
    client: Client, django_user_model: type[User]
) -> None:
    connection, body = hooked(), body_of(System.GITHUB)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(django_user_model.objects.create_user("mallory"))

    assert delivered(strict, connection, body, signed(System.GITHUB, body)) == 202
    assert delivered(strict, connection, body, {}) == 401


def test_an_answer_costs_a_look_and_a_row(client: Client) -> None:
    connection, body = hooked(), body_of(System.GITHUB)

    with CaptureQueriesContext(database) as queries:
        delivered(client, connection, body, signed(System.GITHUB, body))

    asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) == 2
    assert asked[1].startswith("INSERT")


@pytest.mark.slow
def test_a_thousand_deliveries_are_each_answered_in_time(client: Client) -> None:
    connection = hooked()
    took = []

    for number in range(1_000):
        body = json.dumps(ISSUE | {"padding": "x" * (number % 2_000)}).encode()
        headers = signed(System.GITHUB, body, id=f"d-{number}")
        began = time.thread_time()
        assert delivered(client, connection, body, headers) == 202
        took.append(time.thread_time() - began)

    assert sorted(took)[989] < 2
    assert sum(took) < 10
    assert Arrival.objects.count() == 1_000
