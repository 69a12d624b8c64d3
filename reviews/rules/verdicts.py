"""
Which of a solution's evaluations speaks for it.

The log is never edited, so its order and its corrections decide: the state of a solution
is the latest verdict that is in effect and that no later one supersedes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from reviews.rules.vocabulary import Verdict

ENDINGS = frozenset({Verdict.DEPRECATE, Verdict.RETIRE})


@dataclass(frozen=True, slots=True)
class LoggedVerdict:
    """One line of the log, as far as it bears on the state of the solution."""

    id: int
    verdict: Verdict
    evaluated_on: date
    supersedes: int | None = None
    in_effect: bool = True


def needs_approval(verdict: Verdict, *, may_end: bool) -> bool:
    """Return whether a verdict is only a proposal until a lead approves it."""
    return verdict in ENDINGS and not may_end


def standing_verdict(log: Iterable[LoggedVerdict]) -> LoggedVerdict | None:
    """
    Return the line that speaks for the solution, None where none does.

    A proposal that nobody approved neither speaks nor supersedes. Of two on one day, the
    one written later counts.
    """
    in_effect = [line for line in log if line.in_effect]
    superseded = {line.supersedes for line in in_effect}
    standing = [line for line in in_effect if line.id not in superseded]
    return max(standing, key=lambda line: (line.evaluated_on, line.id), default=None)
