"""
"Revisit if …": what an evaluation takes for granted, in conditions that can be checked.

Pure: an assumption and what is known on a day in; out comes the day since which it no
longer holds, and the sentence that says so.
"""

from dataclasses import dataclass

from reviews.rules.vocabulary import Condition


@dataclass(frozen=True, slots=True)
class Assumed:
    """
    One assumption as somebody states it; what `value` holds depends on the condition.

    `subject_id` is the solution whose release is meant, None for the one evaluated.
    """

    condition: Condition
    value: str = ""
    subject_id: int | None = None
    note: str = ""
