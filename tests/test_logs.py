"""What the log leaves out."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tracker.logs import WithoutSecrets

TOKEN = "a-token-of-somebody"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what is logged, through the filter that the settings name."""
    logging_settings: dict[str, Any] = settings.LOGGING
    named = logging_settings["filters"]["without_secrets"]["()"]
    assert named.endswith(WithoutSecrets.__name__)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(WithoutSecrets())
    logging.getLogger("django").addHandler(handler)
    yield written
    logging.getLogger("django").removeHandler(handler)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/calendar/{}.ics", "/stop/{}/"])
@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1"])
def test_an_address_that_is_a_secret_is_not_logged(
    log: io.StringIO, path: str, host: str
) -> None:
    Client(raise_request_exception=False).get(
        path.format(TOKEN), headers={"host": host}
    )

    assert TOKEN not in log.getvalue()
    assert log.getvalue()


def test_any_other_address_is() -> None:
    record = logging.makeLogRecord({"msg": "Not Found: %s", "args": ("/queue/x/",)})

    WithoutSecrets().filter(record)

    assert record.getMessage() == "Not Found: /queue/x/"
