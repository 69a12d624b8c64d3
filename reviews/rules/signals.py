"""
Signals: facts from outside that bear on a solution, in one normal form for all sources.

What a fact is, and how it is told apart from the next; not what it asks for, which
depends on the day and on the other facts (`rules.evidence.judgement`).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

VALUE_LIMIT = 500
"""How many characters a fact's value may have; what is longer is cut."""

QUOTE_LIMIT = 2_000
"""How many characters of a source's own words are kept."""

HOLD = timedelta(hours=48)
"""How long a fact that ended still speaks for an open flag: upstream data flaps."""


class Source(StrEnum):
    """Who says it."""

    PYPI = "pypi"
    PYPI_STATUS = "pypi-status"
    NPM = "npm"
    ENDOFLIFE = "endoflife"
    OSV = "osv"
    DEPS_DEV = "deps.dev"
    GITHUB = "github"
    SCORECARD = "scorecard"
    HUGGING_FACE = "huggingface"
    FORECAST = "forecast"


SOURCE_NAMES: dict[StrEnum, str] = {
    Source.PYPI: "PyPI",
    Source.PYPI_STATUS: "PyPI",
    Source.NPM: "npm",
    Source.ENDOFLIFE: "endoflife.date",
    Source.OSV: "OSV",
    Source.DEPS_DEV: "deps.dev",
    Source.GITHUB: "GitHub",
    Source.SCORECARD: "OpenSSF Scorecard",
    Source.HUGGING_FACE: "Hugging Face",
    Source.FORECAST: "The forecast",
}
"""What a reader calls them."""


class SourceState(StrEnum):
    """How a source stands to one solution."""

    OK = "ok"
    NOT_FOUND = "not_found"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"
    STALE = "stale"


class Confidence(StrEnum):
    """How a fact is known: said by the source, worked out from it, or foretold."""

    STATED = "stated"
    DERIVED = "derived"
    PREDICTED = "predicted"


class Severity(StrEnum):
    """How much a fact weighs, the least first."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class SignalKind(StrEnum):
    """
    What a fact is about.

    The comments say what `subject`, `value` and `effective_on` hold.
    """

    # Versions. Subject: "" | value: the version | effective on: its release day.
    LATEST_RELEASE = "latest_release"
    ADOPTED_RELEASE = "adopted_release"
    # Subject: the version, or "repository" | value: an SPDX expression.
    LICENCE = "licence"
    # Value: an https address of a repository, read from the package's own metadata.
    REPOSITORY = "repository"
    # Value: how many; "organisation" where one owns it.
    MAINTAINERS = "maintainers"

    # What the registry says of the project. Value: the word of PEP 792.
    PROJECT_STATUS = "project_status"
    # Subject: the latest version | value and quote: the message.
    REGISTRY_DEPRECATED = "registry_deprecated"
    # The same of the adopted version alone. Subject: that version.
    VERSION_DEPRECATED = "version_deprecated"
    # Subject: "summary" or "description" | value: the phrase | quote: the sentence.
    NOTICE_TEXT = "notice_text"
    # Value: the classifier.
    INACTIVE_CLASSIFIER = "inactive_classifier"
    # Value: what is left of it, in words.
    ALL_RELEASES_YANKED = "all_releases_yanked"
    UNPUBLISHED = "unpublished"
    NO_FILES = "no_files"
    # Subject: the adopted version | value: the reason, or "yanked".
    VERSION_YANKED = "version_yanked"
    # Subject: the id | value: the summary | aliases, fixed_in, severity.
    VULNERABILITY = "vulnerability"

    # The repository. Subject: its name.
    REPOSITORY_ARCHIVED = "repository_archived"
    REPOSITORY_GONE = "repository_gone"
    REPOSITORY_DISABLED = "repository_disabled"
    # Value: where it is now.
    REPOSITORY_MOVED = "repository_moved"
    # Value: the score from 0 to 10, "-1" for inconclusive.
    SCORECARD_MAINTAINED = "scorecard_maintained"

    # Support. Subject: the cycle | value: an ISO day, "ended" or "not ended" |
    # effective on: the day, where there is one.
    END_OF_LIFE = "end_of_life"
    END_OF_ACTIVE_SUPPORT = "end_of_active_support"
    END_OF_EXTENDED_SUPPORT = "end_of_extended_support"
    # The same, foretold from the product's earlier cycles. Value: the sentence.
    PREDICTED_END = "predicted_end"

    # Hosted models. Subject: the model id | effective on: the retirement day.
    MODEL_RETIREMENT = "model_retirement"
    # Not announced yet: the day before which it will not be retired.
    MODEL_FLOOR = "model_floor"
    MODEL_DISABLED = "model_disabled"
    # Value: "yes" or "manual": who wants it has to ask.
    MODEL_GATED = "model_gated"
    # Value: the id of the newer one.
    MODEL_SUCCESSOR = "model_successor"


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One thing that a source says of a solution.

    `address` is where a person can read it. `effective_on` is the day from which it
    holds, None where the source names none. `severity` is the source's own, where it has
    one (a CVSS rating); `quote` is the source's own words, never to be obeyed.
    """

    kind: SignalKind
    value: str
    subject: str = ""
    effective_on: date | None = None
    confidence: Confidence = Confidence.STATED
    address: str = ""
    severity: Severity | None = None
    replacement: str = ""
    aliases: tuple[str, ...] = ()
    fixed_in: str = ""
    quote: str = ""

    @property
    def key(self) -> str:
        """
        Return what makes it the same fact the next time, whatever it then says.

        A flaw is known by its first alias in order, so that a source that lists it under
        several names lists it once.
        """
        if self.kind is SignalKind.VULNERABILITY:
            return f"{self.kind}:{flaw_name(self.subject, self.aliases)}"
        if self.kind in _ONE_AT_A_TIME:
            return self.kind.value
        return f"{self.kind}:{self.subject}"


# Facts of which a source has one for a solution, and whose subject may change: a new
# latest version supersedes the old one.
_ONE_AT_A_TIME = frozenset(
    {
        SignalKind.LATEST_RELEASE,
        SignalKind.ADOPTED_RELEASE,
        SignalKind.REGISTRY_DEPRECATED,
        SignalKind.REPOSITORY,
    }
)


def flaw_name(id: str, aliases: tuple[str, ...]) -> str:
    """Return the one name of a flaw: its CVE where it has one, else the first in order."""
    names = sorted({id, *aliases})
    return next((name for name in names if name.startswith("CVE-")), names[0])
