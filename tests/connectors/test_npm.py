"""What is read from an npm registry's document of a package, and what is refused."""

from collections.abc import Callable
from datetime import date
from ipaddress import ip_network
from typing import Any

import pytest
from packageurl.contrib.purl2url import get_repo_url

from reviews.connectors.evidence.npm import ABBREVIATED, Npm
from reviews.connectors.http import HTTPClient, Network
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.matches import Match, MatchedBy
from reviews.rules.signals import Confidence, SignalKind, Source, SourceState
from tests.connectors.canned import canned, of_kind, the
from tests.connectors.serving import (
    Connection,
    MemoryBudget,
    Reply,
    Server,
    answer,
    json_answer,
    page,
    redirect,
    too_many,
    truncated,
)

Ask = Callable[..., SourceAnswer]

UNKNOWN = Validators()


def question(subject: str, version: str = "") -> Match:
    return Match(Source.NPM, subject, MatchedBy.PURL, "It is its purl.", "npm", version)


@pytest.fixture
def ask(http: HTTPClient, registry: Server) -> Ask:
    def asked(
        subject: str, version: str = "", known: Validators = UNKNOWN
    ) -> SourceAnswer:
        return Npm(http, registry.address).ask(question(subject, version), known)

    return asked


def test_a_package_is_deprecated_if_its_latest_version_is(
    ask: Ask, registry: Server
) -> None:
    registry.script("/request", json_answer(canned("npm/request")))

    found = ask("request", "2.88.0")

    deprecated = the(found, SignalKind.REGISTRY_DEPRECATED)
    assert deprecated.subject == "2.88.2"
    assert deprecated.value == deprecated.quote
    assert deprecated.value.startswith("request has been deprecated")
    assert deprecated.address == get_repo_url("pkg:npm/request@2.88.2")
    assert not of_kind(found, SignalKind.VERSION_DEPRECATED)


def test_a_deprecated_version_alone_says_nothing_of_the_package(
    ask: Ask, registry: Server
) -> None:
    registry.script("/%40angular%2Fcore", json_answer(canned("npm/angular-core")))

    found = ask("@angular/core", "11.0.0")

    deprecated = the(found, SignalKind.VERSION_DEPRECATED)
    assert (deprecated.subject, deprecated.value) == (
        "11.0.0",
        "This version is out of support.",
    )
    assert not of_kind(found, SignalKind.REGISTRY_DEPRECATED)


@pytest.mark.parametrize("taken_back", ["", "  ", False, None, 0, []])
def test_a_deprecation_that_was_taken_back_is_none(
    ask: Ask, registry: Server, taken_back: object
) -> None:
    document = canned("npm/request")
    document["versions"]["2.88.2"]["deprecated"] = taken_back
    registry.script("/request", json_answer(document))

    assert not of_kind(ask("request"), SignalKind.REGISTRY_DEPRECATED)


def test_a_deprecation_without_a_message_is_one(ask: Ask, registry: Server) -> None:
    document = canned("npm/request")
    document["versions"]["2.88.2"]["deprecated"] = True
    registry.script("/request", json_answer(document))

    found = the(ask("request"), SignalKind.REGISTRY_DEPRECATED)

    assert (found.value, found.quote) == ("deprecated", "deprecated")


def test_the_latest_release_is_the_one_the_package_calls_so(
    ask: Ask, registry: Server
) -> None:
    registry.script("/%40angular%2Fcore", json_answer(canned("npm/angular-core")))

    found = ask("@angular/core", "20.0.0")

    latest = the(found, SignalKind.LATEST_RELEASE)
    assert (latest.value, latest.effective_on) == ("20.1.0", date(2025, 7, 9))
    adopted = the(found, SignalKind.ADOPTED_RELEASE)
    assert (adopted.value, adopted.effective_on) == ("20.0.0", date(2025, 5, 28))
    assert adopted.address == get_repo_url("pkg:npm/%40angular/core@20.0.0")
    assert registry.paths() == ["/%40angular%2Fcore"]


