"""New connections to ticket systems: what is stored, refused, and stays secret."""

from typing import Any

import pytest

from reviews.models import Connection, User
from reviews.rules.access import NotAllowedError
from reviews.rules.ticket_projects import ProjectError, read_project
from reviews.rules.ticketing import System
from reviews.services.errors import ConflictError, InvalidError
from tests.conftest import NOW, Cast
from tests.services.connecting import VAULT, made, private, trail

ACCEPTED = {
    System.GITHUB: ["acme/shop", "a-c-m-e/.github", "acme/shop.js_2"],
    System.GITLAB: ["acme/shop", "acme/web/shop.js", "278964"],
    System.JIRA: ["SHOP", "S2", "AB_C"],
    System.REDMINE: ["shop", "shop-2_b", "42"],
}
REFUSED = {
    System.GITHUB: ["shop", "acme/shop/issues", "acme/..", "-acme/shop", "acme/sh op"],
    System.GITLAB: ["shop", "acme/", "/acme/shop", "acme//shop", "acme/../shop", "0"],
    System.JIRA: ["shop", "S", "SHOP-1", "SH OP", "2SHOP"],
    System.REDMINE: ["Shop", "acme/shop", "-shop", "shop?x=1"],
}


# --- Making ---


def test_a_new_connection_is_on_and_only_simulates(cast: Cast) -> None:
    connection = made(cast)

    connection.refresh_from_db()
    assert (connection.is_on, connection.is_live) == (True, False)
    assert connection.slug == "shop"
    assert connection.created_at == NOW


def test_its_secrets_are_sealed_and_nowhere_else(cast: Cast) -> None:
    connection = made(cast)

    assert VAULT.open(connection.sealed_token) == "token-1"
    assert VAULT.open(connection.sealed_secret) == "secret-1"
    row = Connection.objects.filter(pk=connection.pk).values().get()
    for text in (str(row), str(trail())):
        assert "token-1" not in text
        assert "secret-1" not in text
    [(what, details)] = trail()
    assert what == "connection added"
    assert (details["token"], details["webhook secret"]) == ("entered", "entered")


@pytest.mark.parametrize("system", list(System))
def test_without_a_mapping_it_has_the_systems_own(cast: Cast, system: System) -> None:
    said = {"system": system, "project": ACCEPTED[system][0]}

    connection = made(cast, said=said | {"address": "https://tickets.example"})

    assert connection.fields["severities"]["critical"]
    assert connection.issue_type == ("Task" if system is System.JIRA else "")


def test_an_address_is_stored_without_the_slash_at_its_end(cast: Cast) -> None:
    connection = made(cast, said={"address": "https://ghe.example/api/v3/"})

    assert connection.address == "https://ghe.example/api/v3"


@pytest.mark.parametrize("system", list(System))
def test_projects_are_named_as_their_system_names_them(system: System) -> None:
    for name in ACCEPTED[system]:
        assert read_project(system, f" {name} ") == name
    for name in [*REFUSED[system], "", "a\nb", "a/b\0", "x" * 500 + "!"]:
        with pytest.raises(ProjectError, match="names no project"):
            read_project(system, name)


