"""Connections on the staff pages: what is entered, refused, and never shown again."""

from typing import Any

import pytest
from django.test import Client

from reviews import wiring
from reviews.models import Connection
from tests.admin.conftest import signed_in
from tests.admin.connecting import (
    ADD,
    LIST,
    SECRET,
    TOKEN,
    again,
    button,
    html,
    made,
    page_of,
    typed,
)
from tests.conftest import Cast
from tests.ticketing import connected


@pytest.fixture
def dora(cast: Cast) -> Client:
    """A browser in which the administrator has signed in."""
    return signed_in(cast.dora)


# --- The form ---


def test_a_connection_is_entered_and_leads_to_its_page(
    cast: Cast, dora: Client
) -> None:
    answer = dora.post(
        ADD,
        typed(
            owner=cast.alice.pk,
            causes=["vulnerability", "end_of_life"],
            severities=["high"],
            teams=[cast.platform.pk],
        ),
    )

    connection = Connection.objects.get()
    assert answer.headers["Location"] == page_of(connection)
    assert (connection.is_on, connection.is_live) == (True, False)
    assert connection.owner == cast.alice
    assert connection.causes == ["end_of_life", "vulnerability"]
    assert list(connection.teams.all()) == [cast.platform]
    assert connection.fields["labels"] == ["best-before"]
    assert wiring.token_of(connection) == TOKEN


def test_a_secret_is_never_shown_again(dora: Client) -> None:
    connection = made(dora)

    pages = [page_of(connection), LIST, button(connection, "history"), "/admin/"]

    for page in pages:
        shown = html(dora, page)
        for secret in (TOKEN, SECRET, connection.sealed_token):
            assert secret not in shown, page
    assert "One is stored, which is never shown." in html(dora, page_of(connection))


def test_a_form_that_was_refused_does_not_repeat_the_secrets(dora: Client) -> None:
    answer = dora.post(ADD, typed(project="shop"))

    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors
    assert "project" in errors
    assert (
        errors["token"]
        == errors["secret"]
        == ["Enter it again: it is not kept with the page."]
    )
    assert TOKEN not in answer.content.decode()
    assert SECRET not in answer.content.decode()


def test_a_form_that_was_refused_asks_for_no_secret_that_was_not_typed(
    dora: Client,
) -> None:
    answer = dora.post(ADD, typed(project="shop", token="", secret=""))

    assert list(answer.context["adminform"].form.errors) == ["project"]


def test_what_the_environment_has_is_said_and_not_shown(
    dora: Client, settings: Any
) -> None:
    settings.TICKETS_SECRETS = {
        "THE_SHOP_TOKEN": "from-outside",
        "THE_SHOP_SECRET": "as-well",
    }
    connection = connected("the-shop")

    shown = html(dora, page_of(connection))

    assert "From the environment: TICKETS_THE_SHOP_TOKEN has it" in shown
    assert "From the environment: TICKETS_THE_SHOP_SECRET has it" in shown
    assert "from-outside" not in shown
    assert "as-well" not in shown
    assert "New webhook secret" not in shown


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "The Shop"),
        ("slug", ""),
        ("system", "bugzilla"),
        ("address", "http://127.0.0.1"),
        ("address", "http://169.254.169.254"),
        ("address", "http://10.1.2.3"),
        ("address", "file:///etc/passwd"),
        ("address", "https://good.example@1.1.1.1"),
        ("address", "nonsense"),
        ("address", ""),
        ("project", "shop"),
        ("owner", "9" * 30),
        ("causes", "weather"),
        ("teams", "abc"),
        ("position", "-1"),
        ("tickets_per_day", "1001"),
        ("writes_per_minute", "0"),
        ("lag_seconds", "9" * 40),
        ("token", "ä"),
    ],
)
def test_an_odd_connection_is_refused_by_its_field(
    cast: Cast, dora: Client, field: str, value: str
) -> None:
    answer = dora.post(ADD, typed(**{field: value}))

    assert field in answer.context["adminform"].form.errors
    assert not Connection.objects.exists()


def test_a_private_address_names_the_setting(dora: Client) -> None:
    answer = dora.post(ADD, typed(address="http://127.0.0.1"))

    [error] = answer.context["adminform"].form.errors["address"]
    assert "OUTBOUND_ALLOWED_HOSTS" in error


def test_a_mapping_is_shown_and_changed(dora: Client) -> None:
    connection = made(dora)
    form = dora.get(page_of(connection)).context["adminform"].form
    assert form.initial["severity_high"] == "severity: high"
    assert form.initial["decisions"] == "not_planned = waive"

    dora.post(
        page_of(connection),
        again(
            connection,
            severity="labels",
            severity_high="P1",
            labels="old, best-before",
            decisions="not_planned = waive\n\nretired = retire\n",
            extra='{"milestone": 3}',
        ),
    )

    connection.refresh_from_db()
    assert connection.fields == {
        "due_on": "",
        "severity": "labels",
        "severities": {"high": "P1"},
        "labels": ["old", "best-before"],
        "closing": "",
        "reopening": "",
        "decisions": {"not_planned": "waive", "retired": "retire"},
        "extra": {"milestone": 3},
    }
    assert wiring.token_of(connection) == TOKEN


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"decisions": "not_planned"}, "Line 1 has no ="),
        ({"decisions": "not_planned = shrug"}, "is no decision"),
        ({"extra": "{"}, "Enter a valid JSON."),
        ({"extra": "[1]"}, "extra is not an object"),
        ({"extra": '{"a": NaN}'}, "extra is not JSON"),
        ({"labels": "x" * 101}, "labels"),
    ],
)
def test_an_odd_mapping_is_refused(
    dora: Client, more: dict[str, str], said: str
) -> None:
    connection = made(dora)

    answer = dora.post(page_of(connection), again(connection, **more))

    assert answer.status_code == 200
    assert said in str(answer.context["adminform"].form.errors)
    connection.refresh_from_db()
    assert connection.fields["labels"] == ["best-before"]


def test_slug_and_system_stay(dora: Client) -> None:
    connection = made(dora)

    dora.post(page_of(connection), again(connection, slug="other", system="jira"))

    connection.refresh_from_db()
    assert (connection.slug, connection.system) == ("shop", "github")


def test_u26_another_host_clears_the_secrets_and_says_so(dora: Client) -> None:
    connection = made(dora)
    form = again(connection) | {"address": "https://8.8.8.8"}

    answer = dora.post(page_of(connection), form, follow=True)

    assert "have been removed" in answer.content.decode()
    connection.refresh_from_db()
    assert (connection.sealed_token, connection.sealed_secret) == ("", "")