def test_each_version_has_its_own_licence(ask: Ask, registry: Server) -> None:
    registry.script("/%40angular%2Fcore", json_answer(canned("npm/angular-core")))

    found = of_kind(ask("@angular/core", "20.0.0"), SignalKind.LICENCE)

    assert [(fact.subject, fact.value) for fact in found] == [
        ("20.1.0", "MIT"),
        ("20.0.0", "MIT OR Apache-2.0"),
    ]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("(MIT OR Apache-2.0)", "MIT OR Apache-2.0"),
        ({"type": "MIT", "url": "https://example.com"}, "MIT"),
        ("UNLICENSED", "LicenseRef-Proprietary"),
        ("SEE LICENSE IN LICENSE.md", ""),
        (["MIT", "my own"], ""),
        (7, ""),
        ({"type": ["MIT"]}, ""),
        (None, ""),
    ],
)
def test_a_licence_is_read_however_it_was_written(
    ask: Ask, registry: Server, written: object, name: str
) -> None:
    document = canned("npm/request")
    document["versions"]["2.88.2"]["license"] = written
    registry.script("/request", json_answer(document))

    found = of_kind(ask("request"), SignalKind.LICENCE)

    assert [fact.value for fact in found] == ([name] if name else [])


def test_repository_and_maintainers_are_derived(ask: Ask, registry: Server) -> None:
    registry.script("/request", json_answer(canned("npm/request")))

    found = ask("request")

    repository = the(found, SignalKind.REPOSITORY)
    assert repository.value == "https://github.com/request/request"
    assert repository.confidence is Confidence.DERIVED
    maintainers = the(found, SignalKind.MAINTAINERS)
    assert maintainers.value == "2"
    assert maintainers.confidence is Confidence.DERIVED


def test_a_notice_in_the_description_is_quoted(ask: Ask, registry: Server) -> None:
    said = "DEPRECATED: use undici instead."
    registry.script(
        "/request", json_answer(canned("npm/request") | {"description": said})
    )

    notice = the(ask("request"), SignalKind.NOTICE_TEXT)

    assert (notice.subject, notice.quote) == ("summary", said)
    assert notice.replacement == "undici"


@pytest.mark.parametrize(
    "field", ["description", "repository", "maintainers", "license"]
)
@pytest.mark.parametrize("value", [7, ["odd"], {"odd": 1}, None])
def test_what_authors_fill_in_oddly_is_unknown_and_does_no_harm(
    ask: Ask, registry: Server, field: str, value: object
) -> None:
    registry.script("/request", json_answer(canned("npm/request") | {field: value}))

    found = ask("request")

    assert the(found, SignalKind.LATEST_RELEASE).value == "2.88.2"


def test_an_unpublished_package_is_gone_since_that_day(
    ask: Ask, registry: Server
) -> None:
    registry.script("/example", json_answer(canned("npm/unpublished")))

    [gone] = ask("example", "1.0.0").facts

    assert gone.kind is SignalKind.UNPUBLISHED
    assert gone.effective_on == date(2016, 3, 22)


def test_a_security_placeholder_stands_for_a_package_that_is_gone(
    ask: Ask, registry: Server
) -> None:
    registry.script("/crossenv", json_answer(canned("npm/placeholder")))

    [gone] = ask("crossenv").facts

    assert gone.kind is SignalKind.UNPUBLISHED
    assert "security placeholder" in gone.value
    assert gone.quote == "security holding package"


