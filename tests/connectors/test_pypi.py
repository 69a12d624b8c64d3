"""What is read from a Python index's JSON document, and what is refused."""

import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from packageurl.contrib.purl2url import get_repo_url

from reviews.connectors.evidence.pypi import PyPI
from reviews.connectors.http import HTTPClient
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.matches import Match, MatchedBy
from reviews.rules.signals import Confidence, SignalKind, Source, SourceState
from tests.connectors.canned import canned, of_kind, the
from tests.connectors.serving import (
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


@pytest.fixture
def ask(http: HTTPClient, registry: Server) -> Ask:
    def asked(
        subject: str, version: str = "", known: Validators = UNKNOWN
    ) -> SourceAnswer:
        match = Match(
            Source.PYPI, subject, MatchedBy.PURL, "It is its purl.", "pypi", version
        )
        return PyPI(http, registry.address).ask(match, known)

    return asked


@pytest.fixture
def serve(registry: Server) -> Callable[[str, object], None]:
    def served(name: str, document: object) -> None:
        registry.script(f"/pypi/{name}/json", json_answer(document))

    return served


Serve = Callable[[str, object], None]


def test_the_latest_release_is_final_and_dates_from_its_first_file(
    ask: Ask, serve: Serve
) -> None:
    serve("django", canned("pypi/django"))

    found = ask("Django", "5.2.18")

    latest = the(found, SignalKind.LATEST_RELEASE)
    assert (latest.value, latest.effective_on) == ("6.1.3", date(2026, 11, 3))
    assert latest.address == get_repo_url("pkg:pypi/django@6.1.3")
    adopted = the(found, SignalKind.ADOPTED_RELEASE)
    assert (adopted.value, adopted.effective_on) == ("5.2.18", date(2026, 10, 5))
    assert found.state is SourceState.OK
    assert found.note == (
        "It tells the known flaws of 6.1.3 only, not of 5.2.18, which is in use."
    )


@pytest.mark.parametrize("version", ["", "6.1.3", "v6.1.3"])
def test_flaws_of_the_version_it_speaks_of_need_no_note(
    ask: Ask, serve: Serve, version: str
) -> None:
    serve("django", canned("pypi/django"))

    assert not ask("django", version).note


def test_the_version_the_document_speaks_of_may_be_a_pre_release(
    ask: Ask, serve: Serve
) -> None:
    document = canned("pypi/django")
    document["info"]["version"] = "6.2a1"
    serve("django", document)

    found = ask("django")

    assert the(found, SignalKind.LATEST_RELEASE).value == "6.1.3"
    assert the(found, SignalKind.LICENCE).subject == "6.2a1"
    assert not of_kind(found, SignalKind.ADOPTED_RELEASE)


def test_a_yanked_version_is_never_the_latest(ask: Ask, serve: Serve) -> None:
    document = canned("pypi/django")
    document["releases"]["6.1.3"][0]["yanked"] = True
    serve("django", document)

    assert the(ask("django"), SignalKind.LATEST_RELEASE).value == "6.0.10"


def test_one_version_yanked_says_nothing_of_the_project(ask: Ask, serve: Serve) -> None:
    serve("django", canned("pypi/django"))

    found = ask("django", "4.2.12")

    yanked = the(found, SignalKind.VERSION_YANKED)
    assert yanked.subject == "4.2.12"
    assert yanked.quote == yanked.value
    assert yanked.value.startswith("Release files have Windows end-of-line")
    assert not of_kind(found, SignalKind.ALL_RELEASES_YANKED)


def test_a_version_with_a_file_left_is_not_yanked(ask: Ask, serve: Serve) -> None:
    document = canned("pypi/django")
    document["releases"]["5.2.18"][0]["yanked"] = True
    serve("django", document)

    assert not of_kind(ask("django", "5.2.18"), SignalKind.VERSION_YANKED)


def test_the_version_in_use_may_be_written_another_way(ask: Ask, serve: Serve) -> None:
    serve("sklearn", canned("pypi/sklearn"))

    found = ask("sklearn", "0.0-9")

    assert the(found, SignalKind.ADOPTED_RELEASE).effective_on == date(2023, 9, 6)


def test_a_version_in_use_that_is_not_listed_is_noted(ask: Ask, serve: Serve) -> None:
    serve("django", canned("pypi/django"))

    found = ask("django", "99.0")

    assert found.note == (
        "The index lists no version '99.0'. "
        "It tells the known flaws of 6.1.3 only, not of 99.0, which is in use."
    )
    assert not of_kind(found, SignalKind.ADOPTED_RELEASE)


def test_when_all_releases_are_yanked_none_is_the_latest(
    ask: Ask, serve: Serve
) -> None:
    serve("haunted", canned("pypi/all-yanked"))

    found = ask("haunted", "1.0")

    gone = the(found, SignalKind.ALL_RELEASES_YANKED)
    assert "2 of 3 releases have files" in gone.value
    assert gone.quote == "The project is over."
    assert the(found, SignalKind.VERSION_YANKED).value == "yanked"
    assert not of_kind(found, SignalKind.LATEST_RELEASE)


def test_releases_without_any_file_are_told_from_yanked_ones(
    ask: Ask, serve: Serve
) -> None:
    serve("pil", canned("pypi/pil"))

    found = ask("PIL", "1.1.6")

    assert the(found, SignalKind.NO_FILES).value == "4 releases, and no file of any"
    assert not of_kind(found, SignalKind.ALL_RELEASES_YANKED)
    assert not of_kind(found, SignalKind.LATEST_RELEASE)
    assert the(found, SignalKind.ADOPTED_RELEASE).effective_on is None


def test_without_the_list_only_one_version_is_known(ask: Ask, serve: Serve) -> None:
    serve("newer", canned("pypi/without-releases"))

    found = ask("newer", "1.0")

    assert the(found, SignalKind.LATEST_RELEASE).effective_on == date(2026, 3, 4)
    assert not of_kind(found, SignalKind.ADOPTED_RELEASE)
    assert found.note == (
        "The index lists no releases but the one it speaks of. "
        "It tells the known flaws of 2.0 only, not of 1.0, which is in use."
    )


@pytest.mark.parametrize("urls", [[], None])
def test_without_the_list_no_file_says_nothing_of_other_versions(
    ask: Ask, serve: Serve, urls: object
) -> None:
    document = canned("pypi/without-releases") | {"urls": urls}
    serve("newer", document)

    found = ask("newer", "2.0")

    assert not of_kind(found, SignalKind.NO_FILES)
    assert not of_kind(found, SignalKind.LATEST_RELEASE)


@pytest.mark.parametrize(
    ("info", "name", "confidence"),
    [
        pytest.param(
            {"license": None, "license_expression": "BSD-3-Clause"},
            "BSD-3-Clause",
            Confidence.STATED,
            id="only the expression",
        ),
        pytest.param(
            {
                "license": "MIT",
                "license_expression": None,
                "classifiers": ["License :: OSI Approved :: Apache Software License"],
            },
            "Apache-2.0",
            Confidence.DERIVED,
            id="classifiers before the text",
        ),
        pytest.param(
            {
                "license": "BSD-3-Clause",
                "license_expression": "",
                "classifiers": ["License :: OSI Approved :: BSD License"],
            },
            "BSD-3-Clause",
            Confidence.DERIVED,
            id="a text clearer than the classifier",
        ),
        pytest.param(
            {"license": "GNU LGPL", "license_expression": None},
            "LicenseRef-LGPL",
            Confidence.DERIVED,
            id="only the text",
        ),
    ],
)
def test_a_licence_is_read_from_where_it_is_said_best(
    ask: Ask, serve: Serve, info: dict[str, Any], name: str, confidence: Confidence
) -> None:
    document = canned("pypi/django")
    document["info"] |= {"classifiers": []} | info
    serve("django", document)

    licence = the(ask("django"), SignalKind.LICENCE)

    assert (licence.value, licence.confidence) == (name, confidence)


def test_a_licence_that_nobody_can_name_is_unknown(ask: Ask, serve: Serve) -> None:
    document = canned("pypi/django")
    document["info"] |= {"license": "see the file", "license_expression": None}
    serve("django", document)

    assert not of_kind(ask("django"), SignalKind.LICENCE)


@pytest.mark.parametrize(
    ("ownership", "expected"),
    [
        pytest.param(
            {"organization": "django", "roles": []}, ["organisation"], id="org"
        ),
        pytest.param(
            {
                "organization": None,
                "roles": [
                    {"role": "Owner", "user": "a"},
                    {"role": "Maintainer", "user": "a"},
                    {"role": "Maintainer", "user": "b"},
                ],
            },
            ["2"],
            id="one person in two roles",
        ),
        pytest.param({"organization": None, "roles": []}, [], id="nobody listed"),
        pytest.param(None, [], id="absent"),
    ],
)
def test_maintainers_are_people_or_an_organisation_or_unknown(
    ask: Ask, serve: Serve, ownership: object, expected: list[str]
) -> None:
    serve("django", canned("pypi/django") | {"ownership": ownership})

    found = of_kind(ask("django"), SignalKind.MAINTAINERS)

    assert [fact.value for fact in found] == expected


def test_the_repository_is_derived_from_what_the_package_says(
    ask: Ask, serve: Serve
) -> None:
    serve("django", canned("pypi/django"))

    repository = the(ask("django"), SignalKind.REPOSITORY)

    assert repository.value == "https://github.com/django/django"
    assert repository.confidence is Confidence.DERIVED


def test_a_notice_in_the_summary_is_quoted_with_what_it_points_to(
    ask: Ask, serve: Serve
) -> None:
    serve("sklearn", canned("pypi/sklearn"))

    notice = the(ask("sklearn"), SignalKind.NOTICE_TEXT)

    assert notice.subject == "summary"
    assert notice.quote == "deprecated sklearn package, use scikit-learn instead"
    assert "deprecated" in notice.value
    assert notice.replacement == "scikit-learn"


def test_a_notice_in_the_description_is_quoted_with_its_sentence(
    ask: Ask, serve: Serve
) -> None:
    document = canned("pypi/django")
    document["info"]["description"] = (
        "# Django\n\nA framework. **This package is no longer maintained.** Bye.\n"
    )
    serve("django", document)

    notice = the(ask("django"), SignalKind.NOTICE_TEXT)

    assert notice.subject == "description"
    assert notice.quote == "This package is no longer maintained."
    assert notice.value in notice.quote


def test_a_package_that_is_alive_has_no_notice(ask: Ask, serve: Serve) -> None:
    document = canned("pypi/django")
    document["info"]["description"] = "# Django\n\nDeprecated features are listed.\n"
    serve("django", document)

    assert not of_kind(ask("django"), SignalKind.NOTICE_TEXT)


def test_the_classifier_for_inactive_is_a_fact(ask: Ask, serve: Serve) -> None:
    serve("typed-ast", canned("pypi/typed-ast"))

    found = ask("typed_ast")

    assert the(found, SignalKind.INACTIVE_CLASSIFIER).value.endswith("7 - Inactive")


def test_a_flaw_listed_under_several_names_is_one(ask: Ask, serve: Serve) -> None:
    serve("pycrypto", canned("pypi/pycrypto"))

    flaws = of_kind(ask("pycrypto", "2.6.1"), SignalKind.VULNERABILITY)

    assert [flaw.subject for flaw in flaws] == ["CVE-2013-7459", "CVE-2018-6594"]
    assert flaws[0].aliases == ("GHSA-cq27-v7xp-c356", "PYSEC-2017-94")
    assert flaws[0].value.startswith("Heap-based buffer overflow")
    assert not flaws[0].fixed_in


@pytest.mark.parametrize("version", ["2.6", ""])
def test_flaws_of_the_latest_version_say_nothing_of_another(
    ask: Ask, serve: Serve, version: str
) -> None:
    serve("pycrypto", canned("pypi/pycrypto"))

    assert not of_kind(ask("pycrypto", version), SignalKind.VULNERABILITY)


def test_a_flaw_names_the_first_version_after_the_one_in_use_that_mends_it(
    ask: Ask, serve: Serve
) -> None:
    serve("newer", canned("pypi/without-releases"))

    flaw = the(ask("newer", "2.0.0"), SignalKind.VULNERABILITY)

    assert (flaw.subject, flaw.fixed_in) == ("CVE-2026-0001", "2.0.1")
    assert flaw.value == "It reads too much."


def test_a_flaw_is_not_told_by_a_heading(ask: Ask, serve: Serve) -> None:
    document = canned("pypi/pycrypto")
    document["vulnerabilities"] = [
        {"id": "PYSEC-1", "details": "### Impact\n\nA key leaks."},
        {"id": "PYSEC-2", "details": "### Impact\n"},
    ]
    serve("pycrypto", document)

    found = ask("pycrypto", "2.6.1")

    told = [fact.value for fact in of_kind(found, SignalKind.VULNERABILITY)]
    assert told == ["A key leaks.", "PYSEC-2"]


def test_no_more_flaws_are_kept_than_anyone_would_read(ask: Ask, serve: Serve) -> None:
    document = canned("pypi/pycrypto")
    document["vulnerabilities"] = [{"id": f"PYSEC-1-{i}"} for i in range(1_000)]
    serve("pycrypto", document)

    found = ask("pycrypto", "2.6.1")

    assert len(of_kind(found, SignalKind.VULNERABILITY)) == 200


def test_what_a_stranger_wrote_is_cut_and_cleaned(ask: Ask, serve: Serve) -> None:
    document = canned("pypi/all-yanked")
    reason = "\u202e\x00gone\ud800\u200b " + "x" * 10_000
    document["releases"]["1.0"][0]["yanked_reason"] = reason
    serve("haunted", document)

    yanked = the(ask("haunted", "1.0"), SignalKind.VERSION_YANKED)

    assert yanked.value.startswith("gone xxx")
    assert (len(yanked.value), len(yanked.quote)) == (500, 2_000)


def test_a_project_the_index_calls_otherwise_is_noted(
    ask: Ask, serve: Serve, registry: Server
) -> None:
    registry.script("/pypi/old-name/json", redirect("/pypi/django/json", 301))
    serve("django", canned("pypi/django"))

    assert ask("old.name").note == "The index calls it 'Django'."


def test_a_project_the_index_does_not_know_is_not_found(ask: Ask) -> None:
    found = ask("nothing-of-that-name")

    assert found.state is SourceState.NOT_FOUND
    assert not found.facts


def test_what_has_not_changed_has_no_facts(ask: Ask, registry: Server) -> None:
    body = json.dumps(canned("pypi/django")).encode()
    registry.script("/pypi/django/json", answer(body, headers={"ETag": '"one"'}))

    first = ask("django")
    second = ask("django", known=first.validators)

    assert first.digest == hashlib.sha256(body).hexdigest()
    assert first.validators.etag == '"one"'
    assert second.unchanged
    assert not second.facts
    assert second.validators == first.validators


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        pytest.param(page(200), "unusable answer", id="a sign-in page"),
        pytest.param(truncated(b'{"info": {'), "broke", id="broken off"),
        pytest.param(answer(b'{"info": {'), "unusable answer", id="half of it"),
        pytest.param(answer(b""), "unusable answer", id="nothing"),
        pytest.param(json_answer([]), "unusable answer", id="a list"),
        pytest.param(json_answer({}), "info.version is missing", id="empty"),
        pytest.param(json_answer({"info": []}), "info is a list", id="info a list"),
        pytest.param(page(500), "500", id="500"),
        pytest.param(page(403), "403", id="403"),
    ],
)
def test_an_answer_that_cannot_be_used_is_an_error(
    ask: Ask, registry: Server, reply: Reply, message: str
) -> None:
    registry.script("/pypi/django/json", reply)

    with pytest.raises(OutsideError, match=message):
        ask("django")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"info": {"version": 5}}, "info.version is a number", id="version"
        ),
        pytest.param({"releases": []}, "releases is a list", id="releases"),
        pytest.param({"releases": {}}, "lists no release", id="no release"),
        pytest.param({"releases": {"6.1.3": {}}}, "6.1.3 is an object", id="files"),
        pytest.param({"releases": {"6.1.3": ["a"]}}, "6.1.3 is a text", id="file"),
        pytest.param(
            {"releases": {"6.1.3": [{"yanked": "no"}]}}, "yanked is a text", id="yanked"
        ),
        pytest.param({"info": {"classifiers": [1]}}, "list of texts", id="classifiers"),
        pytest.param({"ownership": "me"}, "ownership is a text", id="ownership"),
        pytest.param(
            {"vulnerabilities": [{}]}, "id is missing", id="a flaw without a name"
        ),
    ],
)
def test_a_document_of_another_schema_is_unusable(
    ask: Ask, serve: Serve, change: dict[str, Any], message: str
) -> None:
    document = canned("pypi/django")
    for key, value in change.items():
        document[key] = document[key] | value if key == "info" else value
    serve("django", document)

    with pytest.raises(OutsideError, match=f"unusable answer.*{message}"):
        ask("django", "6.1.3")


