"""What GitHub says of a repository, and how often it may be asked."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from packageurl.contrib.purl2url import get_repo_url

from reviews.connectors.evidence.github import GitHub
from reviews.connectors.http import HTTPClient
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.matches import Match, MatchedBy
from reviews.rules.signals import Confidence, SignalKind, Source, SourceState
from tests.connectors.broken import BROKEN, Broken
from tests.connectors.canned import canned, of_kind, the
from tests.connectors.serving import MemoryBudget, Server, json_answer, page, redirect

Ask = Callable[..., SourceAnswer]

REPOSITORY = "/repos/owner/name"
RELEASE = "/repos/owner/name/releases/latest"
NOTHING = Validators()


@pytest.fixture
def ask(http: HTTPClient, registry: Server) -> Ask:
    def asked(
        subject: str = "owner/name", known: Validators = NOTHING, token: str = ""
    ) -> SourceAnswer:
        match = Match(Source.GITHUB, subject, MatchedBy.PURL, "It is.")
        return GitHub(http, registry.address, token).ask(match, known)

    return asked


def serve(
    registry: Server,
    repository: Any = None,
    release: Any = None,
    marks: tuple[str, str] = ("", ""),
) -> None:
    for path, said, mark in (
        (REPOSITORY, repository or canned("github/repository"), marks[0]),
        (RELEASE, release, marks[1]),
    ):
        headers = {"ETag": mark} if mark else {}
        if said is None:
            said, status = canned("github/not-found"), 404
        else:
            status = 200
        registry.script(path, json_answer(said, status, headers))


def repository(**fields: Any) -> Any:
    said: dict[str, Any] = canned("github/repository")
    return said | fields


def test_a_living_repository_has_its_licence_and_latest_release(
    ask: Ask, registry: Server
) -> None:
    serve(registry, release=canned("github/release"))

    found = ask()

    assert found.state is SourceState.OK
    assert [fact.kind for fact in found.facts] == [
        SignalKind.LICENCE,
        SignalKind.LATEST_RELEASE,
    ]
    licence = the(found, SignalKind.LICENCE)
    assert (licence.value, licence.subject) == ("BSD-3-Clause", "repository")
    assert licence.address == "https://code.example/owner/name"
    latest = the(found, SignalKind.LATEST_RELEASE)
    assert (latest.value, latest.effective_on) == ("v5.2.1", date(2026, 10, 2))
    assert latest.address == "https://code.example/owner/name/releases"


def test_a_repository_without_releases_is_fine(ask: Ask, registry: Server) -> None:
    serve(registry)

    found = ask()

    assert found.state is SourceState.OK
    assert not of_kind(found, SignalKind.LATEST_RELEASE)


def test_an_archived_and_disabled_repository_is_both(
    ask: Ask, registry: Server
) -> None:
    serve(registry, canned("github/archived"))

    found = ask()

    archived = the(found, SignalKind.REPOSITORY_ARCHIVED)
    assert (archived.subject, archived.value) == ("owner/name", "archived")
    assert archived.confidence is Confidence.STATED
    assert the(found, SignalKind.REPOSITORY_DISABLED).value == "disabled"
    assert found.note == ""


def test_what_is_not_said_is_unknown_and_noted(ask: Ask, registry: Server) -> None:
    said = repository()
    del said["archived"], said["license"]
    serve(registry, said)

    found = ask()

    assert found.facts == ()
    assert found.note == "It is not said whether the repository is archived."


@pytest.mark.parametrize("licence", [None, {"spdx_id": "NOASSERTION"}, {}])
def test_a_licence_that_github_cannot_tell_is_unknown(
    ask: Ask, registry: Server, licence: Any
) -> None:
    serve(registry, repository(license=licence))

    assert not of_kind(ask(), SignalKind.LICENCE)


def test_a_moved_repository_is_followed_to_where_it_is_now(
    ask: Ask, registry: Server
) -> None:
    serve(registry, release=canned("github/release"))
    registry.script(REPOSITORY, redirect(registry.url("/repositories/1"), 301))
    registry.script("/repositories/1", json_answer(canned("github/moved")))

    moved = the(ask(), SignalKind.REPOSITORY_MOVED)

    assert (moved.subject, moved.value) == ("owner/name", "new-owner/new-name")
    assert moved.replacement == "new-owner/new-name"
    assert moved.address == "https://code.example/new-owner/new-name"


def test_another_case_is_no_move(ask: Ask, registry: Server) -> None:
    registry.script("/repos/Owner/Name", json_answer(canned("github/repository")))

    assert not of_kind(ask("Owner/Name"), SignalKind.REPOSITORY_MOVED)


@pytest.mark.parametrize(
    ("status", "said", "value"),
    [
        (404, "github/not-found", "not found"),
        (410, "github/not-found", "taken down"),
        (451, "github/taken-down", "taken down"),
    ],
)
def test_a_repository_that_is_not_there_is_gone_as_far_as_can_be_seen(
    ask: Ask, registry: Server, status: int, said: str, value: str
) -> None:
    registry.script(REPOSITORY, json_answer(canned(said), status))

    found = ask()

    [gone] = found.facts
    assert gone.kind is SignalKind.REPOSITORY_GONE
    assert (gone.value, gone.confidence) == (value, Confidence.DERIVED)
    assert gone.address == get_repo_url("pkg:github/owner/name")
    assert found.note == "It is gone, or private and not to be seen without a token."
    assert registry.paths() == [REPOSITORY]


def test_a_page_that_lies_elsewhere_is_not_shown(ask: Ask, registry: Server) -> None:
    serve(registry, repository(html_url="javascript:alert(1)//owner/name"))

    licence = the(ask(), SignalKind.LICENCE)

    assert licence.address == get_repo_url("pkg:github/owner/name")


def test_a_token_is_sent_and_named_in_the_note(ask: Ask, registry: Server) -> None:
    found = ask(token="secret-token")

    assert found.note.endswith("not to be seen with this token.")
    assert "secret-token" not in repr(found)
    [asked] = registry.asked
    assert asked.headers["authorization"] == "Bearer secret-token"
    assert asked.headers["accept"] == "application/vnd.github+json"


# What has not changed


def test_an_answer_holds_only_while_the_release_holds_too(
    ask: Ask, registry: Server
) -> None:
    serve(registry, release=canned("github/release"), marks=('"r1"', 'W/"v1"'))
    first = ask()

    again = ask(known=first.validators)
    released = canned("github/release") | {"tag_name": "v6.0"}
    serve(registry, release=released, marks=('"r1"', 'W/"v2"'))
    later = ask(known=again.validators)

    assert again.unchanged
    assert again.facts == ()
    assert again.validators == first.validators
    assert not later.unchanged
    assert the(later, SignalKind.LATEST_RELEASE).value == "v6.0"
    assert the(later, SignalKind.LICENCE).value == "BSD-3-Clause"
    assert later.digest != first.digest


def test_a_first_release_is_a_change(ask: Ask, registry: Server) -> None:
    serve(registry, marks=('"r1"', '"404"'))
    first = ask()

    again = ask(known=first.validators)
    serve(registry, release=canned("github/release"), marks=('"r1"', '"v1"'))
    later = ask(known=again.validators)

    assert again.unchanged
    assert the(later, SignalKind.LATEST_RELEASE).value == "v5.2.1"


def test_a_repository_that_changes_is_read_anew(ask: Ask, registry: Server) -> None:
    serve(registry, release=canned("github/release"), marks=('"r1"', '"v1"'))
    first = ask()

    serve(
        registry,
        repository(archived=True),
        canned("github/release"),
        marks=('"r2"', '"v1"'),
    )
    later = ask(known=first.validators)

    assert of_kind(later, SignalKind.REPOSITORY_ARCHIVED)
    assert of_kind(later, SignalKind.LATEST_RELEASE)


@pytest.mark.parametrize("marks", [("", '"v1"'), ('"r1"', ""), ("", "")])
def test_half_a_mark_is_no_mark(
    ask: Ask, registry: Server, marks: tuple[str, str]
) -> None:
    serve(registry, release=canned("github/release"), marks=marks)

    assert ask().validators == Validators()


# How often it may be asked


def test_an_hours_quota_is_waited_for(
    ask: Ask, registry: Server, budget: MemoryBudget
) -> None:
    used_up = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "4936118400"}
    registry.script(REPOSITORY, json_answer(canned("github/quota"), 403, used_up))

    with pytest.raises(OutsideError) as caught:
        ask()

    assert not caught.value.permanent
    assert caught.value.retry_after == timedelta(hours=24)
    assert list(budget.held.values()) == [timedelta(hours=24)]


@pytest.mark.parametrize("said", ["github/burst", "github/quota"])
def test_a_limit_that_only_the_message_tells_is_waited_for_too(
    ask: Ask, registry: Server, said: str
) -> None:
    registry.script(REPOSITORY, json_answer(canned(said), 403))

    with pytest.raises(OutsideError, match="too often") as caught:
        ask()

    assert not caught.value.permanent
    assert caught.value.retry_after == timedelta(minutes=1)


def test_a_limit_on_the_release_is_no_missing_release(
    ask: Ask, registry: Server
) -> None:
    serve(registry)
    registry.script(RELEASE, json_answer(canned("github/burst"), 403))

    with pytest.raises(OutsideError, match="too often"):
        ask()


def test_a_refusal_is_not_asked_again(ask: Ask, registry: Server) -> None:
    registry.script(REPOSITORY, json_answer(canned("github/blocked"), 403))

    with pytest.raises(OutsideError, match="Repository access blocked") as caught:
        ask()

    assert caught.value.permanent


def test_a_token_that_is_not_accepted_is_not_asked_with_again(
    ask: Ask, registry: Server
) -> None:
    registry.script(REPOSITORY, json_answer({"message": "Bad credentials"}, 401))

    with pytest.raises(OutsideError) as caught:
        ask(token="wrong-token")

    assert caught.value.permanent
    assert "wrong-token" not in str(caught.value)


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("path", [REPOSITORY, RELEASE])
def test_a_broken_answer_is_an_error(
    ask: Ask, registry: Server, broken: Broken, path: str
) -> None:
    serve(registry)
    registry.script(path, broken.reply)

    with pytest.raises(OutsideError) as caught:
        ask()

    assert caught.value.permanent is broken.permanent
    assert caught.value.retry_after == broken.retry_after


def test_a_refusal_in_html_is_unusable(ask: Ask, registry: Server) -> None:
    registry.script(REPOSITORY, page(403))

    with pytest.raises(OutsideError, match="unusable"):
        ask()


@pytest.mark.parametrize("subject", ["owner", "owner/", "/name", ""])
def test_half_a_name_is_not_asked_for(ask: Ask, registry: Server, subject: str) -> None:
    with pytest.raises(OutsideError, match="empty name"):
        ask(subject)

    assert registry.asked == []
