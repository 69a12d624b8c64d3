"""
The port to those who know something of a solution: registries, catalogues, code hosts.

A source is asked under a name (`Match`) and answers with facts, or that it has nothing,
or fails. It knows no model, reads no clock and keeps nothing between two questions.
"""

from dataclasses import dataclass
from typing import Protocol

from reviews.ports.outside import Validators
from reviews.rules.endoflife.lifecycle import Product
from reviews.rules.matches import Match
from reviews.rules.signals import Fact, Source, SourceState

NOTHING_KNOWN = Validators()


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """
    What a source said.

    `state` is OK, NOT_FOUND, or UNSUPPORTED where this server does not offer what is
    asked. `unchanged` means that the last answer still holds; then there are no facts.
    `digest` is the SHA-256 of the answer as it came, in hexadecimal. `product` is the
    whole product, where the source lists release cycles.
    """

    state: SourceState
    address: str
    facts: tuple[Fact, ...] = ()
    digest: str = ""
    validators: Validators = NOTHING_KNOWN
    unchanged: bool = False
    product: Product | None = None
    note: str = ""


class EvidenceSource(Protocol):
    """Somebody to ask."""

    name: Source

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        """
        Return what the source says; with `known`, perhaps only that nothing changed.

        :raises OutsideError: if it cannot be asked or its answer cannot be used.
        """
        ...