def test_a_document_that_is_too_large_is_read_in_its_short_form(
    registry: Server, budget: MemoryBudget
) -> None:
    short = json_answer(canned("npm/abbreviated"))
    long = answer(b"[" * 10_000)

    def by_accept(to: Connection) -> None:
        (short if to.headers["Accept"] == ABBREVIATED else long)(to)

    registry.script("/aws-sdk", by_accept)
    client = HTTPClient(
        agent="best-before-tests (tests@example.com)",
        network=Network(allowed=(ip_network("127.0.0.0/8"),), ports=frozenset()),
        budget=budget,
        ceiling=5_000,
    )

    found = Npm(client, registry.address).ask(question("aws-sdk"), Validators())

    assert the(found, SignalKind.REGISTRY_DEPRECATED).value == "deprecated"
    latest = the(found, SignalKind.LATEST_RELEASE)
    assert (latest.value, latest.effective_on) == ("2.1693.0", None)
    assert {fact.kind for fact in found.facts} == {
        SignalKind.LATEST_RELEASE,
        SignalKind.REGISTRY_DEPRECATED,
    }
    assert "only its short form was read" in found.note


def test_a_package_the_registry_calls_otherwise_is_noted(
    ask: Ask, registry: Server
) -> None:
    registry.script("/old", redirect("/request", 301))
    registry.script("/request", json_answer(canned("npm/request")))

    assert ask("old").note == "The registry calls it 'request'."


def test_a_version_in_use_that_is_not_listed_is_noted(
    ask: Ask, registry: Server
) -> None:
    registry.script("/request", json_answer(canned("npm/request")))

    found = ask("request", "9.9.9")

    assert found.note == "The registry lists no version '9.9.9'."
    assert not of_kind(found, SignalKind.ADOPTED_RELEASE)


def test_a_package_the_registry_does_not_know_is_not_found(ask: Ask) -> None:
    assert ask("nothing-of-that-name").state is SourceState.NOT_FOUND


def test_what_has_not_changed_has_no_facts(ask: Ask, registry: Server) -> None:
    marked = json_answer(canned("npm/request"), headers={"ETag": '"one"'})
    registry.script("/request", marked)

    found = ask("request", known=Validators(etag='"one"'))

    assert found.unchanged
    assert not found.facts
    assert found.validators.etag == '"one"'


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        pytest.param(page(200), "unusable answer", id="a sign-in page"),
        pytest.param(truncated(b"{"), "broke", id="broken off"),
        pytest.param(json_answer([]), "unusable answer", id="a list"),
        pytest.param(json_answer({}), "name is missing", id="empty"),
        pytest.param(
            json_answer({"name": "request"}), "lists no version", id="no version"
        ),
        pytest.param(
            json_answer({"name": "request", "versions": {"1.0.0": {}}}),
            "the latest version is not listed",
            id="no latest",
        ),
        pytest.param(too_many("60"), "429", id="429"),
        pytest.param(page(500), "500", id="500"),
        pytest.param(page(401), "401", id="401"),
    ],
)
def test_an_answer_that_cannot_be_used_is_an_error(
    ask: Ask, registry: Server, reply: Reply, message: str
) -> None:
    registry.script("/request", reply)

    with pytest.raises(OutsideError, match=message):
        ask("request")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"versions": []}, "versions is a list", id="versions"),
        pytest.param({"versions": {"2.88.2": 1}}, "2.88.2 is a number", id="version"),
        pytest.param({"dist-tags": "2.88.2"}, "dist-tags is a text", id="tags"),
        pytest.param({"time": {"2.88.2": 5}}, "2.88.2 is a number", id="time"),
        pytest.param({"name": 1}, "name is a number", id="name"),
    ],
)
def test_a_document_of_another_schema_is_unusable(
    ask: Ask, registry: Server, change: dict[str, Any], message: str
) -> None:
    registry.script("/request", json_answer(canned("npm/request") | change))

    with pytest.raises(OutsideError, match=f"unusable answer.*{message}"):
        ask("request")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("x?y", "/x%3Fy"),
        ("x#y", "/x%23y"),
        ("%2e%2e", "/%252e%252e"),
        ("../-/all", "/..%2F-%2Fall"),
        ("@scope/../../a", "/%40scope%2F..%2F..%2Fa"),
    ],
)
def test_a_name_cannot_leave_its_place_in_the_address(
    ask: Ask, registry: Server, name: str, path: str
) -> None:
    ask(name)

    assert registry.paths() == [path]
