"""Webhooks on the staff pages: administrators alone make, switch and test them."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reviews.models import Change, Delivery, Endpoint
from reviews.rules.outgoing import SendState
from reviews.services.outgoing import LEASE
from reviews.services.webhooks.endpoints import send_test
from reviews.wiring import vault
from tests.admin.conftest import signed_in
from tests.conftest import NOW, Cast
from tests.services.building import OPERATOR

ADD = reverse("admin:reviews_endpoint_add")
LIST = reverse("admin:reviews_endpoint_changelist")
LEDGER = reverse("admin:reviews_delivery_changelist")
URL = "https://receiver.example/hook"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")
PAYLOAD = "<img src=x onerror=alert(1)>"


def typed(**more: Any) -> dict[str, Any]:
    return {
        "url": URL,
        "description": "The chat",
        "events": ["flag.opened"],
        "payload": "thin",
    } | more


@pytest.fixture
def dora(cast: Cast) -> Client:
    return signed_in(cast.dora)


@pytest.fixture
def endpoint(dora: Client) -> Endpoint:
    answer = dora.post(ADD, typed())
    assert answer.status_code == 200, answer.headers
    return Endpoint.objects.get()


@pytest.fixture
def delivery(endpoint: Endpoint) -> Delivery:
    return send_test(endpoint_id=endpoint.pk, actor=OPERATOR, now=NOW)


def page_of(row: Endpoint | Delivery, page: str = "change") -> str:
    return reverse(f"admin:reviews_{row._meta.model_name}_{page}", args=[row.pk])


def step(name: str, row: Endpoint | Delivery, **more: Any) -> dict[str, Any]:
    return {"action": name, "_selected_action": row.pk, "take": "yes", **more}


def test_a_new_webhook_shows_its_secret_once(dora: Client) -> None:
    answer = dora.post(ADD, typed())

    shown = SECRET.search(answer.content.decode())
    assert shown is not None
    endpoint = Endpoint.objects.get()
    assert vault().open(endpoint.sealed_secret) == shown.group()
    assert (endpoint.events, endpoint.payload) == (["flag.opened"], "thin")
    assert endpoint.owner is not None
    assert endpoint.owner.username == "dora"
    assert "no-store" in answer.headers["Cache-Control"]
    later = dora.get(LIST).content + dora.get(page_of(endpoint)).content
    later += dora.get(page_of(endpoint, "history")).content
    for secret in (shown.group(), endpoint.sealed_secret):
        assert secret.encode() not in later
    assert shown.group() not in str(dict(dora.session))


@pytest.mark.parametrize("name", ["alice", "bob", "eve"])
def test_nobody_but_administrators_sees_or_does_anything(
    cast: Cast, endpoint: Endpoint, delivery: Delivery, name: str
) -> None:
    client = signed_in(getattr(cast, name))
    pages = [
        *(ADD, LIST, LEDGER, page_of(endpoint), page_of(endpoint, "rotate")),
        *(page_of(endpoint, "delete"), page_of(endpoint, "history")),
        *(page_of(delivery), page_of(delivery, "history")),
    ]
    before = list(Endpoint.objects.values()), list(Delivery.objects.values())

    for page in pages:
        assert client.get(page).status_code == 403, page
        assert client.post(page, typed(hours="0", post="yes")).status_code == 403, page
    for action in ("switch_off", "send_test", "replay_failed"):
        assert client.post(LIST, step(action, endpoint)).status_code == 403
    assert client.post(LEDGER, step("replay", delivery)).status_code == 403

    assert before == (list(Endpoint.objects.values()), list(Delivery.objects.values()))
    assert "webhook" not in client.get("/admin/").content.decode().lower()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://127.0.0.1/"),
        ("url", "http://10.0.0.1/"),
        ("url", "ftp://receiver.example/"),
        ("url", ""),
        ("url", "https://a.example/" + "x" * 1_000),
        ("description", "x" * 201),
        ("events", ["test"]),
        ("events", ["anything"]),
        ("payload", "all"),
        ("payload", ""),
    ],
)
def test_an_odd_webhook_is_not_made(dora: Client, field: str, value: Any) -> None:
    answer = dora.post(ADD, typed(**{field: value}))

    assert field in answer.context["adminform"].form.errors
    assert not Endpoint.objects.exists()


def test_the_refusal_of_a_private_address_names_the_setting(dora: Client) -> None:
    page = dora.post(ADD, typed(url="http://192.168.1.1/")).content.decode()

    assert "name it in the setting OUTBOUND_ALLOWED_HOSTS" in page


def test_a_webhook_is_changed(dora: Client, endpoint: Endpoint) -> None:
    page = dora.get(page_of(endpoint)).content.decode()

    answer = dora.post(page_of(endpoint), typed(events=[], payload="full"))

    assert 'value="flag.opened"' in page
    assert answer.status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.events, endpoint.payload, endpoint.url) == ([], "full", URL)
    details = Change.objects.latest("pk").details
    assert details == {"events": ["flag.opened", "all"], "payload": ["thin", "full"]}


def test_what_is_only_shown_is_not_changed(dora: Client, endpoint: Endpoint) -> None:
    dora.post(
        page_of(endpoint),
        typed(sealed_secret="x", is_on="", off_because="x", owner="", standing="off"),
    )

    endpoint.refresh_from_db()
    assert endpoint.is_on
    assert endpoint.sealed_secret != "x"
    assert endpoint.owner is not None


def test_a_webhook_is_deleted_with_its_ledger(
    dora: Client, endpoint: Endpoint, delivery: Delivery
) -> None:
    asked = dora.get(page_of(endpoint, "delete")).content.decode()

    dora.post(page_of(endpoint, "delete"), {"post": "yes"})

    assert "with the ledger of its deliveries" in asked
    assert not Endpoint.objects.exists()
    assert not Delivery.objects.exists()


def test_another_secret_is_shown_once(dora: Client, endpoint: Endpoint) -> None:
    before = endpoint.sealed_secret
    asked = dora.get(page_of(endpoint, "rotate"))

    answer = dora.post(page_of(endpoint, "rotate"), {"hours": "2"})

    shown = SECRET.search(answer.content.decode())
    endpoint.refresh_from_db()
    assert not SECRET.search(asked.content.decode())
    assert shown is not None
    assert vault().open(endpoint.sealed_secret) == shown.group()
    assert endpoint.sealed_former_secret == before
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("hours", ["-1", "169", "", "x", "9" * 30])
def test_odd_hours_make_no_secret(dora: Client, endpoint: Endpoint, hours: str) -> None:
    answer = dora.post(page_of(endpoint, "rotate"), {"hours": hours})

    assert "hours" in answer.context["form"].errors
    assert Endpoint.objects.get().sealed_secret == endpoint.sealed_secret


@pytest.mark.parametrize("number", ["0", "x", "9" * 30])
def test_what_is_not_there_has_no_secret_to_change(dora: Client, number: str) -> None:
    address = reverse("admin:reviews_endpoint_rotate", args=[number])

    assert dora.get(address).status_code == 404


def test_it_is_switched_off_and_on(dora: Client, endpoint: Endpoint) -> None:
    dora.post(LIST, step("switch_off", endpoint))
    off = Endpoint.objects.get()
    page = dora.get(LIST).content.decode()
    dora.post(LIST, step("switch_on", endpoint))

    assert (off.is_on, off.off_because) == (False, "Dora switched it off.")
    assert "Dora switched it off" in page
    assert Endpoint.objects.get().is_on


def test_an_action_asks_first(dora: Client, endpoint: Endpoint) -> None:
    form = {"action": "send_test", "_selected_action": endpoint.pk}

    page = dora.post(LIST, form).content.decode()

    assert "Send a test" in page
    assert not Delivery.objects.exists()


def test_a_test_waits_in_the_ledger(dora: Client, endpoint: Endpoint) -> None:
    dora.post(LIST, step("send_test", endpoint))

    delivery = Delivery.objects.get()
    page = dora.get(page_of(delivery)).content.decode()
    assert f"msg_{delivery.message_id.hex}" in page
    assert "Dora asked for this test" in page


def test_what_is_switched_off_is_sent_no_test(dora: Client, endpoint: Endpoint) -> None:
    dora.post(LIST, step("switch_off", endpoint))

    answer = dora.post(LIST, step("send_test", endpoint), follow=True)

    assert "switch it on first" in answer.content.decode()
    assert not Delivery.objects.exists()


def test_what_failed_is_sent_again(
    dora: Client, endpoint: Endpoint, delivery: Delivery
) -> None:
    Delivery.objects.update(refused_at=NOW, attempts=10)

    dora.post(LIST, step("replay_failed", endpoint, since="2026-11-23"))
    too_late = Delivery.objects.get().refused_at
    dora.post(LIST, step("replay_failed", endpoint, since="2026-11-22"))

    assert too_late == NOW
    assert Delivery.objects.get().refused_at is None
    assert Delivery.objects.get().replays == 1


def test_one_delivery_is_sent_again(dora: Client, delivery: Delivery) -> None:
    Delivery.objects.update(state=SendState.DONE.value, done_at=NOW)

    dora.post(LEDGER, step("replay", delivery))

    again = Delivery.objects.get()
    assert (again.state, again.message_id) == ("ready", delivery.message_id)
    history = dora.get(page_of(delivery, "history")).content.decode()
    assert "sent again" in history


def test_what_is_being_sent_is_not_sent_again(dora: Client, delivery: Delivery) -> None:
    Delivery.objects.update(state="sending", claimed_until=NOW + LEASE)

    answer = dora.post(LEDGER, step("replay", delivery), follow=True)

    assert "at this moment" in answer.content.decode()
    assert Delivery.objects.get().state == "sending"


def test_the_ledger_is_narrowed(
    dora: Client, endpoint: Endpoint, delivery: Delivery
) -> None:
    def count(query: str) -> int:
        shown: int = dora.get(f"{LEDGER}?{query}").context["cl"].result_count
        return shown

    assert count("is=waiting") == count(f"endpoint={endpoint.pk}") == 1
    assert count("is=failed") == count("endpoint=999") == 0


@pytest.mark.parametrize(
    "query", ["is=lost", "endpoint=x", "endpoint__sealed_secret__startswith=a"]
)
def test_the_ledger_is_not_narrowed_by_anything_else(dora: Client, query: str) -> None:
    assert dora.get(f"{LEDGER}?{query}").status_code == 400


def test_a_webhook_is_not_looked_for_by_its_secret(dora: Client) -> None:
    assert dora.get(f"{LIST}?sealed_secret__startswith=g").status_code == 400


def test_what_an_endpoint_answered_is_text(dora: Client, delivery: Delivery) -> None:
    Delivery.objects.update(answer=PAYLOAD, problem=PAYLOAD, content={"x": PAYLOAD})
    Endpoint.objects.update(description=PAYLOAD, off_because=PAYLOAD, is_on=False)

    for page in (LIST, LEDGER, page_of(delivery), page_of(delivery.endpoint)):
        assert PAYLOAD not in dora.get(page).content.decode()
