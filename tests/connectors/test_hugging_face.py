"""What the hub says of a published model."""

from collections.abc import Callable
from typing import Any

import pytest

from reviews.connectors.evidence.hugging_face import HuggingFace
from reviews.connectors.http import HTTPClient
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.matches import Match, MatchedBy
from reviews.rules.signals import SignalKind, Source, SourceState
from tests.connectors.broken import BROKEN, Broken
from tests.connectors.canned import canned, of_kind, the
from tests.connectors.serving import Server, json_answer, page, redirect

Ask = Callable[..., SourceAnswer]

PATH = "/api/models/owner/model"
NOTHING = Validators()


@pytest.fixture
def ask(http: HTTPClient, registry: Server) -> Ask:
    def asked(
        subject: str = "owner/model", known: Validators = NOTHING, token: str = ""
    ) -> SourceAnswer:
        match = Match(Source.HUGGING_FACE, subject, MatchedBy.PURL, "It is.")
        return HuggingFace(http, registry.address, token).ask(match, known)

    return asked


def model(**fields: Any) -> Any:
    said: dict[str, Any] = canned("hugging_face/model")
    return said | fields


def test_an_open_model_has_only_its_licence_and_no_release(
    ask: Ask, registry: Server
) -> None:
    registry.script(PATH, json_answer(canned("hugging_face/model")))

    found = ask()

    [licence] = found.facts
    assert licence.kind is SignalKind.LICENCE
    assert (licence.value, licence.subject) == ("Apache-2.0", "repository")
    assert licence.address == registry.url("/owner/model")
    assert found.note == ""


def test_a_superseded_model_names_its_successor(ask: Ask, registry: Server) -> None:
    registry.script(PATH, json_answer(canned("hugging_face/superseded")))

    found = ask()

    successor = the(found, SignalKind.MODEL_SUCCESSOR)
    assert (successor.subject, successor.value) == ("owner/model", "owner/model-2")
    assert successor.replacement == "owner/model-2"
    assert the(found, SignalKind.MODEL_GATED).value == "manual"
    assert the(found, SignalKind.LICENCE).value == "LicenseRef-llama3.1"


def test_a_disabled_model_is_disabled_and_may_have_no_card(
    ask: Ask, registry: Server
) -> None:
    registry.script(PATH, json_answer(canned("hugging_face/disabled")))

    found = ask()

    assert the(found, SignalKind.MODEL_DISABLED).value == "disabled"
    assert the(found, SignalKind.MODEL_GATED).value == "yes"
    assert not of_kind(found, SignalKind.LICENCE)


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ({"license": "mit"}, "MIT"),
        ({"license": ["mit"]}, "MIT"),
        ({"license": "llama3.1"}, "LicenseRef-llama3.1"),
        ({"license": "other", "license_name": "my terms!"}, "LicenseRef-my-terms"),
    ],
)
def test_a_licence_is_told_in_spdx(
    ask: Ask, registry: Server, card: Any, licence: str
) -> None:
    registry.script(PATH, json_answer(model(cardData=card)))

    assert the(ask(), SignalKind.LICENCE).value == licence


@pytest.mark.parametrize(
    "card",
    [
        {},
        {"license": None},
        {"license": ""},
        {"license": "unknown"},
        {"license": "other"},
        {"license": "other", "license_name": "!!"},
        {"license": 7},
        {"license": ["mit", "apache-2.0"]},
    ],
    ids=str,
)
def test_a_licence_that_is_not_told_clearly_is_unknown(
    ask: Ask, registry: Server, card: Any
) -> None:
    registry.script(PATH, json_answer(model(cardData=card)))

    assert not of_kind(ask(), SignalKind.LICENCE)


def test_several_licences_are_noted(ask: Ask, registry: Server) -> None:
    card = {"license": ["mit", "apache-2.0"]}
    registry.script(PATH, json_answer(model(cardData=card)))

    assert ask().note == "Its card names several licences."


def test_a_private_model_is_noted_as_such(ask: Ask, registry: Server) -> None:
    registry.script(PATH, json_answer(model(private=True)))

    assert ask(token="secret-token").note == "The model is private."


def test_a_renamed_model_is_followed_and_noted(ask: Ask, registry: Server) -> None:
    moved = "/api/models/new-owner/model"
    registry.script(PATH, redirect(moved, 307))
    registry.script(moved, json_answer(canned("hugging_face/renamed")))

    found = ask()

    assert found.note == "The model is now listed as new-owner/model."
    assert of_kind(found, SignalKind.LICENCE)


@pytest.mark.parametrize(
    "providers",
    [
        canned("hugging_face/served")["inferenceProviderMapping"],
        {"together": {"status": "live"}, "novita": {"status": "error"}},
    ],
    ids=["a list", "an object"],
)
def test_who_offers_a_model_is_noted(
    ask: Ask, registry: Server, providers: Any
) -> None:
    registry.script(PATH, json_answer(model(inferenceProviderMapping=providers)))

    assert ask().note == "Offered by novita (error), together (live)."


@pytest.mark.parametrize("providers", [[], {}, None, "x", [1], {"x": 1}, [{}]], ids=str)
def test_providers_of_another_form_are_passed_over(
    ask: Ask, registry: Server, providers: Any
) -> None:
    registry.script(PATH, json_answer(model(inferenceProviderMapping=providers)))

    assert ask().note == ""


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(
            json_answer(canned("hugging_face/unauthorised"), 401), id="401 for missing"
        ),
        pytest.param(page(404), id="404 with a page"),
    ],
)
def test_a_model_that_is_not_there_is_not_found(
    ask: Ask, registry: Server, reply: Any
) -> None:
    registry.script(PATH, reply)

    found = ask()

    assert found.state is SourceState.NOT_FOUND
    assert found.facts == ()


def test_with_a_token_401_is_an_error_and_not_a_missing_model(
    ask: Ask, registry: Server
) -> None:
    registry.script(PATH, json_answer(canned("hugging_face/unauthorised"), 401))

    with pytest.raises(OutsideError, match="does not accept the token") as caught:
        ask(token="secret-token")

    assert caught.value.permanent
    assert "secret-token" not in str(caught.value)
    [asked] = registry.asked
    assert asked.headers["authorization"] == "Bearer secret-token"


def test_an_answer_that_still_holds_has_no_facts(ask: Ask, registry: Server) -> None:
    said = canned("hugging_face/model")
    registry.script(PATH, json_answer(said, 200, {"ETag": 'W/"1"'}))

    again = ask(known=ask().validators)

    assert again.unchanged
    assert again.facts == ()


def test_a_models_name_cannot_lead_anywhere_else(ask: Ask, registry: Server) -> None:
    ask("../..?x=1/#y")

    [path] = registry.paths()
    assert path == "/api/models/%2E%2E/..%3Fx%3D1/%23y"


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_answer_is_an_error(
    ask: Ask, registry: Server, broken: Broken
) -> None:
    registry.script(PATH, broken.reply)

    with pytest.raises(OutsideError) as caught:
        ask()

    assert caught.value.permanent is broken.permanent
    assert caught.value.retry_after == broken.retry_after
