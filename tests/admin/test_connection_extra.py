"""What goes into every new issue as it is: JSON that somebody typed, held to bounds."""

import pytest
from django.test import Client

from reviews.models import Change, Connection
from tests.admin.conftest import signed_in
from tests.admin.connecting import LIST, again, made, page_of
from tests.conftest import Cast

HALF = '{"a": "\\ud83d"}'
HALF_KEY = '{"\\ude00": 1}'
TOO_DEEP = "[" * 9_000
DEEP = '{"a":' * 300 + "1" + "}" * 300
TOO_MANY_DIGITS = f'{{"a": {"9" * 5_000}}}'


@pytest.fixture
def dora(cast: Cast) -> Client:
    client = signed_in(cast.dora)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    "extra",
    [HALF, HALF_KEY, TOO_DEEP, DEEP, TOO_MANY_DIGITS, '{"a": NaN}', "[]", "3", "{"],
    ids=range(9),
)
def test_what_could_not_be_stored_or_sent_is_refused(dora: Client, extra: str) -> None:
    connection = made(dora)
    changes = Change.objects.count()

    answer = dora.post(page_of(connection), again(connection, extra=extra))

    assert answer.status_code == 200
    assert "errornote" in answer.content.decode()
    assert Connection.objects.get().fields == connection.fields
    assert Change.objects.count() == changes
    for page in (page_of(connection), LIST):
        assert dora.get(page).status_code == 200


@pytest.mark.parametrize(
    ("extra", "stored"),
    [
        ('{"a": [{"b": "\\ud83d\\ude00"}]}', {"a": [{"b": "\U0001f600"}]}),
        ("", {}),
        ("null", {}),
    ],
)
def test_what_is_whole_is_kept_and_shown(
    dora: Client, extra: str, stored: object
) -> None:
    connection = made(dora)

    answer = dora.post(page_of(connection), again(connection, extra=extra))

    assert answer.status_code == 302
    assert Connection.objects.get().fields["extra"] == stored
    assert dora.get(page_of(connection)).status_code == 200
