"""What an import did, or would do, row by row."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from reviews.formats.records import Note, Problem
from reviews.services.errors import InvalidError

What = Literal["added", "changed", "unchanged"]


class RowOutcome(msgspec.Struct, frozen=True, gc=False):
    """
    What became of one row of a file.

    `details` says what changed, or what was added; then `slug` leads to it.
    """

    place: str
    name: str
    what: What
    details: str = ""
    slug: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """
    What became of a file, in the order of its rows.

    `teamless` and `ownerless` say how much of what was added has no team, no owner.
    """

    filename: str
    format: str
    rows: Sequence[RowOutcome]
    notes: Sequence[Note]
    dry_run: bool
    teamless: int = 0
    ownerless: int = 0

    def counts(self) -> dict[What, int]:
        """Return how many rows were added, changed, and left as they were."""
        found = Counter(row.what for row in self.rows)
        whats: tuple[What, ...] = ("added", "changed", "unchanged")
        return {what: found[what] for what in whats}


class ImportRefusedError(InvalidError):
    """A file that was read but contradicts the register; nothing of it was kept."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            "\n".join(f"{problem.place}: {problem.message}" for problem in problems),
            field="file",
        )
        self.problems = problems
