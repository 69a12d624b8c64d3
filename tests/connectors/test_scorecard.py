"""What the Scorecard says of a repository's upkeep."""

from collections.abc import Callable
from typing import Any

import pytest

from reviews.connectors.evidence.scorecard import Scorecard
from reviews.connectors.http import HTTPClient
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.matches import Match, MatchedBy
from reviews.rules.signals import SignalKind, Source, SourceState
from tests.connectors.broken import BROKEN, Broken
from tests.connectors.canned import canned, the
from tests.connectors.serving import Server, json_answer, page

Ask = Callable[..., SourceAnswer]

PATH = "/projects/github.com/owner/name"
NOTHING = Validators()


@pytest.fixture
def ask(http: HTTPClient, registry: Server) -> Ask:
    def asked(subject: str = "owner/name", known: Validators = NOTHING) -> SourceAnswer:
        match = Match(Source.SCORECARD, subject, MatchedBy.PURL, "It is.")
        return Scorecard(http, registry.address).ask(match, known)

    return asked


@pytest.mark.parametrize(
    ("said", "score", "reason"),
    [
        ("archived", "0", "project is archived"),
        ("maintained", "10", "30 commit(s) and 12 issue activity found"),
        ("inconclusive", "-1", "internal error"),
    ],
)
def test_the_score_of_the_last_scan_is_told_with_its_reason(
    ask: Ask, registry: Server, said: str, score: str, reason: str
) -> None:
    registry.script(PATH, json_answer(canned(f"scorecard/{said}")))

    found = ask()

    maintained = the(found, SignalKind.SCORECARD_MAINTAINED)
    assert (maintained.subject, maintained.value) == ("owner/name", score)
    assert maintained.quote.startswith(reason)
    assert maintained.effective_on is None
    assert found.note == "Scanned on 2026-11-16."


def test_a_scan_without_the_check_says_nothing(ask: Ask, registry: Server) -> None:
    registry.script(PATH, json_answer(canned("scorecard/without-maintained")))

    found = ask()

    assert found.state is SourceState.OK
    assert found.facts == ()
    assert found.note == (
        "Scanned on 2026-11-16. The scan did not look whether it is maintained."
    )


@pytest.mark.parametrize(
    "reply", [json_answer({"code": 404}, 404), page(404)], ids=["JSON", "a page"]
)
def test_a_repository_that_is_never_scanned_is_not_found(
    ask: Ask, registry: Server, reply: Any
) -> None:
    registry.script(PATH, reply)

    assert ask().state is SourceState.NOT_FOUND


def test_an_answer_that_still_holds_has_no_facts(ask: Ask, registry: Server) -> None:
    said = canned("scorecard/archived")
    registry.script(PATH, json_answer(said, 200, {"ETag": '"1"'}))

    again = ask(known=ask().validators)

    assert again.unchanged
    assert again.facts == ()


@pytest.mark.parametrize("score", [None, "0", 11, -2, 4.5, True, []])
def test_a_score_that_is_none_is_unusable(
    ask: Ask, registry: Server, score: object
) -> None:
    said = canned("scorecard/archived")
    said["checks"][1]["score"] = score
    registry.script(PATH, json_answer(said))

    with pytest.raises(OutsideError, match="unusable answer"):
        ask()


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_answer_is_an_error(
    ask: Ask, registry: Server, broken: Broken
) -> None:
    registry.script(PATH, broken.reply)

    with pytest.raises(OutsideError) as caught:
        ask()

    assert caught.value.permanent is broken.permanent
    assert caught.value.retry_after == broken.retry_after
