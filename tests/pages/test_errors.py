"""The pages for what goes wrong."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path

from reviews.pages import errors
from tests.conftest import Cast


def failing(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("the secret of the cook")


def forbidding(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def explaining(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Only leads <b>may</b>.")


urlpatterns = [
    path("fail/", failing),
    path("forbid/", forbidding),
    path("explain/", explaining),
    path("api/fail/", failing),
    path("api/forbid/", forbidding),
    path("", include("tracker.urls")),
]
handler400 = "reviews.pages.errors.bad_request"
handler403 = "reviews.pages.errors.forbidden"
handler404 = "reviews.pages.errors.not_found"
handler500 = "reviews.pages.errors.server_error"

CASES = [
    pytest.param("/nothing/here/", 404, "Not found", id="not found"),
    pytest.param("/forbid/", 403, "Not allowed", id="forbidden"),
    pytest.param("/fail/", 500, "Something failed", id="failed"),
]


@pytest.fixture
def browser(db: None) -> Client:
    return Client(raise_request_exception=False)


@override_settings(ROOT_URLCONF="tests.pages.test_errors")
@pytest.mark.parametrize(("address", "status", "title"), CASES)
def test_people_get_a_page(
    browser: Client, address: str, status: int, title: str
) -> None:
    response = browser.get(address)

    assert response.status_code == status
    html = response.content.decode()
    assert f"<title>{title} · Best Before</title>" in html
    assert "secret" not in html


@override_settings(ROOT_URLCONF="tests.pages.test_errors")
@pytest.mark.parametrize(("address", "status", "title"), CASES)
def test_programs_get_problem_details(
    browser: Client, address: str, status: int, title: str
) -> None:
    response = browser.get(f"/api{address}")

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem.keys() == {"type", "title", "status", "detail", "errors"}
    assert (problem["title"], problem["status"]) == (title, status)
    assert "secret" not in problem["detail"]


@override_settings(ROOT_URLCONF="tests.pages.test_errors")
def test_a_door_that_refuses_may_say_why(browser: Client) -> None:
    html = browser.get("/explain/").content.decode()

    assert "Only leads &lt;b&gt;may&lt;/b&gt;." in html


@override_settings(ROOT_URLCONF="tests.pages.test_errors")
def test_a_failure_does_not_ask_the_database_who_it_failed(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(cast.alice)

    with django_assert_num_queries(0):
        assert browser.get("/fail/").status_code == 500


def test_an_error_page_keeps_the_frame_of_who_has_signed_in(alice: Client) -> None:
    html = alice.get("/nothing/here/").content.decode()

    assert "Sign out" in html
    assert "csrfmiddlewaretoken" in html


def test_an_error_page_survives_a_database_that_has_gone(
    monkeypatch: pytest.MonkeyPatch, cast: Cast
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    request = RequestFactory().get("/nothing/here/")
    request.user = cast.alice
    monkeypatch.setattr(errors, "visitor", gone)

    response = errors.not_found(request, Exception())

    assert response.status_code == 404
    assert b"Sign out" not in response.content


@pytest.mark.parametrize("address", ["/sign-in/", "/nothing/"])
def test_a_host_that_is_not_ours_is_refused(browser: Client, address: str) -> None:
    response = browser.get(address, headers={"host": "evil.example"})

    assert response.status_code == 400


def test_a_body_beyond_the_limit_is_too_large(browser: Client) -> None:
    response = browser.post(
        "/sign-in/",
        "username=" + "x" * 3_000_000,
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 413
    assert "Too large" in response.content.decode()


def test_a_program_is_told_the_same() -> None:
    request = RequestFactory().post("/api/v1/imports/")

    response = errors.bad_request(request, RequestDataTooBig("too big"))

    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/problem+json"