@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "frank"])
def test_only_administrators_make_one(cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowedError, match="Only administrators"):
        made(cast, by=getattr(cast, name))

    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("slug", {"slug": "Shop"}),
        ("slug", {"slug": "the_shop"}),
        ("slug", {"slug": "-shop"}),
        ("slug", {"slug": "shop\n"}),
        ("slug", {"slug": ""}),
        ("slug", {"slug": "s" * 51}),
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 101}),
        ("address", {"address": ""}),
        ("address", {"address": "https://tickets.example/?a=b"}),
        ("address", {"address": "https://tickets.example/#a"}),
        ("address", {"address": "https://github.com"}),
        ("address", {"address": "https://" + "x" * 500}),
        ("project", {"project": "shop"}),
        ("issue_type", {"issue_type": "x" * 101}),
        ("login", {"login": "x" * 201}),
        ("causes", {"causes": ["weather"]}),
        ("actions", {"actions": ["dance"]}),
        ("severities", {"severities": ["fatal"]}),
        ("position", {"position": -1}),
        ("tickets_per_day", {"tickets_per_day": 1_001}),
        ("tickets_per_day", {"tickets_per_day": -1}),
        ("writes_per_minute", {"writes_per_minute": 0}),
        ("writes_per_minute", {"writes_per_minute": 6_001}),
        ("lag_seconds", {"lag_seconds": 3_601}),
        ("owner", {"owner_id": 10**9}),
        ("teams", {"team_ids": [10**9]}),
    ],
)
def test_what_breaks_a_rule_is_refused_by_its_field(
    cast: Cast, field: str, said: dict[str, Any]
) -> None:
    with pytest.raises(InvalidError) as refusal:
        made(cast, said=said)

    assert refusal.value.field == field
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"due": "duedate"}, "it has due_on, severity"),
        ({"due_on": 3}, "due_on is not a text"),
        ({"due_on": "due\0date"}, "due_on"),
        ({"severities": ["high"]}, "not an object"),
        ({"severities": {"fatal": "P1"}}, "critical, high, medium, low"),
        ({"severities": {"info": "P1"}}, "critical, high, medium, low"),
        ({"severities": {"high": 1}}, "severities, high is not a text"),
        ({"labels": "best-before"}, "not a list"),
        ({"labels": ["x" * 101]}, "labels"),
        ({"labels": [str(number) for number in range(51)]}, "more than 50"),
        ({"decisions": {"Won't Do": "ignore"}}, "assess, trial"),
        ({"decisions": {"Won't Do": ["waive"]}}, "no decision"),
        ({"decisions": {"": "waive"}}, "blank"),
        ({"extra": []}, "not an object"),
        ({"extra": {"a": float("nan")}}, "not JSON"),
        ({"extra": {"a": "b\0"}}, "control character"),
        ({"extra": {"text": "x" * 5_000}}, "5,000"),
    ],
)
def test_an_odd_mapping_is_refused_with_the_remedy(
    cast: Cast, mapping: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidError, match=said) as refusal:
        made(cast, said={"fields": mapping})

    assert refusal.value.field == "fields"


def test_a_mapping_is_stored_in_one_form(cast: Cast) -> None:
    told = {
        "due_on": " duedate ",
        "severities": {"high": "P1", "low": " "},
        "labels": ["old", "old", ""],
        "decisions": {"Won't Do": "waive", "Retired": "retire"},
        "extra": {"components": [{"name": "shop"}]},
    }

    connection = made(cast, said={"fields": told})

    assert connection.fields == {
        "due_on": "duedate",
        "severity": "",
        "severities": {"high": "P1"},
        "labels": ["old"],
        "closing": "",
        "reopening": "",
        "decisions": {"Won't Do": "waive", "Retired": "retire"},
        "extra": {"components": [{"name": "shop"}]},
    }


def test_an_address_that_may_not_be_asked_is_refused_naming_the_setting(
    cast: Cast,
) -> None:
    with pytest.raises(InvalidError, match="OUTBOUND_ALLOWED_HOSTS") as refusal:
        made(cast, check=private)

    assert refusal.value.field == "address"


@pytest.mark.parametrize("field", ["token", "secret"])
@pytest.mark.parametrize(
    "text", ["a\r\nHost: evil.example", "a\0b", " a", "ä", "x" * 2_001]
)
def test_a_secret_that_no_header_can_hold_is_refused(
    cast: Cast, field: str, text: str
) -> None:
    secrets: dict[str, Any] = {field: text}

    with pytest.raises(InvalidError) as refusal:
        made(cast, **secrets)

    assert refusal.value.field == field
    assert text.strip() not in str(refusal.value) or text == " a"


def test_whoever_has_left_does_not_answer_for_one(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)

    with pytest.raises(InvalidError, match="able to sign in"):
        made(cast, said={"owner_id": cast.alice.pk})


def test_two_connections_have_no_slug_in_common(cast: Cast) -> None:
    made(cast)

    with pytest.raises(ConflictError) as refusal:
        made(cast)

    assert refusal.value.field == "slug"
