"""Requests that the test client cannot make: as a web server hands them over."""

import io
from typing import Any

import pytest
from django.test import RequestFactory

from tests.api.conftest import SOLUTIONS, Caller
from tracker.wsgi import application

STRANGE = [
    "bogus",
    "hex",
    "zip",
    "undefined",
    "punycode",
    "idna",
    "utf-16",
    "utf-7",
    "rot13",
    "x" * 20_000,
    "utf-8\x00",
    '"',
]


def status_of(method: str, path: str, caller: Caller, **environ: Any) -> int:
    """Return the status with which the whole application answers."""
    request = RequestFactory().generic(method, path)
    environ = {
        **request.environ,
        "HTTP_AUTHORIZATION": f"Bearer {caller.token}",
        "wsgi.input": io.BytesIO(environ.pop("body", b"")),
        **environ,
    }
    # Not by calling it, which would close the connection that holds the test's rows.
    answer = application.get_response(application.request_class(environ))
    return answer.status_code


@pytest.mark.parametrize("charset", STRANGE)
@pytest.mark.parametrize("form", ["charset={}", "charset*={}''x"])
@pytest.mark.parametrize("path", [f"{SOLUTIONS}?kind=model", "/api/v1/schema/"])
def test_a_charset_of_the_caller_s_choice_breaks_no_reading(
    bob: Caller, path: str, form: str, charset: str
) -> None:
    content_type = "application/json; " + form.format(charset)

    assert status_of("GET", path, bob, CONTENT_TYPE=content_type) == 200


@pytest.mark.parametrize("charset", STRANGE)
@pytest.mark.parametrize("form", ["charset={}", "charset*={}''x"])
def test_a_charset_of_the_caller_s_choice_is_refused_in_writing(
    bob: Caller, form: str, charset: str
) -> None:
    status = status_of(
        "POST",
        SOLUTIONS,
        bob,
        CONTENT_TYPE="application/json; " + form.format(charset),
        CONTENT_LENGTH="2",
        body=b"{}",
    )

    assert status == 415


@pytest.mark.parametrize("length", ["abc", "-1", "", "1e3", "9" * 5_000])
def test_a_length_that_is_none_is_no_crash(bob: Caller, length: str) -> None:
    status = status_of(
        "POST",
        SOLUTIONS,
        bob,
        CONTENT_TYPE="application/json",
        CONTENT_LENGTH=length,
        body=b"{}",
    )

    assert status in (400, 413)


def test_a_body_that_ends_too_early_is_refused(bob: Caller) -> None:
    status = status_of(
        "POST",
        SOLUTIONS,
        bob,
        CONTENT_TYPE="application/json",
        CONTENT_LENGTH="100",
        body=b'{"name": "Dj',
    )

    assert status == 400
