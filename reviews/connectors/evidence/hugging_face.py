"""
Hugging Face: whether a published model is still there, and what its card says of it.

Not when it was released: `lastModified` moves with every edit of the card. Hosted models
and their retirement are the business of `endoflife`.
"""

import re
from collections.abc import Iterable, Iterator

from reviews.connectors import fields
from reviews.connectors.answers import fact, not_found, told, unchanged
from reviews.connectors.fields import Fields
from reviews.connectors.http import HTTPClient, Response, segment
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.answers.licences import spdx
from reviews.rules.matches import Match
from reviews.rules.signals import Fact, SignalKind, Source

_EXPECTED = frozenset({200, 304, 401, 404})
_NO_LICENCE = frozenset({"", "other", "unknown"})
_UNFIT_FOR_SPDX = re.compile(r"[^A-Za-z0-9.-]+")


class HuggingFace:
    """
    A model's repository on the hub.

    A repository that does not exist answers 401 like one that is private, so that nobody
    can tell the two apart; with a token, 401 means that the token is not accepted.

    Source: the hub's documentation of its API and of model cards ("Specifying a new
    version"), and the type ApiModelInfo of its own client, @huggingface/hub.
    """

    name = Source.HUGGING_FACE

    def __init__(self, client: HTTPClient, base: str, token: str = "") -> None:
        self._client = client
        self._base = base.rstrip("/")
        self._token = token

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        """
        Return what the hub says of the model "owner/name".

        :raises OutsideError: if it cannot be asked or its answer cannot be used.
        """
        path = "/".join(map(segment, match.subject.split("/")))
        address = f"{self._base}/api/models/{path}"
        response = self._client.get(
            address, known=known, token=self._token, expect=_EXPECTED
        )
        match response.status:
            case 401 if self._token:
                raise OutsideError(
                    "Hugging Face does not accept the token, or it may not see "
                    "this model.",
                    permanent=True,
                )
            case 401 | 404:
                return not_found(address)
            case 304:
                return unchanged(response, address, known)
        return _read(response, address, f"{self._base}/{path}", match.subject)


def _read(response: Response, address: str, page: str, asked: str) -> SourceAnswer:
    said = fields.document(response.json())
    id = fields.required_text(said, "id")
    card = fields.mapping(said, "cardData")
    facts = [*_standing(said, asked, page), *_of_card(card, asked, page)]
    return told(response, address, facts, _notes(said, card, id, asked))


def _standing(said: Fields, asked: str, page: str) -> Iterator[Fact]:
    if fields.is_set(said, "disabled"):
        yield fact(SignalKind.MODEL_DISABLED, "disabled", address=page, subject=asked)
    # False, "auto" (whoever agrees to the terms) or "manual" (whoever is let in).
    gated = said.get("gated")
    if gated:
        how = "manual" if gated == "manual" else "yes"
        yield fact(SignalKind.MODEL_GATED, how, address=page, subject=asked)


def _of_card(card: Fields, asked: str, page: str) -> Iterator[Fact]:
    newer = fields.loose_text(card, "new_version").strip()
    if newer:
        yield fact(
            SignalKind.MODEL_SUCCESSOR,
            newer,
            address=page,
            subject=asked,
            replacement=newer,
        )
    licence = _licence(card)
    if licence:
        yield fact(SignalKind.LICENCE, licence, address=page, subject="repository")


def _licence(card: Fields) -> str:
    """
    Return the licence of a card as an SPDX expression, empty where none is told.

    The hub's own names, such as "llama3.1", become references to a licence. Several
    licences are not told apart as a choice or as parts, and are none that can be named.
    """
    stated = [text for text in _texts(card.get("license")) if text]
    if len(stated) != 1:
        return ""
    named = stated[0].lower()
    if named == "other":
        named = fields.loose_text(card, "license_name").strip()
    if named.lower() in _NO_LICENCE:
        return ""
    own = _UNFIT_FOR_SPDX.sub("-", named).strip("-")
    return spdx(named) or (f"LicenseRef-{own}" if own else "")


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text.strip() for text in values if isinstance(text, str)]


def _notes(said: Fields, card: Fields, id: str, asked: str) -> Iterator[str]:
    if id.casefold() != asked.casefold():
        yield f"The model is now listed as {id}."
    if fields.is_set(said, "private"):
        yield "The model is private."
    if len(_texts(card.get("license"))) > 1:
        yield "Its card names several licences."
    served = sorted(set(_served(said.get("inferenceProviderMapping"))))
    if served:
        yield f"Offered by {', '.join(served)}."


def _served(providers: object) -> Iterable[str]:
    """Return who serves the model and how it stands; a list now, once an object."""
    if isinstance(providers, dict):
        providers = [
            {"provider": name, **entry}
            for name, entry in providers.items()
            if isinstance(entry, dict)
        ]
    for entry in providers if isinstance(providers, list) else []:
        if isinstance(entry, dict) and fields.loose_text(entry, "provider"):
            status = fields.loose_text(entry, "status") or "unknown"
            yield f"{fields.loose_text(entry, 'provider')} ({status})"
