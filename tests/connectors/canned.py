"""Answers of sources as their documentation describes them, kept in `tests/canned`."""

import json
from pathlib import Path
from typing import Any

from reviews.ports.evidence import SourceAnswer
from reviews.rules.signals import Fact, SignalKind

FOLDER = Path(__file__).parent.parent / "canned"


def canned(name: str) -> Any:
    """Return an answer such as "pypi/django", to be changed at will."""
    return json.loads((FOLDER / f"{name}.json").read_bytes())


def of_kind(answer: SourceAnswer, kind: SignalKind) -> list[Fact]:
    return [fact for fact in answer.facts if fact.kind is kind]


def the(answer: SourceAnswer, kind: SignalKind) -> Fact:
    """Return the one fact of a kind."""
    [fact] = of_kind(answer, kind)
    return fact
