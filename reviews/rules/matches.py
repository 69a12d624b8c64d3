"""
Matches: under which name a source knows a solution, and how that was found out.

The value alone. How a match is found is the business of `rules.evidence.matching`.
"""

from dataclasses import dataclass
from enum import StrEnum

from reviews.rules.signals import Source


class MatchedBy(StrEnum):
    """How a name at a source was found, the surest first."""

    IDENTIFIER = "identifier"
    PURL = "purl"
    ALIAS = "alias"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Match:
    """
    The name under which a source is asked about a solution.

    `subject` is that name, as the source writes it: "django", "@angular/core",
    "owner/repository", an endoflife.date product, a model id. `ecosystem` is the purl
    type where the source serves several. `version` is the version in use, or empty;
    `cycle` is a release cycle that a person named, or empty. `why` is one sentence.
    """

    source: Source
    subject: str
    by: MatchedBy
    why: str
    ecosystem: str = ""
    version: str = ""
    cycle: str = ""

    @property
    def verified(self) -> bool:
        """Return whether it rests on more than what a package says of itself."""
        return self.by is not MatchedBy.METADATA
