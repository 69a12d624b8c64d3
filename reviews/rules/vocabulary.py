"""
The closed sets of words that the whole product shares, and nothing else.

What each word means stands in the README under "Words"; how they bear on one another
is the business of the other rules.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What sort of thing a solution is."""

    BUILT = "built"
    PACKAGE = "package"
    VENDOR = "vendor"
    MODEL = "model"


class Criticality(StrEnum):
    """How much depends on a solution, the least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Verdict(StrEnum):
    """What an evaluation concludes: the technology radar's rings, and two endings."""

    ASSESS = "assess"
    TRIAL = "trial"
    ADOPT = "adopt"
    HOLD = "hold"
    DEPRECATE = "deprecate"
    RETIRE = "retire"


UNREVIEWED = "unreviewed"
"""The state of a solution that no evaluation in effect speaks of."""


class Freshness(StrEnum):
    """How a solution stands to its clock on a day."""

    UNREVIEWED = "unreviewed"
    FRESH = "fresh"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


class Cause(StrEnum):
    """Why a flag is open."""

    REVIEW_DUE = "review_due"
    TRUST_DECAYED = "trust_decayed"
    END_OF_LIFE = "end_of_life"
    MODEL_RETIREMENT = "model_retirement"
    WITHDRAWN = "withdrawn"
    UNMAINTAINED = "unmaintained"
    VERSION_WITHDRAWN = "version_withdrawn"
    VULNERABILITY = "vulnerability"
    LICENCE_CHANGED = "licence_changed"


BY_THE_CLOCK = frozenset({Cause.REVIEW_DUE, Cause.TRUST_DECAYED})
"""The causes that time alone brings about; evidence brings about all others."""


class Action(StrEnum):
    """What a flag asks for."""

    REVIEW = "review"
    DEPRECATE = "deprecate"


class Scheme(StrEnum):
    """How an identifier names a solution to a source."""

    PURL = "purl"
    NAME = "name"
    REPOSITORY = "repository"
    ENDOFLIFE = "endoflife"
    MODEL = "model"


class CoverKind(StrEnum):
    """What may lie over an open flag for a while, so that nobody is asked."""

    SNOOZE = "snooze"
    WAIVER = "waiver"
    OVERRIDE = "override"


class Condition(StrEnum):
    """
    When an assumption no longer holds.

    The comments say what `value` holds, and what `subject` is where it is another
    solution than the one evaluated.
    """

    # Value: an ISO day.
    DAY = "day"
    # Value: whole months, 1 to 60.
    NO_RELEASE = "no_release"
    # Value: a version | subject: whose release; of the solution itself where empty.
    RELEASE_REACHES = "release_reaches"
    LICENCE_CHANGES = "licence_changes"
    # Value: a kind of signal.
    SIGNAL = "signal"


class Scale(StrEnum):
    """How a criterion is answered; "unknown" is an answer on every scale."""

    YES_NO = "yes_no"
    RATING = "rating"
    TEXT = "text"
