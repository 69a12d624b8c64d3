"""What is read from deps.dev of a package and two of its versions."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from reviews.connectors.evidence.deps_dev import DepsDev
from reviews.connectors.http import HTTPClient
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.matches import Match, MatchedBy
from reviews.rules.signals import Confidence, SignalKind, Source, SourceState
from tests.connectors.canned import canned, of_kind, the
from tests.connectors.serving import (
    Reply,
    Server,
    json_answer,
    page,
    too_many,
    truncated,
)

Ask = Callable[..., SourceAnswer]

PACKAGE = "/v3/systems/npm/packages/request"
DEFAULT = f"{PACKAGE}/versions/2.88.2"
ADOPTED = f"{PACKAGE}/versions/2.88.0"


@pytest.fixture
def ask(http: HTTPClient, registry: Server) -> Ask:
    def asked(
        subject: str = "request", version: str = "2.88.0", type_: str = "npm"
    ) -> SourceAnswer:
        match = Match(
            Source.DEPS_DEV, subject, MatchedBy.PURL, "It is its purl.", type_, version
        )
        return DepsDev(http, registry.address).ask(match, Validators())

    return asked


@pytest.fixture
def serve(registry: Server) -> Callable[..., None]:
    def served(
        default: dict[str, Any] | None = None, adopted: dict[str, Any] | None = None
    ) -> None:
        registry.script(PACKAGE, json_answer(canned("deps_dev/package")))
        registry.script(
            DEFAULT, json_answer(canned("deps_dev/version-default") | (default or {}))
        )
        registry.script(
            ADOPTED, json_answer(canned("deps_dev/version-adopted") | (adopted or {}))
        )

    return served


Serve = Callable[..., None]


def test_the_default_version_is_the_latest_release(ask: Ask, serve: Serve) -> None:
    serve()

    found = ask()

    latest = the(found, SignalKind.LATEST_RELEASE)
    assert (latest.value, latest.effective_on) == ("2.88.2", date(2020, 2, 11))
    assert latest.address.endswith(DEFAULT)
    adopted = the(found, SignalKind.ADOPTED_RELEASE)
    assert (adopted.value, adopted.effective_on) == ("2.88.0", date(2018, 8, 10))
    assert found.state is SourceState.OK
    assert not found.note


def test_flaws_are_those_of_the_version_in_use_and_not_rated(
    ask: Ask, serve: Serve, registry: Server
) -> None:
    serve()

    flaws = of_kind(ask(), SignalKind.VULNERABILITY)

    assert [(flaw.subject, flaw.severity) for flaw in flaws] == [
        ("GHSA-aaaa-bbbb-cccc", None),
        ("GHSA-p8p7-x288-28g6", None),
    ]
    assert flaws[0].address == registry.url("/v3/advisories/GHSA-aaaa-bbbb-cccc")


def test_without_a_version_in_use_no_flaw_is_named(
    ask: Ask, serve: Serve, registry: Server
) -> None:
    serve()

    found = ask(version="")

    assert not of_kind(found, SignalKind.VULNERABILITY)
    assert not of_kind(found, SignalKind.ADOPTED_RELEASE)
    assert registry.paths() == [PACKAGE, DEFAULT]


def test_one_version_is_asked_for_once(
    ask: Ask, serve: Serve, registry: Server
) -> None:
    serve()

    found = ask(version="2.88.2")

    assert registry.paths() == [PACKAGE, DEFAULT]
    assert the(found, SignalKind.ADOPTED_RELEASE).value == "2.88.2"
    assert len(of_kind(found, SignalKind.LICENCE)) == 1


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        pytest.param(["Apache-2.0"], ["Apache-2.0"], id="one"),
        pytest.param(["MIT", "Apache-2.0"], ["Apache-2.0 AND MIT"], id="two"),
        pytest.param(["non-standard"], [], id="without a name"),
        pytest.param(["MIT", "non-standard"], [], id="one without a name"),
        pytest.param([], [], id="none"),
        pytest.param(None, [], id="absent"),
    ],
)
def test_a_licence_without_a_name_is_unknown(
    ask: Ask, serve: Serve, listed: object, expected: list[str]
) -> None:
    serve(default={"licenses": listed})

    found = of_kind(ask(), SignalKind.LICENCE)

    assert [(fact.subject, fact.value) for fact in found] == [
        ("2.88.2", name) for name in expected
    ]


@pytest.mark.parametrize(
    ("provenance", "confidence"),
    [
        ("UNVERIFIED_METADATA", Confidence.DERIVED),
        ("UNKNOWN_PROJECT_RELATION_PROVENANCE", Confidence.DERIVED),
        ("SLSA_ATTESTATION", Confidence.STATED),
    ],
)
def test_a_repository_is_stated_only_where_something_attests_it(
    ask: Ask, serve: Serve, provenance: str, confidence: Confidence
) -> None:
    related = {
        "projectKey": {"id": "github.com/request/request"},
        "relationProvenance": provenance,
        "relationType": "SOURCE_REPO",
    }
    tracker = related | {"relationType": "ISSUE_TRACKER", "projectKey": {"id": "x"}}
    serve(default={"relatedProjects": [tracker, related]})

    repository = the(ask(), SignalKind.REPOSITORY)

    assert repository.value == "https://github.com/request/request"
    assert repository.confidence is confidence


def test_an_attested_repository_goes_before_what_the_metadata_says(
    ask: Ask, serve: Serve
) -> None:
    projects = [
        {
            "projectKey": {"id": f"github.com/{owner}/request"},
            "relationProvenance": provenance,
            "relationType": "SOURCE_REPO",
        }
        for owner, provenance in (
            ("claimed", "UNVERIFIED_METADATA"),
            ("attested", "PYPI_PUBLISH_ATTESTATION"),
        )
    ]
    serve(default={"relatedProjects": projects})

    assert the(ask(), SignalKind.REPOSITORY).value.endswith("/attested/request")


def test_deprecation_counts_only_where_it_is_said(ask: Ask, serve: Serve) -> None:
    serve(
        default={"isDeprecated": False},
        adopted={"isDeprecated": True, "deprecatedReason": "Too old."},
    )

    found = ask()

    deprecated = the(found, SignalKind.VERSION_DEPRECATED)
    assert (deprecated.subject, deprecated.quote) == ("2.88.0", "Too old.")
    assert not of_kind(found, SignalKind.REGISTRY_DEPRECATED)


def test_a_package_is_deprecated_if_its_default_version_is(
    ask: Ask, serve: Serve
) -> None:
    serve(default={"isDeprecated": True}, adopted={"isDeprecated": True})

    found = ask()

    assert the(found, SignalKind.REGISTRY_DEPRECATED).value == "deprecated"
    assert not of_kind(found, SignalKind.VERSION_DEPRECATED)


def test_a_package_without_a_default_version_has_no_latest(
    ask: Ask, serve: Serve, registry: Server
) -> None:
    serve()
    document = canned("deps_dev/package")
    for version in document["versions"]:
        del version["isDefault"]
    registry.script(PACKAGE, json_answer(document))

    found = ask()

    assert not of_kind(found, SignalKind.LATEST_RELEASE)
    assert the(found, SignalKind.ADOPTED_RELEASE).value == "2.88.0"


def test_a_version_in_use_that_is_not_listed_is_noted(ask: Ask, serve: Serve) -> None:
    serve()

    found = ask(version="9.9.9")

    assert found.note == "deps.dev lists no version '9.9.9'."
    assert not of_kind(found, SignalKind.VULNERABILITY)


def test_the_answer_changes_with_any_of_its_documents(ask: Ask, serve: Serve) -> None:
    serve()
    before = ask().digest
    serve(adopted={"advisoryKeys": []})

    assert ask().digest != before


@pytest.mark.parametrize(
    ("type_", "subject", "path"),
    [
        ("maven", "org.apache/commons-io", "maven/packages/org.apache%3Acommons-io"),
        ("golang", "github.com/a/b", "go/packages/github.com%2Fa%2Fb"),
        ("npm", "@angular/core", "npm/packages/%40angular%2Fcore"),
        ("pypi", "Zope.Interface", "pypi/packages/zope-interface"),
        ("gem", "rails", "rubygems/packages/rails"),
        ("npm", "../x?y#z", "npm/packages/..%2Fx%3Fy%23z"),
        ("npm", "%2e%2e", "npm/packages/%252e%252e"),
    ],
)
def test_a_package_is_asked_for_as_its_system_writes_it(
    ask: Ask, registry: Server, type_: str, subject: str, path: str
) -> None:
    found = ask(subject, "1.0", type_)

    assert registry.paths() == [f"/v3/systems/{path}"]
    assert found.state is SourceState.NOT_FOUND


def test_a_version_cannot_leave_its_place_in_the_address(
    ask: Ask, serve: Serve, registry: Server
) -> None:
    serve()

    ask(version="1/../?x")

    assert registry.paths()[-1] == f"{PACKAGE}/versions/1%2F..%2F%3Fx"


def test_a_system_that_deps_dev_does_not_know_is_not_asked_for(
    ask: Ask, registry: Server
) -> None:
    assert ask(type_="composer").state is SourceState.UNSUPPORTED
    assert not registry.asked


@pytest.mark.parametrize("path", [PACKAGE, DEFAULT, ADOPTED])
@pytest.mark.parametrize(
    ("reply", "message"),
    [
        pytest.param(page(200), "unusable answer", id="a sign-in page"),
        pytest.param(truncated(b"{"), "broke", id="broken off"),
        pytest.param(json_answer([]), "unusable answer", id="a list"),
        pytest.param(too_many("60"), "429", id="429"),
        pytest.param(page(500), "500", id="500"),
    ],
)
def test_an_answer_that_cannot_be_used_is_an_error(
    ask: Ask, serve: Serve, registry: Server, path: str, reply: Reply, message: str
) -> None:
    serve()
    registry.script(path, reply)

    with pytest.raises(OutsideError, match=message):
        ask()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"publishedAt": 7}, "publishedAt is a number"),
        ({"licenses": "MIT"}, "licenses is a text"),
        ({"advisoryKeys": [{}]}, "id is missing"),
        ({"advisoryKeys": ["GHSA-1"]}, "advisoryKeys is a text"),
        ({"isDeprecated": "no"}, "isDeprecated is a text"),
        ({"relatedProjects": {}}, "relatedProjects is an object"),
    ],
)
def test_a_document_of_another_schema_is_unusable(
    ask: Ask, serve: Serve, change: dict[str, Any], message: str
) -> None:
    serve(default=change)

    with pytest.raises(OutsideError, match=f"unusable answer.*{message}"):
        ask(version="2.88.2")


def test_an_object_that_is_no_package_is_unusable(ask: Ask, registry: Server) -> None:
    registry.script(PACKAGE, json_answer({}))

    with pytest.raises(OutsideError, match="packageKey is missing"):
        ask()