def test_an_index_that_wants_to_be_left_alone_says_for_how_long(
    ask: Ask, registry: Server
) -> None:
    registry.script("/pypi/django/json", too_many("120"))

    with pytest.raises(OutsideError) as caught:
        ask("django")

    assert caught.value.retry_after == timedelta(seconds=120)
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("x?y", "/pypi/x%3Fy/json"),
        ("x#y", "/pypi/x%23y/json"),
        ("%2e%2e", "/pypi/%252e%252e/json"),
        ("../../admin", "/pypi/..%2F..%2Fadmin/json"),
        ("a/b", "/pypi/a%2Fb/json"),
        ("a\r\nX: y", "/pypi/a%0D%0AX%3A%20y/json"),
    ],
)
def test_a_name_cannot_leave_its_place_in_the_address(
    ask: Ask, registry: Server, name: str, path: str
) -> None:
    found = ask(name)

    assert registry.paths() == [path]
    assert found.state is SourceState.NOT_FOUND


def test_a_name_that_cannot_stand_in_an_address_is_shown_as_it_was_asked_for(
    ask: Ask, registry: Server
) -> None:
    document = canned("pypi/django")
    document["info"]["name"] = "x?y"
    registry.script("/pypi/x%3Fy/json", json_answer(document))

    latest = the(ask("x?y"), SignalKind.LATEST_RELEASE)

    assert latest.address == registry.url("/pypi/x%3Fy/json")
