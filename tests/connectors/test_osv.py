"""Which flaws of the version in use are read from OSV, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from reviews.connectors.evidence.osv import ECOSYSTEMS, OSV, PAGE_LIMIT
from reviews.connectors.http import HTTPClient
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.matches import Match, MatchedBy
from reviews.rules.signals import Severity, SignalKind, Source, SourceState
from tests.connectors.canned import canned
from tests.connectors.serving import (
    Reply,
    Server,
    json_answer,
    page,
    too_many,
    truncated,
)

Ask = Callable[..., SourceAnswer]

QUERY = "/v1/query"


@pytest.fixture
def ask(http: HTTPClient, registry: Server) -> Ask:
    def asked(
        subject: str = "jinja2", version: str = "2.4.1", type_: str = "pypi"
    ) -> SourceAnswer:
        match = Match(
            Source.OSV, subject, MatchedBy.PURL, "It is its purl.", type_, version
        )
        return OSV(http, registry.address).ask(match, Validators())

    return asked


def record(**more: Any) -> dict[str, Any]:
    return {
        "id": "GHSA-1",
        "affected": [{"package": {"ecosystem": "PyPI", "name": "jinja2"}}],
    } | more


def test_each_flaw_is_named_once_the_most_severe_first(
    ask: Ask, registry: Server
) -> None:
    registry.script(QUERY, json_answer(canned("osv/jinja2")))

    found = ask()

    assert [(fact.subject, fact.severity, fact.fixed_in) for fact in found.facts] == [
        ("CVE-2019-10906", Severity.HIGH, "2.10.1"),
        ("CVE-2014-1402", Severity.MEDIUM, "2.7.2"),
        ("CVE-2014-0012", None, ""),
    ]
    first = found.facts[0]
    assert first.aliases == ("GHSA-462w-v97r-4m45", "PYSEC-2019-217")
    assert first.value == "Jinja2 sandbox escape via string formatting"
    assert first.address == registry.url("/v1/vulns/GHSA-462w-v97r-4m45")
    assert first.kind is SignalKind.VULNERABILITY
    assert found.state is SourceState.OK


def test_the_version_in_use_is_always_asked_for(ask: Ask, registry: Server) -> None:
    registry.script(QUERY, json_answer({}))

    ask("Jinja2")

    [asked] = registry.asked
    assert asked.json() == {
        "package": {"ecosystem": "PyPI", "name": "jinja2"},
        "version": "2.4.1",
    }


def test_an_empty_answer_means_that_no_flaw_is_known(
    ask: Ask, registry: Server
) -> None:
    registry.script(QUERY, json_answer({}))

    found = ask()

    assert found.state is SourceState.OK
    assert not found.facts
    assert found.digest


def test_without_a_version_every_flaw_ever_would_be_named(
    ask: Ask, registry: Server
) -> None:
    found = ask(version="")

    assert found.state is SourceState.UNSUPPORTED
    assert "every flaw" in found.note
    assert not registry.asked


def test_a_type_of_package_that_osv_does_not_list_is_not_asked_for(
    ask: Ask, registry: Server
) -> None:
    assert ask(type_="docker").state is SourceState.UNSUPPORTED
    assert not registry.asked


@pytest.mark.parametrize(
    ("type_", "subject", "version", "asked_for"),
    [
        (
            "maven",
            "org.apache/commons-io",
            "2.0",
            ("Maven", "org.apache:commons-io", "2.0"),
        ),
        ("npm", "@angular/core", "1.0", ("npm", "@angular/core", "1.0")),
        ("golang", "github.com/a/b", "v1.2.3", ("Go", "github.com/a/b", "1.2.3")),
        ("composer", "a/b", "v1", ("Packagist", "a/b", "v1")),
        ("pypi", "Zope.Interface", "1", ("PyPI", "zope-interface", "1")),
    ],
)
def test_a_package_is_asked_for_as_its_ecosystem_writes_it(
    ask: Ask,
    registry: Server,
    type_: str,
    subject: str,
    version: str,
    asked_for: tuple[str, str, str],
) -> None:
    registry.script(QUERY, json_answer({}))

    ask(subject, version, type_)

    [asked] = registry.asked
    sent = asked.json()
    package = sent["package"]
    assert (package["ecosystem"], package["name"], sent["version"]) == asked_for


def test_the_common_types_have_an_ecosystem() -> None:
    common = {
        "cargo",
        "composer",
        "gem",
        "golang",
        "hex",
        "maven",
        "npm",
        "nuget",
        "pub",
    }

    assert common | {"pypi"} <= ECOSYSTEMS.keys()
    assert all(ECOSYSTEMS.values())
    assert ECOSYSTEMS["cargo"] == "crates" + ".io"


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        pytest.param(
            {
                "severity": [
                    {
                        "type": "CVSS_V3",
                        "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                    }
                ]
            },
            Severity.CRITICAL,
            id="a vector",
        ),
        pytest.param(
            {
                "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}],
                "database_specific": {"severity": "LOW"},
            },
            Severity.LOW,
            id="a vector nobody can read, and a word",
        ),
        pytest.param(
            {"severity": [{"type": "Ubuntu", "score": "medium"}]},
            Severity.MEDIUM,
            id="a word for a vector",
        ),
        pytest.param(
            {
                "affected": [
                    {
                        "package": {"ecosystem": "PyPI", "name": "jinja2"},
                        "ecosystem_specific": {"severity": "HIGH"},
                    }
                ]
            },
            Severity.HIGH,
            id="of this package",
        ),
        pytest.param(
            {
                "affected": [
                    {
                        "package": {"ecosystem": "npm", "name": "jinja2"},
                        "ecosystem_specific": {"severity": "HIGH"},
                    }
                ]
            },
            None,
            id="of another package",
        ),
        pytest.param({"database_specific": {"severity": 9}}, None, id="a number"),
        pytest.param({"severity": []}, None, id="not rated"),
    ],
)
def test_a_flaw_is_as_severe_as_its_record_says(
    ask: Ask, registry: Server, more: dict[str, Any], severity: Severity | None
) -> None:
    registry.script(QUERY, json_answer({"vulns": [record(**more)]}))

    [found] = ask().facts

    assert found.severity is severity


def test_all_pages_of_an_answer_are_read(ask: Ask, registry: Server) -> None:
    registry.script(
        QUERY,
        json_answer({"vulns": [record(id="A-1")], "next_page_token": "more"}),
        json_answer({"next_page_token": "last"}),
        json_answer({"vulns": [record(id="A-2")]}),
    )

    found = ask()

    assert [fact.subject for fact in found.facts] == ["A-1", "A-2"]
    tokens = [asked.json().get("page_token") for asked in registry.asked]
    assert tokens == [None, "more", "last"]
    assert not found.note


@pytest.mark.parametrize("turning", [False, True], ids=["the same token", "new tokens"])
def test_an_answer_without_end_is_given_up(
    ask: Ask, registry: Server, turning: bool
) -> None:
    registry.script(
        QUERY,
        *(
            json_answer({"vulns": [], "next_page_token": f"t{i if turning else ''}"})
            for i in range(50)
        ),
    )

    found = ask()

    assert len(registry.asked) == (PAGE_LIMIT if turning else 2)
    assert "has more than" in found.note


def test_no_more_flaws_are_kept_than_anyone_would_read(
    ask: Ask, registry: Server
) -> None:
    worst = record(id="Z-1", database_specific={"severity": "CRITICAL"})
    many = [record(id=f"A-{i}") for i in range(999)]
    registry.script(QUERY, json_answer({"vulns": [*many, worst]}))

    found = ask()

    assert len(found.facts) == 200
    assert found.facts[0].subject == "Z-1"
    assert found.note == "Of 1,000 flaws the 200 worst are kept."


@pytest.mark.parametrize(
    ("details", "told"),
    [("### Impact\n\nA key leaks.\nMore.", "A key leaks."), ("### Impact", "A-1")],
)
def test_a_flaw_is_not_told_by_a_heading(
    ask: Ask, registry: Server, details: str, told: str
) -> None:
    said = {"id": "A-1", "details": details}
    registry.script(QUERY, json_answer({"vulns": [said]}))

    [found] = ask().facts

    assert found.value == told


def test_a_summary_is_cut_and_cleaned(ask: Ask, registry: Server) -> None:
    summary = "\u202eevil\x07 " + "x" * 5_000
    registry.script(QUERY, json_answer({"vulns": [record(summary=summary)]}))

    [found] = ask().facts

    assert found.value.startswith("evil xxx")
    assert len(found.value) == 500


def test_the_name_of_a_flaw_cannot_leave_its_place_in_the_address(
    ask: Ask, registry: Server
) -> None:
    registry.script(QUERY, json_answer({"vulns": [record(id="../../?x#y")]}))

    [found] = ask().facts

    assert found.address == registry.url("/v1/vulns/..%2F..%2F%3Fx%23y")


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        pytest.param(page(200), "unusable answer", id="a sign-in page"),
        pytest.param(truncated(b"{}"), "broke", id="broken off"),
        pytest.param(json_answer([]), "unusable answer", id="a list"),
        pytest.param(
            json_answer({"error": "sign in"}),
            "without vulnerabilities",
            id="another object",
        ),
        pytest.param(json_answer({"vulns": {}}), "vulns is an object", id="no list"),
        pytest.param(json_answer({"vulns": [7]}), "vulns is a number", id="no record"),
        pytest.param(json_answer({"vulns": [{}]}), "id is missing", id="no id"),
        pytest.param(
            json_answer({"vulns": [record(id=1)]}), "id is a number", id="id a number"
        ),
        pytest.param(
            json_answer({"vulns": [record(aliases="CVE-1")]}),
            "aliases is a text",
            id="aliases",
        ),
        pytest.param(
            json_answer({"vulns": [record(affected={})]}), "affected", id="affected"
        ),
        pytest.param(page(400), "400", id="400"),
        pytest.param(page(404), "404", id="404"),
        pytest.param(too_many("60"), "429", id="429"),
        pytest.param(page(500), "500", id="500"),
    ],
)
def test_an_answer_that_cannot_be_used_is_an_error(
    ask: Ask, registry: Server, reply: Reply, message: str
) -> None:
    registry.script(QUERY, reply)

    with pytest.raises(OutsideError, match=message):
        ask()
