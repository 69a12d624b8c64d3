"""
Whose value of a field stands, where the tracker and a ticket system both have one.

The tracker owns title, text, due day and severity of a ticket. What it last sent is
known, so a change on either side is told from one on both.
"""

from enum import StrEnum
from typing import TypeVar

Value = TypeVar("Value")

LONGEST_QUARREL = 3
"""How often in a day a field is put right before that is a conflict: a robot's work."""


class Change(StrEnum):
    """Which side changed a field since the tracker last sent it."""

    NOBODY = "nobody"
    OURS = "ours"
    THEIRS = "theirs"
    BOTH = "both"


def changed_by(*, sent: Value, ours: Value, theirs: Value) -> Change:
    """
    Return which side changed a field since it was sent.

    Nobody, too, where both changed it to the same.
    """
    if ours == theirs:
        return Change.NOBODY
    if theirs == sent:
        return Change.OURS
    return Change.THEIRS if ours == sent else Change.BOTH
