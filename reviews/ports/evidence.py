"""
The port to those who know something of a solution: registries, catalogues, code hosts.

A source is asked under a name (`Match`) and answers with facts, or that it has nothing,
or fails. It knows no model, reads no clock and keeps nothing between two questions.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from reviews.rules.endoflife.lifecycle import Product
from reviews.rules.matches import Match
from reviews.rules.signals import Fact, Source, SourceState


class SourceError(Exception):
    """
    A source could not be asked, or its answer could not be used.

    The message may be shown. `permanent` says that asking again will not help until
    somebody changes something; `retry_after` is how long the source wants to be left
    alone, None where it did not say.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class HostBusyError(SourceError):
    """A host was not asked now, for it wants to be left alone, or others come first."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What an answer was marked with, to ask whether it still holds (RFC 9110, 13)."""

    etag: str = ""
    last_modified: str = ""


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
    validators: Validators = Validators()
    unchanged: bool = False
    product: Product | None = None
    note: str = ""


class EvidenceSource(Protocol):
    """Somebody to ask."""

    name: Source

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        """
        Return what the source says; with `known`, perhaps only that nothing changed.

        :raises SourceError: if it cannot be asked or its answer cannot be used.
        """
        ...


class HostBudget(Protocol):
    """How often a host may be asked, by all workers together."""

    def take(self, host: str) -> None:
        """
        Use up one request to a host, after a short wait if need be.

        :raises HostBusyError: if its turn comes later than that.
        """
        ...

    def hold(self, host: str, wait: timedelta) -> None:
        """Leave a host alone for a while."""
        ...
