"""What the absence and the presence of a project status mean."""

from collections.abc import Callable
from typing import Any

import pytest
from packageurl.contrib.purl2url import get_repo_url

from reviews.connectors.evidence.pypi_status import PyPIStatus
from reviews.connectors.http import HTTPClient
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.matches import Match, MatchedBy
from reviews.rules.signals import SignalKind, Source, SourceState
from tests.connectors.canned import canned, the
from tests.connectors.serving import (
    Reply,
    Server,
    answer,
    json_answer,
    page,
    too_many,
    truncated,
)

Ask = Callable[..., SourceAnswer]

UNKNOWN = Validators()

INDEX_PAGE = (
    b'<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.0">'
    b'<title>Links for pil</title></head><body><a href="pil.tar.gz">pil</a></body>'
)


@pytest.fixture
def ask(http: HTTPClient, registry: Server) -> Ask:
    def asked(subject: str = "pil", known: Validators = UNKNOWN) -> SourceAnswer:
        match = Match(Source.PYPI_STATUS, subject, MatchedBy.PURL, "It is.", "pypi")
        return PyPIStatus(http, registry.address).ask(match, known)

    return asked


def simple(**more: Any) -> Any:
    return {"name": "pil", "meta": {"api-version": "1.4"}, "files": []} | more


def test_an_archived_project_is_archived(ask: Ask, registry: Server) -> None:
    registry.script("/simple/pil/", json_answer(canned("pypi/simple-archived")))

    found = ask("PIL")

    status = the(found, SignalKind.PROJECT_STATUS)
    assert (status.value, status.quote) == ("archived", "")
    assert status.address == get_repo_url("pkg:pypi/pil")
    assert len(found.facts) == 1
    [asked] = registry.asked
    assert asked.headers["accept"] == "application/vnd.pypi.simple.v1+json"


def test_a_quarantined_project_is_that_and_not_one_without_files(
    ask: Ask, registry: Server
) -> None:
    registry.script("/simple/example/", json_answer(canned("pypi/simple-quarantined")))

    found = ask("example")

    [status] = found.facts
    assert (status.value, status.quote) == ("quarantined", "the project is haunted")


@pytest.mark.parametrize("version", ["1.4", "1.5", "1.12"])
@pytest.mark.parametrize("status", [{}, {"project-status": {}}])
def test_no_status_means_active_from_version_1_4_on(
    ask: Ask, registry: Server, version: str, status: dict[str, Any]
) -> None:
    document = simple(meta={"api-version": version}, **status)
    registry.script("/simple/pil/", json_answer(document))

    assert the(ask(), SignalKind.PROJECT_STATUS).value == "active"


@pytest.mark.parametrize(
    "meta",
    [
        {"api-version": "1.3"},
        {"api-version": "1.0"},
        {"api-version": "2.0"},
        {"api-version": "new"},
        {},
        None,
    ],
)
def test_before_that_no_status_means_nothing(
    ask: Ask, registry: Server, meta: object
) -> None:
    registry.script("/simple/pil/", json_answer(simple(meta=meta)))

    found = ask()

    assert found.state is SourceState.UNSUPPORTED
    assert not found.facts
    assert "from 1.4 on only" in found.note


def test_a_status_that_is_there_counts_whatever_the_version(
    ask: Ask, registry: Server
) -> None:
    document = simple(meta={}, **{"project-status": {"status": "deprecated"}})
    registry.script("/simple/pil/", json_answer(document))

    assert the(ask(), SignalKind.PROJECT_STATUS).value == "deprecated"


def test_a_word_nobody_knows_counts_as_active_and_is_noted(
    ask: Ask, registry: Server
) -> None:
    document = simple(**{"project-status": {"status": "resting"}})
    registry.script("/simple/pil/", json_answer(document))

    found = ask()

    assert the(found, SignalKind.PROJECT_STATUS).value == "active"
    assert "'resting'" in found.note


def test_a_project_the_index_calls_otherwise_is_noted(
    ask: Ask, registry: Server
) -> None:
    registry.script("/simple/pil/", json_answer(simple(name="pillow")))

    assert ask().note == "The index calls it 'pillow'."


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(answer(INDEX_PAGE, content_type="text/html"), id="HTML"),
        pytest.param(
            answer(b"<html><title>root/mirror: links for pil</title>"), id="a mirror"
        ),
        pytest.param(page(406), id="406"),
    ],
)
def test_an_index_in_html_alone_serves_no_status(
    ask: Ask, registry: Server, reply: Reply
) -> None:
    registry.script("/simple/pil/", reply)

    found = ask()

    assert found.state is SourceState.UNSUPPORTED
    assert "HTML" in found.note


def test_a_project_the_index_does_not_know_is_not_found(ask: Ask) -> None:
    assert ask().state is SourceState.NOT_FOUND


def test_what_has_not_changed_has_no_facts(ask: Ask, registry: Server) -> None:
    marked = json_answer(simple(), headers={"ETag": '"one"'})
    registry.script("/simple/pil/", marked)

    found = ask(known=Validators(etag='"one"'))

    assert found.unchanged
    assert not found.facts


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        pytest.param(page(200), "unusable answer", id="a sign-in page"),
        pytest.param(truncated(b"{"), "broke", id="broken off"),
        pytest.param(json_answer([]), "unusable answer", id="a list"),
        pytest.param(json_answer({}), "name is missing", id="empty"),
        pytest.param(json_answer(simple(name=7)), "name is a number", id="a number"),
        pytest.param(
            json_answer(simple(meta="1.4")), "meta is a text", id="meta a text"
        ),
        pytest.param(
            json_answer(simple(**{"project-status": "archived"})),
            "project-status is a text",
            id="status a text",
        ),
        pytest.param(too_many("60"), "429", id="429"),
        pytest.param(page(500), "500", id="500"),
    ],
)
def test_an_answer_that_cannot_be_used_is_an_error(
    ask: Ask, registry: Server, reply: Reply, message: str
) -> None:
    registry.script("/simple/pil/", reply)

    with pytest.raises(OutsideError, match=message):
        ask()


@pytest.mark.parametrize(
    ("name", "path"),
    [("x?y", "/simple/x%3Fy/"), ("../a", "/simple/..%2Fa/"), ("#", "/simple/%23/")],
)
def test_a_name_cannot_leave_its_place_in_the_address(
    ask: Ask, registry: Server, name: str, path: str
) -> None:
    ask(name)

    assert registry.paths() == [path]
