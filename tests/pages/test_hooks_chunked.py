"""A delivery in chunks, as a web server hands it over: the test client sends none."""

import io

import pytest
from django.test import RequestFactory

from reviews.models import Arrival
from reviews.rules.ticketing import System
from tests.pages.test_hooks import body_of, hooked, signed
from tracker.wsgi import application

pytestmark = pytest.mark.django_db


def test_a_delivery_without_a_length_is_asked_for_one() -> None:
    connection = hooked()
    body = body_of(System.GITHUB)
    path = f"/hooks/github/{connection.slug}/"
    environ = {
        **RequestFactory().generic("POST", path).environ,
        **RequestFactory(headers=signed(System.GITHUB, body)).defaults,
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": io.BytesIO(body),
    }
    environ.pop("CONTENT_LENGTH", None)

    answer = application.get_response(application.request_class(environ))

    assert answer.status_code == 411
    assert not Arrival.objects.exists()
