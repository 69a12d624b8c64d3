"""What there is to compare a solution's evidence with, in words that all doors share."""

from dataclasses import dataclass
from datetime import date

from reviews.queries.evidence import ChangeRow, Evidence


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the evidence of now stands to that of the evaluation in effect."""

    said: str
    changes: tuple[ChangeRow, ...] = ()


def compared(evidence: Evidence, evaluated_on: date | None) -> Comparison:
    """Return what has changed; `evaluated_on` is the day of the evaluation in effect."""
    if evidence.since is None:
        return Comparison(
            "It was never evaluated, so there is nothing to compare with."
        )
    since = f"the evaluation of {evaluated_on}"
    if _rested_on_nothing(evidence):
        weighty = tuple(
            change
            for change in evidence.changes
            if change.is_material or change.is_overridden
        )
        return Comparison(_nothing_then(evidence, weighty), weighty)
    if evidence.changes:
        return Comparison(f"Compared with what {since} rested on:", evidence.changes)
    said = f"Nothing has changed since {since}"
    if evidence.is_known:
        return Comparison(f"{said}.")
    return Comparison(f"{said}, as far as anybody said; no source answers now.")


def _rested_on_nothing(evidence: Evidence) -> bool:
    """Return whether all that stands is new: what it rested on would show otherwise."""
    count = len(evidence.facts) + evidence.left_out
    return len(evidence.changes) == count and all(
        change.before is None for change in evidence.changes
    )


def _nothing_then(evidence: Evidence, weighty: tuple[ChangeRow, ...]) -> str:
    then = "No evidence stood when it was logged"
    if weighty:
        return f"{then}. What is said now, and bears on it, is new:"
    if evidence.facts:
        return f"{then}, so there is nothing to compare with."
    if evidence.is_known:
        return f"{then}, and no source says anything of it now."
    return f"{then}, and nothing is known now: no source answers."
