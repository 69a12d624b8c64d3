"""
What an evaluation asks about: the criteria that every installation begins with.

Administrators make their own of them in the staff pages; these are the first version.
Each asks what the sources cannot tell, or what somebody has to judge from what they do.
"""

from dataclasses import dataclass
from typing import Final

from reviews.rules.vocabulary import Kind, Scale

UNKNOWN: Final = "unknown"
"""An answer on every scale: nobody could find out."""

RATINGS: Final = ("1", "2", "3", "4", "5")
YES_NO: Final = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Question:
    """One criterion; by its key an answer finds the same question in a later version."""

    key: str
    question: str
    guidance: str
    scale: Scale
    required: bool = False


def allowed(scale: Scale) -> tuple[str, ...]:
    """Return what may be answered on a scale; nothing for one that is free text."""
    match scale:
        case Scale.YES_NO:
            return (*YES_NO, UNKNOWN)
        case Scale.RATING:
            return (*RATINGS, UNKNOWN)
        case Scale.TEXT:
            return ()


_NEED = Question(
    "still-needed",
    "Do we still need it?",
    "Name for yourself who would notice if it were gone. If nobody would, retire it.",
    Scale.YES_NO,
    required=True,
)
_FIT = Question(
    "fit",
    "How well does it do what we need today?",
    "Today's need, not the one it was chosen for. 3 is: it does, with workarounds.",
    Scale.RATING,
    required=True,
)
_BETTER = Question(
    "better-elsewhere",
    "Would we choose it again?",
    "Look at one alternative at least, and name it under alternatives.",
    Scale.YES_NO,
    required=True,
)
_EXIT = Question(
    "exit",
    "How hard would it be to leave?",
    "1 is a quarter's work or more, 5 is an afternoon.",
    Scale.RATING,
)

BUILT_IN: Final[dict[Kind, tuple[Question, ...]]] = {
    Kind.BUILT: (
        _NEED,
        _FIT,
        _BETTER,
        Question(
            "maintained",
            "Does somebody here know it well enough to change it?",
            "A name, not a team.",
            Scale.YES_NO,
            required=True,
        ),
        Question(
            "buy-instead",
            "Is there by now a product or a package that does the same?",
            "What was worth building six months ago may be on a shelf today.",
            Scale.YES_NO,
        ),
        Question(
            "running-cost",
            "What does it cost to run and to keep?",
            "Money and hours a month, roughly.",
            Scale.TEXT,
        ),
        _EXIT,
    ),
    Kind.PACKAGE: (
        _NEED,
        _FIT,
        _BETTER,
        Question(
            "maintained",
            "Is it maintained well enough for us?",
            "Releases, answers to issues, more than one maintainer; see the evidence.",
            Scale.RATING,
            required=True,
        ),
        Question(
            "current",
            "Are we on a version that still gets fixes?",
            "The version in use against the latest, and against the ends of support.",
            Scale.YES_NO,
        ),
        Question(
            "licence",
            "Does its licence suit how we use it?",
            "The licence as the sources state it now.",
            Scale.YES_NO,
        ),
        _EXIT,
    ),
    Kind.VENDOR: (
        _NEED,
        _FIT,
        _BETTER,
        Question(
            "price",
            "Is it worth its price?",
            "Against what it costs now and what the next contract says.",
            Scale.RATING,
            required=True,
        ),
        Question(
            "roadmap",
            "Does where the vendor is going suit us?",
            "When somebody last talked to them, and what they said.",
            Scale.TEXT,
        ),
        Question(
            "security",
            "Is their security evidence current?",
            "Attach the report with the day that it speaks of.",
            Scale.YES_NO,
        ),
        _EXIT,
    ),
    Kind.MODEL: (
        _NEED,
        _FIT,
        Question(
            "eval-score",
            "What does our own evaluation suite say of it?",
            "The suite, the day, the score, and that of the best alternative.",
            Scale.TEXT,
            required=True,
        ),
        _BETTER,
        Question(
            "pinned",
            "Is the id that we call a pinned version?",
            "An alias may change under us without a notice.",
            Scale.YES_NO,
            required=True,
        ),
        Question(
            "price",
            "Is it worth its price?",
            "Per task done and not per token, against the alternatives.",
            Scale.RATING,
        ),
        Question(
            "data",
            "Do the provider's terms on our data suit us?",
            "Retention, training, region, sub-processors.",
            Scale.YES_NO,
        ),
        _EXIT,
    ),
}
