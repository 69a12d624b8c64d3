"""Webhooks through the API: whose they are, what is said of them, and what is not."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from reviews.models import Change, Delivery, Endpoint, IdempotencyKey
from reviews.rules.access import Scope
from reviews.services.outgoing import LEASE
from reviews.wiring import vault
from tests.api.conftest import HUGE, Caller, CallerOf, problem_of
from tests.conftest import NOW, Cast

WEBHOOKS = "/api/v1/webhooks/"
URL = "https://receiver.example/hook/s3cret-in-the-path"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


@pytest.fixture
def dora(cast: Cast, caller: CallerOf) -> Caller:
    """The administrator."""
    return caller(cast.dora)


@pytest.fixture
def hook(dora: Caller) -> str:
    """The path of a webhook."""
    return str(made(dora)["Location"])


def made(caller: Caller, **more: Any) -> Any:
    headers = more.pop("headers", {})
    answer = caller.post(WEBHOOKS, {"url": URL, **more}, headers=headers)
    assert answer.status_code == 201, answer.content
    return answer


def doors(path: str) -> list[tuple[str, str]]:
    return [
        ("GET", WEBHOOKS),
        ("POST", WEBHOOKS),
        ("GET", path),
        ("PATCH", path),
        ("DELETE", path),
        ("POST", f"{path}rotate/"),
        ("POST", f"{path}test/"),
        ("GET", f"{path}deliveries/"),
        ("POST", f"{path}deliveries/1/replay/"),
    ]


def rows() -> list[Any]:
    return [
        *Endpoint.objects.order_by("pk").values(),
        *Delivery.objects.order_by("pk").values(),
        Change.objects.count(),
    ]


def one_message(dora: Caller, hook: str) -> Delivery:
    assert dora.post(f"{hook}test/", {}).status_code == 201
    return Delivery.objects.latest("pk")


class TestWhose:
    @pytest.mark.parametrize("name", ["alice", "bob", "charlie", "frank"])
    def test_nobody_but_administrators_passes_any_door(
        self, cast: Cast, caller: CallerOf, hook: str, name: str
    ) -> None:
        somebody = caller(getattr(cast, name))
        before = rows()

        for method, path in doors(hook):
            body = {} if method == "GET" else {"data": b'{"url": "https://a.example"}'}
            answer = somebody(method, path, content_type="application/json", **body)
            problem_of(answer, 403)
            assert b"receiver.example" not in answer.content

        assert rows() == before

    def test_nobody_passes_without_a_token(self, hook: str) -> None:
        for method, path in doors(hook):
            problem_of(Caller(None)(method, path), 401)

    @pytest.mark.parametrize(
        "scope", [scope for scope in Scope if scope is not Scope.WEBHOOKS]
    )
    def test_a_token_of_another_scope_is_refused(
        self, cast: Cast, caller: CallerOf, hook: str, scope: Scope
    ) -> None:
        limited = caller(cast.dora, scope, Scope.READ)

        for method, path in doors(hook):
            problem = problem_of(limited(method, path), 403)
            assert "webhooks:write" in problem["detail"]

    def test_a_token_of_the_scope_is_enough(
        self, cast: Cast, caller: CallerOf, hook: str
    ) -> None:
        limited = caller(cast.dora, Scope.WEBHOOKS, Scope.READ)

        assert limited.get(hook).status_code == 200
        assert limited.post(f"{hook}test/", {}).status_code == 201

    @pytest.mark.parametrize("number", [0, 10**12, HUGE])
    def test_one_that_is_not_there_is_not_found(
        self, dora: Caller, hook: str, number: int
    ) -> None:
        for method, path in doors(f"{WEBHOOKS}{number}/")[2:]:
            problem_of(dora(method, path), 404)
        problem_of(dora("POST", f"{hook}deliveries/{number}/replay/"), 404)


class TestMaking:
    def test_it_is_made_and_its_secret_shown_once(
        self, dora: Caller, cast: Cast
    ) -> None:
        answer = made(dora, description="The chat", events=["flag.opened"])

        body = answer.json()
        endpoint = Endpoint.objects.get()
        assert SECRET.fullmatch(body["secret"])
        assert vault().open(endpoint.sealed_secret) == body["secret"]
        assert body["secret"] not in endpoint.sealed_secret
        assert body["owner"] == "dora"
        shown = dora.get(answer["Location"])
        assert shown.json() == {
            name: value for name, value in body.items() if name != "secret"
        }
        assert shown.json()["events"] == ["flag.opened"]

    def test_no_audit_trail_holds_its_secret_or_its_address(self, dora: Caller) -> None:
        secret = made(dora).json()["secret"]

        line = Change.objects.get(object_kind="endpoint")
        told = f"{line.object_label} {line.details}"
        assert secret not in told
        assert "s3cret" not in told
        assert line.details["host"] == "receiver.example"

    def test_a_repeated_answer_does_not_hold_the_secret(self, dora: Caller) -> None:
        headers = {"Idempotency-Key": "one"}
        first = made(dora, headers=headers)
        again = made(dora, headers=headers)

        assert Endpoint.objects.count() == 1
        assert first.json() | {"secret": None} == again.json()
        assert SECRET.search(first.content.decode())
        assert "whsec_" not in str(IdempotencyKey.objects.get().answer)

    def test_a_key_for_another_request_is_refused(self, dora: Caller) -> None:
        headers = {"Idempotency-Key": "one"}
        made(dora, headers=headers)

        answer = dora.post(WEBHOOKS, {"url": "https://b.example/"}, headers=headers)

        problem_of(answer, 422)

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1/",
            "http://localhost/hook",
            "http://[::1]/",
            "http://10.1.2.3/",
            "http://192.168.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://[::ffff:127.0.0.1]/",
            "https://receiver.example:22/",
            "https://user@receiver.example/",
            "https://receiver.example/a b",
            "file:///etc/passwd",
            "ftp://receiver.example/",
            "//receiver.example/",
            "receiver.example",
            "https://",
            "https://receiver.example/\r\nX: y",
            "",
        ],
    )
    def test_an_address_that_may_not_be_asked_is_refused(
        self, dora: Caller, url: str
    ) -> None:
        problem_of(dora.post(WEBHOOKS, {"url": url}), 400, "url")

        assert not Endpoint.objects.exists()

    def test_the_refusal_of_a_private_address_names_the_setting(
        self, dora: Caller, settings: Any
    ) -> None:
        problem = problem_of(
            dora.post(WEBHOOKS, {"url": "http://10.1.2.3/"}), 400, "url"
        )

        assert "OUTBOUND_ALLOWED_HOSTS" in problem["detail"]
        settings.OUTBOUND_ALLOWED_HOSTS = ["10.1.2.3"]
        assert made(dora, url="http://10.1.2.3/").status_code == 201

    def test_metadata_is_refused_even_if_it_is_named(
        self, dora: Caller, settings: Any
    ) -> None:
        settings.OUTBOUND_ALLOWED_HOSTS = ["169.254.169.254"]

        problem_of(dora.post(WEBHOOKS, {"url": "http://169.254.169.254/"}), 400, "url")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("url", None),
            ("url", 5),
            ("url", "https://a.example/" + "x" * 1_000),
            ("description", "x" * 201),
            ("description", "a\0b"),
            ("events", "flag.opened"),
            ("events", ["flag.unheard_of"]),
            ("events", ["test"]),
            ("events", [1]),
            ("events", ["flag.opened"] * 13),
            ("payload", "all"),
            ("is_on", False),
            ("secret", "whsec_mine"),
            ("owner", "alice"),
            ("id", 1),
        ],
    )
    def test_an_odd_field_is_refused(
        self, dora: Caller, field: str, value: object
    ) -> None:
        answer = dora.post(WEBHOOKS, {"url": URL, field: value})

        problem_of(answer, 400, field)
        assert not Endpoint.objects.exists()

    @pytest.mark.parametrize("content", [b"", b"[]", b'"x"', b"{", b"{}"])
    def test_an_odd_body_is_refused(self, dora: Caller, content: bytes) -> None:
        problem_of(dora.post(WEBHOOKS, content), 400)


class TestChanging:
    def test_what_is_left_out_stays(self, dora: Caller, hook: str) -> None:
        before = dora.get(hook).json()

        answer = dora.patch(hook, {"payload": "full", "events": ["waiver.ended"]})

        changed = {"payload": "full", "events": ["waiver.ended"]}
        assert answer.json() == before | changed | {
            "updated_at": answer.json()["updated_at"]
        }
        line = Change.objects.latest("pk")
        assert (line.what, line.details["payload"]) == ("changed", ["thin", "full"])

    def test_another_address_is_checked(self, dora: Caller, hook: str) -> None:
        problem_of(dora.patch(hook, {"url": "http://127.0.0.1/"}), 400, "url")

        assert dora.get(hook).json()["url"] == URL

    def test_a_move_is_told_without_the_paths(self, dora: Caller, hook: str) -> None:
        dora.patch(hook, {"url": "https://other.example/s3cret-too"})

        details = Change.objects.latest("pk").details
        assert details == {"host": ["receiver.example", "other.example"]}

    def test_it_is_switched_off_and_on(self, dora: Caller, hook: str) -> None:
        off = dora.patch(hook, {"is_on": False}).json()
        refused = dora.post(f"{hook}test/", {})
        on = dora.patch(hook, {"is_on": True}).json()

        assert (off["is_on"], off["off_because"]) == (False, "Dora switched it off.")
        assert "switch it on" in problem_of(refused, 409)["detail"]
        assert (on["is_on"], on["off_because"]) == (True, "")

    @pytest.mark.parametrize("field", ["secret", "failing_since", "created_at", "x"])
    def test_what_is_not_to_be_changed_is_refused(
        self, dora: Caller, hook: str, field: str
    ) -> None:
        problem_of(dora.patch(hook, {field: "x"}), 400, field)

    def test_it_is_deleted_with_its_ledger(self, dora: Caller, hook: str) -> None:
        one_message(dora, hook)

        assert dora.delete(hook).status_code == 204

        assert not Endpoint.objects.exists()
        assert not Delivery.objects.exists()
        problem_of(dora.get(hook), 404)
        assert Change.objects.latest("pk").what == "deleted"

    def test_another_secret_is_shown_once_and_the_former_one_goes_on(
        self, dora: Caller, hook: str
    ) -> None:
        before = Endpoint.objects.get()

        body = dora.post(f"{hook}rotate/", {"hours": 2}).json()

        endpoint = Endpoint.objects.get()
        assert vault().open(endpoint.sealed_secret) == body["secret"]
        assert endpoint.sealed_former_secret == before.sealed_secret
        assert endpoint.former_secret_until is not None
        until = endpoint.former_secret_until - NOW
        assert timedelta(hours=2) <= until < timedelta(hours=3)
        assert body["secret"] not in str(Change.objects.latest("pk").details)

    def test_without_a_body_the_former_one_goes_on_for_a_day(
        self, dora: Caller, hook: str
    ) -> None:
        assert dora("POST", f"{hook}rotate/").status_code == 200

        until = Endpoint.objects.get().former_secret_until
        assert until is not None
        assert until - NOW >= timedelta(hours=24)

    @pytest.mark.parametrize("hours", [-1, 169, HUGE, "2", 1.5, None, True])
    def test_odd_hours_are_refused(
        self, dora: Caller, hook: str, hours: object
    ) -> None:
        before = Endpoint.objects.get().sealed_secret

        problem_of(dora.post(f"{hook}rotate/", {"hours": hours}), 400, "hours")

        assert Endpoint.objects.get().sealed_secret == before


class TestLedger:
    def test_a_test_waits_in_the_ledger(self, dora: Caller, hook: str) -> None:
        answer = dora.post(f"{hook}test/", {})

        row = answer.json()
        assert (row["event"], row["state"], row["attempts"]) == ("test", "waiting", 0)
        assert row["message_id"] == f"msg_{Delivery.objects.get().message_id.hex}"
        assert dora.get(f"{hook}deliveries/").json()["results"] == [row]

    def test_a_test_that_is_asked_for_twice_under_a_key_is_one(
        self, dora: Caller, hook: str
    ) -> None:
        for _ in range(2):
            dora.post(f"{hook}test/", {}, headers={"Idempotency-Key": "k"})

        assert Delivery.objects.count() == 1

    def test_it_is_read_by_pages_and_by_state(self, dora: Caller, hook: str) -> None:
        for _ in range(5):
            one_message(dora, hook)
        first = Delivery.objects.earliest("pk")
        Delivery.objects.filter(pk=first.pk).update(refused_at=NOW)
        ledger = f"{hook}deliveries/"

        page = dora.get(f"{ledger}?page_size=3").json()
        rest = dora.get(page["next"]).json()["results"]
        failed = dora.get(f"{ledger}?state=failed").json()["results"]

        ids = [row["id"] for row in (*page["results"], *rest)]
        assert ids == sorted(ids, reverse=True)
        assert len(ids) == 5
        assert [row["id"] for row in failed] == [first.pk]
        assert failed[0]["next_at"] is None

    @pytest.mark.parametrize("state", ["waiting", "sending", "delivered", "failed"])
    def test_every_state_is_found_as_it_is_shown(
        self, dora: Caller, hook: str, state: str
    ) -> None:
        columns: list[dict[str, Any]] = [
            {},
            {"state": "unknown"},
            {"state": "sending", "claimed_until": NOW + LEASE},
            {"state": "done", "done_at": NOW},
            {"refused_at": NOW},
        ]
        for each in columns:
            row = one_message(dora, hook)
            Delivery.objects.filter(pk=row.pk).update(**each)

        found = dora.get(f"{hook}deliveries/?state={state}").json()["results"]

        assert {row["state"] for row in found} == {state}
        assert len(found) == (2 if state == "waiting" else 1)

    def test_an_unknown_state_is_refused(self, dora: Caller, hook: str) -> None:
        problem_of(dora.get(f"{hook}deliveries/?state=lost"), 400, "state")

    def test_a_page_takes_a_fixed_number_of_queries(
        self,
        dora: Caller,
        hook: str,
        django_assert_max_num_queries: Any,
    ) -> None:
        for _ in range(10):
            one_message(dora, hook)

        with django_assert_max_num_queries(5):
            dora.get(f"{hook}deliveries/")

    def test_what_failed_is_sent_again(self, dora: Caller, hook: str) -> None:
        row = one_message(dora, hook)
        Delivery.objects.filter(pk=row.pk).update(refused_at=NOW, attempts=10)

        answer = dora.post(f"{hook}deliveries/{row.pk}/replay/", {})

        assert answer.status_code == 200
        assert (answer.json()["state"], answer.json()["replays"]) == ("waiting", 1)
        assert answer.json()["message_id"] == f"msg_{row.message_id.hex}"

    def test_what_is_being_sent_is_not(self, dora: Caller, hook: str) -> None:
        row = one_message(dora, hook)
        Delivery.objects.filter(pk=row.pk).update(
            state="sending", claimed_until=NOW + LEASE
        )

        problem_of(dora.post(f"{hook}deliveries/{row.pk}/replay/", {}), 409)

    def test_a_delivery_of_another_webhook_is_not_found(
        self, dora: Caller, hook: str
    ) -> None:
        row = one_message(dora, hook)
        other = made(dora)["Location"]

        problem_of(dora.post(f"{other}deliveries/{row.pk}/replay/", {}), 404)

    @pytest.mark.parametrize("door", ["test/", "deliveries/1/replay/", "rotate/"])
    def test_an_odd_body_is_refused(self, dora: Caller, hook: str, door: str) -> None:
        row = one_message(dora, hook)
        path = hook + door.replace("1", str(row.pk))

        problem_of(dora.post(path, {"x": 1}), 400, "x")


def test_the_addresses_are_where_they_are_said_to_be(hook: str) -> None:
    endpoint = Endpoint.objects.get()

    assert reverse("api-webhooks") == WEBHOOKS
    assert reverse("api-webhook", args=[endpoint.pk]) == hook
